"""The process of one submission, as the grader sees it: requests, replies, deadlines and its end."""

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from autograder.sandbox.inside import codec

_CHUNK = 1 << 16
# The first waits are as long as the time allowed: most requests are sent and answered at once, and cost no look.
_FREE_WAITS = 2


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
    """The process of one submission. Every request has a deadline; after ChildGone it is of no more use.

    `starts_others` says that it is not confined: then its process group is ended with it.
    """

    def __init__(self, connection: socket.socket, pidfd: int, *, starts_others: bool = False) -> None:
        self._connection = connection
        self._starts_others = starts_others
        self._pidfd = pidfd
        self._pid = _pid_of(pidfd)
        self._number = 0
        self._open = True
        self._received = bytearray()
        self._cpu_seconds = 0.0

    def request(
        self,
        message: dict[str, Any],
        deadline: Deadline,
        answer: Callable[[object], dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Send a request and give its reply, a JSON object. Raises ChildGone where there is none in time.

        With `answer` the child may ask before it replies; the time that answering takes is not the child's.
        """
        if not self._open:
            raise ChildGone("its process had ended")
        self._number += 1
        clock = _Clock(self._pid, deadline)
        try:
            self._send(codec.framed(msgspec.json.encode({"n": self._number, **message})), clock)
            reply = codec.unpack(self._receive(clock))
            while answer is not None and "ask" in reply and reply.get("n") == self._number:
                with clock.stopped():
                    answered = codec.pack(answer(reply["ask"]))
                self._send(answered, clock)
                reply = codec.unpack(self._receive(clock))
        except ChildGone:
            self.close()
            raise
        except (OSError, ValueError, RecursionError) as error:
            self.close()
            raise ChildGone("its process ended or sent something that is no answer") from error
        if reply.get("n") != self._number:
            self.close()
            raise ChildGone("its process sent something that is no answer")
        return reply

    def cpu_seconds(self) -> float:
        """Give the processor time that the process has used since it was started, as far as that is known."""
        if self._open:
            self._cpu_seconds = max(self._cpu_seconds, _cpu_seconds(self._pid))
        return self._cpu_seconds

    def close(self) -> None:
        """End the process and all that it started, and wait until it is gone."""
        if not self._open:
            return
        self.cpu_seconds()  # the last moment at which it can be known
        self._open = False
        self._connection.close()
        if self._starts_others:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        select.select([self._pidfd], [], [], 5)
        os.close(self._pidfd)

    def _send(self, data: bytes, clock: "_Clock") -> None:
        view = memoryview(data)
        while view:
            self._connection.settimeout(clock.pause())
            with contextlib.suppress(TimeoutError):
                view = view[self._connection.send(view[:_CHUNK], socket.MSG_NOSIGNAL) :]

    def _receive(self, clock: "_Clock") -> bytes:
        """Give the next message. What came after it is kept: it can only be forged, and is no answer to anything."""
        end = codec.HEADER_BYTES
        while len(self._received) < end or (end := codec.end_of(self._received)) > len(self._received):
            self._connection.settimeout(clock.pause())
            with contextlib.suppress(TimeoutError):
                part = self._connection.recv(_CHUNK)
                if not part:
                    raise ChildGone("its process ended")
                self._received += part
        message = bytes(self._received[codec.HEADER_BYTES : end])
        del self._received[:end]
        return message


class _Clock:
    """Says how long to wait for a child, and looks at its processor time between two waits."""

    def __init__(self, pid: int, deadline: Deadline) -> None:
        self._pid = pid
        self._deadline = deadline
        self._cpu_at_start = _cpu_seconds(pid)
        self._end = time.monotonic() + deadline.wall
        self._waits = 0

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Do not count the wall time of something that the grader does."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._end += time.monotonic() - start

    def pause(self) -> float:
        """Give the seconds to wait next. Raises ChildOverdue when the time is up, however much has arrived."""
        self._waits += 1
        if self._waits <= _FREE_WAITS:
            return self._deadline.cpu
        used = _cpu_seconds(self._pid) - self._cpu_at_start
        if used >= self._deadline.cpu:
            raise ChildOverdue(f"it ran for more than {self._deadline.cpu:g} seconds")
        left = self._end - time.monotonic()
        if left <= 0:
            idle = used < self._deadline.cpu / 2
            raise (ChildIdle if idle else ChildOverdue)(f"it took more than {self._deadline.wall:g} seconds")
        return min(left, max(0.02, self._deadline.cpu - used))


def _pid_of(pidfd: int) -> int:
    """Give the process id, as this process sees it, of a pidfd that another namespace may have made.

    Raises OSError where the process has ended.
    """
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:") and int(line.split()[1]) > 0:
            return int(line.split()[1])
    raise OSError("no process behind the descriptor")


def _cpu_seconds(pid: int) -> float:
    """Give the processor time of a process. Linux numbers the clock of a process after its id."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:  # it has ended
        return 0.0
