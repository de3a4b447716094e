"""Calls and what became of them, in words for a student."""

import numpy as np

from autograder.sandbox.replies import Gone, Missing, Raised
from autograder.signatures import Foreign

_MOST_TEXT = 300


def called(function: str, arguments: object) -> str:
    """Give a call as a student would write it."""
    listed = arguments if isinstance(arguments, list | tuple) else [arguments]
    return f"{function}({', '.join(show(argument) for argument in listed)})"


def answer(ended: Raised | Missing | Gone) -> str:
    """Say what became of a call that did not return, after the call itself."""
    match ended:
        case Missing():
            return "was not found"
        case Raised(exception, text):
            return f"raised {exception}{_detail(text)}"
        case Gone(why):
            return f"gave no answer: {why}"


def failure(reply: Raised | Missing | Gone, function: str) -> str:
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
