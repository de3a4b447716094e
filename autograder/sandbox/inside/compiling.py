"""Makes code of a cell's text: Python, or IPython's dialect of it.

Cells that are known beforehand are compiled once, before the first submission.
"""

import __future__

import ast
import contextlib
import functools
import operator
from types import CodeType
from typing import Any, NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

# What a cell imports from __future__ holds for the cells after it too.
_FUTURE = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


class CellCode(NamedTuple):
    """A cell's text, as Python; the code of its statements, and that of a last expression, whose value is shown."""

    text: str
    statements: CodeType | None
    value: CodeType | None


class Compiler:
    """Compiles the cells of a notebook in their order."""

    def __init__(self) -> None:
        self._transform = TransformerManager().transform_cell
        self._future = 0
        self._known: dict[str, CellCode] = {}

    def learn(self, source: str) -> None:
        """Compile a cell that notebooks are expected to hold: compiling costs more than most cells do."""
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):  # it will say so when it is run
            self._known[source] = self._compile(source, "<known>")

    def known(self, source: str) -> CodeType | None:
        """Give the code of a cell that was learned, where that is statements only."""
        code = self._known.get(source)
        return code.statements if code is not None and code.value is None else None

    def cell(self, source: str, filename: str) -> CellCode:
        """Give the code of a cell. Raises SyntaxError and what else `compile` raises."""
        known = None if self._future else self._known.get(source)
        if known is None:
            code = self._compile(source, filename)
        else:
            code = CellCode(known.text, *(part and _named(part, filename) for part in known[1:]))
        for part in code[1:]:
            self._future |= part.co_flags & _FUTURE if part else 0
        return code

    def _compile(self, source: str, filename: str) -> CellCode:
        tree, text = self._parse(source, filename)
        last = tree.body[-1] if tree.body and not text.rstrip().endswith(";") else None
        if isinstance(last, ast.Expr):
            tree.body.pop()
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self._future
        statements: CodeType | None = None
        if tree.body:
            statements = compile(tree, filename, "exec", flags, dont_inherit=True)
            flags |= statements.co_flags & _FUTURE
        value: CodeType | None = None
        if isinstance(last, ast.Expr):
            value = compile(ast.Expression(last.value), filename, "eval", flags, dont_inherit=True)
        return CellCode(text, statements, value)

    def _parse(self, source: str, filename: str) -> tuple[ast.Module, str]:
        """Give the cell's syntax tree and text; a cell that is not Python is read as IPython's dialect."""
        text = source.replace("\r\n", "\n").replace("\r", "\n")
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            return compile(text, filename, "exec", flags, dont_inherit=True), text
        except SyntaxError:
            changed = self._transform(text)
            return compile(changed, filename, "exec", flags, dont_inherit=True), changed


def _named(code: CodeType, filename: str) -> CodeType:
    """Give code, and the code of the functions in it, the name of a cell."""
    constants: tuple[Any, ...] = tuple(
        _named(constant, filename) if isinstance(constant, CodeType) else constant
        for constant in code.co_consts
    )
    return code.replace(co_filename=filename, co_consts=constants)
