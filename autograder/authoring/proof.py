"""Proof that a student version is fit to be handed out."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from autograder import notebook as nb
from autograder.authoring.drawing import prove_skippable
from autograder.course import Assignment
from autograder.errors import InstructorError
from autograder.judge.checks import Check
from autograder.notebook import Notebook
from autograder.pipeline import check_points, given_sources

_BEGIN, _END = "BEGIN SOLUTION", "END SOLUTION"
_MARKS = (_BEGIN, _END, "BEGIN HIDDEN TESTS", "END HIDDEN TESTS", "BEGIN MARK SCHEME", "END MARK SCHEME")
_KIT = "autograder"


def prove(
    assignment: Assignment, source: Notebook, released_file: Path, checks: Sequence[Check]
) -> list[str]:
    """Prove a student version against its source and its checks. Gives what was proved, in sentences.

    Raises InstructorError, which names file and cell, for the first thing that is not so.
    """
    where = assignment.source
    released = nb.read(released_file)
    _prove_ids(released, where)
    _prove_no_solutions(source, released, where)
    _prove_no_traces(released_file, released, checks, where)
    by_cell: dict[str, list[Check]] = {}
    for check in checks:
        by_cell.setdefault(check.grade_id, []).append(check)
    check_points(released, by_cell)
    given_sources(assignment, released)
    skipped = prove_skippable(source, released, where)
    graded = [cell for cell in released.cells if nb.is_grade(cell)]
    total = sum(nb.points(cell) for cell in graded)
    proved = [
        f"{len(graded)} graded cells with {total:g} points; {len(checks)} hidden checks share those of the code",
        "no solution, no hidden check, no output and no trace of the kit is in it",
    ]
    if skipped:
        proved.append(f"no score depends on {', '.join(skipped)}: not run while grading, they only draw")
    return proved


def _prove_ids(released: Notebook, where: Path) -> None:
    names = [name for cell in released.cells if (name := nb.grade_id(cell)) is not None]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InstructorError(f"{where}: the grade_id '{twice[0]}' is used by more than one cell")


def _prove_no_solutions(source: Notebook, released: Notebook, where: Path) -> None:
    """Prove that no line which stands only inside solutions is left anywhere in the student version."""
    for name, line in _solution_lines(source, where):
        for number, cell in enumerate(released.cells, 1):
            if line in (stripped.strip() for stripped in cell["source"].splitlines()):
                raise InstructorError(
                    f"{where}: a line of the solution of '{name}' is in the student version, cell {number}: {line}"
                )


def _solution_lines(source: Notebook, where: Path) -> list[tuple[str, str]]:
    """Give each line that stands only inside solutions, with the grade_id of its cell."""
    inside: list[tuple[str, str]] = []
    outside: set[str] = set()
    for cell in source.cells:
        name = nb.grade_id(cell) or "?"
        in_solution = False
        if nb.is_solution(cell) and cell["cell_type"] == "code" and _BEGIN not in cell["source"]:
            raise InstructorError(f"{where}: the solution cell '{name}' has no '### {_BEGIN}'")
        for line in cell["source"].splitlines():
            if _BEGIN in line or _END in line:
                in_solution = _BEGIN in line
            elif in_solution:
                inside.append((name, line.strip()))
            else:
                outside.add(line.strip())
    return [(name, line) for name, line in inside if line and line not in outside]


def _prove_no_traces(file: Path, released: Notebook, checks: Sequence[Check], where: Path) -> None:
    """Prove that no marker, hidden check, output or import of the kit is left."""
    for number, cell in enumerate(released.cells, 1):
        for trace in (*_MARKS, _KIT, *(check.function.__name__ for check in checks)):
            if trace in cell["source"]:
                raise InstructorError(f"{where}: '{trace}' is in the student version, cell {number}")
    for number, cell in enumerate(json.loads(file.read_bytes())["cells"], 1):
        if cell.get("outputs") or cell.get("execution_count"):
            raise InstructorError(f"{where}: cell {number} of the student version has outputs")
