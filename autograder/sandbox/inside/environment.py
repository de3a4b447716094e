"""What notebooks ask of Jupyter besides running code: what is refused here, what does nothing, what is done cheaply.

Whatever is refused says so at once, in its own cell: nothing waits for a person or starts a program.
"""

import builtins
import getpass
import pdb
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.magic import needs_local_scope

_NOT_HERE = "{} is not available while grading. This cell stops here; the other cells go on."

_LINE_PROGRAMS = ("pip", "conda", "mamba", "micromamba", "uv", "system", "sx", "sc", "edit", "ed", "debug")
_LINE_ASKS = ("recall", "rep", "rerun", "pastebin", "killbgscripts")
_CELL_PROGRAMS = (
    *("bash", "sh", "script", "perl", "ruby", "pypy", "python", "python2", "python3"),
    *("system", "sx", "!", "debug"),
)

# Of a person's screen: without meaning here, and no reason to stop a cell. Some are the kernel's, not IPython's.
_OF_THE_SCREEN = (
    "matplotlib",
    "pylab",
    "gui",
    "config",
    "autosave",
    "clear",
    "connect_info",
    "qtconsole",
    "pdb",
)


class NotWhileGrading(RuntimeError):  # noqa: N818  # students read it
    """Raised by what a notebook may do on a person's machine, but not while it is graded."""


def adapt(ipython: Any) -> None:
    """Let a shell, and this process, offer what a notebook may ask for while it is graded, and refuse the rest."""
    _refuse_programs(ipython)
    _refuse_questions(ipython)
    line = ipython.magics_manager.magics["line"]
    line.update(dict.fromkeys(_OF_THE_SCREEN, _nothing))
    _time_briefly(ipython)


def _refuse(what: str) -> Callable[..., None]:
    def refused(*_: object, **__: object) -> None:
        raise NotWhileGrading(_NOT_HERE.format(what))

    return refused


def _nothing(*_: object, **__: object) -> None:
    """Do nothing. `%matplotlib inline` and `%config` of figures would draw each of them."""


def _refuse_programs(ipython: Any) -> None:
    for name in ("system", "getoutput", "system_piped", "system_raw"):
        setattr(ipython, name, _refuse("A shell command (!)"))
    magics = ipython.magics_manager.magics
    for kind, sign, names in (("cell", "%%", _CELL_PROGRAMS), ("line", "%", _LINE_PROGRAMS + _LINE_ASKS)):
        magics[kind].update({name: _refuse(f"{sign}{name}") for name in names if name in magics[kind]})


def _refuse_questions(ipython: Any) -> None:
    """Refuse what would wait for an answer, or end the process as a person may end a kernel."""
    vars(builtins)["input"] = _refuse("input()")
    vars(getpass)["getpass"] = _refuse("getpass()")
    setattr(pdb.Pdb, "interaction", _refuse("A debugger"))  # noqa: B010  # mypy minds the other way
    sys.breakpointhook = _refuse("breakpoint()")
    ipython.ask_exit = _refuse("exit()")
    # What `obj?` shows is not among a cell's outputs in Jupyter either.
    ipython.set_hook("show_in_pager", _nothing)


def _time_briefly(ipython: Any) -> None:
    """Let `%timeit` run its code once: it would go on for seconds, until its numbers are good."""
    magics = ipython.magics_manager.magics
    full = ipython.find_line_magic("timeit")

    def timeit(line: str = "", cell: str | None = None, **scope: Any) -> Any:
        options, statement = full.__self__.parse_options(
            line, "n:r:tcp:qov:", posix=False, strict=False, preserve_non_opts=True
        )
        kept = " ".join(f"-{letter}" for letter in "tcqo" if letter in options)
        return full(f"-n1 -r1 {kept} {statement}", cell, **scope)

    magics["line"]["timeit"] = magics["cell"]["timeit"] = needs_local_scope(timeit)
