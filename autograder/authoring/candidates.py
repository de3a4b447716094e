"""The answers that an assignment is calibrated with: right ones, wrong ones, and the stub."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from autograder import notebook as nb
from autograder.authoring.mutants import Mutant, definition_of, mutants_of, replaced
from autograder.authoring.samples import Sample, answer_notebook, read_sample, solution_cells
from autograder.authoring.shortfalls import shortfalls_of
from autograder.course import Assignment
from autograder.errors import InstructorError
from autograder.judge.mistakes import Mistake, load_mistakes
from autograder.notebook import Cell, Notebook

Kind = Literal["solution", "variant", "stub", "mistake", "mutant"]
"""Solution and variants are right; the stub, mistakes and mutants are wrong."""


class Equivalent(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A mutant that does what the right function does: which one, and why nobody can tell them apart."""

    function: str
    change: str
    reason: str


class CalibrationFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The contents of `calibration.toml`, which an assignment need not have.

    `values` gives, by function and by name in its signature, the only values that a number takes.
    """

    values: dict[str, dict[str, list[float]]] = {}
    equivalent: list[Equivalent] = []


@dataclass(frozen=True)
class Candidate:
    """An answer, and what is expected of it.

    `function` is the one that was changed and `cell` the graded cell in which that must cost points. `how` is the
    kind of change. An answer with a `reason` is as good as the right one, by what the instructor says.
    """

    id: str
    kind: Kind
    about: str
    notebook: Notebook = field(repr=False)
    function: str = ""
    cell: str = ""
    how: str = ""
    where: str = ""
    reason: str = ""

    @property
    def data(self) -> bytes:
        """The notebook as a student would hand it in."""
        return nb.to_text(self.notebook).encode()

    @property
    def is_right(self) -> bool:
        """Whether it must get all points."""
        return self.kind in {"solution", "variant"}


class Candidates:
    """Makes the answers for one assignment.

    `file` is what `calibration.toml` holds, and `tests` gives the function that each graded cell is for. Raises
    InstructorError, which names file and line, where answers cannot be made of what is there.
    """

    def __init__(self, assignment: Assignment) -> None:
        if not assignment.source.is_file():
            raise InstructorError(f"There is no {assignment.source}; the assignment's notebook goes there.")
        self._assignment = assignment
        self._path = assignment.calibration
        self.file = _read(self._path)
        self._cells = solution_cells(assignment)
        self._homes = {name: self._home(name) for name in assignment.forms}
        source = nb.read(assignment.source)
        self.tests = _tests(source, self._homes) | assignment.file.tests
        self._tested_in = {name: self._tested(name, source) for name in assignment.forms}

    def all(self) -> list[Candidate]:
        """Give all answers, the right ones first."""
        return [*self._right(), self._stub(), *self._mistakes(), *self._mutants()]

    def _right(self) -> Iterator[Candidate]:
        yield Candidate("solution", "solution", "the solution", self._answer({}))
        for path in sorted(self._assignment.variants.glob("*.toml")):
            sample = read_sample(path)
            try:
                notebook = answer_notebook(self._assignment, sample)
            except InstructorError as error:
                raise InstructorError(f"{path}: {error}") from error
            yield Candidate(f"variant-{path.stem}", "variant", sample.about, notebook, where=str(path))

    def _stub(self) -> Candidate:
        notebook = answer_notebook(self._assignment, Sample("", start="release"))
        return Candidate("stub", "stub", "the student version, untouched", notebook)

    def _mistakes(self) -> Iterator[Candidate]:
        known: Sequence[Mistake] = load_mistakes(self._assignment.folder, self._assignment.forms)
        for mistake in known:
            cell = replaced(self._cells[self._homes[mistake.function]], mistake.function, mistake.cell)
            yield self._wrong(
                f"mistake-{mistake.name}",
                "mistake",
                mistake.instructor,
                mistake.function,
                cell,
                how="known mistake",
                where=mistake.where,
            )

    def _mutants(self) -> Iterator[Candidate]:
        reasons = {(each.function, each.change): each.reason for each in self.file.equivalent}
        for number, mutant in enumerate(self._all_mutants(), 1):
            yield self._wrong(
                f"mutant-{number:03}",
                "mutant",
                mutant.after,
                mutant.function,
                mutant.cell,
                how=mutant.kind,
                reason=reasons.pop((mutant.function, mutant.after), ""),
            )
        if reasons:
            function, change = next(iter(reasons))
            raise InstructorError(
                f"{self.where(change)}: there is no mutant of {function} that reads '{change}'; "
                "it has to be as autograder calibrate prints it"
            )

    def _all_mutants(self) -> Iterator[Mutant]:
        for function, forms in self._assignment.forms.items():
            cell = self._cells[self._homes[function]]
            yield from mutants_of(cell, function)
            yield from shortfalls_of(cell, function, forms, self.file.values.get(function, {}))

    def where(self, change: str) -> str:
        """Give the place in calibration.toml that speaks of a change."""
        lines = self._path.read_text(encoding="utf-8").splitlines()
        line = next((number for number, text in enumerate(lines, 1) if change in text), 1)
        return f"{self._path}:{line}"

    def _wrong(
        self,
        name: str,
        kind: Kind,
        about: str,
        function: str,
        cell: str,
        *,
        how: str,
        where: str = "",
        reason: str = "",
    ) -> Candidate:
        notebook = self._answer({self._homes[function]: cell})
        return Candidate(name, kind, about, notebook, function, self._tested_in[function], how, where, reason)

    def _answer(self, cells: dict[str, str]) -> Notebook:
        return answer_notebook(self._assignment, Sample("", cells=cells))

    def _tested(self, function: str, source: Notebook) -> str:
        """Give the graded cell in which a wrong function must cost points: the first one that tests it."""
        names = [nb.grade_id(cell) or "" for cell in source.cells]
        written = names.index(self._homes[function])
        following = [nb.grade_id(cell) or "" for cell in source.cells[written:] if _is_tested(cell)]
        own = [name for name in names if self.tests.get(name) == function]
        if not (own or following):
            raise InstructorError(
                f"{self._assignment.source}: no graded cell follows the one in which {function} is written"
            )
        return (own or following)[0]

    def _home(self, function: str) -> str:
        """Give the solution cell that defines a function."""
        for name, source in self._cells.items():
            try:
                definition_of(ast.parse(source), function)
            except SyntaxError as error:
                raise InstructorError(
                    f"{self._assignment.source}: the solution cell '{name}' is no plain Python: {error}"
                ) from error
            except KeyError:
                continue
            return name
        raise InstructorError(
            f"{self._assignment.source}: no solution cell defines {function}, which assignment.toml declares"
        )


def _read(path: Path) -> CalibrationFile:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=CalibrationFile)
    except FileNotFoundError:
        return CalibrationFile()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InstructorError(f"{path}: {error}") from error


def _tests(source: Notebook, homes: Mapping[str, str]) -> dict[str, str]:
    """Give the function that each graded cell tests where nothing is said of it: the one that was written last."""
    tests: dict[str, str] = {}
    latest = None
    written = {home: function for function, home in homes.items()}
    for cell in source.cells:
        name = nb.grade_id(cell) or ""
        latest = written.get(name, latest)
        if _is_tested(cell) and latest is not None:
            tests[name] = latest
    return tests


def _is_tested(cell: Cell) -> bool:
    return nb.is_grade(cell) and cell["cell_type"] == "code"
