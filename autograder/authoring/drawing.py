"""Proof that the cells which are not run while grading can be left out without a difference to any verdict."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder import notebook as nb
from autograder.errors import InstructorError
from autograder.names import CellNames, words
from autograder.notebook import Cell, Notebook
from autograder.skipping import TAG, imported_names, is_tagged, skippable


def prove_skippable(source: Notebook, released: Notebook, where: Path) -> list[str]:
    """Prove it of the tagged cells, and give their grade_ids.

    Raises InstructorError for a tagged cell that is graded, not locked or no plain Python; that binds or changes
    what a given cell uses; or that runs the student's functions while some calls of them are still to be judged.
    """
    try:
        skippable(released)
    except InstructorError as error:
        raise InstructorError(f"{where}: {error}") from error
    tagged = [cell for cell in released.cells if is_tagged(cell)]
    for cell in tagged:
        _prove_unneeded(cell, released, where)
        _prove_changes_nothing(cell, released, where)
        _prove_ahead_of_no_grade(cell, source, released, where)
    return [nb.grade_id(cell) or "" for cell in tagged]


def _prove_unneeded(cell: Cell, released: Notebook, where: Path) -> None:
    """Prove that no given cell which is run uses a name that this cell binds."""
    bound = CellNames(cell["source"]).bound - {"_"}
    for other in _given(released):
        needed = sorted(bound & _read(other))
        if needed:
            raise InstructorError(
                f"{where}: the cell '{nb.grade_id(other)}' uses '{needed[0]}' of the cell '{nb.grade_id(cell)}', "
                f"which is tagged '{TAG}'"
            )


def _prove_changes_nothing(cell: Cell, released: Notebook, where: Path) -> None:
    """Prove that this cell changes nothing that a given cell after it uses, if only by way of functions."""
    changed = CellNames(cell["source"]).changed - imported_names(released)
    for other in _given(released, after=cell):
        shared = sorted(changed & _reach(other, released))
        if shared:
            raise InstructorError(
                f"{where}: the cell '{nb.grade_id(cell)}' is tagged '{TAG}'; it calls a method of "
                f"'{shared[0]}' or stores into it, and the cell '{nb.grade_id(other)}' after it uses "
                f"'{shared[0]}' too"
            )


def _prove_ahead_of_no_grade(cell: Cell, source: Notebook, released: Notebook, where: Path) -> None:
    """Prove that this cell runs nothing of the student's ahead of a graded cell: it could change what that finds."""
    graded = next((other for other in _given(released, after=cell) if nb.is_grade(other)), None)
    if graded is None:
        return
    ahead = {nb.grade_id(other) for other in _until(released, cell)}
    students: set[str] = set()
    for other in source.cells:
        if other["cell_type"] == "code" and nb.is_solution(other) and nb.grade_id(other) in ahead:
            students |= _bound(other)
    used = sorted(students & _reach(cell, released))
    if used:
        raise InstructorError(
            f"{where}: the cell '{nb.grade_id(cell)}' is tagged '{TAG}' and uses '{used[0]}', which students "
            f"write; such a cell must stand after the last graded code cell, and '{nb.grade_id(graded)}' follows"
        )


def _given(released: Notebook, after: Cell | None = None) -> Iterator[Cell]:
    """Give the locked code cells that are run while grading."""
    cells = released.cells
    for cell in cells[cells.index(after) + 1 :] if after is not None else cells:
        if cell["cell_type"] == "code" and nb.is_locked(cell) and not is_tagged(cell):
            yield cell


def _reach(cell: Cell, released: Notebook) -> set[str]:
    """Give the names that a cell uses, and those that the cells before it, which bind these, use in turn."""
    before = [other for other in _until(released, cell) if other["cell_type"] == "code"]
    reached = new = _read(cell)
    while new:
        used: set[str] = set()
        for other in before:
            if new & _bound(other):
                used |= _read(other)
        new = used - reached
        reached = reached | new
    return reached


def _until(notebook: Notebook, cell: Cell) -> Sequence[Cell]:
    return notebook.cells[: notebook.cells.index(cell)]


def _read(cell: Cell) -> set[str]:
    """Give the names that a cell uses; where it is no plain Python, all words in it."""
    try:
        return CellNames(cell["source"]).read
    except (SyntaxError, ValueError):
        return words(cell["source"])


def _bound(cell: Cell) -> set[str]:
    try:
        return CellNames(cell["source"]).bound
    except (SyntaxError, ValueError):
        return words(cell["source"])
