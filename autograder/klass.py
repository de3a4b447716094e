"""A class at once: every submission graded, none that stops another, nothing done twice."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import GraderError, SubmissionError
from autograder.gradebook.connection import ensure_assignment, open_gradebook
from autograder.gradebook.files import remove, submission_time, write_autograded
from autograder.gradebook.record import Recorder
from autograder.notebook import Notebook
from autograder.pipeline import Grading, grade, prepare
from autograder.results import SubmissionResult
from autograder.sandbox.choose import Wanted, open_sandbox
from autograder.sandbox.process import Sandbox
from autograder.store import ResultStore


class ClassRun:
    """Grades submissions of one assignment, and writes each verdict as soon as it is there."""

    def __init__(self, course: Course, grading: Grading, sandbox: Sandbox, recorder: Recorder) -> None:
        self._course = course
        self._grading = grading
        self._assignment = grading.assignment
        self._sandbox = sandbox
        self._recorder = recorder
        self._store = ResultStore(course, self._assignment, sandbox.tier, grading.warmup.modules)

    def results(self, students: Iterable[str]) -> Iterator[SubmissionResult]:
        """Grade these students' submissions, in this order."""
        for student in students:
            yield self._result(student)

    def _result(self, student: str) -> SubmissionResult:
        folder = self._course.submission(self._assignment, student)
        timestamp, notes = submission_time(folder)
        try:
            path, odd = nb.find(folder, self._grading.release, self._assignment.id)
            submitted = nb.read(path)
        except SubmissionError as error:
            self._recorder.record_failure(student, timestamp)
            remove(self._course.autograded(self._assignment, student))
            return self._failed(student, f"{student}: {error}")
        key = self._store.key(folder)
        known = self._known(student, key)
        try:
            result, notebook = self._replayed(known, submitted) if known else self._judged(student, submitted)
        except GraderError as error:
            return self._failed(
                student, f"{student} was not graded, and it is not the student's fault: {error}"
            )
        kept = self._recorder.record(result, notebook, timestamp)
        if known is None:
            # Last, so that a run which ends before this point does the whole submission again.
            self._store.keep(key, result)
        return msgspec.structs.replace(result, warnings=[*notes, *odd, *result.warnings, *kept])

    def _known(self, student: str, key: str) -> SubmissionResult | None:
        """Give the verdict of an earlier run, where nothing has changed since."""
        if not self._course.autograded(self._assignment, student).is_dir():
            return None
        return self._store.find(student, key)

    def _replayed(self, known: SubmissionResult, submitted: Notebook) -> tuple[SubmissionResult, Notebook]:
        return known, nb.restore(submitted, self._grading.release)[0]

    def _judged(self, student: str, submitted: Notebook) -> tuple[SubmissionResult, Notebook]:
        graded = grade(self._grading, student, submitted, self._sandbox)
        write_autograded(self._course, self._assignment, student, graded.notebook)
        return graded.result, graded.notebook

    def _failed(self, student: str, reason: str) -> SubmissionResult:
        return SubmissionResult(
            assignment=self._assignment.id,
            student=student,
            status="failed",
            score=0.0,
            max_score=self._grading.max_score,
            sandbox=self._sandbox.tier,
            error=reason,
        )


@contextmanager
def class_run(course: Course, assignment: Assignment, wanted: Wanted = "auto") -> Iterator[ClassRun]:
    """Open all that grading a class needs: checks, the sandbox that is wanted, and the gradebook."""
    grading = prepare(course, assignment)
    sandbox = open_sandbox(assignment.file.limits, wanted, grading.warmup)
    with sandbox, open_gradebook(course) as gradebook:
        ensure_assignment(course, assignment, grading.release, gradebook)
        recorder = Recorder(gradebook, course, assignment, grading.release)
        yield ClassRun(course, grading, sandbox, recorder)
