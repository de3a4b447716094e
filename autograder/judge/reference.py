"""The right functions of an assignment, as its solved source notebook has them. No student code runs with them."""

import ast
import builtins
import symtable
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

from autograder.errors import InstructorError

Function = Callable[..., object]


class Reference:
    """The functions that students are to write, taken from the cells of the source notebook with their solutions.

    Of the cells only these functions are run, and the definitions, values and imports that they use, near or far.
    Raises InstructorError where a function is missing or cannot be made. `where` is the notebook. `answers` keeps
    what the functions gave to student processes, by the question.
    """

    def __init__(self, cells: Iterable[str], functions: Iterable[str], where: Path) -> None:
        self._where = where
        self.answers: dict[bytes, dict[str, Any]] = {}
        self._names = tuple(functions)
        definitions = _definitions(cells)
        missing = [name for name in self._names if not isinstance(definitions.get(name), ast.FunctionDef)]
        if missing:
            raise InstructorError(f"{where} defines no function {missing[0]}, which assignment.toml declares")
        needed = _needed(self._names, definitions)
        unknown = {
            name: used
            for name in needed
            for used in _used(definitions[name])
            if used not in definitions and not hasattr(builtins, used)
        }
        for name, used in unknown.items():
            raise InstructorError(
                f"{where}: {name} uses {used}, which is no function, import or plain value of the notebook; "
                "the right functions are run without the rest of it"
            )
        nodes = {id(node): node for name, node in definitions.items() if name in needed}
        self._code: CodeType = compile(
            ast.Module([*nodes.values()], []), str(where), "exec", dont_inherit=True
        )
        self.functions()

    def functions(self, wrong: Mapping[str, Function] | None = None) -> dict[str, Function]:
        """Give the right functions, over wrong ones in the place of some of them."""
        names: dict[str, object] = {"__builtins__": builtins, "__name__": "reference"}
        try:
            exec(self._code, names)  # noqa: S102  # the instructor's own
        except Exception as error:
            raise InstructorError(f"{self._where}: {type(error).__name__}: {error}") from error
        names |= wrong or {}
        return {name: _callable(names[name]) for name in self._names}


def _definitions(cells: Iterable[str]) -> dict[str, ast.stmt]:
    """Give what the cells define at their top level, by name, each where the last cell defines it."""
    found: dict[str, ast.stmt] = {}
    for source in cells:
        try:
            body = ast.parse(source).body
        except SyntaxError:  # magics have no functions
            continue
        for node in body:
            for name in _bound(node):
                found.pop(name, None)
                found[name] = node
    return found


def _bound(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name.partition(".")[0] for alias in names]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)) if node.value is not None:
            return [name]
    return []


def _needed(names: Iterable[str], definitions: Mapping[str, ast.stmt]) -> set[str]:
    """Give these names, and all that their definitions use, and so on."""
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            waiting += _used(definitions[name])
    return needed


def _used(node: ast.stmt) -> set[str]:
    """Give the global names that a statement uses, those in the functions that it defines too."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return set()
    top = symtable.symtable(ast.unparse(node), "reference", "exec")
    own = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    return own | {name for inner in top.get_children() for name in _globals(inner)}


def _globals(table: symtable.SymbolTable) -> set[str]:
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return own | {name for inner in table.get_children() for name in _globals(inner)}


def _callable(value: object) -> Function:
    assert callable(value)  # noqa: S101  # a definition of this name was found
    return value
