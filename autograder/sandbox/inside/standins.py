"""Puts functions that ask the grader in the place of a notebook's own, where the grader wants that.

There is no right code in this process, only its answers, and this process is thrown away afterwards.
"""

import inspect
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import codec

Receive = Callable[[socket.socket], dict[str, Any] | None]


class StandIns:
    """The functions of a notebook for which the grader answers during a request."""

    def __init__(self, connection: socket.socket, receive: Receive) -> None:
        self._connection = connection
        self._receive = receive
        self._lock = threading.Lock()
        self._put: dict[str, Any] = {}
        self._answers: dict[Any, Any] = {}
        self.number = 0

    def put(self, functions: Sequence[str], names: dict[str, Any]) -> None:
        """Bind the names of functions anew, where a cell has bound them since, or never has."""
        for function in functions:
            theirs = names.get(function)
            if theirs is None or theirs is not self._put.get(function):
                names[function] = self._put[function] = self._stand_in(function, theirs)

    def _stand_in(self, function: str, theirs: Any) -> Callable[..., Any]:
        def stand_in(*arguments: Any, **named: Any) -> Any:
            if named:
                arguments = _in_order(theirs, arguments, named)
            return self._ask(function, arguments)

        return stand_in

    def _ask(self, function: str, arguments: tuple[Any, ...]) -> Any:
        """Give the grader's answer. It depends on the arguments only, and training asks the same again and again."""
        key = (function, *map(_key, arguments))
        if None in key:
            return codec.decode(self._asked(function, arguments))
        if key not in self._answers:
            self._answers[key] = self._asked(function, arguments)
        return codec.decode(self._answers[key])  # anew each time: the student's code may change what it gets

    def _asked(self, function: str, arguments: tuple[Any, ...]) -> Any:
        """Give the grader's answer, as it was sent."""
        question = [function, codec.encode(arguments)]
        with self._lock:
            self._connection.sendall(codec.pack({"n": self.number, "ask": question}))
            answer = self._receive(self._connection)
        if answer is None:
            raise EOFError
        if "raised" in answer:
            raise TypeError(answer["raised"])
        return answer["value"]


def _in_order(theirs: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """Give arguments by place. The names of parameters are the student's to choose, where there is such a function."""
    if not callable(theirs):
        return (*arguments, *named.values())
    bound = inspect.signature(theirs).bind(*arguments, **named)
    return (*bound.args, *bound.kwargs.values())


def _key(value: Any) -> Any:
    """Give what tells a number or an array from others; None for anything else."""
    kind = type(value)
    if kind is np.ndarray and value.dtype.kind in codec.KINDS:
        return value.dtype.str, value.shape, value.tobytes()
    return (kind, value) if kind in (bool, int, float, np.float64, np.int64) else None
