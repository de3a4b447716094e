"""What the process from which submissions are forked makes ready, told from the student version of an assignment.

Modules that only the cells use which are not run, as matplotlib, are left out of it: it would take a tenth longer to
fork, to run and to end. A submission that may ask for one gets a fork of a process that has them all.
"""

import ast
import sys
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from autograder import notebook as nb
from autograder.names import CellNames, modules, names_read, words, words_of_code
from autograder.notebook import Notebook
from autograder.sandbox.process import Warmup
from autograder.skipping import Skippable


@dataclass(frozen=True)
class Warming:
    """What is made ready, and the words with which a submission may ask for a module that is not."""

    warmup: Warmup
    telling: frozenset[str]
    _skippable: Skippable

    def is_enough_for(self, restored: Notebook) -> bool:
        """Tell whether a submission asks for nothing that is deferred. To be wrong here is slow, and nothing else."""
        cells = self._skippable
        if cells.in_submission(restored) != cells.cells:
            return False
        # Most mention none of the words at all, which is found faster.
        return not cells.mentions(restored, self.telling) or not cells.mentions(
            restored, self.telling, words_of_code
        )


def warming(release: Notebook, skippable: Skippable) -> Warming:
    """Tell what to make ready: what the locked cells import, and their code as far as it is run."""
    locked = _locked_code(release)
    run = _locked_code(release, without=skippable.cells)
    reading = _Reading(run, locked)
    deferred = reading.unused_modules()
    roots = {name.partition(".")[0] for name in deferred}
    loaded = tuple(name for name in modules(locked) if name.partition(".")[0] not in roots)
    return Warming(Warmup(loaded, run, deferred), reading.ways_to(deferred), skippable)


def _locked_code(release: Notebook, without: Set[str] = frozenset()) -> tuple[str, ...]:
    return tuple(
        cell["source"]
        for cell in release.cells
        if cell["cell_type"] == "code" and nb.is_locked(cell) and nb.grade_id(cell) not in without
    )


class _Reading:
    """What the cells that are run import, and what they use of it by themselves."""

    def __init__(self, run: tuple[str, ...], locked: tuple[str, ...]) -> None:
        self._mentioned = {name for source in locked for name in names_read(source)}
        self._used: set[str] = set()
        self._later: dict[str, set[str]] = {}
        self._imports: dict[str, list[tuple[str, str | None]]] = {}
        for source in run:
            try:
                names, tree = CellNames(source), ast.parse(source)
            except (SyntaxError, ValueError):  # magics, say
                self._used |= words(source)
                continue
            self._used |= names.read_at_once
            for name, read in names.read_later.items():
                self._later.setdefault(name, set()).update(read)
            for root, bound, module in _imports(tree):
                self._imports.setdefault(root, []).append((bound, module))
        self._used = _closure(self._used, self._later)

    def unused_modules(self) -> tuple[str, ...]:
        """Give the modules that are imported only, packages before what is in them.

        Only where it is certain that they are modules: what is imported `from` a package may be anything in it. Not
        where importing may be what they are there for: in a `try`, or where nothing uses them.
        """
        found: set[str] = set()
        for root, imported in self._imports.items():
            used = any(name in self._used or module is None for name, module in imported)
            mentioned = any(name in self._mentioned for name, _ in imported)
            if root not in sys.stdlib_module_names and mentioned and not used:
                found |= {prefix for _, module in imported if module for prefix in _prefixes(module)}
        return tuple(sorted(found))

    def ways_to(self, deferred: tuple[str, ...]) -> frozenset[str]:
        """Give the words by which code may come to these modules: parts of their names, and what uses them."""
        ways = {part for name in deferred for part in name.split(".")}
        ways |= {name for root in ways for name, _ in self._imports.get(root, ())}
        users = {name for name in self._later if _closure({name}, self._later) & ways}
        return frozenset(ways | users)


def _prefixes(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _closure(names: Set[str], later: Mapping[str, Set[str]]) -> set[str]:
    """Give names, and all that functions of these names use, and so on."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += later.get(name, ())
    return found


def _imports(tree: ast.AST) -> Iterator[tuple[str, str, str | None]]:
    """Give what is imported in a cell: its root package, the name it gets, and the module if it is surely one."""
    tried = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Try) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                yield root, alias.asname or root, None if id(node) in tried else alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.module.partition(".")[0], alias.asname or alias.name, None
