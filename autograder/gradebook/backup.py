"""Copies of an SQLite gradebook, made before a run writes to it for the first time."""

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path

from autograder.course import Course
from autograder.errors import InstructorError
from autograder.gradebook.database import Database
from autograder.gradebook.settings import gradebook_address

_KEPT = 5


class GuardedDatabase(Database):
    """The course's gradebook, which is copied before the first change, where it is a file."""

    def __init__(self, course: Course) -> None:
        super().__init__(gradebook_address(course))
        self._folder = course.state / "backups"
        self._is_unchanged = self.path is not None and Path(self.path).exists()

    def about_to_change(self) -> None:
        """Copy the gradebook, once, as it was. Raises InstructorError where it cannot be copied."""
        if self._is_unchanged and self.path is not None:
            _back_up(Path(self.path), self._folder)
        self._is_unchanged = False


def _back_up(gradebook: Path, folder: Path) -> None:
    """Copy the gradebook into the folder, and remove all but the last five copies.

    Copies are numbered, since a clock may jump. Raises InstructorError where the copy cannot be made: better no run
    than one that cannot be taken back.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("ab") as lock:
            # Two graders may be at it at once; the lock ends with its process.
            fcntl.flock(lock, fcntl.LOCK_EX)
            _copy(gradebook, folder)
    except (OSError, sqlite3.Error) as error:
        raise InstructorError(
            f"The gradebook could not be backed up to {folder} before writing to it: {error}"
        ) from error


def _copy(gradebook: Path, folder: Path) -> None:
    numbers = sorted(int(path.stem[-6:]) for path in folder.glob(f"gradebook-{6 * '[0-9]'}.db"))
    target = folder / f"gradebook-{numbers[-1] + 1 if numbers else 1:06}.db"
    beside = folder / "gradebook.new"
    beside.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(gradebook)) as origin, closing(sqlite3.connect(beside)) as copy:
            origin.backup(copy)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    for number in numbers[: 1 - _KEPT]:
        (folder / f"gradebook-{number:06}.db").unlink(missing_ok=True)
