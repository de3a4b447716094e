"""The run of a class: what is known is taken from the store, the rest is judged, and all of it is written down."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import InstructorError, SubmissionError
from autograder.gradebook.files import remove_autograded, submission_time, write_autograded
from autograder.klass.crew import Crew
from autograder.klass.ledger import Ledger, Line
from autograder.klass.parcel import Handed, Judged, not_the_students_fault, pack
from autograder.klass.workers import Workers
from autograder.klass.writing import writing
from autograder.results import SubmissionResult
from autograder.sandbox.choose import Wanted
from autograder.store import Kept, ResultStore

_SAVE_SECONDS = 1.0


@dataclass(frozen=True)
class _Seen:
    """What was seen of a submission that is being judged."""

    key: str
    timestamp: datetime | None
    notes: list[str]


class ClassRun:
    """Grades submissions of one assignment.

    A verdict is kept as soon as it is there, and in the gradebook soon after: whatever ends the run, the next one
    goes on from what was kept. With `fresh`, what earlier runs have kept is not used.
    """

    def __init__(
        self, course: Course, assignment: Assignment, workers: Workers, wanted: Wanted, *, fresh: bool
    ) -> None:
        self._course = course
        self._assignment = assignment
        self._release = nb.read(assignment.release)
        self._fresh = fresh
        self._ledger = Ledger(course, assignment, self._release)
        self._crew = Crew(workers, pack(course, assignment, wanted))
        self._store = ResultStore(course, assignment, self._release, wanted)
        self._seen: dict[str, _Seen] = {}

    def results(
        self, students: Iterable[str], on_verdict: Callable[[SubmissionResult], None] = lambda _: None
    ) -> Iterator[SubmissionResult]:
        """Grade these students' submissions, and give each result once it is written down.

        Results come in the order in which they are ready. `on_verdict` is told of each verdict before that.
        Raises InstructorError where something is the instructor's to mend.
        """
        for student in students:
            known = self._take_on(student)
            if known is not None:
                on_verdict(known)
            for ready in self._crew.ready():
                on_verdict(self._finish(ready))
            yield from self._ledger.write_if_due()
        for ready in self._crew.rest():
            on_verdict(self._finish(ready))
            yield from self._ledger.write_if_due()
        yield from self._ledger.write_rest()

    def save(self) -> None:
        """Write down what was judged, without waiting for long: what is kept reaches the gradebook in the next run."""
        saving = threading.Thread(target=self._ledger.save, daemon=True)
        saving.start()
        saving.join(_SAVE_SECONDS)

    def close(self) -> None:
        """Close the gradebook."""
        self._ledger.close()

    def _take_on(self, student: str) -> SubmissionResult | None:
        """Look at a submission, and give its result where it is known. Else it is handed to the workers."""
        folder = self._course.submission(self._assignment, student)
        timestamp, notes = submission_time(folder)
        try:
            path, odd = nb.find(folder, self._release, self._assignment.id)
            data = nb.read_bytes(path)
        except SubmissionError as error:
            result = self._failed(student, f"{student}: {error}")
            self._put_down(Kept(result), None, _Seen("", timestamp, notes))
            return result
        seen = _Seen(self._store.key(folder), timestamp, [*notes, *odd])
        known = None if self._fresh else self._store.find(student, seen.key)
        if known is None:
            self._seen[student] = seen
            self._crew.add(Handed(student, path.name, data))
            return None
        self._restore_folder(known, path.name, data)
        self._ledger.add(Line(known, seen.timestamp, seen.notes))
        return known.result

    def _restore_folder(self, known: Kept, name: str, data: bytes) -> None:
        """Write the graded folder again where its notebook is not the one of this verdict.

        Somebody has removed it, or nbgrader's autograde was ended after it had kept the verdict.
        """
        student = known.result.student
        if known.result.status != "graded":
            return
        folder = self._course.autograded(self._assignment, student)
        path = folder / f"{self._assignment.id}.ipynb"
        with writing(folder):
            if not path.is_file() or not known.is_on(path.read_bytes()):
                text = nb.to_text(known.notebook(nb.parse(data, name), self._release))
                write_autograded(self._course, self._assignment, student, text)

    def _finish(self, ready: Judged | Handed) -> SubmissionResult:
        """Put down what came back from the workers."""
        if isinstance(ready, Handed):
            reason = "the process that graded it was ended, three times; is there enough memory?"
            result = self._failed(ready.student, not_the_students_fault(ready.student, reason))
            self._seen.pop(ready.student)
            self._ledger.pass_by(result)
            return result
        seen = self._seen.pop(ready.result.student)
        if ready.kept is None:
            self._ledger.pass_by(ready.result)
        else:
            kept = msgspec.json.decode(ready.kept, type=Kept)
            self._put_down(kept, ready.notebook, seen)
            with writing(self._store.folder):
                self._store.keep(ready.result.student, seen.key, ready.kept)
        return ready.result

    def _put_down(self, kept: Kept, notebook: str | None, seen: _Seen) -> None:
        student = kept.result.student
        with writing(self._course.autograded(self._assignment, student)):
            # Before its folder is touched: a run that ends in between must not take the one for the other's.
            self._store.forget(student)
            if notebook is None:
                remove_autograded(self._course, self._assignment, student)
            else:
                write_autograded(self._course, self._assignment, student, notebook)
        self._ledger.add(Line(kept, seen.timestamp, seen.notes))

    def _failed(self, student: str, reason: str) -> SubmissionResult:
        return SubmissionResult(
            assignment=self._assignment.id,
            student=student,
            status="failed",
            score=0.0,
            max_score=sum(nb.points(cell) for cell in self._release.cells if nb.is_grade(cell)),
            sandbox="",
            error=reason,
        )


@contextmanager
def class_run(
    course: Course, assignment: Assignment, workers: Workers, wanted: Wanted = "auto", *, fresh: bool = False
) -> Iterator[ClassRun]:
    """Make ready for a class: its workers, the kept verdicts, and the gradebook, which is opened meanwhile.

    Ctrl-C ends the run; what was judged until then is written down. Raises InstructorError where the assignment
    has no student version.
    """
    if not assignment.release.is_file():
        raise InstructorError(
            f"{assignment.release} is missing. Make the student version first: autograder generate {assignment.id}"
        )
    run = ClassRun(course, assignment, workers, wanted, fresh=fresh)
    try:
        yield run
    except KeyboardInterrupt as stop:
        run.save()
        stop.add_note("What was done is kept; the same command goes on from here.")
        raise
    finally:
        run.close()
