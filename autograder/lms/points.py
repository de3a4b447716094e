"""The points of students as new texts of their cells, and what of them is in doubt."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from autograder.errors import InstructorError
from autograder.gradebook.read import Standing
from autograder.lms.cells import Edit, write_cell
from autograder.lms.choosing import Wanted
from autograder.lms.document import Row
from autograder.lms.formats import Obstacle
from autograder.lms.matching import Matched
from autograder.lms.numbers import read_number, rounded, write_number
from autograder.lms.own_keys import OwnKeys
from autograder.lms.own_numbers import OwnNumbers
from autograder.lms.planned import Change, Plan
from autograder.lms.remarks import remark
from autograder.lms.styles import style_in
from autograder.lms.ungraded import Ungraded
from autograder.text import some

# LMSs show at least so many decimal places of what they keep.
_SHOWN = 2
# Times in a file are of a zone that it does not say: so much later is later in any.
_ZONES = timedelta(hours=14)


class Filler:
    """Turns the points of students into edits of their cells."""

    def __init__(
        self,
        made: Plan,
        wanted: Wanted,
        rows: Sequence[Row],
        *,
        own_keys: OwnKeys,
        own_numbers: OwnNumbers,
        work: Ungraded,
    ) -> None:
        self._plan = made
        self._wanted = wanted
        self._work = work
        self._style = style_in(made.document, rows)
        self._own_keys = own_keys
        self._own_numbers = own_numbers
        self._format = made.document.format
        layout = made.document.layout
        written = (self._format.time_of_work(layout, row.values) for row in rows)
        self._times = self._format.times(filter(None, written))
        self._rounded = 0
        self._kept_remarks = 0
        self._without: list[str] = []
        self._signs: list[str] = []
        self._zeros: list[str] = []
        self._unread: list[str] = []
        self._drafts: list[str] = []
        self._with_most: list[str] = []
        self._without_most: list[str] = []

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
        if self._zeros and (count := self._work.nobodys):
            files = "1 file of the download has" if count == 1 else f"{count} files of the download have"
            made.doubts.append(f"{files} no place ({self._work.table}), and may be of those who get 0 points")
        self._tell(_most_of(standings[0]) if standings else Decimal(0))

    def _tell(self, highest: Decimal) -> None:
        told = self._plan.told
        if self._without:
            told.append(f"Without a score, and left alone: {some(self._without)}.")
        if self._signs:
            told.append(
                f"Without a score, though the file says that they may have handed in: {some(self._signs)}. Unpack a "
                "new download, and grade it."
            )
        if self._zeros:
            told.append(f"Handed in nothing, and get 0 points ({len(self._zeros)}): {some(self._zeros)}.")
        if self._drafts:
            told.append(
                f"Drafts by the file, which were not submitted, get points all the same: {some(self._drafts)}."
            )
        if self._unread:
            told.append(
                f"Times of submissions that cannot be read, so newer work is not noticed: {some(self._unread)}."
            )
        if self._without_most:
            of = f"of '{self._plan.column.header}'"
            of += f" for {some(self._without_most)}" if self._with_most else ""
            told.append(f"The file does not say the maximum {of}: look in the LMS whether it is {highest:f}.")
        if self._rounded:
            told.append(f"Rounded to {self._format.places[1]} decimal places: {self._rounded}.")
        if self._kept_remarks:
            told.append(f"Comments that are in the file already were kept: {self._kept_remarks}.")

    def _fill_row(self, standing: Standing, row: Row) -> None:
        made, column = self._plan, self._plan.column
        score = self._score(standing)
        if score is None:
            self._without.append(standing.student)
            if sign := self._format.sign_of_work(made.document.layout, row.values, column):
                self._signs.append(f"{standing.student} ('{sign}')")
            return
        if obstacle := self._obstacle(standing, row):
            where = made.doubts if obstacle.in_doubt else made.told
            where.append(f"{standing.student} {obstacle.reason}; the cell stays as it is")
            return
        most = read_number(self._format.most(made.document.layout, row.values, column), self._style.thousands)
        points = self._points(standing, score, most)
        if points is None:
            return
        (self._without_most if most is None else self._with_most).append(standing.student)
        if not standing.graded:
            self._zeros.append(standing.student)
        elif self._format.is_draft(made.document.layout, row.values):
            self._drafts.append(standing.student)
        self._write_points(standing.student, row, points)
        if self._wanted.remarks:
            self._write_remark(standing, row)

    def _obstacle(self, standing: Standing, row: Row) -> Obstacle | None:
        """Say why a student's cell must stay as it is, if it must: by the LMS, or since it is not certain."""
        layout, column = self._plan.document.layout, self._plan.column
        if not self._format.belongs(layout, row.values):
            return Obstacle("is no student of the course in the LMS", in_doubt=False)
        if obstacle := self._format.obstacle(layout, row.values, column):
            return obstacle
        reason = (
            self._own_keys.trouble(row, standing.student)
            or self._own_numbers.trouble(standing.student, row)
            or self._newer_work(standing, row)
            or self._work_of(standing, row)
        )
        return Obstacle(reason, in_doubt=True) if reason else None

    def _newer_work(self, standing: Standing, row: Row) -> str:
        """Say that there is later work than was graded, by `submitted/` or by the file, if there is."""
        if standing.student in self._work.since:
            return (
                "has handed in again since it was graded (what is in submitted/ is other work, or of another "
                "time): grade again"
            )
        text = self._format.time_of_work(self._plan.document.layout, row.values)
        there = self._times.get(text)
        if text and there is None and standing.graded:
            self._unread.append(f"{standing.student} ('{text}')")
        if not there or not standing.timestamp or there.replace(tzinfo=None) - standing.timestamp <= _ZONES:
            return ""
        return f"has handed in again since ({there:%Y-%m-%d %H:%M}), and what was graded is older"

    def _work_of(self, standing: Standing, row: Row) -> str:
        """Say by what it seems that somebody without a score has handed something in, if it does."""
        if standing.graded:
            return ""
        layout, column = self._plan.document.layout, self._plan.column
        if sign := self._format.sign_of_work(layout, row.values, column):
            return f"may have handed in, and gets no 0: the file says '{sign}'"
        reason = self._work.reasons.get(standing.student, "")
        return f"may have handed in, and gets no 0: {reason}" if reason else ""

    def _score(self, standing: Standing) -> Decimal | None:
        score = standing.score
        if score is not None:
            return Decimal(repr(score))
        return Decimal(0) if self._wanted.missing_is_zero and not standing.submitted else None

    def _points(self, standing: Standing, score: Decimal, most: Decimal | None) -> Decimal | None:
        own = _most_of(standing)
        most = None if most is None else most.normalize()
        if most is not None and most != own:
            if not (most and own):
                raise InstructorError(self._without_points(most, own))
            if not self._wanted.rescale:
                raise InstructorError(
                    f"{self._plan.document.name} wants at most {most:f} points in '{self._plan.column.header}', and "
                    f"the assignment has {own:f}. Is it the right column? If so, --rescale turns {own:f} into {most:f}."
                )
            score = score * most / own
        highest = own if most is None else most
        if score < 0 or score > highest:
            self._plan.doubts.append(
                f"{standing.student} has {score.normalize():f} of {highest.normalize():f} points, which does not go out"
            )
            return None
        return score

    def _without_points(self, most: Decimal, own: Decimal) -> str:
        where = f"{self._plan.document.name} wants at most {most:f} points in '{self._plan.column.header}'"
        if own:
            return (
                f"{where}, as for extra credit, and the assignment has {own:f}: none can be turned into those of "
                f"{most:f}. Is it the right column? If so, give it {own:f} points in the LMS, and export anew."
            )
        return f"{where}, and the assignment has {own:f}: its points cannot be turned into others."

    def _write_points(self, student: str, row: Row, points: Decimal) -> None:
        made = self._plan
        cell = row.cells[made.column.index]
        old = row.values[made.column.index]
        least, most = self._format.places
        said = self._format.said_points(old)
        number = read_number(said, self._style.thousands)
        agrees = number is not None and _agree(number, points, most)
        if agrees and said == old.strip():
            made.same += 1
            return
        if agrees:  # What the LMS writes around the points of before says that there is other work since.
            made.doubts.append(
                f"{student} has '{old.strip()}' in the file, and the same points here: they may be those of older "
                "work. Unpack a new download, and grade it; --force writes them where that is done"
            )
        self._rounded += rounded(points, most) != points
        new = write_number(points, least=least, most=most, comma=self._style.comma)
        quoted = cell.quoted or _all_quoted(row, made.column.index)
        made.edits.append(Edit(cell.start, cell.end, write_cell(new, made.document.delimiter, quoted=quoted)))
        made.changes.append(Change(student, old.strip(), new, not agrees and not self._format.is_empty(old)))

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


def _most_of(standing: Standing) -> Decimal:
    return Decimal(repr(standing.max_score)).normalize()


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
