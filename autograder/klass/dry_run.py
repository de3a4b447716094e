"""What grading a class now would change in its gradebook, without changing it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import InstructorError, SubmissionError
from autograder.gradebook.opening import open_database
from autograder.gradebook.read import Mark, standings
from autograder.klass.crew import Crew
from autograder.klass.parcel import Handed, Judged, pack
from autograder.klass.workers import Workers
from autograder.results import CheckResult, SubmissionResult
from autograder.sandbox.choose import Wanted
from autograder.store import ResultStore


@dataclass(frozen=True)
class Change:
    """What would become of one cell's score, and why. `kept` is a score that a person gave, which would stay."""

    student: str
    cell: str
    before: float | None
    after: float | None
    why: list[str]
    kept: float | None = None


class DryRun:
    """Judges submissions and compares the verdicts with the gradebook. Nothing is written.

    Raises InstructorError where there is nothing to compare with.
    """

    def __init__(self, course: Course, assignment: Assignment, workers: Workers, wanted: Wanted) -> None:
        if not assignment.release.is_file() or not course.has_secret():
            raise InstructorError(
                f"nothing of {assignment.id} is graded yet; first: autograder grade {assignment.id}"
            )
        with open_database(course) as database:
            self._marks = {each.student: each.marks for each in standings(database, assignment)}
        self._course = course
        self._assignment = assignment
        self._release = nb.read(assignment.release)
        self._store = ResultStore(course, assignment, self._release, wanted)
        self._crew = Crew(workers, pack(course, assignment, wanted))

    def changes(self, students: Iterable[str]) -> Iterator[list[Change]]:
        """Give what would change for each student, in the order in which it is known."""
        for student in students:
            known = self._known(student)
            if known is not None:
                yield self._compared(known)
            for ready in self._crew.ready():
                yield self._finished(ready)
        for ready in self._crew.rest():
            yield self._finished(ready)

    def _known(self, student: str) -> SubmissionResult | None:
        """Give the result of a submission that has one already. Else it is handed to the workers."""
        folder = self._course.submission(self._assignment, student)
        try:
            path, _ = nb.find(folder, self._release, self._assignment.id)
            data = nb.read_bytes(path)
        except SubmissionError as error:
            return self._failed(student, str(error))
        kept = self._store.find(student, self._store.key(folder))
        if kept is None:
            self._crew.add(Handed(student, path.name, data))
            return None
        return kept.result

    def _failed(self, student: str, reason: str) -> SubmissionResult:
        return SubmissionResult(self._assignment.id, student, "failed", 0.0, 0.0, "", error=reason)

    def _finished(self, ready: Judged | Handed) -> list[Change]:
        if isinstance(ready, Handed):
            return [Change(ready.student, "", None, None, ["it could not be judged: its worker was ended"])]
        if ready.kept is None:
            return [Change(ready.result.student, "", None, None, [ready.result.error or ""])]
        return self._compared(ready.result)

    def _compared(self, result: SubmissionResult) -> list[Change]:
        marks = self._marks.get(result.student, {})
        if result.status == "failed":
            had = sum(mark.by_checks or 0.0 for mark in marks.values())
            return [Change(result.student, "", had, None, [result.error or ""])] if marks else []
        before = self._checks_before(result.student)
        return [
            Change(
                result.student,
                name,
                mark.by_checks if mark is not None else None,
                cell.score,
                _reasons(before.get(name, {}), cell.checks),
                kept=_by_person(mark),
            )
            for name, cell in result.cells.items()
            if cell.checks and ((mark := marks.get(name)) is None or mark.by_checks != cell.score)
        ]

    def _checks_before(self, student: str) -> dict[str, dict[str, CheckResult]]:
        """Give what the checks of each cell found when the submission was graded last, as far as that is kept."""
        _, kept = self._store.latest(student)
        cells = kept.result.cells if kept is not None else {}
        return {name: {check.id: check for check in cell.checks} for name, cell in cells.items()}


def _by_person(mark: Mark | None) -> float | None:
    return mark.score if mark is not None and mark.score != mark.by_checks else None


def _reasons(before: Mapping[str, CheckResult], checks: Iterable[CheckResult]) -> list[str]:
    """Say which checks give other points than they did."""
    reasons = []
    for check in checks:
        was = before.get(check.id)
        if was is not None and was.points == check.points:
            continue
        if was is None and not before and check.outcome == "passed" and not check.message:
            continue  # what was found before is not known: what costs points now is told
        points = f"{check.points:g}" if was is None else f"{was.points:g} → {check.points:g}"
        said = check.message or check.outcome
        reasons.append(f"{check.id} {points}: {said}")
    gone = before.keys() - {check.id for check in checks}
    return reasons + [f"{name} {before[name].points:g} → none: the check is gone" for name in sorted(gone)]
