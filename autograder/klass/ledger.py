"""The way of verdicts into the gradebook: in groups, by this process only, as soon as the gradebook is open."""

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.gradebook.entry import Entry
from autograder.gradebook.review import WorkMemory
from autograder.klass.writing import writing
from autograder.notebook import Notebook
from autograder.results import SubmissionResult
from autograder.store import Kept

if TYPE_CHECKING:
    from autograder.klass.book import Book

_GROUP = 100
_GROUP_SECONDS = 0.5


@dataclass(frozen=True)
class Line:
    """A verdict that is to be written, when the submission was handed in, and what was odd about it."""

    kept: Kept
    timestamp: datetime | None
    notes: list[str] = field(default_factory=list)


class Ledger:
    """Collects verdicts and writes them to the gradebook, which is opened in the meantime. To be closed."""

    def __init__(self, course: Course, assignment: Assignment, release: Notebook) -> None:
        self._course = course
        self._assignment = assignment
        self._release = release
        self._memory = WorkMemory(course, assignment)
        self._lines: list[Line] = []
        self._done: list[SubmissionResult] = []
        self._written = 0.0
        self._opened: Future[Book] = Future()
        # A thread that dies with the process: opening may take seconds, and Ctrl-C must not.
        threading.Thread(target=self._open, daemon=True).start()

    def add(self, line: Line) -> None:
        """Take a verdict to be written."""
        self._lines.append(line)

    def pass_by(self, result: SubmissionResult) -> None:
        """Take a result of which the gradebook is to know nothing."""
        self._done.append(result)

    def write_if_due(self) -> Iterator[SubmissionResult]:
        """Write what has come together, if it is time to. Gives the results that are done with.

        Raises InstructorError where the gradebook cannot be opened or written.
        """
        due = len(self._lines) >= _GROUP or time.monotonic() - self._written > _GROUP_SECONDS
        if self._lines and self._opened.done() and due:
            self._write()
        yield from self._take_done()

    def write_rest(self) -> Iterator[SubmissionResult]:
        """Wait for the gradebook, and write all that is left."""
        while self._lines:
            self._write()
            yield from self._take_done()
        self._opened.result()
        yield from self._take_done()

    def save(self) -> None:
        """Write what has come together, if it can be: the run is being stopped."""
        with contextlib.suppress(InstructorError):
            while self._lines and self._opened.done() and not self._opened.exception():
                self._write()

    def close(self) -> None:
        """Close the gradebook."""
        if self._opened.done() and not self._opened.exception():
            self._opened.result().close()

    def _take_done(self) -> list[SubmissionResult]:
        done, self._done = self._done, []
        return done

    def _write(self) -> None:
        group, rest = self._lines[:_GROUP], self._lines[_GROUP:]
        warnings = self._opened.result().record([self._entry(line) for line in group])
        # Only now: a run that ends in between looks at the work again, and says the same of it.
        self._lines = rest
        self._written = time.monotonic()
        for line, of_line in zip(group, warnings, strict=True):
            result = line.kept.result
            if result.status == "graded":
                with writing(self._course.state):
                    self._memory.remember(result.student, line.kept.works)
            told = [*line.notes, *result.warnings, *of_line]
            self._done.append(msgspec.structs.replace(result, warnings=told))

    def _entry(self, line: Line) -> Entry:
        kept, student = line.kept, line.kept.result.student
        if kept.result.status == "failed":
            return Entry(student, line.timestamp, None)
        changed = self._memory.changed(student, kept.works)
        return Entry(student, line.timestamp, kept.result.cells, changed, frozenset(kept.unanswered))

    def _open(self) -> None:
        try:
            # SQLAlchemy takes half a second to import: the first submissions are judged meanwhile.
            from autograder.klass.book import Book  # noqa: PLC0415  # only where it is needed

            self._opened.set_result(Book(self._course, self._assignment, self._release))
        except BaseException as error:  # noqa: BLE001  # whoever waits for it is told
            self._opened.set_exception(error)
