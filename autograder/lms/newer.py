"""Whose work in `submitted/` is not the work that was graded: a score, or a page, of theirs is of older work."""

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import SubmissionError
from autograder.gradebook.files import submission_time
from autograder.gradebook.read import Standing
from autograder.gradebook.review import WorkMemory, works
from autograder.notebook import Notebook
from autograder.store import ResultStore


def handed_in_since(course: Course, assignment: Assignment, standings: Iterable[Standing]) -> set[str]:
    """Give the students with a score who have handed in other work since, or the same at another time.

    Only files that are newer than the grading are read: a class that was graded costs a look at each folder.
    """
    if not (course.root / "submitted").is_dir():
        return set()
    graded = _Graded(course, assignment)
    return {
        each.student
        for each in standings
        if each.graded and _is_newer(course, assignment, each.student) and not graded.is_of(each)
    }


def _is_newer(course: Course, assignment: Assignment, student: str) -> bool:
    """Tell whether anything in a student's folder was changed after the graded notebook was written."""
    folder = course.submission(assignment, student)
    try:
        changed = _changed(folder)
    except (FileNotFoundError, NotADirectoryError):
        return False
    judged = course.autograded(assignment, student) / f"{assignment.id}.ipynb"
    try:
        return changed >= judged.stat().st_mtime
    except OSError:
        return True


def _changed(folder: Path) -> float:
    """Give when anything in a folder was changed last. What is copied into it keeps its old time, but not this one."""
    with os.scandir(folder) as entries:
        there = [folder.stat(), *(each.stat(follow_symlinks=False) for each in entries)]
    return max(max(each.st_mtime, each.st_ctime) for each in there)


class _Graded:
    """What was graded, to hold what is in `submitted/` against it."""

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
            now, _ = nb.restore(nb.read(path), self._release)
            return not self._memory.changed(student, works(now))
        except (SubmissionError, OSError):
            return False
