"""Runs notebook cells as Jupyter would, without a kernel: magics, display, a last value shown, top-level await.

One IPython shell is made before the first submission and every submission gets a fork of it. Cells are not
run by the shell's own `run_cell`, which costs three times as much as the cells themselves; the shell is there
for what cells ask of it (`get_ipython()`, magics, the formatting of a last value).
"""

import linecache
import sys
from types import CodeType
from typing import Any

from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from .compiling import Compiler
from .environment import adapt
from .loop import NotebookLoop
from .outputs import CellOutputs, Output
from .rehearsal import rehearse
from .tracebacks import describe


class _Publisher(DisplayPublisher):
    """Takes what `display` shows. Text only: nothing else of a student's reaches a person's browser."""

    cell: CellOutputs | None = None

    def publish(self, data: Any, metadata: Any = None, **_: Any) -> None:  # noqa: ARG002  # IPython's signature
        """Take what is shown."""
        if self.cell is not None and isinstance(data, dict):
            self.cell.display(str(data.get("text/plain", "")))

    def clear_output(self, wait: bool = False) -> None:
        """Keep what was shown: which of it is looked at is a person's to choose."""


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
        self._compiler = Compiler()
        self._loop = NotebookLoop()
        adapt(self._ipython)
        self.names: dict[str, Any] = self._ipython.user_ns
        self.names["__name__"] = "__main__"
        rehearse(self.run, self.names)

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
            cell.error(*describe(error, filename))
        finally:
            sys.stdout, sys.stderr = streams
            self._ipython.display_pub.cell = None
        return cell.outputs

    def learn(self, source: str) -> None:
        """Compile a cell that notebooks are expected to hold, before any of them is run."""
        self._compiler.learn(source)

    def given(self, source: str) -> CodeType:
        """Give the code of a cell that the grader ships, whatever the notebook's own cells have asked for."""
        return self._compiler.known(source) or compile(source, "<given>", "exec", dont_inherit=True)

    def _execute(self, source: str, filename: str, cell: CellOutputs) -> None:
        code = self._compiler.cell(source, filename)
        lines = code.text.splitlines(keepends=True)
        linecache.cache[filename] = (len(code.text), None, lines, filename)
        if code.statements is not None:
            self._loop.run(code.statements, self.names, code.text)
        if code.value is not None:
            value = self._loop.run(code.value, self.names, code.text)
            if value is not None:
                self.names["_"] = value
                cell.result(self._plain(value))

    def _plain(self, value: object) -> str:
        data, _ = self._ipython.display_formatter.format(value, include={"text/plain"})
        return str(data.get("text/plain", ""))
