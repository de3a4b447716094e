"""What a student's functions are asked for, as it is sent, and how what comes back is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from autograder.errors import GraderError
from autograder.sandbox.inside import records
from autograder.sandbox.replies import Answers, Looped, Missing, Raised, read_answers, read_loop


class Batch:
    """Calls of one function that go in one message: the arguments of each."""

    def __init__(self, calls: Sequence[Sequence[object]]) -> None:
        self.calls = calls

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
        }

    def read(self, reply: dict[str, Any]) -> Answers:
        """Read the reply. Raises ValueError where it is none, TooLong where it says so."""
        return read_answers(reply, len(self.batch))


@dataclass(frozen=True)
class LoopRequest:
    """A run of `given`, a function of a source that the grader ships, with its calls of the student's `function`."""

    source: str
    given: str
    function: str
    arguments: bytes

    @classmethod
    def of(cls, source: str, given: str, function: str, arguments: Sequence[object]) -> "LoopRequest":
        """Make a request of the arguments of `given`. Raises GraderError where they cannot be sent."""
        return cls(source, given, function, bytes(Batch([arguments]).encoded))

    def message(self) -> dict[str, Any]:
        """Give the request as it is sent."""
        return {
            "do": "loop",
            "source": self.source,
            "function": self.given,
            "watch": self.function,
            "arguments": msgspec.Raw(self.arguments),
        }

    def read(self, reply: dict[str, Any]) -> Looped | Raised | Missing:
        """Read the reply. Raises ValueError where it is none."""
        return read_loop(reply)


Request = CallRequest | LoopRequest


def _is_unsendable(kind: records.Kind) -> bool:
    return kind[0] == "v" and isinstance(kind[1], dict) and "o" in kind[1]
