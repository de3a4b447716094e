"""What comes back from a student's process, checked before anything else looks at it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from autograder.sandbox.inside import codec, records
from autograder.sandbox.inside.records import Column
from autograder.signatures import Foreign
from autograder.text import printable

Output = dict[str, Any]
"""One output of a cell, in nbformat's form."""


@dataclass(frozen=True)
class Raised:
    """A call that ended in an exception of the student's code. `where` is such as 'cell 4, line 2', or ''."""

    exception: str
    text: str
    where: str


@dataclass(frozen=True)
class Missing:
    """There is no function of that name at this point of the notebook."""

    function: str


@dataclass(frozen=True)
class Gone:
    """The process ended or was ended during the request. `why` is a clause for the student."""

    why: str
    overdue: bool = False


@dataclass(frozen=True, eq=False)
class Answers:
    """What calls that went in one message came to: the results of those that came back, and what ended the rest.

    Nothing of it can be changed: equal replies of many students may be one object.

    `results` are the columns of runs of results. `changed` gives, for each call that changed an array that it was
    given, its arguments as it left them. `spoiled` are the calls whose results a later one has changed. `ended` is
    what became of the first call that did not come back; the ones after it were not made.
    """

    results: Sequence[Column] = field(repr=False)
    changed: Mapping[int, Sequence[object]] = field(default_factory=dict)
    ended: "Raised | Missing | Gone | None" = None
    spoiled: Sequence[int] = ()

    @property
    def count(self) -> int:
        """How many of the calls came back."""
        return sum(column.count for column in self.results)


class TooLong(Exception):  # noqa: N818  # no error: the calls can be made one by one
    """The answers to several calls are too long for one message."""


@dataclass(frozen=True)
class Looped:
    """A loop that ran to its end, with the calls it made of the function that was watched, as columns of runs.

    `again` are the results of those that were made once more.
    """

    arguments: Sequence[Column] = field(repr=False)
    results: Sequence[Column] = field(repr=False)
    again: Sequence[Column] = field(default=(), repr=False)

    @property
    def count(self) -> int:
        """How many calls it made."""
        return sum(column.count for column in self.results)


_Reply = TypeVar("_Reply")

LoopReply = Looped | Raised | Missing | Gone

_NOTHING = {"runs": [], "data": ""}
_STREAMS = ("stdout", "stderr")
_MOST_OUTPUTS = 50
_MOST_LINES = 200
_MOST_TRACEBACK = 50
_MOST_ARGUMENTS = 32
_MOST_OF_AN_ERROR = 4_000
"""Characters that a cell may put out beyond what it is allowed, so that an error is told in any case."""
_MOST_SAID = 500
"""Characters of an exception's text, or of a name."""


def read_answers(reply: dict[str, Any], asked: int) -> Answers:
    """Read the reply to so many calls. Raises ValueError where it is not one, TooLong where it says so."""
    if reply.get("apart") is True and asked > 1:
        raise TooLong
    answers = Answers(
        records.decode(reply.get("results", _NOTHING), asked, _decode),
        dict(_read_change(change, asked) for change in _list(reply.get("changed", []))[:asked]),
        _read_failure(reply),
        [_index(call, asked) for call in _list(reply.get("spoiled", []))[:asked]],
    )
    if answers.count + (answers.ended is not None) > asked or (
        answers.ended is None and answers.count < asked
    ):
        raise ValueError("not as many answers as calls")
    return answers


def read_together(
    reply: dict[str, Any], readers: Sequence[Callable[[dict[str, Any]], _Reply]]
) -> list[_Reply]:
    """Read the reply to several requests, each by its reader. Raises as `read_answers` does."""
    if reply.get("apart") is True:
        raise TooLong
    replies = [part for part in _list(reply.get("replies")) if isinstance(part, dict)]
    if len(replies) != len(readers):
        raise ValueError("not as many replies as requests")
    return [read(part) for read, part in zip(readers, replies, strict=True)]


def _read_change(change: object, asked: int) -> tuple[int, list[object]]:
    match change:
        case [int(call), list(after)] if 0 <= call < asked and len(after) <= _MOST_ARGUMENTS:
            return call, [_decode(argument) for argument in after]
    raise ValueError("not a call and its arguments")


def _index(call: object, asked: int) -> int:
    if type(call) is not int or not 0 <= call < asked:
        raise ValueError("not a call")
    return call


def read_loop(reply: dict[str, Any], again: Sequence[int]) -> Looped | Raised | Missing:
    """Read the reply to a loop of which these calls were made once more. Raises ValueError where it is not one."""
    failure = _read_failure(reply)
    if failure is not None:
        return failure
    most = {"arguments": codec.MAX_VALUES, "results": codec.MAX_VALUES, "again": len(again)}
    loop = Looped(**{key: records.decode(reply.get(key), most[key], _decode) for key in most})
    if sum(column.count for column in loop.again) != sum(index < loop.count for index in again):
        raise ValueError("not as many calls made once more as were asked for")
    if any(column.kind != "t" for column in loop.arguments):
        raise ValueError("arguments that are not a tuple")
    if sum(column.count for column in loop.arguments) != loop.count:
        raise ValueError("not as many results as calls")
    return loop


def read_cells(reply: dict[str, Any], asked: int, limit: int) -> list[list[Output]]:
    """Read the outputs of so many cells, of each as `read_outputs` does. Raises ValueError where these are none."""
    cells = _list(reply.get("cells"))
    if len(cells) != asked:
        raise ValueError("not the outputs of as many cells")
    return [read_outputs(outputs, limit) for outputs in cells]


def read_outputs(outputs: object, limit: int) -> list[Output]:
    """Read a cell's outputs: text only, whatever the process sent, and little more of it than `limit` characters.

    Raises ValueError where these are none.
    """
    text = _Text(limit + _MOST_OF_AN_ERROR)
    return [_read_output(output, text) for output in _list(outputs)[:_MOST_OUTPUTS]]


class _Text:
    """Reads texts, up to a number of characters in all. The process was to cut them; it may have been forged."""

    def __init__(self, most: int) -> None:
        self._left = most

    def read(self, value: object) -> str:
        text = _text(value, self._left)
        self._left -= len(text)
        return text


def _read_output(output: object, text: _Text) -> Output:
    if not isinstance(output, dict):
        raise ValueError("an output is not an object")
    kind = output.get("output_type")
    if kind == "stream":
        name = output.get("name")
        if name not in _STREAMS:
            raise ValueError("an output stream of another name")
        return {"output_type": "stream", "name": name, "text": _few_lines(text.read(output.get("text")))}
    if kind == "error":
        name, value = text.read(output.get("ename")), text.read(output.get("evalue"))
        lines = [text.read(line) for line in _list(output.get("traceback"))[:_MOST_TRACEBACK]]
        return {"output_type": "error", "ename": name, "evalue": value, "traceback": lines}
    if kind not in ("display_data", "execute_result"):
        raise ValueError("an output of another type")
    data = output.get("data")
    shown_text = text.read(data.get("text/plain") if isinstance(data, dict) else None)
    shown: Output = {"output_type": kind, "data": {"text/plain": shown_text}, "metadata": {}}
    if kind == "execute_result":
        shown["execution_count"] = None
    return shown


def _read_failure(reply: dict[str, Any]) -> Raised | Missing | None:
    if "missing" in reply:
        return Missing(_text(reply["missing"]))
    if "raised" in reply:
        raised = [_text(part) for part in _list(reply["raised"])]
        if len(raised) != 3:
            raise ValueError("an exception without its three parts")
        return Raised(*raised)
    return None


def _decode(data: object) -> object:
    return _own(codec.decode(data))


def _own(value: object) -> object:
    if isinstance(value, codec.Other):
        return Foreign(printable(value.type_name), printable(value.text))
    if isinstance(value, list | tuple):
        return type(value)(_own(item) for item in value)
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("a list is missing")
    return value


def _text(value: object, most: int = _MOST_SAID) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is missing")
    return printable(value[:most])


def _few_lines(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return text if len(lines) <= _MOST_LINES else "".join(lines[:_MOST_LINES]) + "… more lines are left out\n"
