"""Tries to get out. Run by a child that was just confined, so that a tier is believed only once it was tried."""

import contextlib
import os
import socket
from collections.abc import Callable
from typing import TypedDict

_LOOPBACK = "127.0.0.1"


class Targets(TypedDict):
    """What of the grader's to try for: a file that it can read, its folder, its process, a port it listens on."""

    file: str
    folder: str
    process: int
    port: int


def breaches(targets: Targets) -> list[str]:
    """Give what was possible and must not be, as clauses: 'read the grader's files'."""
    attempts: dict[str, Callable[[], object]] = {
        "read the grader's files": lambda: os.close(os.open(targets["file"], os.O_RDONLY)),
        "write to the grader's folders": lambda: os.mkdir(os.path.join(targets["folder"], "breach")),  # noqa: PTH102, PTH118  # the calls themselves are tried
        "change the grader's files": lambda: os.chmod(targets["file"], 0o700),  # noqa: PTH101  # the call itself is tried
        "see the grader's processes": lambda: os.kill(targets["process"], 0),
        "start processes": _start_process,
        "use the network": lambda: socket.create_connection((_LOOPBACK, targets["port"]), 1).close(),
        "run programs": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    }
    return [what for what, attempt in attempts.items() if _succeeds(attempt)]


def _succeeds(attempt: Callable[[], object]) -> bool:
    with contextlib.suppress(OSError):
        attempt()
        return True
    return False


def _start_process() -> None:
    if os.fork() == 0:
        os._exit(0)
