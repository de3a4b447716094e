"""One submission: restore it, run it, judge it, and write the verdict into its notebook."""

import time
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import GraderError, InstructorError
from autograder.judge.answers import judge_answer, judge_untouched
from autograder.judge.checks import Check, collect
from autograder.judge.foresight import Foresight
from autograder.judge.inquiry import Account
from autograder.judge.mistakes import load_mistakes
from autograder.judge.outputs import verdict_outputs
from autograder.judge.reference import Reference
from autograder.judge.rules import Rules
from autograder.judge.student import Student, given_functions
from autograder.judge.verdict import Bench
from autograder.notebook import Notebook
from autograder.results import CellResult, SubmissionResult
from autograder.sandbox.process import Cell, Sandbox, Warmup
from autograder.sandbox.run import NotebookRun
from autograder.skipping import NOTE, Skippable, skippable
from autograder.warming import Warming, warming
from autograder.written.given import texts_of
from autograder.written.marker import Marker, load_marker


@dataclass(frozen=True)
class Grading:
    """All that grading any submission of one assignment needs: read once, used for a class."""

    assignment: Assignment
    release: Notebook
    checks: dict[str, list[Check]]
    skippable: Skippable
    warming: Warming
    rules: Rules
    answers: dict[str, list[Check]]
    """The checks of written answers."""
    marker: Marker | None = field(default=None, repr=False)

    @property
    def warmup(self) -> Warmup:
        """What a sandbox for the assignment makes ready."""
        return self.warming.warmup

    @property
    def max_score(self) -> float:
        """The points of all graded cells."""
        return sum(nb.points(cell) for cell in self.release.cells if nb.is_grade(cell))


@dataclass(frozen=True)
class Graded:
    """The verdict on a submission, and its notebook with outputs and verdicts in it."""

    result: SubmissionResult
    notebook: Notebook


def prepare(course: Course, assignment: Assignment) -> Grading:
    """Read an assignment for grading. Raises InstructorError where release, checks and points do not fit."""
    if not assignment.release.is_file():
        raise InstructorError(
            f"{assignment.release} is missing. Make the student version first: autograder generate {assignment.id}"
        )
    release = nb.read(assignment.release)
    collected = collect(assignment.checks)
    by_cell: dict[str, list[Check]] = {}
    for check in collected:
        by_cell.setdefault(check.grade_id, []).append(check)
    check_points(release, by_cell)
    checks = {name: found for name, found in by_cell.items() if not found[0].of_answer}
    answers = {name: found for name, found in by_cell.items() if found[0].of_answer}
    draws = skippable(release)
    return Grading(
        assignment,
        release,
        checks,
        skippable=draws,
        warming=warming(release, draws),
        rules=_rules(course, assignment, release, collected),
        answers=answers,
        marker=_marker(assignment, answers),
    )


def _marker(assignment: Assignment, answers: dict[str, list[Check]]) -> Marker | None:
    """Give the marker of written answers; None where nothing is to be marked."""
    if not answers or assignment.file.explanation.marking == "off":
        return None
    marker = load_marker(assignment.folder, texts_of(assignment))
    if marker is None:
        (found, *_), *_ = answers.values()
        raise InstructorError(
            f"{found.where} judges a written answer, and there is no {assignment.folder / 'rubric.toml'}"
        )
    return marker


def _rules(course: Course, assignment: Assignment, release: Notebook, checks: Sequence[Check]) -> Rules:
    """Give what submissions are judged by. Raises InstructorError where assignment.toml names what there is not."""
    graded = {nb.grade_id(cell) for cell in release.cells if nb.is_grade(cell)}
    for name in assignment.file.tests:
        if name not in graded:
            raise assignment.unfit(name, f"tests names '{name}', which is no graded cell of the notebook")
    secret, given = course.secret(), given_sources(assignment, release)
    return Rules(
        assignment.forms,
        given,
        Foresight([check for check in checks if not check.of_answer], assignment.forms, secret, given),
        secret,
        assignment.file.tests,
        assignment.below,
        _reference(assignment) if assignment.file.builds_on else None,
        load_mistakes(assignment.folder, assignment.forms),
        _waived(assignment, checks),
    )


def _reference(assignment: Assignment) -> Reference:
    cells = nb.read(assignment.source).cells
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    return Reference(sources, assignment.forms, assignment.source)


def _waived(assignment: Assignment, checks: Sequence[Check]) -> dict[str, str]:
    """Give the checks that everybody is given, with the reasons. A parametrised one may be named as a whole."""
    waived: dict[str, str] = {}
    for name, reason in assignment.file.waived.items():
        found = [check.id for check in checks if name in (check.id, check.id.partition("[")[0])]
        if not found:
            raise assignment.unfit(name, f"waived names '{name}', which is no check of the assignment")
        if not reason.strip():
            raise assignment.unfit(name, f"waived.{name} needs the reason, which students read")
        waived |= dict.fromkeys(found, reason)
    return waived


def check_points(release: Notebook, checks: dict[str, list[Check]]) -> None:
    """Hold the checks against the graded cells. Raises InstructorError, which names cell and check."""
    cells = {nb.grade_id(cell) or "": cell for cell in release.cells if nb.is_grade(cell)}
    for grade_id, found in checks.items():
        if grade_id not in cells:
            raise InstructorError(
                f"{found[0].where} is for '{grade_id}', which is no graded cell of the notebook"
            )
        for check in found:
            if check.of_answer != (cells[grade_id]["cell_type"] != "code") or (
                check.of_answer and len(check.fixtures) > 1
            ):
                wanted = "student" if cells[grade_id]["cell_type"] == "code" else "answer, and nothing else"
                raise InstructorError(
                    f"{check.where} is for the cell '{grade_id}', where a check asks for {wanted}"
                )
    for grade_id, cell in cells.items():
        of_checks = sum(check.points for check in checks.get(grade_id, []))
        if grade_id not in checks:
            if cell["cell_type"] == "code":
                raise InstructorError(f"the graded cell '{grade_id}' has no checks")
        elif abs(of_checks - nb.points(cell)) > 1e-6:
            raise InstructorError(
                f"the graded cell '{grade_id}' has {nb.points(cell):g} points, its checks have {of_checks:g}"
            )


def given_sources(assignment: Assignment, release: Notebook) -> dict[str, str]:
    """Give the functions that checks may run as they were handed out: each name with the source of its cell."""
    sources = {nb.grade_id(cell) or "": cell["source"] for cell in release.cells if nb.is_locked(cell)}
    for name in assignment.file.given:
        if name not in sources:
            raise InstructorError(f"assignment.toml gives '{name}', which is no locked cell of the notebook")
    return given_functions({name: sources[name] for name in assignment.file.given})


def grade(grading: Grading, student: str, submitted: Notebook, sandbox: Sandbox) -> Graded:
    """Grade one submission. Raises GraderError where the fault is ours; then there is no score."""
    try:
        return _grade(grading, student, submitted, sandbox)
    except (GraderError, InstructorError):
        raise
    except Exception as error:
        raise GraderError(f"{type(error).__name__}: {error}") from error


def _grade(grading: Grading, student: str, submitted: Notebook, sandbox: Sandbox) -> Graded:
    start = time.perf_counter()
    restored, warnings = nb.restore(submitted, grading.release)
    with _run_of(grading, restored, sandbox) as run:
        cells = _run(grading, restored, run, Bench(grading.rules, run))
    result = SubmissionResult(
        assignment=grading.assignment.id,
        student=student,
        status="graded",
        score=round(sum(cell.score or 0.0 for cell in cells.values()), 6),
        max_score=grading.max_score,
        sandbox=sandbox.tier,
        cells=cells,
        warnings=warnings,
        seconds=round(time.perf_counter() - start, 4),
    )
    return Graded(result, restored)


def account(
    grading: Grading, submitted: Notebook, sandbox: Sandbox
) -> tuple[dict[str, CellResult], Mapping[str, Account]]:
    """Judge a submission to tell how its scores come about: the verdict on each cell, and how it was come by."""
    restored, _ = nb.restore(submitted, grading.release)
    with _run_of(grading, restored, sandbox) as run:
        bench = Bench(grading.rules, run)
        return _run(grading, restored, run, bench), bench.accounts


def _run_of(grading: Grading, restored: Notebook, sandbox: Sandbox) -> NotebookRun:
    place = sandbox if grading.warming.is_enough_for(restored) else sandbox.with_all_modules()
    spare = partial(_spare, grading.skippable, restored)
    return NotebookRun(place, grading.assignment.file.limits, spare=spare)


def _spare(skippable: Skippable, restored: Notebook) -> Set[int]:
    spare = skippable.in_second_run(restored)
    return {number for number, cell in enumerate(restored.cells, 1) if nb.grade_id(cell) in spare}


def _run(grading: Grading, restored: Notebook, run: NotebookRun, bench: Bench) -> dict[str, CellResult]:
    """Run the cells in order, and judge each graded cell at the moment at which the run reaches it."""
    verdicts = {}
    skipped = grading.skippable.in_submission(restored)
    ahead: list[tuple[int, nb.Cell]] = []
    for number, cell in enumerate(restored.cells, 1):
        ahead.append((number, cell))
        name = nb.grade_id(cell)
        if name is None or not nb.is_grade(cell):
            continue
        if name in grading.checks and cell["cell_type"] == "code":
            _run_cells(ahead, skipped, run)
            ahead = []
            verdicts[name] = bench.judge_cell(name, grading.checks[name], nb.points(cell))
            cell["outputs"] = verdict_outputs(verdicts[name], cell["outputs"])
        else:
            verdicts[name] = _written(cell, grading)
    _run_cells(ahead, skipped, run)
    return _in_order(verdicts, grading.release)


def _run_cells(numbered: Sequence[tuple[int, nb.Cell]], skipped: Set[str], run: NotebookRun) -> None:
    """Run the code cells among these, and keep the outputs of each in it."""
    codes = [(number, cell) for number, cell in numbered if cell["cell_type"] == "code"]
    for _, cell in codes:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": NOTE}]
    to_run = [(number, cell) for number, cell in codes if nb.grade_id(cell) not in skipped]
    outputs = run.run_cells([Cell(number, cell["source"]) for number, cell in to_run])
    for (_, cell), shown in zip(to_run, outputs, strict=True):
        cell["outputs"] = shown


@contextmanager
def student_at(grading: Grading, submitted: Notebook, grade_id: str, sandbox: Sandbox) -> Iterator[Student]:
    """Run a submission up to a graded cell, for whoever wants to call its functions there by hand."""
    restored, _ = nb.restore(submitted, grading.release)
    numbered = list(enumerate(restored.cells, 1))
    last = next((number for number, cell in numbered if nb.grade_id(cell) == grade_id), len(numbered))
    with _run_of(grading, restored, sandbox) as run:
        _run_cells(numbered[:last], grading.skippable.in_submission(restored), run)
        yield Student(run, grading.rules.forms, grading.rules.given)


def _written(cell: nb.Cell, grading: Grading) -> CellResult:
    """Mark a written answer, or let it wait for a person; one left as it was handed out is worth nothing."""
    name, max_score = nb.grade_id(cell) or "", nb.points(cell)
    original = next(other for other in grading.release.cells if nb.grade_id(other) == name)
    checks, given = grading.answers.get(name, []), grading.rules.waived
    if cell["source"] == original["source"]:
        return judge_untouched(checks, max_score, given)
    if grading.marker is None or not checks:
        return CellResult(None, max_score, needs_review=True)
    way = grading.assignment.file.explanation.marking
    return judge_answer(checks, cell["source"], grading.marker, max_score, way=way, given=given)


def _in_order(verdicts: dict[str, CellResult], release: Notebook) -> dict[str, CellResult]:
    """Give the verdicts in the notebook's order; a graded cell that is missing waits for a person."""
    ordered = {}
    for cell in release.cells:
        name = nb.grade_id(cell)
        if name is not None and nb.is_grade(cell):
            ordered[name] = verdicts.get(name) or CellResult(None, nb.points(cell), needs_review=True)
    return ordered
