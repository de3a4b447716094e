"""Cells that only draw are not run while grading: no score depends on them, and they cost more than all others.

Cells with visible tests are run once: what a second run over right functions is for is the functions themselves.

The author tags those that draw. They are run all the same for a submission in which that could make a difference: where
the student's own code mentions a name that such a cell binds or changes, looks into the namespace as a whole,
or where the assignment's cells do not stand in their order.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from autograder import notebook as nb
from autograder.errors import InstructorError
from autograder.names import CellNames, names_touched, words
from autograder.notebook import Cell, Notebook

TAG = "skip-while-grading"
"""The tag, in a cell's metadata, by which an author says that the cell only draws."""

NOTE = "Not run while grading: this cell only draws.\n"

# `_` is everybody's: loops drop values into it, and nobody looks for another cell's there.
_NOBODYS = {"_"}

# Who mentions one of these may see all names at once.
_LOOKS_AROUND = {
    *("globals", "locals", "vars", "dir", "exec", "eval", "get_ipython", "inspect", "gc", "__main__"),
    *("__globals__", "f_globals", "f_locals", "f_back", "who", "whos", "who_ls"),
}


@dataclass(frozen=True)
class Skippable:
    """The cells of an assignment that need not be run, and the names by which another cell could tell."""

    cells: frozenset[str]
    names: frozenset[str]
    tests: frozenset[str]
    """The graded cells that nothing after them depends on."""
    _names_of_tests: frozenset[str]
    _locked: frozenset[str]
    _order: tuple[str, ...]

    def in_submission(self, restored: Notebook) -> Set[str]:
        """Give the grade_ids of the cells that are not to be run in this submission."""
        if not self.cells or not self._in_order(restored) or self.mentions(restored, self.names):
            return frozenset()
        return self.cells

    def in_second_run(self, restored: Notebook) -> Set[str]:
        """Give the grade_ids of the cells that need not be run once more in this submission."""
        if not self.tests or not self._in_order(restored):
            return frozenset()
        if self.mentions(restored, frozenset()):
            return frozenset()
        own = [cell["source"] for cell in self._students_own(restored)]
        if any(self._names_of_tests & names_touched(source) for source in own):
            return frozenset()
        return self.tests

    def mentions(
        self, restored: Notebook, names: Set[str], words_of: Callable[[str], Set[str]] = words
    ) -> bool:
        """Tell whether a cell of the student's own mentions one of these names, or may look at all there are."""
        telling = names | _LOOKS_AROUND
        return any(telling & words_of(cell["source"]) for cell in self._students_own(restored))

    def _students_own(self, restored: Notebook) -> Iterator[Cell]:
        for cell in restored.cells:
            if cell["cell_type"] == "code" and nb.grade_id(cell) not in self._locked:
                yield cell

    def _in_order(self, restored: Notebook) -> bool:
        names = [name for cell in restored.cells if (name := nb.grade_id(cell)) is not None]
        present = set(names)
        return names == [name for name in self._order if name in present]


def skippable(release: Notebook) -> Skippable:
    """Find the tagged cells. Raises InstructorError for one that may not be tagged."""
    cells: set[str] = set()
    names: set[str] = set()
    imports = imported_names(release)
    for number, cell in enumerate(release.cells, 1):
        if not is_tagged(cell):
            continue
        code = _code_of(cell, nb.grade_id(cell) or f"number {number}")
        cells.add(nb.grade_id(cell) or "")
        names |= code.bound | (code.changed - imports)
    marked = [cell for cell in release.cells if nb.grade_id(cell) is not None]
    tests, names_of_tests = _tests(release, imports)
    return Skippable(
        frozenset(cells),
        frozenset(names - _NOBODYS),
        frozenset(tests),
        frozenset(names_of_tests - _NOBODYS),
        frozenset(nb.grade_id(cell) or "" for cell in marked if nb.is_locked(cell)),
        tuple(nb.grade_id(cell) or "" for cell in marked),
    )


def _tests(release: Notebook, imports: Set[str]) -> tuple[set[str], set[str]]:
    """Give the graded cells that no given cell after them depends on, and the names that they bind or change."""
    code_cells = [cell for cell in release.cells if cell["cell_type"] == "code"]
    given = [cell for cell in code_cells if nb.is_locked(cell) and not is_tagged(cell)]
    codes = {id(cell): _names_in(cell) for cell in given}
    functions = {name for code in codes.values() if code for name in code.read_later}
    defined = {name for cell in code_cells if (code := _names_in(cell)) for name in code.read_later}
    # Whoever calls a given function has what it looks up looked up then.
    needed = {name for code in codes.values() if code for read in code.read_later.values() for name in read}
    tests: set[str] = set()
    names: set[str] = set()
    for cell in reversed(given):
        code = codes[id(cell)]
        if code is None:
            needed |= words(cell["source"])
            continue
        touched = (code.bound | (code.changed - imports) | (code.handed_to(functions) - defined)) - _NOBODYS
        if (
            nb.is_grade(cell)
            and not touched & needed
            and not code.hides_names
            and not code.draws_lots(imports)
        ):
            tests.add(nb.grade_id(cell) or "")
            names |= touched
        else:
            needed |= code.read
    return tests, names


def _names_in(cell: Cell) -> CellNames | None:
    try:
        return CellNames(cell["source"])
    except (SyntaxError, ValueError):
        return None


def is_tagged(cell: Cell) -> bool:
    """Tell whether the author says that the cell only draws."""
    tags = cell["metadata"].get("tags")
    return isinstance(tags, list) and TAG in tags


def _code_of(cell: Cell, name: str) -> CellNames:
    if cell["cell_type"] != "code" or not nb.is_locked(cell) or nb.is_grade(cell):
        raise InstructorError(
            f"the cell '{name}' is tagged '{TAG}'; that is for locked code cells that are not graded"
        )
    try:
        code = CellNames(cell["source"])
    except (SyntaxError, ValueError) as error:
        raise InstructorError(
            f"the cell '{name}' is tagged '{TAG}' and is not plain Python: {error}"
        ) from error
    if code.hides_names:
        raise InstructorError(
            f"the cell '{name}' is tagged '{TAG}'; with 'import *' it cannot be told what it binds"
        )
    return code


def imported_names(release: Notebook) -> set[str]:
    """Give the names of modules and of what comes from them: to call `plt.subplots` changes nothing of `plt`."""
    found: set[str] = set()
    for cell in release.cells:
        if cell["cell_type"] == "code" and nb.is_locked(cell):
            try:
                found |= CellNames(cell["source"]).imported
            except (SyntaxError, ValueError):
                continue
    return found
