"""Real graders in processes of their own, for tests that end them: started, watched through /proc, and killed."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.conftest import ID

_PR_SET_CHILD_SUBREAPER = 36
PATIENCE_SECONDS = 240.0
"""How long tests wait for what will come: long, since only a busy machine makes it slow, and nothing is judged by it."""

_Given = TypeVar("_Given")


def start(
    root: Path, *arguments: str, temporary: Path | None = None, **more: object
) -> subprocess.Popen[str]:
    """Start `autograder grade` in a session of its own. What it loses becomes this process's child, as it is init's."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    environment = dict(os.environ)
    if temporary is not None:
        temporary.mkdir(exist_ok=True)
        environment["TMPDIR"] = str(temporary)
    command = [sys.executable, "-m", "autograder", "--course", str(root), "grade", ID, *arguments]
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment, **more}
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True, start_new_session=True, **given)


@dataclass(frozen=True)
class Seen:
    """A process, as it was seen; another one of the same number is not equal."""

    pid: int
    parent: int
    started: int
    command: str
    depth: int = 0

    def kill(self) -> None:
        """Kill it, unless it has ended and its number is another's."""
        with suppress(ProcessLookupError):
            descriptor = os.pidfd_open(self.pid)
            try:
                if any(process.pid == self.pid and process.started == self.started for process in _alive()):
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            finally:
                os.close(descriptor)


def family(pid: int) -> list[Seen]:
    """Give the living descendants of a process, each after its parent."""
    children: dict[int, list[Seen]] = {}
    for process in _alive():
        children.setdefault(process.parent, []).append(process)
    found: list[Seen] = []
    waiting = [(pid, 1)]
    while waiting:
        parent, depth = waiting.pop(0)
        for child in children.get(parent, []):
            found.append(Seen(child.pid, child.parent, child.started, child.command, depth))
            waiting.append((child.pid, depth + 1))
    return found


def students(grader: subprocess.Popen[str]) -> list[Seen]:
    """Give the processes in which submissions run: forks of their zygote, which is no fork of bubblewrap."""
    commands = {process.pid: process.command for process in family(grader.pid)}
    return [
        process
        for process in family(grader.pid)
        if process.command == commands.get(process.parent) and "bwrap" not in process.command.split(" ")[0]
    ]


def seconds_used(process: Seen) -> float:
    """Give the processor time that a process has used; none once it has ended."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def workers(grader: subprocess.Popen[str]) -> list[Seen]:
    """Give the grader's worker processes."""
    return [process for process in family(grader.pid) if process.depth == 1]


def has_loaded(grader: subprocess.Popen[str], name: str) -> bool:
    """Tell whether a process has loaded a library with this in its path."""
    return name in Path(f"/proc/{grader.pid}/maps").read_text()


def wait_until(condition: Callable[[], _Given], what: str = "what was waited for") -> _Given:
    """Wait for a condition, and give what it gives."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (given := condition()):
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.02)
    return given


def assert_nothing_left() -> None:
    """Assert that all processes that this one's graders have started end by themselves, soon."""
    end = time.monotonic() + 30
    while left := [process for process in family(os.getpid()) if not _is_database(process)]:
        assert time.monotonic() < end, left
        time.sleep(0.01)


def _is_database(process: Seen) -> bool:
    """Tell a process of the PostgreSQL server that other tests have started, and that lives as long as they do."""
    return Path(process.command.split(" ")[0].rstrip(":")).name == "postgres"


@contextmanager
def ended(grader: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Let no grader outlive its test."""
    try:
        yield grader
    finally:
        if grader.poll() is None:
            grader.kill()
        grader.wait()


def _alive() -> Iterator[Seen]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                # The name is in brackets and may hold anything, also brackets.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if fields[0] not in {"Z", "X"}:
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    yield Seen(int(folder.name), int(fields[1]), int(fields[19]), command)
