"""The points of students as new texts of their cells, and what of them is in doubt."""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from autograder.errors import InstructorError
from autograder.gradebook.read import Standing
from autograder.lms.cells import Edit, write_cell
from autograder.lms.choosing import Wanted
from autograder.lms.document import Document, Row
from autograder.lms.matching import Matched
from autograder.lms.numbers import WRITTEN, Style, read_number, rounded, style_of, write_number
from autograder.lms.planned import Change, Plan
from autograder.lms.remarks import remark
from autograder.text import some

# LMSs show at least so many decimal places of what they keep.
_SHOWN = 2
# Times in a file are of a zone that it does not say: so much later is later in any.
_ZONES = timedelta(hours=14)
# The maximum in a header, as several LMSs write it.
_STATED = re.compile(rf"(?:\[|Pts: (?:up to )?|MaxPoints:)({WRITTEN})")


class Filler:
    """Turns the points of students into edits of their cells."""

    def __init__(self, made: Plan, wanted: Wanted, style: Style) -> None:
        self._plan = made
        self._wanted = wanted
        self._style = style
        self._format = made.document.format
        self._rounded = 0
        self._kept_remarks = 0
        self._without: list[str] = []

    def fill(self, matched: Matched, standings: Sequence[Standing]) -> None:
        """Work through the class."""
        made, rows = self._plan, matched.rows
        told = {*matched.twice, *(student for _, students in matched.unclear for student in students)}
        absent = []
        for standing in standings:
            if standing.student in rows:
                self._fill_row(standing, rows[standing.student])
            elif standing.graded and standing.student not in told:
                absent.append(standing.student)
        if absent:
            made.doubts.append(f"graded, but not found in the file: {some(absent)}")
        if self._without:
            made.told.append(f"Without a score, and left alone: {some(self._without)}.")
        if self._rounded:
            places = self._format.places[1]
            made.told.append(f"Rounded to {places} decimal places: {self._rounded}.")
        if self._kept_remarks:
            made.told.append(f"Comments that are in the file already were kept: {self._kept_remarks}.")

    def _fill_row(self, standing: Standing, row: Row) -> None:
        made, column = self._plan, self._plan.column
        layout = made.document.layout
        obstacle = self._format.obstacle(layout, row.values, column)
        score = self._score(standing)
        if score is None:
            self._without.append(standing.student)
            return
        if obstacle is not None:
            where = made.doubts if obstacle.in_doubt else made.told
            where.append(f"{standing.student} {obstacle.reason}; the cell stays as it is")
            return
        if self._is_out_of_date(standing, row):
            return
        most = read_number(self._format.most(layout, row.values, column), self._style.thousands)
        points = self._points(standing, score, most)
        if points is None:
            return
        self._write_points(standing.student, row, points)
        if self._wanted.remarks:
            self._write_remark(standing, row)

    def _is_out_of_date(self, standing: Standing, row: Row) -> bool:
        """Tell whether the file knows of later work than was graded, and say so."""
        there = self._format.handed_in(self._plan.document.layout, row.values)
        if not there or not standing.timestamp or there.replace(tzinfo=None) - standing.timestamp <= _ZONES:
            return False
        self._plan.doubts.append(
            f"{standing.student} has handed in again since ({there:%Y-%m-%d %H:%M}), and what was graded is older; "
            "the cell stays as it is"
        )
        return True

    def _score(self, standing: Standing) -> Decimal | None:
        score = standing.score
        if score is not None:
            return Decimal(repr(score))
        return Decimal(0) if self._wanted.missing_is_zero and not standing.submitted else None

    def _points(self, standing: Standing, score: Decimal, most: Decimal | None) -> Decimal | None:
        own = Decimal(repr(standing.max_score)).normalize()
        most = None if most is None else most.normalize()
        if most is not None and most != own:
            if not self._wanted.rescale:
                raise InstructorError(
                    f"{self._plan.document.name} wants at most {most:f} points in '{self._plan.column.header}', and "
                    f"the assignment has {own:f}. Is it the right column? If so, --rescale turns {own:f} into {most:f}."
                )
            score = score * most / own if own else Decimal(0)
        highest = own if most is None else most
        if score < 0 or score > highest:
            self._plan.doubts.append(
                f"{standing.student} has {score.normalize():f} of {highest.normalize():f} points, which does not go out"
            )
            return None
        return score

    def _write_points(self, student: str, row: Row, points: Decimal) -> None:
        made = self._plan
        cell = row.cells[made.column.index]
        old = row.values[made.column.index]
        least, most = self._format.places
        number = read_number(old, self._style.thousands)
        if number is not None and _agree(number, points, most):
            made.same += 1
            return
        self._rounded += rounded(points, most) != points
        new = write_number(points, least=least, most=most, comma=self._style.comma)
        quoted = cell.quoted or _all_quoted(row, made.column.index)
        made.edits.append(Edit(cell.start, cell.end, write_cell(new, made.document.delimiter, quoted=quoted)))
        made.changes.append(Change(student, old.strip(), new))

    def _write_remark(self, standing: Standing, row: Row) -> None:
        made, index = self._plan, self._plan.column.remarks
        if index is None or not standing.submitted:
            return
        cell, old = row.cells[index], row.values[index].strip()
        new = remark(standing, html=self._format.html_remarks)
        if old:
            self._kept_remarks += old != new
            return
        made.edits.append(Edit(cell.start, cell.end, write_cell(new, made.document.delimiter, quoted=True)))
        made.remarks += 1


def _agree(there: Decimal, points: Decimal, most: int) -> bool:
    """Tell whether points are those of a cell already, in the decimal places that the LMS keeps and the cell shows."""
    exponent = there.as_tuple().exponent
    written = -exponent if isinstance(exponent, int) else 0
    places = min(most, max(_SHOWN, written))
    # What is far off may have more digits than can be rounded.
    return abs(there - points) < 1 and rounded(there, places) == rounded(points, places)


def _all_quoted(row: Row, index: int) -> bool:
    others = [cell for at, cell in enumerate(row.cells) if at != index and cell.end > cell.start]
    return bool(others) and all(cell.quoted for cell in others)


def style_in(document: Document, rows: Sequence[Row]) -> Style:
    """Tell how the file writes numbers: by those in it, else, in some, by a semicolon between cells."""
    if document.format.always_point:
        return Style()
    layout, indexes = document.layout, [each.index for each in document.layout.columns]
    there = [row.values[index] for row in rows for index in indexes]
    maxima = [row.values[at] for row in rows for at, name in enumerate(layout.header) if "aximum" in name]
    stated = [number for name in layout.header for number in _STATED.findall(name)]
    return style_of(
        [*there, *maxima, *stated],
        else_comma=document.format.comma_by_semicolons and document.delimiter == ";",
        has_thousands=document.format.has_thousands,
    )
