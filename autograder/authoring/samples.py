"""Sample answers: miniature students, each a TOML file that says what its cells hold and what it should get.

about = "Uses > in place of >=."
start = "solution"             # what cells that are not listed hold: "solution", or "release" for stubs

[expect]
full = ["test_forward"]        # graded cells that must get full points
loses = ["test_step"]          # graded cells that must lose some

[cells]                        # the source of cells, by grade_id
step = '''…'''

[before]                       # code cells put in before the cell with that grade_id
test_step = '''…'''
"""

import copy
from pathlib import Path
from typing import Literal

import msgspec

from autograder import notebook as nb
from autograder.course import Assignment
from autograder.errors import InstructorError
from autograder.notebook import Cell, Notebook


class Expectation(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the answer must get, cell by cell."""

    full: list[str] = []
    loses: list[str] = []


class Sample(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A sample answer, as its file holds it."""

    about: str
    start: Literal["solution", "release"] = "solution"
    expect: Expectation = Expectation()
    cells: dict[str, str] = {}
    before: dict[str, str] = {}


def read_sample(path: Path) -> Sample:
    """Read a sample answer. Raises InstructorError where the file is not one."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Sample)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InstructorError(f"{path}: {error}") from error


def answer_notebook(assignment: Assignment, sample: Sample) -> Notebook:
    """Give the notebook that this student would hand in: the student version, filled in."""
    released = nb.read(assignment.release)
    solved = solution_cells(assignment)
    cells: list[Cell] = []
    for cell in released.cells:
        name = nb.grade_id(cell)
        if name in sample.before:
            cells.append(_own_cell(f"before-{name}", sample.before[name]))
        cells.append(copy.deepcopy(cell))
        if name in sample.cells:
            cells[-1]["source"] = sample.cells[name].strip("\n")
        elif sample.start == "solution" and nb.is_solution(cell) and cell["cell_type"] == "code":
            cells[-1]["source"] = solved[name or ""]
    unknown = (set(sample.cells) | set(sample.before)) - {nb.grade_id(cell) for cell in released.cells}
    if unknown:
        raise InstructorError(
            f"a sample answer fills {', '.join(sorted(unknown))}, which the notebook has not"
        )
    return Notebook(cells, released.metadata, released.minor)


def solution_cells(assignment: Assignment) -> dict[str, str]:
    """Give the code of the solution cells, by grade_id, as the source notebook has it solved."""
    return {
        nb.grade_id(cell) or "": _unmarked(cell["source"])
        for cell in nb.read(assignment.source).cells
        if cell["cell_type"] == "code" and nb.is_solution(cell)
    }


def _unmarked(source: str) -> str:
    lines = source.splitlines()
    return "\n".join(line for line in lines if "BEGIN SOLUTION" not in line and "END SOLUTION" not in line)


def _own_cell(cell_id: str, source: str) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": {},
        "outputs": [],
        "source": source.strip("\n"),
    }
