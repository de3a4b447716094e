"""What a student's functions are asked for, as it is sent, and how what comes back is read."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

import msgspec

from autograder.errors import GraderError
from autograder.sandbox.inside import records
from autograder.sandbox.replies import Answers, Looped, Missing, Raised, read_answers, read_loop

# Right answers are all alike, but for the types of their numbers; wrong ones come in more kinds than are worth keeping.
_MOST_KEPT = 8
_LONGEST_KEPT = 60_000

_Reply = TypeVar("_Reply")


class _ReadOnce(Generic[_Reply]):
    """What equal replies were read as: one object for all submissions that gave them."""

    def __init__(self) -> None:
        self._kept: dict[str, _Reply] = {}

    def read(self, reply: dict[str, Any], read: Callable[[dict[str, Any]], _Reply]) -> _Reply:
        """Give what `read` made of an equal reply, or let it read this one."""
        try:
            text = json.dumps({**reply, "n": 0}, allow_nan=False)
        except ValueError:  # forged: nothing that encodes numbers writes them so
            return read(reply)
        found = self._kept.pop(text, None) or read(reply)
        if len(text) <= _LONGEST_KEPT:
            self._kept[text] = found
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]  # the one that was not seen for longest
        return found


class Batch:
    """Calls of one function that go in one message: the arguments of each.

    With `in_place`, each call is handed the very arrays of the call before it, as far as they have the same shape and
    type, overwritten. Not where the calls have to go one by one.
    """

    def __init__(self, calls: Sequence[Sequence[object]], *, in_place: bool = False) -> None:
        self.calls = calls
        self.in_place = in_place
        self._read: _ReadOnce[Answers] = _ReadOnce()

    def __len__(self) -> int:
        return len(self.calls)

    @cached_property
    def encoded(self) -> msgspec.Raw:
        """The calls as they are sent: encoded once, for as many submissions as they are used for.

        Raises GraderError where they cannot be sent: they are the grader's own.
        """
        taken = [records.take(tuple(call)) for call in self.calls]
        if any(_is_unsendable(kind) for kinds, _ in taken for kind in kinds):
            raise GraderError(
                "an argument of the call cannot be sent: it is no number, or too large an array"
            )
        try:
            return msgspec.Raw(msgspec.json.encode(records.encode(taken)))
        except ValueError as error:
            raise GraderError(f"the calls cannot be sent: {error}") from error

    def read(self, reply: dict[str, Any]) -> Answers:
        """Read the reply to these calls, as `read_answers` does. Gives the same object for the same reply again."""
        return self._read.read(reply, partial(read_answers, asked=len(self)))


@dataclass(frozen=True)
class CallRequest:
    """Calls of a function of the notebook. Equal to none but itself: who asks twice is answered twice."""

    function: str
    batch: Batch

    def message(self) -> dict[str, Any]:
        """Give the request as it is sent."""
        return {
            "do": "calls",
            "function": self.function,
            "count": len(self.batch),
            "calls": self.batch.encoded,
            "in_place": self.batch.in_place,
        }

    def read(self, reply: dict[str, Any]) -> Answers:
        """Read the reply. Raises ValueError where it is none, TooLong where it says so."""
        return self.batch.read(reply)


@dataclass(frozen=True)
class LoopRequest:
    """A run of `given`, a function of a source that the grader ships, with its calls of the student's `function`.

    `again` are the indexes of calls that are to be made once more, after the run, with equal arguments; the run may
    come to an end before one.
    """

    source: str
    given: str
    function: str
    arguments: bytes
    again: tuple[int, ...] = ()
    _read: "_ReadOnce[Looped | Raised | Missing]" = field(
        default_factory=_ReadOnce, repr=False, compare=False
    )

    @classmethod
    def of(
        cls,
        source: str,
        given: str,
        function: str,
        arguments: Sequence[object],
        again: Sequence[int] = (),
    ) -> "LoopRequest":
        """Make a request of the arguments of `given`. Raises GraderError where they cannot be sent."""
        encoded = bytes(Batch([arguments]).encoded)
        return cls(source, given, function, encoded, tuple(int(index) for index in again))

    def message(self) -> dict[str, Any]:
        """Give the request as it is sent."""
        return {
            "do": "loop",
            "source": self.source,
            "function": self.given,
            "watch": self.function,
            "arguments": msgspec.Raw(self.arguments),
            "again": self.again,
        }

    def read(self, reply: dict[str, Any]) -> Looped | Raised | Missing:
        """Read the reply. Raises ValueError where it is none."""
        return self._read.read(reply, partial(read_loop, again=self.again))


Request = CallRequest | LoopRequest


def _is_unsendable(kind: records.Kind) -> bool:
    return kind[0] == "v" and isinstance(kind[1], dict) and "o" in kind[1]
