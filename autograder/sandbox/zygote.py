"""The zygote as the grader sees it: its start, the children that it forks when asked to, and its end."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from typing import IO

from autograder.sandbox.inside import CONFINED
from autograder.sandbox.tiers import Launch

START_SECONDS = 60.0
_ENDING_SECONDS = 0.02


class Zygote:
    """A running zygote. It ends when its control socket is closed, so also when this process is killed.

    bubblewrap's own --die-with-parent would follow the thread that started it, not the process. Raises OSError with
    the reason where it cannot be started.
    """

    def __init__(self, how: Launch, settings: Mapping[str, object], folder: str) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START_SECONDS)
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
            try:
                self._pidfd = _ready(self._control)
            except OSError as error:
                self._end()
                raise OSError(_last_line(errors) or str(error)) from error

    def fork(self, what_for: bytes) -> tuple[socket.socket, int]:
        """Give the connection to a fresh child, and a pidfd of it. Raises OSError where this process is gone."""
        ours, theirs = socket.socketpair()
        try:
            pidfd = self._ask(what_for, theirs)
            _await_confinement(ours, pidfd)
        except OSError:
            ours.close()
            raise
        return ours, pidfd

    def has_ended(self) -> bool:
        """Tell whether it has ended. Its children end with it, and may be seen to have ended just before."""
        return bool(select.select([self._pidfd], [], [], _ENDING_SECONDS)[0])

    def close(self) -> None:
        """End it, and with it all children that are left."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        os.close(self._pidfd)
        self._end()

    def _ask(self, what_for: bytes, theirs: socket.socket) -> int:
        with theirs:
            socket.send_fds(self._control, [what_for], [theirs.fileno()])
            message, descriptors, _, _ = socket.recv_fds(self._control, 256, 1)
        if message != b"child" or not descriptors:
            raise OSError(message.decode(errors="replace") or "it ended")
        return descriptors[0]

    def _end(self) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()


def _await_confinement(connection: socket.socket, pidfd: int) -> None:
    """Wait until a child is confined. Before that it runs nothing of a student's: the fault is ours."""
    connection.settimeout(START_SECONDS)
    try:
        said = connection.recv(256)
        if said != CONFINED:
            raise OSError(f"a child could not be confined: {said.decode(errors='replace') or 'it ended'}")
    except OSError:
        os.close(pidfd)
        raise
    connection.settimeout(None)


def _ready(control: socket.socket) -> int:
    message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
    if message != b"ready" or not descriptors:
        raise OSError("it ended while it was starting")
    return descriptors[0]


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "")
