"""The open gradebook of a class run."""

from collections.abc import Sequence

from autograder.course import Assignment, Course
from autograder.gradebook.entry import Entry
from autograder.gradebook.opening import registered
from autograder.gradebook.record import Recorder
from autograder.notebook import Notebook


class Book:
    """The course's gradebook, which knows the assignment, and is backed up before the first row is written.

    Raises InstructorError where it cannot be opened. To be closed.
    """

    def __init__(self, course: Course, assignment: Assignment, release: Notebook) -> None:
        self._database = registered(course, assignment, release)
        self._recorder = Recorder(self._database, assignment)

    def record(self, entries: Sequence[Entry]) -> list[list[str]]:
        """Write these in one commit, as Recorder does."""
        return self._recorder.record(entries)

    def close(self) -> None:
        """Close the database."""
        self._database.close()
