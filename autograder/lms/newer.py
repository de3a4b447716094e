"""Whose work in `submitted/` is not the work that was graded: a score, or a page, of theirs is of older work."""

import contextlib
import os
from collections.abc import Iterable
from functools import cached_property

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import SubmissionError
from autograder.gradebook.files import TIMESTAMP, submission_time
from autograder.gradebook.read import Standing
from autograder.gradebook.review import WorkMemory, Works, works
from autograder.notebook import Notebook
from autograder.store import ResultStore


def handed_in_since(course: Course, assignment: Assignment, standings: Iterable[Standing]) -> set[str]:
    """Give the students with a score who have handed in other work since, or the same at another time.

    Only files that are newer than the grading are read: a class that was graded costs a look at each folder.
    """
    if not (course.root / "submitted").is_dir():
        return set()
    graded = Graded(course, assignment)
    return {
        each.student
        for each in standings
        if each.graded and _is_newer(course, assignment, each.student) and not graded.is_of(each)
    }


def _is_newer(course: Course, assignment: Assignment, student: str) -> bool:
    """Tell whether a student's folder, notebook or time may have been changed after the graded notebook was written."""
    name = f"{assignment.id}.ipynb"
    folder = str(course.submission(assignment, student))
    if not os.path.isdir(folder):  # noqa: PTH112  # ten thousand of them: plain paths take half the time
        return False
    try:
        judged = (course.autograded(assignment, student) / name).stat().st_mtime
        changed = [_changed(path) for path in (folder, f"{folder}/{name}")]
    except OSError:
        return True
    with contextlib.suppress(FileNotFoundError):
        changed.append(_changed(f"{folder}/{TIMESTAMP}"))
    return max(changed) >= judged


def _changed(path: str) -> float:
    """Give when a file was changed last. One that was copied keeps its old time, but not this one."""
    found = os.stat(path)  # noqa: PTH116  # a plain path, for speed
    return max(found.st_mtime, found.st_ctime)


class Graded:
    """What was graded, to hold what is in `submitted/`, or in a download, against it."""

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self._course = course
        self._assignment = assignment
        self._memory = WorkMemory(course, assignment)

    @cached_property
    def _release(self) -> Notebook:
        return nb.read(self._assignment.release)

    @cached_property
    def _store(self) -> ResultStore:
        return ResultStore(self._course, self._assignment, self._release, "auto")

    def is_of(self, standing: Standing) -> bool:
        """Tell whether a student's score is of the work that lies in `submitted/`.

        The key of the kept verdict says so at once. It is another one where only the checks or the kit have changed:
        then it is asked what the work was.
        """
        student = standing.student
        folder = self._course.submission(self._assignment, student)
        try:
            if self._course.has_secret() and self._store.latest(student)[0] == self._store.key(folder):
                return True
            time, _ = submission_time(folder)
            if time is not None and time != standing.timestamp:
                return False
            path, _ = nb.find(folder, self._release, self._assignment.id)
            return not self._memory.changed(student, self._works(nb.read(path)))
        except (SubmissionError, OSError):
            return False

    def is_in(self, student: str, data: bytes) -> bool:
        """Tell whether a notebook is the work that was graded of a student. Raises SubmissionError if it is none."""
        return not self._memory.changed(student, self._works(nb.parse(data, "it")))

    def _works(self, submitted: Notebook) -> Works:
        now, _ = nb.restore(submitted, self._release)
        return works(now, self._release)
