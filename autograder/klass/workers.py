"""Where batches are judged: worker processes on this machine.

A worker that is killed takes its own batches with it and no other's: each has a pool of its own, since the loss of
one process breaks a whole ProcessPoolExecutor.
"""

import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing.connection import Connection
from typing import Protocol

from autograder.klass.parcel import Handed, Judged, Parcel
from autograder.klass.worker import judge_batch

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
    """So many worker processes on this machine. They end with this process, however it ends."""

    def __init__(self, jobs: int) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="autograder-workers-")
        cores = sorted(os.sched_getaffinity(0))
        theirs, self._ours = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._lifeline = theirs
        self._seats = [
            _Seat(theirs, self._scratch.name, cores[number % len(cores)]) for number in range(jobs)
        ]

    @property
    def slots(self) -> int:
        """How many batches are to be under way at once."""
        return _UNDER_WAY * len(self._seats)

    def submit(self, parcel: Parcel, batch: Sequence[Handed]) -> Future[list[Judged]]:
        """Let a batch be judged by the worker that has the least to do."""
        return min(self._seats, key=_Seat.under_way).submit(parcel, batch)

    def close(self) -> None:
        """End the workers at once, and what they have left behind."""
        self._ours.close()
        for seat in self._seats:
            seat.close()
        self._lifeline.close()
        self._scratch.cleanup()


class _Seat:
    """A place for one worker. A worker that is lost is replaced by the next batch."""

    def __init__(self, lifeline: Connection, scratch: str, core: int) -> None:
        self._arguments = (lifeline, scratch, core)
        self._pool: ProcessPoolExecutor | None = None
        self._futures: list[Future[list[Judged]]] = []

    def under_way(self) -> int:
        """Count the batches that it has not finished."""
        self._futures = [future for future in self._futures if not future.done()]
        return len(self._futures)

    def submit(self, parcel: Parcel, batch: Sequence[Handed]) -> Future[list[Judged]]:
        try:
            future = self._submit(parcel, batch)
        except BrokenExecutor:
            self._pool = None
            future = self._submit(parcel, batch)
        self._futures.append(future)
        return future

    def _submit(self, parcel: Parcel, batch: Sequence[Handed]) -> Future[list[Judged]]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1,
                multiprocessing.get_context("spawn"),
                initializer=_settle_in,
                initargs=self._arguments,
            )
        with _without_interrupts():
            return self._pool.submit(judge_batch, parcel, batch)

    def close(self) -> None:
        """Wait for the worker, which is ending."""
        if self._pool is not None:
            # What is on its way to it fills the pipe. Python keeps the pipe's reading end open, and would wait for
            # somebody to read (python/cpython#94777, mended there for pools that are found broken only).
            self._pool._call_queue._reader.close()  # type: ignore[attr-defined]  # private
            self._pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let a process that is started here not see Ctrl-C, which a terminal sends to all of them: it is ours."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _settle_in(lifeline: Connection, scratch: str, core: int) -> None:
    """Make a fresh worker ready: it ends when the grader does, and keeps to one core with its zygote.

    The two take turns: on one core neither waits for the other to wake up.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    tempfile.tempdir = scratch  # what a killed worker leaves behind is removed with it
    os.sched_setaffinity(0, {core})
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(1)
