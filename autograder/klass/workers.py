"""Where batches are judged: worker processes on this machine.

Each has a socket of its own and nothing in common with the others, so that one that is killed, be it in the middle of
an answer, takes the batch that it judges with it and nothing else.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from multiprocessing import Pipe
from pathlib import Path
from typing import Protocol

from autograder.errors import InstructorError
from autograder.klass.parcel import Handed, Judged, Parcel

_ENDING_SECONDS = 1.0
_UNDER_WAY = 2
"""Batches that a worker has at once: one that it judges, and one that waits for it."""


class Workers(Protocol):
    """Where batches are judged. A batch whose worker is lost raises BrokenExecutor. To be closed."""

    @property
    def slots(self) -> int:
        """How many batches are to be under way at once."""

    def submit(self, parcel: Parcel, batch: Sequence[Handed]) -> Future[list[Judged]]:
        """Let a batch be judged."""

    def close(self) -> None:
        """End all that is under way."""


class LocalWorkers:
    """So many worker processes on this machine. They end with this process, however it ends.

    Raises InstructorError where there is no room for their files.
    """

    def __init__(self, jobs: int) -> None:
        try:
            # Workers that end may be at it, too.
            self._scratch = tempfile.TemporaryDirectory(
                prefix="autograder-workers-", ignore_cleanup_errors=True
            )
        except OSError as error:
            raise InstructorError(f"There is no folder for temporary files (TMPDIR): {error}") from error
        cores = sorted(os.sched_getaffinity(0))
        self._seats = [_Seat(self._scratch.name, cores[number % len(cores)]) for number in range(jobs)]

    @property
    def slots(self) -> int:
        """How many batches are to be under way at once."""
        return _UNDER_WAY * len(self._seats)

    def submit(self, parcel: Parcel, batch: Sequence[Handed]) -> Future[list[Judged]]:
        """Let a batch be judged by the worker that has the least to do."""
        return min(self._seats, key=_Seat.under_way).submit(parcel, batch)

    def close(self) -> None:
        """End the workers at once, and what they have left behind."""
        for seat in self._seats:
            seat.end()
        for seat in self._seats:
            seat.wait()
        self._scratch.cleanup()
        end = time.monotonic() + _ENDING_SECONDS
        while Path(self._scratch.name).exists() and time.monotonic() < end:
            # What a killed worker had started ends after it, and may have written there in the meantime.
            time.sleep(0.01)
            shutil.rmtree(self._scratch.name, ignore_errors=True)


class _Seat:
    """A place for one worker, with a thread that talks to it. A worker that is lost is replaced by the next batch."""

    def __init__(self, scratch: str, core: int) -> None:
        self._scratch = scratch
        self._core = core
        self._thread = ThreadPoolExecutor(1)
        self._futures: list[Future[list[Judged]]] = []
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._ended = False

    def under_way(self) -> int:
        """Count the batches that it has not finished."""
        self._futures = [future for future in self._futures if not future.done()]
        return len(self._futures)

    def submit(self, parcel: Parcel, batch: Sequence[Handed]) -> Future[list[Judged]]:
        future = self._thread.submit(self._judge, parcel, batch)
        self._futures.append(future)
        return future

    def end(self) -> None:
        """Kill the worker, and let no other one start."""
        with self._lock:
            self._ended = True
            if self._worker is not None:
                self._worker.kill()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def wait(self) -> None:
        """Wait for what `end` has ended."""
        self._thread.shutdown()
        if self._worker is not None:
            self._worker.clear_away()

    def _judge(self, parcel: Parcel, batch: Sequence[Handed]) -> list[Judged]:
        worker = self._seated()
        try:
            return worker.judge(parcel, batch)
        except BrokenExecutor:
            with self._lock:
                self._worker = None
            worker.clear_away()
            raise

    def _seated(self) -> "_Worker":
        with self._lock:
            if self._ended:
                raise BrokenExecutor
            if self._worker is None:
                self._worker = _Worker(self._scratch, self._core)
            return self._worker


class _Worker:
    """A worker process, and our end of the socket to it.

    In a session of its own: what a terminal sends to all, as Ctrl-C, is the grader's to handle.
    """

    def __init__(self, scratch: str, core: int) -> None:
        self._connection, theirs = Pipe()
        descriptor = theirs.fileno()
        # What this process imports from, that one does; and no start-up of our command once more.
        boot = (
            f"import sys; sys.path[:] = {sys.path!r}; "
            f"from autograder.klass.worker import serve; serve({descriptor}, {scratch!r}, {core})"
        )
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-c", boot],
                    pass_fds=[descriptor],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                self._connection.close()
                raise InstructorError(f"no worker process could be started: {error}") from error

    def judge(self, parcel: Parcel, batch: Sequence[Handed]) -> list[Judged]:
        """Let it judge a batch. Raises BrokenExecutor where it is lost, and what judge_batch raises."""
        try:
            self._connection.send((parcel, batch))
            answer: list[Judged] | Exception = self._connection.recv()
        except (EOFError, OSError) as error:
            raise BrokenExecutor("the worker was ended") from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def kill(self) -> None:
        self._process.kill()

    def clear_away(self) -> None:
        """End it, if it has not, and close what is ours of it."""
        self._process.kill()
        self._process.wait()
        self._connection.close()
