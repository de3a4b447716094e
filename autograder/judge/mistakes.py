"""Known mistakes of an assignment: wrong functions that students really write, each with what to say of it.

`assignments/<id>/mistakes.py` holds them as ordinary functions, each marked by `@mistake`:

    @mistake(
        "step",
        student="Which side does z = 0 belong to?",
        instructor="Uses > in place of ≥.",
    )
    def fires_above_zero_only(z):
        return np.where(z > 0, 1, 0)

The function's name is the mistake's. It may use numpy and the assignment's other functions, which the file defines
right for itself, and nothing else of the file: calibration puts its text into a notebook.
"""

import ast
import importlib.util
import inspect
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from autograder.errors import InstructorError

_MARK = "__autograder_mistake__"
_FILE = "mistakes.py"

_Function = TypeVar("_Function", bound=Callable[..., object])


@dataclass(frozen=True)
class Mistake:
    """A known wrong way to write one of the functions. `where` is its file and line."""

    name: str
    function: str
    student: str
    instructor: str
    code: Callable[..., object]
    where: str

    @property
    def cell(self) -> str:
        """The mistake as a student would have it in a notebook: its text, under the function's own name."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.code)))
        (definition,) = tree.body
        if not isinstance(definition, ast.FunctionDef):
            raise InstructorError(f"{self.where}: a mistake is a plain function")
        definition.decorator_list, definition.name = [], self.function
        return ast.unparse(tree)


def mistake(function: str, *, student: str, instructor: str) -> Callable[[_Function], _Function]:
    """Mark a function as a known mistake in `function`.

    `student` is a sentence that leads on without giving the answer away; `instructor` says what was done.
    """

    def mark(code: _Function) -> _Function:
        setattr(code, _MARK, (function, student, instructor))
        return code

    return mark


def load_mistakes(folder: Path, functions: Iterable[str]) -> list[Mistake]:
    """Read the mistakes of the assignment in a folder, in the file's order; there may be no file.

    Raises InstructorError, which names file and line, for a file that cannot be run and a mistake that is unfit.
    """
    path = folder / _FILE
    if not path.is_file():
        return []
    known, found = set(functions), []
    for name, code in vars(_module(path)).items():
        marked = getattr(code, _MARK, None)
        if marked is None:
            continue
        function, student, instructor = marked
        where = f"{path}:{inspect.unwrap(code).__code__.co_firstlineno}: mistake {name}"
        if function not in known:
            raise InstructorError(f"{where} is in '{function}', which assignment.toml does not declare")
        if not (student.strip() and instructor.strip()):
            raise InstructorError(f"{where} needs a sentence for the student and one for the instructor")
        found.append(Mistake(name, function, student, instructor, code, where))
    return found


def _module(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location("autograder_mistakes", path)
    assert specification is not None and specification.loader is not None  # noqa: S101, PT018  # the file is there
    module = importlib.util.module_from_spec(specification)
    try:
        # Not by the loader: a server that lives for weeks is to see the file as it is, not what was cached of it.
        exec(compile(path.read_bytes(), path, "exec", dont_inherit=True), vars(module))  # noqa: S102  # the instructor's
    except Exception as error:
        lines = [
            frame.lineno for frame in traceback.extract_tb(sys.exc_info()[2]) if frame.filename == str(path)
        ]
        line = error.lineno if isinstance(error, SyntaxError) else (lines or [1])[-1]
        raise InstructorError(f"{path}:{line}: {type(error).__name__}: {error}") from error
    return module
