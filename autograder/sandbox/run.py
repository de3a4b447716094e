"""The run of one notebook: its cells in order, and calls of its functions at any point between two cells.

A process that is ended, or ends itself, costs only the request that it failed: a fresh process runs the cells
again up to the same point. A cell that ends its process is left out from then on.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from autograder.course import Limits
from autograder.sandbox.child import Child, ChildGone, ChildIdle, ChildOverdue, Deadline
from autograder.sandbox.inside import codec
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import (
    CallReply,
    Gone,
    LoopReply,
    Output,
    read_call,
    read_loop,
    read_outputs,
)

# Wall time is only there for code that waits: it must not end what a busy machine slows down.
_WALL_FACTOR = 8
# A function that was ended this often for want of time is not called again: its class would wait for it.
_MOST_OVERDUE = 2
_CELLS = ""
"""In place of a function's name, where the cells' own overdue runs are counted."""

_Reply = TypeVar("_Reply")


@dataclass(frozen=True)
class Cell:
    """A code cell to run. `number` is the one that its error messages name."""

    number: int
    source: str


class NotebookRun:
    """Runs a submission's cells and calls its functions. Use it as a context manager."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._child: Child | None = None
        self._done: list[Cell] = []
        self._left_out: set[Cell] = set()
        self._overdue: Counter[str] = Counter()
        self._seconds_before = 0.0
        self._waited = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._discard()

    def run_cell(self, cell: Cell) -> list[Output]:
        """Run the next cell and give its outputs, in nbformat's form and text only."""
        # What never ends in one cell rarely ends in the next: each such cell quarters what later ones get.
        seconds = self._limits.cell_seconds / 4 ** self._overdue[_CELLS]
        outputs = self._answer(lambda child: self._run(child, cell, seconds))
        self._done.append(cell)
        if isinstance(outputs, Gone):
            self._left_out.add(cell)
            self._overdue[_CELLS] += outputs.overdue
            return [
                _stopped(f"This cell was stopped: {outputs.why}. The cells after it were run without it.")
            ]
        return outputs

    def call(self, function: str, arguments: Sequence[object]) -> CallReply:
        """Call a function of the notebook as it is at this point."""
        message = {"do": "call", "function": function, "arguments": _encoded(arguments)}
        return self._answer_for(
            function, lambda child: read_call(self._request(child, message, self._limits.call_seconds))
        )

    def loop(self, source: str, function: str, watch: str, arguments: Sequence[object]) -> LoopReply:
        """Run `function` of a source that the grader ships, and record its calls of the student's `watch`."""
        message = {
            "do": "loop",
            "source": source,
            "function": function,
            "watch": watch,
            "arguments": _encoded(arguments),
        }
        return self._answer_for(
            watch, lambda child: read_loop(self._request(child, message, self._limits.loop_seconds))
        )

    def _answer_for(self, function: str, ask: Callable[[Child], _Reply]) -> _Reply | Gone:
        if self._overdue[function] >= _MOST_OVERDUE:
            return Gone("it had run out of time before, and was not tried again", overdue=True)
        reply = self._answer(ask)
        if isinstance(reply, Gone) and reply.overdue:
            self._overdue[function] += 1
        return reply

    def _answer(self, ask: Callable[[Child], _Reply]) -> _Reply | Gone:
        try:
            return self._attempt(ask)
        except ChildGone as gone:
            if not isinstance(gone, ChildIdle) or self._waited:
                return Gone(str(gone), isinstance(gone, ChildOverdue))
        # A busy machine is no fault of the student's: once more, and after that it is the code that waits.
        self._waited = True
        try:
            return self._attempt(ask)
        except ChildGone as gone:
            return Gone(str(gone), isinstance(gone, ChildOverdue))

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
        while self._child is None:
            self._child = self._sandbox.open()
            self._replay(self._child)
        return self._child

    def _replay(self, child: Child) -> None:
        for cell in self._done:
            if cell in self._left_out:
                continue
            try:
                self._run(child, cell, self._limits.cell_seconds)
            except (ChildGone, ValueError, TypeError, RecursionError):  # it did not, the first time
                self._left_out.add(cell)
                self._discard()
                self._check_time()
                return

    def _run(self, child: Child, cell: Cell, seconds: float) -> list[Output]:
        message = {"do": "cell", "source": cell.source, "name": f"cell {cell.number}"}
        return read_outputs(self._request(child, message, seconds))

    def _request(self, child: Child, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        cpu = min(seconds, self._check_time())
        deadline = Deadline(cpu=cpu, wall=_WALL_FACTOR * cpu)
        return child.request({**message, "limit": self._limits.output_characters}, deadline)

    def _check_time(self) -> float:
        """Give the seconds that the submission has left. Raises ChildGone where there are none."""
        used = self._seconds_before + (self._child.cpu_seconds() if self._child else 0.0)
        left = self._limits.submission_seconds - used
        if left <= 0:
            raise ChildOverdue(f"the notebook used up its {self._limits.submission_seconds:g} seconds")
        return left

    def _discard(self) -> None:
        if self._child is not None:
            self._child.close()
            self._seconds_before += self._child.cpu_seconds()
            self._child = None


def _encoded(arguments: Sequence[object]) -> list[object]:
    return [codec.encode(argument) for argument in arguments]


def _stopped(text: str) -> Output:
    return {"output_type": "error", "ename": "Stopped", "evalue": text, "traceback": [text]}
