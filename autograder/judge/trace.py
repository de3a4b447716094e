"""What a function did when it was called, as evidence: compared by what came of it, never by its text."""

import contextlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.judge.compare import closeness
from autograder.sandbox.standins import is_bearable

_NUMBERS = (bool, int, float, np.generic, np.ndarray)


@dataclass(frozen=True)
class Made:
    """A call that was made: with which arguments, and what it returned, or the name of what it raised.

    `after` are the arguments as the call left them, where that is known. `ended` says that it neither returned nor
    raised, so that nothing can be compared with it.
    """

    arguments: Sequence[object]
    value: object = None
    raised: str | None = None
    after: Sequence[object] | None = None
    ended: bool = False


def explains(code: Callable[..., object], calls: Iterable[Made]) -> bool:
    """Tell whether a function does in all of these calls what was done in them. Not where there are none."""
    found = False
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        for made in calls:
            found = True
            if made.ended or not _does(code, made):
                return False
    return found


def values_differ(calls: Iterable[Made]) -> bool:
    """Tell whether different values were returned: a constant shows little of what it was meant to be."""
    seen: set[object] = set()
    for made in calls:
        value = made.value
        seen |= set(np.ravel(value).tolist()) if isinstance(value, _NUMBERS) else {repr(value)}
        if len(seen) > 1:
            return True
    return False


def _does(code: Callable[..., object], made: Made) -> bool:
    if not is_bearable(made.arguments):
        return False
    arguments = [np.array(value) if isinstance(value, np.ndarray) else value for value in made.arguments]
    try:
        value = code(*arguments)
    except Exception as error:  # noqa: BLE001  # a mistake may be one that raises
        return made.raised == type(error).__name__
    if made.raised is not None or not same(value, made.value):
        return False
    return made.after is None or same(arguments, list(made.after))


def same(one: object, other: object) -> bool:
    """Tell whether two values are as good as equal: numbers of whatever type, in the same shape."""
    if type(one) is type(other) and _equal(one, other):
        return True
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    try:
        ours, theirs = _numbers(one), _numbers(other)
    except (TypeError, ValueError, OverflowError):
        return one is None and other is None
    if ours.shape != theirs.shape:
        return False
    unlike = ~(closeness(ours, theirs) | (ours == theirs))
    return bool((np.isnan(ours[unlike]) & np.isnan(theirs[unlike])).all())


def _equal(one: object, other: object) -> bool:
    """Tell whether values of the same type are equal to the last bit: most are, and comparing numbers takes longer."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return isinstance(one, bool | int | float) and one == other


def _numbers(value: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Give numbers as an array. TypeError or ValueError for what is none."""
    if not isinstance(value, (*_NUMBERS, list, tuple)):
        raise TypeError
    return np.asarray(value, dtype=np.float64)
