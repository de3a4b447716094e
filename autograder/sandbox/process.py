"""The process from which each submission gets a fork of its own."""

import contextlib
import json
import math
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from autograder.course import Limits
from autograder.errors import GraderError, InstructorError
from autograder.sandbox.child import Child
from autograder.sandbox.replies import Output
from autograder.sandbox.tiers import Tier, launch
from autograder.sandbox.zygote import START_SECONDS, OpenedZygote, Zygote


@dataclass(frozen=True)
class Cell:
    """A code cell to run. `number` is the one that its error messages name."""

    number: int
    source: str

    @property
    def name(self) -> str:
        """What error messages call it."""
        return f"cell {self.number}"


@dataclass(frozen=True)
class Warmup:
    """What is done before the first submission: modules to load, cells to compile, and the assignment's opening.

    The opening are the released cells before the first one that a student fills in. They are run once, with the
    zygote's rights: never a submission's.
    """

    modules: tuple[str, ...] = ("numpy",)
    cells: tuple[str, ...] = ()
    opening: tuple[Cell, ...] = ()


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
        self._zygote: Zygote | None = None
        self._opened: OpenedZygote | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> Zygote:
        """Start the zygote. Raises OSError with the reason where this machine cannot."""
        if self._zygote is None:
            settings: dict[str, object] = {
                "modules": self._warmup.modules,
                "cells": self._warmup.cells,
                "opening": [
                    (cell.source, cell.name, self._limits.output_characters) for cell in self._warmup.opening
                ],
                "memory_mb": self._limits.memory_mb,
                "cpu_seconds": math.ceil(self._limits.submission_seconds),
            }
            self._zygote = Zygote(launch(self.tier, self._scratch.name), settings, self._scratch.name)
            self._open_up(self._zygote)
        return self._zygote

    def opening_of(self, cells: Sequence[Cell]) -> Sequence[list[Output]]:
        """Give the outputs of the opening cells, if these cells begin with them and `open` can leave them out."""
        count = len(self._warmup.opening)
        if not count or tuple(cells[:count]) != self._warmup.opening:
            return ()
        with contextlib.suppress(OSError):  # told of where a child is asked for
            self.start()
        return self._opened.outputs if self._opened is not None else ()

    def open(self, *, opened: bool = False) -> Child:
        """Give a fresh child; one that has the opening behind it where `opening_of` gave its outputs.

        Raises GraderError where none can be started.
        """
        connection, pidfd = self._fork(b"open", opened=opened)
        try:
            return Child(connection, pidfd, starts_others=self.tier == "none")
        except OSError as error:
            connection.close()
            os.close(pidfd)
            raise GraderError(f"a process for student code ended at once ({error})") from error

    def is_lost(self) -> bool:
        """Tell whether the zygote was killed, and with it its children. The next `open` then starts another one."""
        processes = [process for process in (self._zygote, self._opened) if process is not None]
        if not any(process.has_ended() for process in processes):
            return False
        self._stop()
        return True

    def probe(self, targets: dict[str, object]) -> list[str]:
        """Let a fresh child try to get out, and give what was possible that must not be."""
        connection, pidfd = self._fork(b"probe")
        os.close(pidfd)
        with connection:
            connection.settimeout(START_SECONDS)
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

    def _fork(self, what_for: bytes, *, opened: bool = False) -> tuple[socket.socket, int]:
        reason: Exception | None = None
        for _ in range(2):
            try:
                zygote = self.start()
                return (self._opened_again() if opened else zygote).fork(what_for)
            except OSError as error:
                reason = error
                self._stop()
        raise GraderError(
            f"the process that runs student code cannot be started ({reason}); 'autograder doctor' says more"
        )

    def _open_up(self, zygote: Zygote) -> None:
        if self._warmup.opening:
            seconds = self._limits.cell_seconds * len(self._warmup.opening)
            try:
                self._opened = zygote.open_up(seconds, self._limits.output_characters)
            except OSError:
                self._stop()
                raise

    def _opened_again(self) -> OpenedZygote:
        if self._opened is None:
            raise OSError("the opening cells ran before, and do not any more")
        return self._opened

    def _stop(self) -> None:
        for process in (self._opened, self._zygote):
            if process is not None:
                process.close()
        self._opened = self._zygote = None
