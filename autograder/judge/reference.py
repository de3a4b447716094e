"""The right functions of an assignment, as its solved source notebook has them. No student code runs with them."""

import ast
import builtins
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import CodeType

from autograder.errors import InstructorError

Function = Callable[..., object]


class Reference:
    """The functions that students are to write, taken from the cells of the source notebook with their solutions.

    Of the cells only functions, and the imports that these use, are run. Raises InstructorError where a function
    is missing or cannot be made. `where` is the notebook.
    """

    def __init__(self, cells: Iterable[str], functions: Iterable[str], where: Path) -> None:
        self._where = where
        self._names = tuple(functions)
        definitions, imports = _parts(cells)
        missing = [name for name in self._names if name not in definitions]
        if missing:
            raise InstructorError(f"{where} defines no function {missing[0]}, which assignment.toml declares")
        used = {
            node.id
            for name in self._names
            for node in ast.walk(definitions[name])
            if isinstance(node, ast.Name)
        }
        helpers = [
            definition for name, definition in definitions.items() if name in used or name in self._names
        ]
        needed = [node for node in imports if any(_bound(alias) in used for alias in node.names)]
        self._code: CodeType = compile(
            ast.Module([*needed, *helpers], []), str(where), "exec", dont_inherit=True
        )

    def functions(self, wrong: Mapping[str, Function] | None = None) -> dict[str, Function]:
        """Give the right functions, over wrong ones in the place of some of them."""
        names: dict[str, object] = {"__builtins__": builtins, "__name__": "reference"}
        try:
            exec(self._code, names)  # noqa: S102  # the instructor's own
        except Exception as error:
            raise InstructorError(f"{self._where}: {type(error).__name__}: {error}") from error
        names |= wrong or {}
        return {name: _callable(names[name]) for name in self._names}


def _parts(
    cells: Iterable[str],
) -> tuple[dict[str, ast.stmt], list[ast.Import | ast.ImportFrom]]:
    definitions: dict[str, ast.stmt] = {}
    imports: list[ast.Import | ast.ImportFrom] = []
    for source in cells:
        try:
            body = ast.parse(source).body
        except SyntaxError:  # magics have no functions
            continue
        definitions |= {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        imports += [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return definitions, imports


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _callable(value: object) -> Function:
    assert callable(value)  # noqa: S101  # a definition of this name was found
    return value
