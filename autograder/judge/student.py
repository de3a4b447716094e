"""The student as a check sees them: their functions, called in a process apart, answering with plain data."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.errors import GraderError, StudentError
from autograder.judge.compare import is_close
from autograder.results import Call
from autograder.sandbox.replies import CallReply, Gone, LoopCall, Looped, LoopReply, Missing, Raised, Returned
from autograder.sandbox.run import NotebookRun
from autograder.signatures import Foreign, Form, Value, kind_of, shape_of

Result = Value | tuple[Value, ...]

_MOST_TEXT = 300
_MOST_CALLS = 3


@dataclass(frozen=True)
class Step:
    """One call that a loop made: its arguments as they were and as floats and float arrays, and its result."""

    sent: Sequence[object]
    arguments: tuple[Value, ...]
    result: Result


class Student:
    """Calls a student's functions by name: `student.update(w, b, x, y, lr)`.

    A result comes back as floats and float arrays of the shapes that the assignment declares; whatever does
    not fit, raises, or never ends becomes a StudentError. All calls are kept, for feedback.
    """

    def __init__(
        self, run: NotebookRun, forms: Mapping[str, tuple[Form, ...]], given: Mapping[str, str]
    ) -> None:
        self._run = run
        self._forms = forms
        self._given = given
        self._calls: list[_Recorded] = []

    def __getattr__(self, function: str) -> Callable[..., Result]:
        if function.startswith("_") or function not in self._forms:
            raise GraderError(f"the check calls '{function}', which assignment.toml does not declare")
        return lambda *arguments: self._call(function, arguments)

    def loop(self, given: str, *arguments: object, through: str) -> list[Step]:
        """Run a function that the notebook gives, and return the calls it made of the student's `through`.

        It runs as it was released, whatever the submission made of it, over the functions of this moment.
        """
        if given not in self._given:
            raise GraderError(f"the check runs '{given}', which assignment.toml does not give")
        reply = self._run.loop(self._given[given], given, through, arguments)
        self._calls.append(_Recorded(given, arguments, reply))
        if isinstance(reply, Raised | Missing | Gone):
            raise StudentError(_failure(reply, through))
        return [self._step(through, call) for call in reply.calls]

    def confirm(self, function: str, step: Step) -> None:
        """Ask for one step of a loop again, as an ordinary call. Raises StudentError where it differs."""
        again = self._ask(function, step.sent, *self._loop_form(function, step.sent))
        ours, theirs = _parts(again), _parts(step.result)
        if len(ours) != len(theirs) or not all(map(is_close, ours, theirs)):
            raise StudentError(
                f"{function} gave one answer during training and another one when asked again."
            )

    def assert_arguments_untouched(self) -> None:
        """Assert that no call so far has changed the arrays that it was given."""
        for call in self._calls:
            if isinstance(call.reply, Returned) and not _same(call.arguments, call.reply.arguments_after):
                raise StudentError(f"{call.function} changed an array that it was given.")

    def last_calls(self) -> list[Call]:
        """Give the last few calls as text."""
        return [call.as_text() for call in self._calls[-_MOST_CALLS:]]

    def _call(self, function: str, arguments: Sequence[object]) -> Result:
        for form in self._forms[function]:
            sizes = form.sizes_of(arguments)
            if sizes is not None:
                return self._ask(function, arguments, form, sizes)
        shapes = ", ".join(str(shape_of(argument)) for argument in arguments)
        raise GraderError(
            f"the check calls {function} with shapes that assignment.toml does not declare: {shapes}"
        )

    def _ask(self, function: str, arguments: Sequence[object], form: Form, sizes: dict[str, int]) -> Result:
        reply = self._run.call(function, arguments)
        self._calls.append(_Recorded(function, arguments, reply))
        if not isinstance(reply, Returned):
            raise StudentError(_failure(reply, function))
        return form.conform(reply.result, sizes)

    def _step(self, function: str, call: LoopCall) -> Step:
        form, sizes = self._loop_form(function, call.arguments)
        arguments = form.conform_arguments(call.arguments, sizes)
        return Step(call.arguments, arguments, form.conform(call.result, sizes))

    def _loop_form(self, function: str, arguments: Sequence[object]) -> tuple[Form, dict[str, int]]:
        """Find the form of a call whose arguments came out of the student's own results."""
        for lenient in (False, True):
            for form in self._forms[function]:
                sizes = _sizes(form, arguments, lenient)
                if sizes is not None:
                    return form, sizes
        kinds = ", ".join(kind_of(argument) for argument in arguments)
        raise StudentError(f"what {function} returned led to a next call of it with: {kinds}.")


@dataclass(frozen=True)
class _Recorded:
    """A call and what became of it."""

    function: str
    arguments: Sequence[object]
    reply: CallReply | LoopReply

    def as_text(self) -> Call:
        called = f"{self.function}({', '.join(show(argument) for argument in self.arguments)})"
        match self.reply:
            case Returned(result):
                return Call(called, f"returned {show(result)}")
            case Looped(calls):
                return Call(called, f"made {len(calls)} steps")
            case Missing():
                return Call(called, "was not found")
            case Raised(exception, text):
                return Call(called, f"raised {exception}{_detail(text)}")
            case Gone(why):
                return Call(called, f"gave no answer: {why}")


def _failure(reply: Raised | Missing | Gone, function: str) -> str:
    """Say what became of a call that did not return, in a sentence."""
    match reply:
        case Missing(name):
            return f"There is no function {name} at this point of the notebook. Was it renamed?"
        case Raised(exception, text, where):
            at = f" in {where}" if where else ""
            return f"{function} raised {exception}{at}{_detail(text)}"
        case Gone(why):
            return f"{function} gave no answer: {why}."


def _detail(text: str) -> str:
    return f": {_cut(text)}" if text else ""


def _sizes(form: Form, arguments: Sequence[object], lenient: bool) -> dict[str, int] | None:
    try:
        return form.sizes_of(arguments, lenient=lenient)
    except ValueError:  # rows of unequal length have no shape
        return None


def _parts(result: Result) -> tuple[Value, ...]:
    return result if isinstance(result, tuple) else (result,)


def _same(sent: Sequence[object], after: Sequence[object]) -> bool:
    """Tell whether the arguments are, bit for bit, what was sent. Only arrays can be changed in place."""
    if len(sent) != len(after):
        return False
    arrays = [
        (ours, theirs) for ours, theirs in zip(sent, after, strict=True) if isinstance(ours, np.ndarray)
    ]
    return all(
        isinstance(theirs, np.ndarray) and ours.dtype == theirs.dtype and np.array_equal(ours, theirs)
        for ours, theirs in arrays
    )


def show(value: object) -> str:
    """Give a value as a student would write it, on one line and not too long."""
    return _cut(" ".join(_shown(value).split()))


def _shown(value: object) -> str:
    if isinstance(value, Foreign):
        return value.text
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, np.ndarray):
        text = np.array2string(value, separator=", ", threshold=24, formatter={"float_kind": _number})  # type: ignore[arg-type]  # NumPy's own stubs ask for all kinds
        return f"array({text})"
    if isinstance(value, list | tuple):
        items = [_shown(item) for item in value[:12]] + (["…"] if len(value) > 12 else [])
        inside = ", ".join(items) + ("," if isinstance(value, tuple) and len(value) == 1 else "")
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    return repr(value)


def _number(value: float) -> str:
    return repr(float(f"{value:.8g}"))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"


def given_functions(sources: Mapping[str, str]) -> dict[str, str]:
    """Find the functions that given cells define: the name of each, with the source of its cell."""
    found = {}
    for source in sources.values():
        for name in _defined(source):
            found[name] = source
    return found


def _defined(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
