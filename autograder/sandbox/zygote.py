"""The zygote as the grader sees it: its start, the children that it forks when asked to, and its end."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from autograder.sandbox.inside import CONFINED
from autograder.sandbox.replies import Output, read_outputs
from autograder.sandbox.tiers import Launch

START_SECONDS = 60.0
_ENDING_SECONDS = 0.02
_MOST_OPENING = 1 << 17
# As for a submission's own cells: wall time is not what ends what a busy machine slows down.
_WALL_FACTOR = 8


class _Forker:
    """A process that forks children when it is asked to over its control socket, and ends when that is closed."""

    def __init__(self, control: socket.socket, pidfd: int) -> None:
        self._control = control
        self._pidfd = pidfd

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
        self._control.close()

    def _ask(self, what_for: bytes, theirs: socket.socket) -> int:
        with theirs:
            socket.send_fds(self._control, [what_for], [theirs.fileno()])
            message, descriptors, _, _ = socket.recv_fds(self._control, 256, 1)
        if message != b"child" or not descriptors:
            raise OSError(message.decode(errors="replace") or "it ended")
        return descriptors[0]


class OpenedZygote(_Forker):
    """A fork of the zygote that has run the assignment's opening cells. `outputs` are those of each."""

    def __init__(self, control: socket.socket, pidfd: int, outputs: Sequence[list[Output]]) -> None:
        super().__init__(control, pidfd)
        self.outputs = outputs


class Zygote(_Forker):
    """A running zygote. It ends when its control socket is closed, so also when this process is killed.

    bubblewrap's own --die-with-parent would follow the thread that started it, not the process. Raises OSError with
    the reason where it cannot be started.
    """

    def __init__(self, how: Launch, settings: Mapping[str, object], folder: str) -> None:
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        control.settimeout(START_SECONDS)
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
                super().__init__(control, _ready(control))
            except OSError as error:
                control.close()
                self._end()
                raise OSError(_last_line(errors) or str(error)) from error

    def open_up(self, seconds: float, limit: int) -> OpenedZygote | None:
        """Start the opened zygote, whose cells may take so long and put out so many characters each.

        Gives None where they are unfit: then each child is to run them. Raises OSError where the zygote is gone.
        """
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pidfd = self._ask(b"opening", theirs)
        control.settimeout(_WALL_FACTOR * seconds)
        try:
            said = json.loads(control.recv(_MOST_OPENING))
            outputs = [read_outputs({"outputs": each}, limit) for each in said]
        except (OSError, ValueError):
            _Forker(control, pidfd).close()
            return None
        control.settimeout(START_SECONDS)
        return OpenedZygote(control, pidfd, outputs)

    def close(self) -> None:
        """End it, and with it all children that are left."""
        super().close()
        self._end()

    def _end(self) -> None:
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
