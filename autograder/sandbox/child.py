"""The process of one submission, as the grader sees it: requests, replies, deadlines and its end."""

import contextlib
import json
import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.inside import codec


class ChildGone(Exception):  # noqa: N818  # an event, not an error of ours
    """The student's process ended or was ended. The text is a clause for the student."""


class ChildOverdue(ChildGone):
    """The process was ended because its time was up."""


class ChildIdle(ChildOverdue):
    """The process used up its wall time almost without computing: it waited, or the machine was too busy."""


@dataclass(frozen=True)
class Deadline:
    """How long a request may take: seconds of the child's own processor time, and of wall time."""

    cpu: float
    wall: float


class Child:
    """The process of one submission. Every request has a deadline; after ChildGone it is of no more use."""

    def __init__(self, connection: socket.socket, pidfd: int) -> None:
        self._connection = connection
        self._pidfd = pidfd
        self._pid = _pid_of(pidfd)
        self._number = 0
        self._open = True
        self._cpu_seconds = 0.0

    def request(self, message: dict[str, Any], deadline: Deadline) -> dict[str, Any]:
        """Send a request and give its reply, a JSON object. Raises ChildGone where there is none in time."""
        if not self._open:
            raise ChildGone("its process had ended")
        self._number += 1
        clock = _Clock(self._pid, deadline)
        try:
            self._send(codec.pack({"n": self._number, **message}), clock)
            reply = json.loads(self._read(codec.length_of(self._read(4, clock)), clock))
        except ChildGone:
            self.close()
            raise
        except (OSError, ValueError, RecursionError) as error:
            self.close()
            raise ChildGone("its process ended or sent something that is no answer") from error
        if not isinstance(reply, dict) or reply.get("n") != self._number:
            self.close()
            raise ChildGone("its process sent something that is no answer")
        return reply

    def cpu_seconds(self) -> float:
        """Give the processor time that the process has used since it was started, as far as that is known."""
        if self._open:
            self._cpu_seconds = max(self._cpu_seconds, _cpu_seconds(self._pid))
        return self._cpu_seconds

    def close(self) -> None:
        """End the process and all that it started in its process group, and wait until it is gone."""
        if not self._open:
            return
        self.cpu_seconds()  # the last moment at which it can be known
        self._open = False
        self._connection.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        select.select([self._pidfd], [], [], 5)
        os.close(self._pidfd)

    def _send(self, data: bytes, clock: "_Clock") -> None:
        view = memoryview(data)
        while view:
            clock.wait(self._connection, writing=True)
            view = view[self._connection.send(view[: 1 << 16], socket.MSG_NOSIGNAL) :]

    def _read(self, count: int, clock: "_Clock") -> bytes:
        data = bytearray()
        while len(data) < count:
            clock.wait(self._connection)
            part = self._connection.recv(min(1 << 20, count - len(data)))
            if not part:
                raise ChildGone("its process ended")
            data += part
        return bytes(data)


class _Clock:
    """Waits for a child in slices, and looks at its processor time between them."""

    def __init__(self, pid: int, deadline: Deadline) -> None:
        self._pid = pid
        self._deadline = deadline
        self._cpu_at_start = _cpu_seconds(pid)
        self._end = time.monotonic() + deadline.wall

    def wait(self, connection: socket.socket, *, writing: bool = False) -> None:
        """Wait until the connection is ready. Raises ChildGone when the time is up."""
        readers, writers = ([], [connection]) if writing else ([connection], [])
        # The first slice is as long as the time allowed: most answers come at once and cost one look.
        pause = self._deadline.cpu
        while not any(select.select(readers, writers, [], max(0.0, pause))):
            used = _cpu_seconds(self._pid) - self._cpu_at_start
            if used >= self._deadline.cpu:
                raise ChildOverdue(f"it ran for more than {self._deadline.cpu:g} seconds")
            left = self._end - time.monotonic()
            if left <= 0:
                idle = used < self._deadline.cpu / 2
                raise (ChildIdle if idle else ChildOverdue)(
                    f"it took more than {self._deadline.wall:g} seconds"
                )
            pause = min(left, max(0.02, self._deadline.cpu - used))


def _pid_of(pidfd: int) -> int:
    """Give the process id, as this process sees it, of a pidfd that another namespace may have made."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:") and int(line.split()[1]) > 0:
            return int(line.split()[1])
    raise EOFError("no process behind the descriptor")


def _cpu_seconds(pid: int) -> float:
    """Give the processor time of a process. Linux numbers the clock of a process after its id."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:  # it has ended
        return 0.0
