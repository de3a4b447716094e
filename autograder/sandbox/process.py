"""The processes that run student code: one zygote, and a child of it for each submission."""

import json
import math
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.course import Limits
from autograder.errors import GraderError, InstructorError
from autograder.sandbox.child import Child

_START_SECONDS = 60.0
_MOST_KNOWN = 100_000
_BOOT = "import sys; sys.path.insert(0, {path!r}); from inside.zygote import main; main()"


class Sandbox:
    """A warm process from which each submission gets a fork of its own.

    Use it as a context manager. `open` gives a Child. Where the zygote was killed, the next `open` starts
    another one. `preload` names modules, and `known` holds cells, that are loaded and compiled
    beforehand. This is the unprotected kind: a process apart, with limits, but with the user's own rights.
    """

    tier = "none"

    def __init__(
        self,
        limits: Limits,
        preload: tuple[str, ...] = ("numpy", "matplotlib.pyplot"),
        known: tuple[str, ...] = (),
    ) -> None:
        if not sys.platform.startswith("linux"):
            raise InstructorError(
                f"Grading runs student code apart from yours, which this kit can do on Linux only, not on "
                f"{sys.platform}. Use a container or WSL for grading. Generating assignments and the students' "
                "own work run everywhere."
            )
        self._limits = limits
        self._preload = preload
        self._known = known
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._scratch = tempfile.TemporaryDirectory(prefix="autograder-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> Child:
        """Give a fresh child. Raises GraderError where none can be started."""
        for _ in range(2):
            try:
                return self._fork(self._started())
            except (OSError, EOFError):
                self._stop()
        raise GraderError(
            "the process that runs student code cannot be started; 'autograder doctor' says why"
        )

    def close(self) -> None:
        """End the zygote and remove the scratch folder."""
        self._stop()
        self._scratch.cleanup()

    def _fork(self, control: socket.socket) -> Child:
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(control, [b"open"], [theirs.fileno()])
            message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        if not descriptors:
            ours.close()
            raise EOFError(message)
        return Child(ours, descriptors[0])

    def _started(self) -> socket.socket:
        if self._control is not None:
            return self._control
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                self._command(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                env=self._environment(),
                cwd=self._scratch.name,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control = ours
        ours.settimeout(_START_SECONDS)
        if ours.recv(16) != b"ready":
            raise EOFError("the zygote ended while it started")
        return ours

    def _command(self, descriptor: int) -> list[str]:
        settings = {
            "preload": self._preload,
            # Linux takes no longer arguments than 128 KiB; what does not fit is compiled when it is run.
            "known": self._known if len(json.dumps(self._known)) < _MOST_KNOWN else (),
            "scratch": self._scratch.name,
            "memory_mb": self._limits.memory_mb,
            "cpu_seconds": math.ceil(self._limits.submission_seconds),
        }
        boot = _BOOT.format(path=str(Path(__file__).parent))
        return [sys.executable, "-s", "-P", "-B", "-c", boot, str(descriptor), json.dumps(settings)]

    def _environment(self) -> dict[str, str]:
        """Give the variables that the student's code sees: none of the grader's own."""
        return {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": self._scratch.name,
            "TMPDIR": self._scratch.name,
            "MPLCONFIGDIR": self._scratch.name,
            "IPYTHONDIR": self._scratch.name,
            "MPLBACKEND": "agg",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
        }

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
