"""What `autograder unpack` has placed and what not: tables beside the files, for a person and for later commands."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.lms.files import is_there, read_document
from autograder.lms.rosters import Placing
from autograder.lms.table import as_it_was, harmless

MOODLE = "moodle"
_TYPED = "none: it is kept because its student was written in by hand"
_BEFORE = (
    "none: it is kept and says whose its number is, but was written in before there was another attempt: choose in the "
    "rows that ask for it"
)


@dataclass(frozen=True)
class Placed:
    """A submission that has its place: whose it is, the LMS's id and time for it, and from which of its files."""

    student: str
    lms: str
    lms_id: str
    time_utc: str
    late: str
    member: str
    note: str


@dataclass(frozen=True)
class Unplaced:
    """A file that has no place, and why. `student` is for a person to fill in; `unpack --who` reads it.

    `attempts` are those of which one is to be filled in, since the last of them is not known.
    """

    student: str
    lms_id: str
    name: str
    member: str
    reason: str
    file: str
    attempts: str = ""


def folder(course: Course, assignment: Assignment) -> Path:
    """Give the folder for what is known of an assignment's download."""
    return course.root / "unpacked" / assignment.id


def participants(course: Course, assignment: Assignment) -> dict[str, str]:
    """Give Moodle's participant numbers of the students whose submissions were unpacked. Raises InstructorError."""
    return lms_ids(course, assignment, MOODLE)


def lms_ids(course: Course, assignment: Assignment, lms: str) -> dict[str, str]:
    """Give the LMS's ids under which the submissions of students were unpacked.

    Raises InstructorError where the table is there and cannot be read.
    """
    return {each.student: each.lms_id for each in _placed(course, assignment) if each.lms == lms}


def placed_before(course: Course, assignment: Assignment) -> dict[str, Placed]:
    """Give what was unpacked before, by student. A table that cannot be read says nothing: it will be made anew."""
    try:
        return {each.student: each for each in _placed(course, assignment)}
    except InstructorError:
        return {}


def _placed(course: Course, assignment: Assignment) -> list[Placed]:
    path = folder(course, assignment) / "placed.csv"
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        return [_read(row) for row in rows]
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not the table that was written"
        raise InstructorError(
            f"{path} cannot be read: {reason}. 'autograder unpack' makes it anew."
        ) from error


def _read(row: Mapping[str, str | None]) -> Placed:
    """Read a row. Raises KeyError where it lacks what a later command goes by."""
    said = {each.name: as_it_was(row.get(each.name) or "") for each in fields(Placed)}
    return Placed(**said | {name: as_it_was(row[name] or "") for name in ("student", "lms_id")})


def typed(course: Course, assignment: Assignment) -> list[Unplaced]:
    """Give the rows of the table of what has no place into which somebody has written whose they are.

    Raises InstructorError where the table is there and cannot be read: it is not to be written over then.
    """
    path = folder(course, assignment) / "unplaced.csv"
    columns = [field.name for field in fields(Unplaced)]
    try:
        if not is_there(path):
            return []
        document = read_document(path, Placing.name)
        rows = [[document.layout.value(row.values, name) for name in columns] for row in document.rows()]
    except InstructorError as error:
        raise InstructorError(
            f"{error}\nIn {path} may be ids that somebody has typed in, so it is not written over: mend it or move "
            "it away."
        ) from error
    return [row for row in (Unplaced(*values) for values in rows) if row.student]


def with_typed(rows: Iterable[Unplaced], typed_in: Iterable[Unplaced]) -> list[Unplaced]:
    """Give the rows with what was typed into them before, and behind them the typed ones of files that have a place.

    Of a row that asks for one of several attempts, only what was typed in where just these were asked for: what is
    older stays in a row of its own.
    """
    left: dict[tuple[str, str], dict[tuple[str, str], Unplaced]] = {}
    for row in typed_in:
        left.setdefault((row.lms_id, row.member), {})[row.student, row.attempts] = row
    made, asked = [], set[str]()
    for row in rows:
        key, attempts = (harmless(row.lms_id).strip(), harmless(row.member).strip()), harmless(row.attempts)
        before = left.get(key, {})
        its = [each for each in before if not attempts or each[1] == attempts] or [("", row.attempts)]
        made += [replace(row, student=student, attempts=typed_for) for student, typed_for in its]
        for each in its:
            before.pop(each, None)
        asked |= {key[1]} if attempts else set()
    kept = [
        replace(row, reason=_BEFORE if key[1] in asked else _TYPED, file="")
        for key, several in left.items()
        for row in several.values()
    ]
    return [*made, *kept]


def table(kind: type[Placed] | type[Unplaced], rows: Iterable[Placed | Unplaced]) -> bytes:
    """Give a table as UTF-8 CSV. Names in it are the LMS's and the students', and run nothing in a spreadsheet."""
    columns: Sequence[str] = [field.name for field in fields(kind)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless(getattr(row, name)) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8", "replace")
