"""A limit on the grader's own work, where that is code of the instructor's which may never end."""

import ctypes
import threading
import time
from types import TracebackType

_LEAST_WAIT = 0.05


class _Overdue(BaseException):
    """Ends the work. No exception that the work may catch by a plain `except Exception`."""


class Deadline:
    """A context in which TimeoutError is raised after so many seconds of this thread's processor time.

    Python code is ended at its next instruction; a single call into C is not. It works in any thread, where a signal
    would reach the first one only.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._over = self._raised = False

    def __enter__(self) -> None:
        self._thread = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread)
        self._end = time.clock_gettime(self._clock) + self._seconds
        self._timer = self._wait(self._seconds)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not _Overdue:
            try:
                self._stop()
            except _Overdue:
                kind = _Overdue
        if kind is _Overdue:
            raise TimeoutError(f"took more than {self._seconds:g} seconds") from None

    def _stop(self) -> None:
        """Look no longer. What was raised just now arrives in here."""
        with self._lock:
            self._over = True
        self._timer.cancel()
        while self._raised:
            time.sleep(0)

    def _wait(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._look)
        timer.daemon = True
        timer.start()
        return timer

    def _look(self) -> None:
        with self._lock:
            if self._over:
                return
            left = self._end - time.clock_gettime(self._clock)
            if left > 0:
                self._timer = self._wait(max(left, _LEAST_WAIT))
                return
            self._over = self._raised = True
            thread, overdue = ctypes.c_ulong(self._thread), ctypes.py_object(_Overdue)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, overdue)
