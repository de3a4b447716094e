"""The process from which each submission gets a fork of its own."""

import contextlib
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from autograder.course import Limits
from autograder.errors import GraderError, InstructorError
from autograder.sandbox.child import Child
from autograder.sandbox.inside import CONFINED
from autograder.sandbox.tiers import Launch, Tier, launch

_START_SECONDS = 60.0
_ENDING_SECONDS = 0.02


@dataclass(frozen=True)
class Warmup:
    """What the zygote does before the first submission: modules that it loads, and cells that it compiles."""

    modules: tuple[str, ...] = ("numpy",)
    cells: tuple[str, ...] = ()


class Sandbox:
    """A warm process, the zygote, from which each submission gets a confined fork of its own.

    Use it as a context manager, or `autograder.sandbox.choose.open_sandbox`, which finds the tier that this machine
    can give. `open` gives a Child. Where the zygote was killed, the next `open` starts another one.
    """

    def __init__(
        self,
        limits: Limits,
        tier: Tier,
        warmup: Warmup = Warmup(),  # frozen
    ) -> None:
        if not sys.platform.startswith("linux"):
            raise InstructorError(
                f"Grading runs student code apart from yours, which this kit can do on Linux only, not on "
                f"{sys.platform}. Use a container or WSL for grading. Generating assignments and the students' "
                "own work run everywhere."
            )
        self.tier = tier
        self._limits = limits
        self._warmup = warmup
        self._scratch = tempfile.TemporaryDirectory(prefix="autograder-")
        self._zygote: _Zygote | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> "_Zygote":
        """Start the zygote. Raises OSError with the reason where this machine cannot."""
        if self._zygote is None:
            settings: dict[str, object] = {
                "modules": self._warmup.modules,
                "cells": self._warmup.cells,
                "memory_mb": self._limits.memory_mb,
                "cpu_seconds": math.ceil(self._limits.submission_seconds),
            }
            self._zygote = _Zygote(launch(self.tier, self._scratch.name), settings, self._scratch.name)
        return self._zygote

    def open(self) -> Child:
        """Give a fresh child. Raises GraderError where none can be started."""
        connection, pidfd = self._fork(b"open")
        try:
            return Child(connection, pidfd, starts_others=self.tier == "none")
        except OSError as error:
            connection.close()
            os.close(pidfd)
            raise GraderError(f"a process for student code ended at once ({error})") from error

    def is_lost(self) -> bool:
        """Tell whether the zygote was killed, and with it its children. The next `open` then starts another one."""
        if self._zygote is None or not self._zygote.has_ended():
            return False
        self._stop()
        return True

    def probe(self, targets: dict[str, object]) -> list[str]:
        """Let a fresh child try to get out, and give what was possible that must not be."""
        connection, pidfd = self._fork(b"probe")
        os.close(pidfd)
        with connection:
            connection.settimeout(_START_SECONDS)
            connection.send(json.dumps(targets).encode())
            answer = connection.recv(1 << 16)
        if not answer:
            raise OSError("the trial child ended before it had answered")
        found: list[str] = json.loads(answer)
        return found

    def close(self) -> None:
        """End the zygote and remove the scratch folder."""
        self._stop()
        self._scratch.cleanup()

    def _fork(self, what_for: bytes) -> tuple[socket.socket, int]:
        reason: Exception | None = None
        for _ in range(2):
            try:
                return self.start().fork(what_for)
            except OSError as error:
                reason = error
                self._stop()
        raise GraderError(
            f"the process that runs student code cannot be started ({reason}); 'autograder doctor' says more"
        )

    def _stop(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None


class _Zygote:
    """A running zygote. It ends when its control socket is closed, so also when this process is killed.

    bubblewrap's own --die-with-parent would follow the thread that started it, not the process.
    """

    def __init__(self, how: Launch, settings: dict[str, object], folder: str) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as errors:
            told.write(json.dumps({**how.settings, **settings}).encode())
            told.seek(0)
            self._process = subprocess.Popen(
                [*how.command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=how.environment,
                cwd=folder,
                stdin=told,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
            theirs.close()
            self._control.settimeout(_START_SECONDS)
            try:
                self._pidfd = self._ready()
            except OSError as error:
                self._end()
                raise OSError(_last_line(errors) or str(error)) from error

    def fork(self, what_for: bytes) -> tuple[socket.socket, int]:
        """Give the connection to a fresh child, and a pidfd of it. Raises OSError where the zygote is gone."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [what_for], [theirs.fileno()])
                message, descriptors, _, _ = socket.recv_fds(self._control, 256, 1)
            if message != b"child" or not descriptors:
                raise OSError(message.decode(errors="replace") or "it ended")
            self._await_confinement(ours, descriptors[0])
        except OSError:
            ours.close()
            raise
        return ours, descriptors[0]

    def _await_confinement(self, connection: socket.socket, pidfd: int) -> None:
        """Wait until the child is confined. Before that it runs nothing of a student's: the fault is ours."""
        connection.settimeout(_START_SECONDS)
        try:
            said = connection.recv(256)
            if said != CONFINED:
                raise OSError(f"a child could not be confined: {said.decode(errors='replace') or 'it ended'}")
        except OSError:
            os.close(pidfd)
            raise
        connection.settimeout(None)

    def has_ended(self) -> bool:
        """Tell whether it has ended. Its children end with it, and may be seen to have ended just before."""
        return bool(select.select([self._pidfd], [], [], _ENDING_SECONDS)[0])

    def close(self) -> None:
        """End it, and with it all children that are left."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        os.close(self._pidfd)
        self._end()

    def _ready(self) -> int:
        message, descriptors, _, _ = socket.recv_fds(self._control, 16, 1)
        if message != b"ready" or not descriptors:
            raise OSError("it ended while it was starting")
        return descriptors[0]

    def _end(self) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "")
