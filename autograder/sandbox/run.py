"""The run of one notebook: its cells in order, and calls of its functions at any point between two cells.

A process that is ended, or ends itself, costs only the request that it failed: a fresh process runs the cells
again up to the same point. A cell that ends its process is left out from then on.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import partial
from typing import Any, Self, TypeVar

from autograder.course import Limits
from autograder.errors import GraderError
from autograder.sandbox.child import Child, ChildGone, ChildIdle, ChildOverdue, Deadline
from autograder.sandbox.inside.records import Column
from autograder.sandbox.process import Cell, Sandbox
from autograder.sandbox.replies import (
    Answers,
    Gone,
    LoopReply,
    Output,
    TooLong,
    read_cells,
    read_together,
)
from autograder.sandbox.requests import Batch, CallRequest, LoopRequest, Request
from autograder.sandbox.spent import Spent
from autograder.sandbox.standins import StandIns

# Wall time is only there for code that waits: it must not end what a busy machine slows down.
_WALL_FACTOR = 8
# A function that was ended this often for want of time is not called again: its class would wait for it.
_MOST_OVERDUE = 2
# What any cell gets, however many before it were ended: a hundred times what an ordinary one takes.
_LEAST_CELL_SECONDS = 0.1
# So many cells may put out all that a cell is allowed; what more of them print is left out.
_MOST_FULL_CELLS = 50
_CELLS = ""
"""In place of a function's name, where the cells' own overdue runs are counted."""

_Reply = TypeVar("_Reply")


class NotebookRun:
    """Runs a submission's cells and calls its functions. Use it as a context manager.

    `spare` gives the numbers of the cells that need not be run again where other functions stand in.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        limits: Limits,
        stand_ins: StandIns | None = None,
        spare: Callable[[], Set[int]] = frozenset,
    ) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._stand_ins = stand_ins
        self._child: Child | None = None
        self._generation = 0
        self._done: list[Cell] = []
        self._reached = 0
        self._left_out: set[Cell] = set()
        self._spare = spare
        self._spared: Set[int] = frozenset()
        self._overdue: Counter[str] = Counter()
        self._apart: set[str] = set()
        self._cells_apart = False
        self._spent = Spent(limits)
        self._losses = 0
        self._waited = False
        self._characters_left = _MOST_FULL_CELLS * limits.output_characters
        self._another: NotebookRun | None = None
        self._left_out_again: set[Cell] = set()
        self._overdue_again: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._discard()
        if self._another is not None:
            self._another._discard()

    def again(self, stand_ins: StandIns) -> "NotebookRun":
        """Give another run of the cells so far, in a process of its own, in which the grader answers for functions.

        It is the one that was given last, and goes on from there, where that has the same functions stand in. All
        runs use up the same time: what a submission may take does not grow with what is tried of it.
        """
        another = self._another
        if another is None or another._stand_ins is None or another._stand_ins.names != stand_ins.names:
            if another is not None:
                another._discard()
            another = self._another = NotebookRun(self._sandbox, self._limits, stand_ins)
            another._spent = self._spent
            another._done = self._done
            # A cell that ended its process by a wrong function may do without it; but it is tried once only.
            another._left_out = self._left_out_again
            another._overdue = self._overdue_again
            another._characters_left = self._characters_left
            another._spared = self._spare()
        another._stand_ins = stand_ins  # each with its own number of calls
        # A function that ran out of time by a wrong one gets one more chance, in all of these runs together.
        self._overdue_again |= Counter(dict.fromkeys(self._overdue, _MOST_OVERDUE - 1)) & self._overdue
        for name in stand_ins.names:
            del self._overdue_again[name]  # it is another's now
        return another

    def run_cell(self, cell: Cell) -> list[Output]:
        """Run the next cell and give its outputs, in nbformat's form and text only."""
        (outputs,) = self.run_cells([cell])
        return outputs

    def run_cells(self, cells: Sequence[Cell]) -> list[list[Output]]:
        """Run the next cells and give the outputs of each.

        They go in one message. Where that fails, for whatever reason, they run one by one, as do all cells from then
        on: each has its own deadline, and one that ends the process leaves the others as they were.
        """
        if len(cells) > 1 and not self._cells_apart:
            try:
                all_outputs = self._attempt(lambda child: self._run(child, cells, self._limits.cell_seconds))
                for cell, outputs in zip(cells, all_outputs, strict=True):
                    self._have_run(cell, outputs)
                return all_outputs
            except ChildGone as gone:
                self._waited |= isinstance(gone, ChildIdle)  # one by one is their second chance
            self._cells_apart = True
        return [self._run_alone(cell) for cell in cells]

    def _run_alone(self, cell: Cell) -> list[Output]:
        # What never ends in one cell rarely ends in the next: each such cell quarters what later ones get.
        seconds = self._limits.cell_seconds / 4 ** self._overdue[_CELLS]
        seconds = max(seconds, min(_LEAST_CELL_SECONDS, self._limits.cell_seconds))
        outputs = self._answer(lambda child: self._run(child, [cell], seconds)[0])
        if isinstance(outputs, Gone):
            self._left_out.add(cell)
            self._overdue[_CELLS] += outputs.overdue
            outputs = [
                _stopped(f"This cell was stopped: {outputs.why}. The cells after it were run without it.")
            ]
        self._have_run(cell, outputs)
        return outputs

    def _have_run(self, cell: Cell, outputs: list[Output]) -> None:
        self._done.append(cell)
        self._reached = len(self._done)
        self._characters_left = max(0, self._characters_left - _characters(outputs))

    def calls(self, function: str, batch: Batch) -> Answers:
        """Make calls of a function of the notebook as it is at this point, up to the first that does not return.

        They go in one message. Where that fails, for whatever reason, the function's calls go one by one from then
        on: each has its own deadline, and one that ends the process leaves the answers before it as they were.
        """
        _ = batch.encoded  # what is wrong with it is no fault of the student's
        if len(batch) > 1 and function not in self._apart and not self._overdue[function]:
            with contextlib.suppress(ChildGone, TooLong):
                return self._attempt(partial(self._make, CallRequest(function, batch)))
            self._apart.add(function)
        return _joined(self._one_by_one(function, batch))

    def _one_by_one(self, function: str, batch: Batch) -> Iterator[Answers]:
        for call in batch.calls:
            answers = self._answer_for(function, partial(self._make, CallRequest(function, Batch([call]))))
            if isinstance(answers, Gone):
                answers = Answers([], ended=answers)
            yield answers
            if answers.ended is not None:
                return

    def together(self, requests: Sequence[Request]) -> Sequence[Answers | LoopReply] | None:
        """Make requests one after the other, in one message.

        Gives None where that fails, or has failed for one of the functions before: then one by one is the way.
        """
        functions = {request.function for request in requests}
        if functions & self._apart or any(self._overdue[function] for function in functions):
            return None
        message = {"do": "together", "parts": [request.message() for request in requests]}
        try:
            return self._attempt(
                lambda child: read_together(
                    self._request(child, message, self._limits.call_seconds), [each.read for each in requests]
                )
            )
        except (ChildGone, TooLong):
            self._apart |= functions
            return None

    def _make(self, request: CallRequest, child: Child) -> Answers:
        return request.read(self._request(child, request.message(), self._limits.call_seconds))

    def loop(self, request: LoopRequest) -> LoopReply:
        """Run a function that the grader ships, and record its calls of the student's."""
        return self._answer_for(
            request.function,
            lambda child: request.read(self._request(child, request.message(), self._limits.loop_seconds)),
        )

    def _answer_for(self, function: str, ask: Callable[[Child], _Reply]) -> _Reply | Gone:
        if self._overdue[function] >= _MOST_OVERDUE:
            return Gone("it had run out of time before, and was not tried again", overdue=True)
        reply = self._answer(ask)
        if isinstance(reply, Gone) and reply.overdue:
            self._overdue[function] += 1
        return reply

    def _answer(self, ask: Callable[[Child], _Reply]) -> _Reply | Gone:
        while True:
            try:
                return self._attempt(ask)
            except ChildGone as gone:
                if not self._is_no_fault(gone):
                    return Gone(str(gone), isinstance(gone, ChildOverdue))

    def _is_no_fault(self, gone: ChildGone) -> bool:
        """Tell whether a process went for no fault of the student's, so that it is to be tried once more.

        Raises GraderError where the zygote is killed again and again.
        """
        if isinstance(gone, ChildIdle) and not self._waited:
            # A busy machine, perhaps; after this it is the code that waits.
            self._waited = True
            return True
        if isinstance(gone, ChildOverdue) or not self._sandbox.is_lost(self._generation):
            return False
        self._losses += 1
        if self._losses > 1:
            raise GraderError("the process that runs student code was killed, twice; is there enough memory?")
        return True

    def _attempt(self, ask: Callable[[Child], _Reply]) -> _Reply:
        """Make one request. A child that answers what is no answer is as good as gone."""
        child = self._at_this_point()
        try:
            return ask(child)
        except ChildGone:
            self._discard()
            raise
        except (ValueError, TypeError, RecursionError) as error:
            self._discard()
            raise ChildGone("its process sent something that is no answer") from error

    def _at_this_point(self) -> Child:
        """Give a child that has run the cells so far. Raises ChildGone where the time is used up."""
        while self._child is None or self._reached < len(self._done):
            if self._child is None:
                self._child = self._sandbox.open()
                self._spent.started(self._child)
                self._generation = self._sandbox.generation
                self._reached = 0
            self._catch_up(self._child)
        return self._child

    def _catch_up(self, child: Child) -> None:
        """Run the cells that a process has not run yet. One that ends the process is left out from then on."""
        cells = [cell for cell in self._done[self._reached :] if self._is_to_run(cell)]
        try:
            if self._cells_apart or not cells:
                self._catch_up_one_by_one(child)
            else:
                self._run(child, cells, self._limits.cell_seconds)
                self._reached = len(self._done)
        except (ChildGone, ValueError, TypeError, RecursionError):
            self._discard()
            self._cells_apart = True
            self._spent.left()

    def _catch_up_one_by_one(self, child: Child) -> None:
        for cell in self._done[self._reached :]:
            if self._is_to_run(cell):
                try:
                    self._run(child, [cell], self._limits.cell_seconds)
                except (ChildGone, ValueError, TypeError, RecursionError) as error:
                    if not (isinstance(error, ChildGone) and self._is_no_fault(error)):
                        self._left_out.add(cell)  # though it was none to be left out, the first time
                    raise
            self._reached += 1

    def _is_to_run(self, cell: Cell) -> bool:
        return cell not in self._left_out and cell.number not in self._spared

    def _run(self, child: Child, cells: Sequence[Cell], seconds: float) -> list[list[Output]]:
        told = [{"source": cell.source, "name": cell.name} for cell in cells]
        message: dict[str, Any] = {"do": "cells", "cells": told}
        if self._stand_ins is not None:
            message["stand_ins"] = self._stand_ins.names
        limit = min(self._limits.output_characters, self._characters_left)
        return read_cells(self._request(child, message, seconds, limit), len(cells), limit)

    def _request(
        self, child: Child, message: dict[str, Any], seconds: float, limit: int = 0
    ) -> dict[str, Any]:
        cpu = min(seconds, self._spent.left())
        deadline = Deadline(cpu=cpu, wall=_WALL_FACTOR * cpu)
        start = time.monotonic()
        try:
            answer = None if self._stand_ins is None else self._stand_ins.answer
            return child.request({**message, "limit": limit}, deadline, answer)
        finally:
            self._spent.wall_seconds += time.monotonic() - start

    def _discard(self) -> None:
        if self._child is not None:
            self._child.close()
            self._spent.ended(self._child)
            self._child = None


def _joined(parts: Iterable[Answers]) -> Answers:
    """Give the answers to calls that were made one by one as if they had been made together."""
    results: list[Column] = []
    changed: dict[int, Sequence[object]] = {}
    ended = None
    for answers in parts:
        changed |= {len(results): after for after in answers.changed.values()}
        results += answers.results
        ended = answers.ended
    return Answers(results, changed, ended)


def _characters(outputs: list[Output] | Gone) -> int:
    return 0 if isinstance(outputs, Gone) else sum(len(str(output)) for output in outputs)


def _stopped(text: str) -> Output:
    return {"output_type": "error", "ename": "Stopped", "evalue": text, "traceback": [text]}
