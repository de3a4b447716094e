"""What `autograder unpack` has placed and what not: tables beside the files, for a person and for later commands."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.lms.table import harmless

MOODLE = "moodle"


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
    """A file that has no place, and why. `student` is for a person to fill in; `unpack --who` reads it."""

    student: str
    lms_id: str
    name: str
    member: str
    reason: str
    file: str


def folder(course: Course, assignment: Assignment) -> Path:
    """Give the folder for what is known of an assignment's download."""
    return course.root / "unpacked" / assignment.id


def participants(course: Course, assignment: Assignment) -> dict[str, str]:
    """Give Moodle's participant numbers of the students whose submissions were unpacked."""
    path = folder(course, assignment) / "placed.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["student"]: row["lms_id"] for row in rows if row.get("lms") == MOODLE}


def table(kind: type[Placed] | type[Unplaced], rows: Iterable[Placed | Unplaced]) -> bytes:
    """Give a table as UTF-8 CSV. Names in it are the LMS's and the students', and run nothing in a spreadsheet."""
    columns: Sequence[str] = [field.name for field in fields(kind)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless(getattr(row, name)) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8", "replace")
