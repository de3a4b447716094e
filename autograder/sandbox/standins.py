"""Functions of a notebook for which the grader answers, in a run that is made to be thrown away."""

import contextlib
import inspect
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import msgspec
import numpy as np

from autograder.sandbox.inside import codec

# A training run of a hundred steps, element by element, makes some hundreds.
_MOST_CALLS = 20_000
# Answers take some microseconds each. They are given in this process, which has no limits of its own.
_MOST_SECONDS = 5.0
_MOST_NUMBERS = 1_000_000
# Some hundred questions are the same for all submissions of an assignment.
_MOST_KNOWN = 10_000
_LONGEST_KNOWN = 2_000
"""Bytes of a question and its answer."""


class StandIns:
    """Right functions, by the names of those of the notebook in whose place they stand.

    The code of them stays here: the student's process asks, and gets an answer. What it asks with is hostile. `known`
    keeps answers: checks ask all submissions for the same, and so do these.
    """

    def __init__(
        self,
        functions: Mapping[str, Callable[..., object]],
        known: MutableMapping[bytes, dict[str, Any]] | None = None,
    ) -> None:
        self._functions = functions
        self._known = {} if known is None else known
        self._takes = {name: _most_arguments(function) for name, function in functions.items()}
        self._left = _MOST_CALLS
        self._seconds_left = _MOST_SECONDS

    @property
    def names(self) -> list[str]:
        """The names that they go by."""
        return list(self._functions)

    def answer(self, question: object) -> dict[str, Any]:
        """Answer a call of one of them, as a message. Raises ValueError for what is no question."""
        match question:
            case [str(name), dict(sent)] if name in self._functions:
                self._left -= 1
            case _:
                raise ValueError("not a question")
        if self._left < 0 or self._seconds_left <= 0:
            return {"raised": f"{name} was called more than {_MOST_CALLS} times, or with too much at once"}
        key = msgspec.json.encode(question)
        answer = self._known.get(key)
        if answer is None:
            answer = self._answer(name, codec.decode(sent))
            self._keep(key, answer)
        return answer

    def _keep(self, key: bytes, answer: dict[str, Any]) -> None:
        # A number that is not finite, which only a forged question holds, is written as null.
        if b"null" in key or len(key) + len(msgspec.json.encode(answer)) > _LONGEST_KNOWN:
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = answer

    def _answer(self, name: str, arguments: object) -> dict[str, Any]:
        if not isinstance(arguments, tuple) or not all(map(_is_numbers, arguments)):
            return {"raised": f"{name} takes numbers and arrays"}
        if not is_bearable(arguments):
            return {"raised": f"{name} takes smaller arrays"}
        start = time.perf_counter()
        try:
            return self._call(name, arguments)
        finally:
            self._seconds_left -= time.perf_counter() - start

    def _call(self, name: str, arguments: tuple[object, ...]) -> dict[str, Any]:
        try:
            with np.errstate(all="ignore"):
                # A student's function may have parameters of its own behind those that are asked for.
                value = self._functions[name](*map(_as_array, arguments[: self._takes[name]]))
        except Exception as error:  # noqa: BLE001  # it was called with what it cannot take
            return {"raised": f"{name}: {type(error).__name__}: {error}"}
        return {"value": codec.encode(value)}


def _most_arguments(function: Callable[..., object]) -> int | None:
    """Give how many arguments a function takes; None for any number."""
    parameters = inspect.signature(function).parameters.values()
    return None if any(each.kind is each.VAR_POSITIONAL for each in parameters) else len(parameters)


def is_bearable(arguments: Sequence[object]) -> bool:
    """Tell whether a function may be called with these arguments: even an outer product of all is no burden."""
    numbers = 1
    for value in arguments:
        if isinstance(value, np.ndarray | list | tuple):
            numbers *= _size(value)
    return numbers <= _MOST_NUMBERS


def _size(value: object) -> int:
    if isinstance(value, list | tuple):
        return max(1, sum(map(_size, value)))
    return max(1, value.size) if isinstance(value, np.ndarray) else 1


def _is_numbers(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_numbers, value))
    return isinstance(value, bool | int | float | np.generic | np.ndarray)


def _as_array(value: object) -> object:
    """Give a list of numbers as an array: a student's own function may take both."""
    if isinstance(value, list | tuple):
        with contextlib.suppress(ValueError):  # rows of unequal length
            return np.asarray(value)
    return value
