"""Calibration: what the checks of an assignment find, and what they let through, over answers that are known.

All answers go the way of a submission, twice and in another order, and are held against what is expected of them.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import msgspec

from autograder import notebook as nb
from autograder.authoring.candidates import Candidate, Candidates, Kind
from autograder.authoring.trials import Trials
from autograder.authoring.wording import Wording, WordingReport, report_on, try_wording
from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.judge.checks import Check
from autograder.pipeline import grade, prepare
from autograder.results import CellResult, CheckResult, SubmissionResult
from autograder.sandbox.choose import Wanted, open_sandbox

Judge = Callable[[Sequence[Candidate]], Iterator[SubmissionResult]]
"""Judges answers, and gives each result as it is ready; its student is the answer's id."""

SCHEMA = 1

_SLOW_INPUTS_SECONDS = 0.5


class CheckReport(msgspec.Struct, frozen=True):
    """What one check catches: answers of which it failed. `alone` are those that no other check of its cell failed."""

    id: str
    cell: str
    title: str
    points: float
    caught: list[str]
    alone: list[str]


class AnswerReport(msgspec.Struct, frozen=True):
    """What became of one answer: its points by graded cell, the checks that failed, the mistakes that were named."""

    id: str
    kind: Kind
    function: str
    how: str
    about: str
    cell: str
    scores: dict[str, float | None]
    failed: list[str]
    carried: list[str]
    mistakes: list[str]
    equivalent: str


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it must be: a wrong verdict that a class would get.

    `answer` is the id of the answer, or the text where a written one was tried.
    """

    kind: str
    answer: str
    text: str


class CalibrationReport(msgspec.Struct, frozen=True):
    """All that calibration found, as plain data."""

    assignment: str
    title: str
    tests: dict[str, str]
    max_scores: dict[str, float]
    checks: list[CheckReport]
    answers: list[AnswerReport]
    findings: list[Finding]
    notes: list[str]
    wording: list[WordingReport] = []

    def to_json(self) -> bytes:
        """Give the report as JSON, as docs/author.md describes it."""
        return (
            msgspec.json.format(msgspec.json.encode({"schema": SCHEMA, **msgspec.to_builtins(self)})) + b"\n"
        )


@dataclass(frozen=True)
class Runs:
    """The results of both runs, by the answer's id."""

    first: Mapping[str, SubmissionResult]
    second: Mapping[str, SubmissionResult]


def calibrate(course: Course, assignment: Assignment, wanted: Wanted, judge: Judge) -> CalibrationReport:
    """Judge all answers that there are for an assignment, and hold the verdicts against what is expected.

    Raises InstructorError, which names file and line, for a check or a list that is not fit to be tried.
    """
    grading = prepare(course, assignment)
    order = [nb.grade_id(cell) or "" for cell in grading.release.cells]
    checks = list(chain.from_iterable(grading.checks.get(name, []) for name in order))
    _refuse_unfit_checks([*checks, *chain.from_iterable(grading.answers.values())])
    made = Candidates(assignment)
    candidates = made.all()
    with open_sandbox(assignment.file.limits, wanted, grading.warmup) as sandbox:
        trials = Trials(grading, sandbox, made.file.values)
        trials.refuse_useless(candidates)
        trials.refuse_unlike(candidates, made)
        stub = next(each for each in candidates if each.kind == "stub")
        _refuse_passed_stub(checks, grade(grading, stub.id, stub.notebook, sandbox).result)
    said = try_wording(grading.answers, grading.marker)
    report = _report(assignment, made.tests, candidates, checks, _run_twice(candidates, judge))
    report.notes.extend(_slow_inputs(checks, course.secret()))
    return _with_wording(report, said)


def _refuse_unfit_checks(checks: Sequence[Check]) -> None:
    """Raise InstructorError, which names file and line, for a check that has nothing to say where it fails."""
    for check in checks:
        if not check.hint.strip():
            raise InstructorError(f"{check.where} needs a hint, which students read where it fails")


def _run_twice(candidates: Sequence[Candidate], judge: Judge) -> Runs:
    """Judge all answers twice, the second time in the opposite order."""
    first, second = (
        {result.student: result for result in judge(order)} for order in (candidates, candidates[::-1])
    )
    return Runs(first, second)


def _refuse_passed_stub(checks: Sequence[Check], result: SubmissionResult) -> None:
    """Raise InstructorError, which names file and line, for a check that the untouched student version passes."""
    passed = {each.id for each in _checks(result) if each.outcome == "passed"}
    for check in checks:
        if check.id in passed:
            raise InstructorError(
                f"{check.where} passes for the untouched student version: it gives points for nothing"
            )


def _report(
    assignment: Assignment,
    tests: dict[str, str],
    candidates: Sequence[Candidate],
    checks: Sequence[Check],
    runs: Runs,
) -> CalibrationReport:
    """Hold the results against what is expected of each answer."""
    answers = [_answer(each, runs.first[each.id]) for each in candidates]
    return CalibrationReport(
        assignment.id,
        assignment.file.title,
        tests,
        {name: cell.max_score for name, cell in _tested(runs.first["solution"], checks).items()},
        [_check(check, checks, answers) for check in checks],
        answers,
        list(chain.from_iterable(_findings(each, runs) for each in candidates)),
        list(chain.from_iterable(_notes(each, runs.first[each.id], tests) for each in candidates)),
    )


def _findings(candidate: Candidate, runs: Runs) -> Iterator[Finding]:
    """Give what is wrong with the verdict on an answer."""
    result = runs.first[candidate.id]
    if result.cells != runs.second[candidate.id].cells:
        text = f"Two runs judge it differently: {_difference(result, runs.second[candidate.id])}."
        yield Finding("two runs differ", candidate.id, text)
    if candidate.is_right:
        lost = [check for check in _checks(result) if check.outcome == "failed"]
        if lost:
            names = ", ".join(check.id for check in lost)
            yield Finding("a right answer loses points", candidate.id, f"It is right, and fails {names}.")
    elif candidate.function:
        yield from _findings_on_wrong(candidate, result)


def _findings_on_wrong(candidate: Candidate, result: SubmissionResult) -> Iterator[Finding]:
    cell = result.cells[candidate.cell]
    if cell.score == cell.max_score and not candidate.reason:
        yield Finding(
            "a wrong answer gets full points",
            candidate.id,
            f"It is wrong in {candidate.function}, and gets all {cell.max_score:g} points of {candidate.cell}.",
        )
    if cell.score != cell.max_score and candidate.reason:
        yield Finding(
            "not equivalent",
            candidate.id,
            f"calibration.toml says that it cannot be told from the right {candidate.function}; it loses points.",
        )
    if candidate.kind == "mistake":
        for named in _named(result):
            if named != _mistake(candidate):
                text = f"The mistake that is named to the student is {named}, and it is another one."
                yield Finding("taken for another mistake", candidate.id, text)


def _notes(candidate: Candidate, result: SubmissionResult, tests: Mapping[str, str]) -> Iterator[str]:
    """Give what an author may want to know of an answer, and what is no fault."""
    if candidate.kind == "mistake" and not _named(result):
        yield f"{_mistake(candidate)} costs points, and is not named to the student."
    for name, cell in result.cells.items():
        elsewhere = bool(candidate.function) and tests.get(name, candidate.function) != candidate.function
        if elsewhere and any(check.outcome == "failed" for check in cell.checks):
            yield f"{candidate.id} ({candidate.about}) is paid for in {name}, too."


def _slow_inputs(checks: Sequence[Check], secret: bytes) -> Iterator[str]:
    """Tell of checks whose inputs take long to make: no submission pays for that, but each start of a worker does."""
    for check in checks:
        if check.make_inputs is not None:
            begin = time.process_time()
            check.make_inputs(check.rng(secret))
            seconds = time.process_time() - begin
            if seconds > _SLOW_INPUTS_SECONDS:
                yield f"{check.where} takes {seconds:.1f} seconds to make its inputs, at each start of a worker."


def _with_wording(report: CalibrationReport, said: Wording) -> CalibrationReport:
    """Add what became of the rubric's sentences. One that would be scored wrong is a finding, others are notes."""
    findings, notes = list(report.findings), list(report.notes)
    for check, tried in said:
        for each in tried:
            kind = "an idea is not seen" if each.holds else "a near miss gets the point"
            if each.is_scored_wrong:
                findings.append(
                    Finding(kind, each.text, f"{check.id} is sure, and rubric.toml says otherwise.")
                )
            elif not each.is_right:
                notes.append(f"{check.id}: {kind}, “{each.text}”; a person decides.")
    wording = [report_on(check, tried) for check, tried in said]
    return msgspec.structs.replace(report, findings=findings, notes=notes, wording=wording)


def _mistake(candidate: Candidate) -> str:
    return candidate.id.removeprefix("mistake-")


def _answer(candidate: Candidate, result: SubmissionResult) -> AnswerReport:
    checks = list(_checks(result))
    return AnswerReport(
        candidate.id,
        candidate.kind,
        candidate.function,
        candidate.how,
        candidate.about,
        candidate.cell,
        {name: cell.score for name, cell in result.cells.items() if cell.checks},
        [check.id for check in checks if check.outcome == "failed"],
        [check.id for check in checks if check.carried],
        _named(result),
        candidate.reason,
    )


def _check(check: Check, checks: Sequence[Check], answers: Sequence[AnswerReport]) -> CheckReport:
    """Give what a check catches of the answers that are wrong in a function that its cell tests."""
    others = {other.id for other in checks if other.grade_id == check.grade_id} - {check.id}
    caught = [each for each in answers if each.function and check.id in each.failed]
    alone = [each.id for each in caught if not others & set(each.failed)]
    return CheckReport(
        check.id, check.grade_id, check.title, check.points, [each.id for each in caught], alone
    )


def _named(result: SubmissionResult) -> list[str]:
    """Give the mistakes that were named, each once."""
    return list(dict.fromkeys(check.mistake for check in _checks(result) if check.mistake is not None))


def _checks(result: SubmissionResult) -> Iterator[CheckResult]:
    return chain.from_iterable(cell.checks for cell in result.cells.values())


def _tested(result: SubmissionResult, checks: Sequence[Check]) -> dict[str, CellResult]:
    tested = {check.grade_id for check in checks}
    return {name: cell for name, cell in result.cells.items() if name in tested}


def _difference(first: SubmissionResult, second: SubmissionResult) -> str:
    """Name the first check of which two results say different things."""
    for one, other in zip(_checks(first), _checks(second), strict=True):
        if one != other:
            return f"{one.id} {one.outcome} and {other.outcome}"
    return "in points"
