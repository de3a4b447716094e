"""Copies of an SQLite gradebook, made before a run writes to it for the first time."""

import sqlite3
from contextlib import closing
from pathlib import Path

from autograder.course import Course
from autograder.errors import InstructorError

_KEPT = 5


def back_up(course: Course, gradebook: Path) -> None:
    """Copy the gradebook into the course's state folder, and remove all but the last five copies.

    Copies are numbered, since a clock may jump. Raises InstructorError where the copy cannot be made: better no run
    than one that cannot be taken back.
    """
    folder = course.state / "backups"
    numbers = sorted(int(path.stem[-6:]) for path in folder.glob(f"gradebook-{6 * '[0-9]'}.db"))
    target = folder / f"gradebook-{numbers[-1] + 1 if numbers else 1:06}.db"
    beside = target.with_suffix(".new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(gradebook)) as origin, closing(sqlite3.connect(beside)) as copy:
            origin.backup(copy)
        beside.replace(target)
        for number in numbers[: 1 - _KEPT]:
            (folder / f"gradebook-{number:06}.db").unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        beside.unlink(missing_ok=True)
        raise InstructorError(
            f"The gradebook could not be backed up to {folder} before writing to it: {error}"
        ) from error
