"""The process from which each submission gets a fork of its own."""

import json
import math
import os
import socket
import sys
import tempfile
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from autograder.course import Limits
from autograder.errors import GraderError, InstructorError
from autograder.sandbox.child import Child
from autograder.sandbox.tiers import Tier, launch
from autograder.sandbox.zygote import START_SECONDS, Zygote


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
    """What the zygote does before the first submission: modules that it loads, and cells that it compiles.

    `deferred` are modules, packages before what is in them, that are loaded when a submission asks something of one.
    """

    modules: tuple[str, ...] = ("numpy",)
    cells: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()

    def with_all(self) -> "Warmup":
        """Give the same with nothing deferred."""
        return Warmup((*self.modules, *self.deferred), self.cells)


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
        self._generation = 0
        self._with_all: Sandbox | None = None

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
                "deferred": self._warmup.deferred,
                "memory_mb": self._limits.memory_mb,
                "cpu_seconds": math.ceil(self._limits.submission_seconds),
            }
            self._generation += 1
            self._zygote = Zygote(launch(self.tier, self._scratch.name), settings, self._scratch.name)
        return self._zygote

    def open(self) -> Child:
        """Give a fresh child. Raises GraderError where none can be started."""
        connection, pidfd = self._fork(b"open")
        try:
            return Child(connection, pidfd, starts_others=self.tier == "none")
        except OSError as error:
            connection.close()
            os.close(pidfd)
            raise GraderError(f"a process for student code ended at once ({error})") from error

    @property
    def generation(self) -> int:
        """Which zygote the children are of, counted from 1."""
        return self._generation

    def is_lost(self, generation: int) -> bool:
        """Tell whether this zygote was killed, and with it its children. The next `open` then starts another one."""
        if self._zygote is not None and self._zygote.has_ended():
            self._stop()
        return self._zygote is None or self._generation != generation

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

    def with_all_modules(self) -> "Sandbox":
        """Give the sandbox in which no module is deferred: for submissions that use one of these.

        Its zygote is started when the first of them is opened. It is closed with this one.
        """
        if not self._warmup.deferred:
            return self
        if self._with_all is None:
            self._with_all = Sandbox(self._limits, self.tier, self._warmup.with_all())
        return self._with_all

    def close(self) -> None:
        """End the zygote and remove the scratch folder."""
        if self._with_all is not None:
            self._with_all.close()
        self._stop()
        self._scratch.cleanup()

    def _fork(self, what_for: bytes) -> tuple[socket.socket, int]:
        reason: Exception | None = None
        for _ in range(2):
            try:
                return self.start().fork(what_for)
            except OSError as error:
                reason = error
                self._stop()
        raise GraderError(
            f"the process that runs student code cannot be started ({reason}); 'autograder doctor' says more"
        )

    def _stop(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None
