"""What runs in a worker process: submissions of one assignment, one after the other, by the same zygote.

Imports neither nbgrader nor nbformat: that alone would take as long as grading a hundred submissions.
"""

import functools
import gc
import os
import select
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from autograder import notebook as nb
from autograder.errors import GraderError, InstructorError, SubmissionError
from autograder.klass.parcel import Handed, Judged, Parcel, not_the_students_fault
from autograder.pipeline import grade, prepare
from autograder.results import SubmissionResult
from autograder.sandbox.choose import open_sandbox
from autograder.store import Kept, kept

_CLEARING_SECONDS = 1.0


def serve(descriptor: int, scratch: str, core: int) -> None:
    """Answer batches over a socket to the grader, until it closes its end or ends in whatever way.

    Keeps to one core with its zygote: the two take turns, and on one core neither waits for the other to wake up.
    """
    tempfile.tempdir = scratch  # what a killed worker leaves behind is removed with it
    os.sched_setaffinity(0, {core})
    threading.Thread(target=_end_with_grader, args=(descriptor, scratch), daemon=True).start()
    connection = Connection(descriptor)
    with suppress(EOFError, OSError):
        while True:
            connection.send(_answer(*connection.recv()))
    _end(scratch)


def _answer(parcel: Parcel, batch: Sequence[Handed]) -> list[Judged] | Exception:
    try:
        return judge_batch(parcel, batch)
    except InstructorError as error:
        return error
    except OSError as error:
        return InstructorError(f"{tempfile.gettempdir()} or what is read from it: {error}")
    except Exception as error:  # noqa: BLE001  # told by the grader
        return GraderError(f"{type(error).__name__}: {error}")


def _end_with_grader(descriptor: int, scratch: str) -> None:
    hung_up = select.poll()
    hung_up.register(descriptor, 0)
    hung_up.poll()
    _end(scratch)


def _end(scratch: str) -> None:
    """End at once. A grader that was killed does not remove the workers' files."""
    end = time.monotonic() + _CLEARING_SECONDS
    while Path(scratch).exists() and time.monotonic() < end:
        # What this process is at, and the other workers, may be writing there.
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)


def judge_batch(parcel: Parcel, batch: Sequence[Handed]) -> list[Judged]:
    """Judge submissions of an assignment. Raises InstructorError where the assignment or this machine is unfit."""
    with _making:
        bench = _bench(parcel)
    return bench.judge(batch)


# A cluster's worker may have several threads, and what is made once must not be made by two of them at once.
_making = threading.Lock()


@functools.lru_cache(maxsize=1)
def _bench(parcel: Parcel) -> "_Bench":
    """Give what grading the assignment needs: made once in a process."""
    return _Bench(parcel)


class _Bench:
    """An assignment made ready for grading, with its sandbox. Closed when it is no longer referred to."""

    def __init__(self, parcel: Parcel) -> None:
        self._lock = threading.Lock()
        self._there = parcel.root
        with ExitStack() as stack:
            course = stack.enter_context(parcel.unpacked())
            self._here = str(course.root)
            with self._named_as_there():
                self._grading = prepare(course, course.assignment(parcel.assignment))
                limits = self._grading.assignment.file.limits
                sandbox = open_sandbox(limits, parcel.wanted, self._grading.warmup)
            self._sandbox = stack.enter_context(sandbox)
            weakref.finalize(self, stack.pop_all().close)
        gc.freeze()  # all this stays: the collector of cycles need not walk through it

    def judge(self, batch: Sequence[Handed]) -> list[Judged]:
        """Judge submissions in their order."""
        with self._lock, self._named_as_there():
            return [self._judge(handed) for handed in batch]

    def _judge(self, handed: Handed) -> Judged:
        release = self._grading.release
        try:
            graded = grade(self._grading, handed.student, nb.parse(handed.data, handed.name), self._sandbox)
        except SubmissionError as error:
            result = self._failed(handed.student, f"{handed.student}: {error}")
            return Judged(result, kept=msgspec.json.encode(Kept(result)))
        except GraderError as error:
            reason = self._told_as_there(str(error))
            return Judged(self._failed(handed.student, not_the_students_fault(handed.student, reason)))
        text = nb.to_text(graded.notebook)
        record = kept(graded.result, graded.notebook, release, text)
        return Judged(graded.result, msgspec.json.encode(record), text)

    def _failed(self, student: str, reason: str) -> SubmissionResult:
        return SubmissionResult(
            assignment=self._grading.assignment.id,
            student=student,
            status="failed",
            score=0.0,
            max_score=self._grading.max_score,
            sandbox=self._sandbox.tier,
            error=reason,
        )

    @contextmanager
    def _named_as_there(self) -> Iterator[None]:
        """Let errors name the instructor's own files, not the copies here."""
        try:
            yield
        except InstructorError as error:
            raise InstructorError(self._told_as_there(str(error))) from error

    def _told_as_there(self, text: str) -> str:
        return text.replace(self._here, self._there)
