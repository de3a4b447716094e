"""Puts functions that ask the grader in the place of a notebook's own, where the grader wants that.

There is no right code in this process, only its answers, and this process is thrown away afterwards.
"""

import inspect
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from . import codec

Receive = Callable[[socket.socket], dict[str, Any] | None]


class StandIns:
    """The functions of a notebook for which the grader answers during a request."""

    def __init__(self, connection: socket.socket, receive: Receive) -> None:
        self._connection = connection
        self._receive = receive
        self._lock = threading.Lock()
        self._put: dict[str, Any] = {}
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
                # The names of parameters are the student's to choose.
                bound = inspect.signature(theirs).bind(*arguments, **named)
                arguments = (*bound.args, *bound.kwargs.values())
            return self._ask(function, arguments)

        return stand_in

    def _ask(self, function: str, arguments: tuple[Any, ...]) -> Any:
        question = [function, codec.encode(arguments)]
        with self._lock:
            self._connection.sendall(codec.pack({"n": self.number, "ask": question}))
            answer = self._receive(self._connection)
        if answer is None:
            raise EOFError
        if "raised" in answer:
            raise TypeError(answer["raised"])
        return codec.decode(answer["value"])
