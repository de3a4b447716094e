"""Grades into an LMS's own file: what would change, what is in doubt, and the filled file.

Every byte that is not a target cell stays as it is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest

from autograder.errors import GraderError, InstructorError
from autograder.gradebook.read import Standing
from autograder.lms.cells import Edit, Record, apply, records, write_cell
from autograder.lms.document import Document, Row
from autograder.lms.formats import Column, Key
from autograder.lms.matching import Matched, People, match, who
from autograder.lms.numbers import read_number, rounded, uses_comma, write_number
from autograder.lms.remarks import remark

_SAME = Decimal("0.00001")
# The maximum in a header, as several LMSs write it.
_STATED = re.compile(r"(?:\[|Pts: (?:up to )?|MaxPoints:)([\d.,]+)")


@dataclass(frozen=True)
class Wanted:
    """What an instructor wants to be filled."""

    column: str | None = None
    key: str | None = None
    likely_columns: Sequence[str] = ()
    rescale: bool = False
    missing_is_zero: bool = False
    remarks: bool = False


@dataclass(frozen=True)
class Change:
    """A cell that gets points: whose, what was there, and what is to be."""

    student: str
    old: str
    new: str


@dataclass
class Plan:
    """What filling a file comes to. `doubts` are what a person should look at before the file goes out.

    `overwrites` are doubts too: points that the file has already and that would be others.
    """

    document: Document
    column: Column
    matched: int = 0
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    remarks: int = 0
    told: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    @property
    def overwrites(self) -> list[Change]:
        """The changes that take the place of other points."""
        return [change for change in self.changes if not self.document.format.is_empty(change.old)]

    def filled(self) -> bytes:
        """Give the file's bytes with the new cells. Raises GraderError if anything else would have changed."""
        text = apply(self.document.text.text, self.edits)
        _prove(self.document, self.edits, text)
        return self.document.text.encode(text)


def plan(
    document: Document, standings: Iterable[Standing], people: People, wanted: Wanted, now: float
) -> Plan:
    """Work out what is to be filled, without writing anything.

    `now` is in seconds since 1970. Raises InstructorError where it is not clear which column is meant, where the
    file's maximum is another than the assignment's, or where nobody of the file is in the class.
    """
    column, guessed = choose_column(document, wanted)
    keys = choose_keys(document, wanted.key)
    rows = list(document.rows())
    matched = match(document, rows, people, keys)
    if not matched.rows:
        raise InstructorError(_nobody(document, rows, people, keys, matched))
    made = Plan(document, column, len(matched.rows))
    made.told += [text for text in (document.text.warning, guessed) if text]
    if wanted.remarks and column.remarks is None:
        made.told.append("There is no column for comments that belongs to it.")
    if column.guess:
        made.doubts.append(f"the column '{column.header}' {column.guess}")
    _tell_matches(made, matched)
    for reason in dict.fromkeys(document.format.stale(document.layout, row.values, now) for row in rows):
        made.doubts += [f"the file is stale: {reason}"] if reason else []
    _Filler(made, wanted, _comma(document, rows)).fill(matched, list(standings))
    return made


def choose_column(document: Document, wanted: Wanted) -> tuple[Column, str]:
    """Choose the column to fill, and say how where it was not named. Raises InstructorError where it is not clear."""
    columns = document.layout.columns
    fillable = [column for column in columns if not column.obstacle and not column.guess]
    if wanted.column is not None:
        return _one(document, wanted.column, _named(columns, wanted.column)), ""
    for name in wanted.likely_columns:
        if found := _named(fillable, name):
            return _one(document, name, found), f"The column '{found[0].header}' was taken by its name."
    if len(fillable) == 1:
        return fillable[0], f"The column '{fillable[0].header}' was taken, the only one that can be filled."
    raise InstructorError(f"{document.name}: say with --column which column is meant. {_offer(columns)}")


def _named(columns: Sequence[Column], name: str) -> list[Column]:
    """Give the columns of this name: by the whole header, else by the LMS's id, else by the title."""
    wanted = name.strip()
    for part in ("header", "lms_id", "title"):
        found = [column for column in columns if str(getattr(column, part)).strip() == wanted]
        if found:
            return found
    return [column for column in columns if column.title.strip().casefold() == wanted.casefold()]


def _one(document: Document, name: str, found: Sequence[Column]) -> Column:
    if not found:
        raise InstructorError(
            f"{document.name} has no column '{name}' that can be filled. {_offer(document.layout.columns)}"
        )
    usable = [column for column in found if not column.obstacle]
    if not usable:
        raise InstructorError(f"{document.name}: the column '{found[0].header}' {found[0].obstacle}.")
    same = [column for column in document.layout.columns if column.header == usable[0].header]
    if len(usable) > 1 or len(same) > 1:
        raise InstructorError(
            f"{document.name} has several columns '{name}': "
            + (
                "the LMS cannot tell them apart; rename one there."
                if len(same) > 1
                else "name one by its id."
            )
            + f" {_offer(document.layout.columns)}"
        )
    return usable[0]


def _offer(columns: Sequence[Column]) -> str:
    names = [
        f"'{column.header}'" + (f" ({column.obstacle})" if column.obstacle else "") for column in columns
    ]
    return f"There are: {', '.join(names)}." if names else "It has no column for points at all."


def choose_keys(document: Document, name: str | None) -> list[Key]:
    """Give the columns that say who a row is about: all, or the one of this name. Raises InstructorError."""
    keys = list(document.layout.keys)
    if name is not None:
        index = document.layout.header.index(name) if name in document.layout.header else None
        if index is None:
            raise InstructorError(
                f"{document.name} has no column '{name}'. There are: {', '.join(document.layout.header)}."
            )
        return [next((key for key in keys if key.index == index), Key(name, index, "id"))]
    if not keys:
        raise InstructorError(
            f"{document.name} has no column with ids or addresses. Let the LMS export them, or name one with --id."
        )
    return keys


def _nobody(
    document: Document, rows: Sequence[Row], people: People, keys: Sequence[Key], matched: Matched
) -> str:
    headers = ", ".join(key.header for key in keys)
    if not rows:
        return f"{document.name} has a header but no students."
    if matched.unclear or matched.twice:
        return (
            f"{document.name}: for no row it is clear who is meant, by {headers}. Name the column with --id."
        )
    lost = {name.lstrip("0") for name in people.by_id}
    values = {document.format.key(row.values[key.index]) for row in rows for key in keys} - {""}
    hint = ""
    if values & lost:
        hint = " Ids seem to have lost their leading zeros, as spreadsheets do: export the file anew."
    return (
        f"{document.name}: nobody in it is in the class, by {headers}.{hint} If the LMS has other ids than the class, "
        "teach the class both: autograder roster FILE, with any file that has both; or name the column with --id."
    )


def _tell_matches(made: Plan, matched: Matched) -> None:
    document = made.document
    if matched.by_address:
        made.told.append(f"{matched.by_address} were matched by what their address has before the @.")
    if matched.strangers:
        names = [who(document, row) for row in matched.strangers]
        made.told.append(f"Not in the class, and left alone: {_some(names)}.")
    for row, students in matched.unclear:
        made.doubts.append(
            f"{who(document, row)} may be {' or '.join(students)}; name the column that counts with --id"
        )
    for student, rows in matched.twice.items():
        places = ", ".join(str(row.number) for row in rows)
        made.doubts.append(f"{student} is in several rows: {places}")


def _some(names: Sequence[str]) -> str:
    return "; ".join(names[:10]) + (f" … and {len(names) - 10} more" if len(names) > 10 else "")


class _Filler:
    """Turns the points of students into edits of their cells."""

    def __init__(self, made: Plan, wanted: Wanted, comma: bool) -> None:
        self._plan = made
        self._wanted = wanted
        self._comma = comma
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
            made.doubts.append(f"graded, but not found in the file: {_some(absent)}")
        if self._without:
            made.told.append(f"Without a score, and left alone: {_some(self._without)}.")
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
        most = self._format.max_score(layout, row.values, column)
        points = self._points(standing, score, most)
        if points is None:
            return
        self._write_points(standing.student, row, points)
        if self._wanted.remarks:
            self._write_remark(standing, row)

    def _score(self, standing: Standing) -> Decimal | None:
        score = standing.score
        if score is not None:
            return Decimal(repr(score))
        return Decimal(0) if self._wanted.missing_is_zero and not standing.submitted else None

    def _points(self, standing: Standing, score: Decimal, most: Decimal | None) -> Decimal | None:
        own = Decimal(repr(standing.max_score)).normalize()
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
        number = read_number(old)
        if number is not None and abs(number - rounded(points, most)) < _SAME:
            made.same += 1
            return
        self._rounded += rounded(points, most) != points
        new = write_number(points, least=least, most=most, comma=self._comma)
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


def _all_quoted(row: Row, index: int) -> bool:
    others = [cell for at, cell in enumerate(row.cells) if at != index and cell.end > cell.start]
    return bool(others) and all(cell.quoted for cell in others)


def _comma(document: Document, rows: Sequence[Row]) -> bool:
    """Tell whether the file writes a decimal comma: by its numbers, else by a semicolon between cells."""
    if document.format.always_point:
        return False
    layout, indexes = document.layout, [each.index for each in document.layout.columns]
    there = [row.values[index] for row in rows for index in indexes]
    maxima = [row.values[at] for row in rows for at, name in enumerate(layout.header) if "aximum" in name]
    stated = [number for name in layout.header for number in _STATED.findall(name)]
    found = uses_comma([*there, *maxima, *stated])
    return document.delimiter == ";" if found is None else found


def _prove(document: Document, edits: Sequence[Edit], text: str) -> None:
    """Read the filled text again: its cells must be those of the file, but for the edited ones."""
    edited = {edit.start for edit in edits}
    before = records(document.text.text, document.delimiter, document.name)
    after = records(text, document.delimiter, document.name)
    for old, new in zip_longest(before, after, fillvalue=Record()):
        if len(old) != len(new) or any(
            (was.value != now.value or was.quoted != now.quoted) and was.start not in edited
            for was, now in zip(old, new, strict=True)
        ):
            raise GraderError(f"filling {document.name} would have changed another cell; nothing was written")
