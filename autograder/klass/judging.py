"""Answers judged by workers, for whoever wants the verdicts and no gradebook."""

from collections.abc import Iterable, Iterator

from autograder.course import Assignment, Course
from autograder.errors import GraderError
from autograder.klass.crew import Crew
from autograder.klass.parcel import Handed, Judged, pack
from autograder.klass.workers import Workers
from autograder.results import SubmissionResult
from autograder.sandbox.choose import Wanted


def judge_all(
    course: Course, assignment: Assignment, workers: Workers, wanted: Wanted, handed: Iterable[Handed]
) -> Iterator[SubmissionResult]:
    """Judge answers, and give each result as it is ready. Raises GraderError for one that could not be judged."""
    crew = Crew(workers, pack(course, assignment, wanted))
    for each in handed:
        crew.add(each)
        yield from map(_result, crew.ready())
    yield from map(_result, crew.rest())


def _result(ready: Judged | Handed) -> SubmissionResult:
    if isinstance(ready, Handed):
        raise GraderError(f"{ready.student}: the process that judged it was ended, three times")
    if ready.result.error is not None:
        raise GraderError(ready.result.error)
    return ready.result
