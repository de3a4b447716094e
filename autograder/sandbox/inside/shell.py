"""Runs notebook cells as Jupyter would, without a kernel: magics, display, a last value shown, top-level await.

One IPython shell is made before the first submission and every submission gets a fork of it. Cells are not
run by the shell's own `run_cell`, which costs three times as much as the cells themselves; the shell is there
for what cells ask of it (`get_ipython()`, magics, the formatting of a last value).
"""

import ast
import asyncio
import builtins
import inspect
import io
import linecache
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.displaypub import DisplayPublisher
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

_NOT_HERE = "{} is not available while grading. This cell stops here; the other cells go on."


class NotWhileGrading(RuntimeError):  # noqa: N818  # students read it
    """Raised by what a notebook may do on a person's machine, but not while it is graded."""


class Output(io.TextIOBase):
    """A text stream that keeps the first `limit` characters."""

    def __init__(self, name: str, cell: "CellOutputs") -> None:
        self.name = name
        self._cell = cell

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Take text."""
        self._cell.stream(self.name, str(text))
        return len(text)


class CellOutputs:
    """The outputs of one cell in nbformat's form, up to a number of characters in all."""

    def __init__(self, limit: int) -> None:
        self.outputs: list[dict[str, Any]] = []
        self._left = limit

    def stream(self, name: str, text: str) -> None:
        """Add what was written to a stream."""
        text = self._cut(text)
        if not text:
            return
        last = self.outputs[-1] if self.outputs else None
        if last and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def display(self, text: str) -> None:
        """Add what `display` showed."""
        text = self._cut(text)
        if text:
            self.outputs.append({"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}})

    def result(self, text: str) -> None:
        """Add the cell's last value."""
        data = {"text/plain": self._cut(text)}
        self.outputs.append(
            {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}
        )

    def error(self, name: str, value: str, lines: Sequence[str]) -> None:
        """Add an exception."""
        self.outputs.append(
            {
                "output_type": "error",
                "ename": name,
                "evalue": value,
                "traceback": [line[:2000] for line in lines],
            }
        )

    def _cut(self, text: str) -> str:
        if len(text) > self._left:
            text = text[: self._left] + "\n… the rest of the output is left out\n" if self._left else ""
            self._left = 0
        else:
            self._left -= len(text)
        return text


class _Publisher(DisplayPublisher):
    """Takes what `display` shows. Text only: nothing else of a student's reaches a person's browser."""

    cell: CellOutputs | None = None

    def publish(self, data: Any, metadata: Any = None, **_: Any) -> None:  # noqa: ARG002
        """Take what is shown."""
        if self.cell is not None and isinstance(data, dict):
            self.cell.display(str(data.get("text/plain", "")))

    def clear_output(self, wait: bool = False) -> None:
        """Keep what was shown: which of it is looked at is a person's to choose."""


def _refuse(what: str) -> Callable[..., None]:
    def refused(*_: object, **__: object) -> None:
        raise NotWhileGrading(_NOT_HERE.format(what))

    return refused


class Shell:
    """The namespace of one notebook, and the running of its cells."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        self._ipython = InteractiveShell.instance(
            config=config, display_pub_class=_Publisher, colors="nocolor"
        )
        # Text is all that is kept; asking a figure for more would draw it, which costs more than all else.
        self._ipython.display_formatter.active_types = ["text/plain"]
        self._transform = TransformerManager().transform_cell
        self._forbid()
        self._keep_figures_undrawn()
        self.names: dict[str, Any] = self._ipython.user_ns
        self.names["__name__"] = "__main__"

    def _forbid(self) -> None:
        shell: Any = self._ipython
        for name in ("system", "getoutput", "system_piped", "system_raw"):
            setattr(shell, name, _refuse("A shell command (!)"))
        for name in (
            "bash",
            "sh",
            "script",
            "system",
            "sx",
            "!",
            "perl",
            "ruby",
            "pypy",
            "python3",
            "python2",
        ):
            if name in shell.magics_manager.magics["cell"]:
                shell.magics_manager.magics["cell"][name] = _refuse(f"%%{name}")
        for name in ("pip", "conda", "mamba", "micromamba", "uv", "system", "sx"):
            if name in shell.magics_manager.magics["line"]:
                shell.magics_manager.magics["line"][name] = _refuse(f"%{name}")
        vars(builtins)["input"] = _refuse("input()")

    def _keep_figures_undrawn(self) -> None:
        """Let `%matplotlib inline` do nothing: it would draw every figure."""
        for name in ("matplotlib", "pylab"):
            self._ipython.magics_manager.magics["line"][name] = lambda *_: None

    def run(self, source: str, name: str, limit: int) -> list[dict[str, Any]]:
        """Run one cell and give its outputs. What the cell raises becomes an output."""
        cell = CellOutputs(limit)
        self._ipython.display_pub.cell = cell
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = Output("stdout", cell), Output("stderr", cell)
        filename = f"<{name}>"
        try:
            self._execute(source, filename, cell)
        except BaseException as error:  # whatever it is, it ends this cell only
            cell.error(*_describe(error, filename))
        finally:
            sys.stdout, sys.stderr = streams
            self._ipython.display_pub.cell = None
        return cell.outputs

    def _execute(self, source: str, filename: str, cell: CellOutputs) -> None:
        tree, text = self._parse(source, filename)
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        last = tree.body[-1] if tree.body and not text.rstrip().endswith(";") else None
        if isinstance(last, ast.Expr):
            tree.body.pop()
        self._run(tree, filename, "exec")
        if isinstance(last, ast.Expr):
            value = self._run(ast.Expression(last.value), filename, "eval")
            if value is not None:
                self.names["_"] = value
                cell.result(self._plain(value))

    def _parse(self, source: str, filename: str) -> tuple[ast.Module, str]:
        """Give the cell's syntax tree and text; a cell that is not Python is read as IPython's dialect."""
        text = source.replace("\r\n", "\n").replace("\r", "\n")
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            return compile(text, filename, "exec", flags, dont_inherit=True), text
        except SyntaxError:
            changed = self._transform(text)
            return compile(changed, filename, "exec", flags, dont_inherit=True), changed

    def _run(self, tree: ast.Module | ast.Expression, filename: str, mode: str) -> Any:
        code = compile(tree, filename, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        value = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:
            return asyncio.run(value)
        return value

    def _plain(self, value: object) -> str:
        data, _ = self._ipython.display_formatter.format(value, include={"text/plain"})
        return str(data.get("text/plain", ""))


def _describe(error: BaseException, filename: str) -> tuple[str, str, list[str]]:
    """Give an exception as nbformat does: its name, its text, and the lines of the cells' own frames."""
    try:
        text = str(error)[:2000]
    except BaseException:  # a student's __str__ may raise what it likes
        text = "…"
    if isinstance(error, SyntaxError) and error.filename == filename:
        lines = traceback.format_exception_only(error)
    else:
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__, limit=200)
            if frame.filename[:1] == "<"
        ]
        lines = [
            "Traceback (most recent call last):\n",
            *traceback.format_list(frames[:3] + frames[-10:][3:]),
        ]
        lines.append(f"{type(error).__name__}: {text}" if text else type(error).__name__)
    return type(error).__name__, text, [line.rstrip("\n") for line in lines]


def line_of(error: BaseException) -> str:
    """Give the cell and line in which a student's function raised, such as 'cell 4, line 3', or ''."""
    for frame in reversed(traceback.extract_tb(error.__traceback__, limit=-200)):
        if frame.filename.startswith("<cell"):
            return f"{frame.filename[1:-1]}, line {frame.lineno}"
    return ""
