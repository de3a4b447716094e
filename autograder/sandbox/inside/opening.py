"""The opening cells of an assignment: run once, for all submissions that begin with them as they were released.

They are the instructor's own code, before the first cell that a student fills in. A fork takes over what they bound
and printed, but not all that they may have done: where they did more, they are left to be run in each child.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .shell import Shell

OpeningCell = tuple[str, str, int]
"""A cell's source, its name in error messages, and how many characters it may put out."""

_MOST_CHARACTERS = 50_000
_MOST_DESCRIPTORS = 64


def run_opening(shell: Shell, cells: Sequence[OpeningCell]) -> list[list[dict[str, Any]]] | None:
    """Run the cells and give the outputs of each; None where a fork would not be as if it had run them itself."""
    before = _traces()
    outputs = [shell.run(*cell) for cell in cells]
    if _traces() != before or shell.has_loop or len(repr(outputs)) > _MOST_CHARACTERS:
        return None
    if any(output["output_type"] == "error" for of_cell in outputs for output in of_cell):
        return None
    return outputs


def _traces() -> tuple[object, ...]:
    """Give what code may leave behind that is not in a fork's memory: threads, descriptors, processes, files."""
    return (
        threading.active_count(),
        _descriptors(),
        _has_children(),
        sorted(path.name for path in Path().iterdir()),
    )


def _descriptors() -> list[int]:
    found = []
    for descriptor in range(_MOST_DESCRIPTORS):
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_GETFD)
            found.append(descriptor)
    return found


def _has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True
