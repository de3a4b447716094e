"""One submission's process: runs its cells and answers calls of its functions, one request at a time.

Requests and replies are JSON (see codec). Each reply carries the number of its request. A student's code may
forge replies: that is a forged return value and nothing else, since every verdict is made elsewhere.
"""

import contextlib
import copy
import gc
import os
import socket
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NoReturn

import numpy as np

from . import codec, records
from .outputs import CellOutputs, Output
from .shell import Shell
from .standins import StandIns
from .tracebacks import line_of

_array = np.ndarray
_share_memory = np.may_share_memory
_KEEPERS = frozenset({np.ndarray, tuple, list})
"""Types of results whose numbers can change afterwards."""


def serve(connection: socket.socket, shell: Shell) -> NoReturn:
    """Answer requests until the grader hangs up."""
    gc.disable()
    stand_ins = StandIns(connection, _receive)
    while True:
        request = _receive(connection)
        if request is None:
            os._exit(0)
        stand_ins.number = request["n"]
        reply = _answer(request, shell, stand_ins)
        connection.sendall(_pack(request, reply))


def _receive(connection: socket.socket) -> dict[str, Any] | None:
    data = connection.recv(1 << 16)
    while len(data) < codec.HEADER_BYTES or len(data) < codec.end_of(data):
        part = connection.recv(1 << 16)
        if not part:
            return None
        data += part
    return codec.unpack(data[codec.HEADER_BYTES :])


def _pack(request: dict[str, Any], reply: dict[str, Any]) -> bytes:
    number = request["n"]
    try:
        if "replies" in reply:
            return codec.pack({"n": number, "replies": [_encoded(part) for part in reply["replies"]]})
        return codec.pack({"n": number, **_encoded(reply)})
    except ValueError as error:
        if request["do"] in ("cells", "together") or (request["do"] == "calls" and request["count"] > 1):
            return codec.pack({"n": number, "apart": True})
        return codec.pack({"n": number, "raised": ["ValueError", f"the result cannot be sent: {error}", ""]})


def _encoded(reply: dict[str, Any]) -> dict[str, Any]:
    taken: dict[str, Any] = {
        key: records.encode(reply[key]) for key in ("arguments", "results", "again") if key in reply
    }
    return {**reply, **taken}


def _answer(request: dict[str, Any], shell: Shell, stand_ins: StandIns) -> dict[str, Any]:
    if request["do"] == "cells":
        return {"cells": [_cell(cell, request, shell, stand_ins) for cell in request["cells"]]}
    printed = CellOutputs(request["limit"])
    with (
        contextlib.redirect_stdout(Output("stdout", printed)),
        contextlib.redirect_stderr(Output("stderr", printed)),
    ):
        if request["do"] == "together":
            return {"replies": [_made(part, shell) for part in request["parts"]]}
        return _made(request, shell)


def _cell(
    cell: dict[str, Any], request: dict[str, Any], shell: Shell, stand_ins: StandIns
) -> list[dict[str, Any]]:
    functions = request.get("stand_ins", ())
    stand_ins.put(functions, shell.names)
    outputs = shell.run(cell["source"], cell["name"], request["limit"])
    stand_ins.put(functions, shell.names)
    return outputs


def _made(request: dict[str, Any], shell: Shell) -> dict[str, Any]:
    try:
        return (_loop if request["do"] == "loop" else _calls)(request, shell)
    except BaseException as error:  # whatever it is, it fails this request only
        return {"raised": _raised(error)}


def _raised(error: BaseException) -> list[str]:
    try:
        text = str(error)[:500]
    except BaseException:  # a student's __str__ may raise what it likes
        text = "…"
    return [type(error).__name__, text, line_of(error)]


def _calls(request: dict[str, Any], shell: Shell) -> dict[str, Any]:
    """Call a function by name, once for each row of arguments, up to the first call that does not return.

    Tell what came back, where a call changed an array that it was given, what became of its arguments, and which
    results were no longer what came back when all calls were made. Calls that are made in place overwrite arguments,
    and so the results that lie in them, which is no fault of the function's.
    """
    values: list[Any] = []
    results: list[records.Taken] = []
    changed: list[Any] = []
    ended: dict[str, Any] = {}
    columns = records.decode(request["calls"], request["count"])
    arguments: Sequence[Any] = ()
    for row in chain.from_iterable(column.values() for column in columns):
        arguments = _overwritten(arguments, row) if request["in_place"] else row
        before = _states(arguments)
        try:
            function = shell.names.get(request["function"])
            if not callable(function):
                ended = {"missing": request["function"]}
                break
            value = function(*arguments)
            results.append(records.take(value))
            values.append(None if request["in_place"] and _lies_in(value, arguments) else value)
        except BaseException as error:  # whatever it is, it ends these calls only
            ended = {"raised": _raised(error)}
            break
        if _states(arguments) != before:
            changed.append([len(results) - 1, [codec.encode(argument) for argument in arguments]])
    return {"results": results, "changed": changed, "spoiled": _spoiled(values, results), **ended}


def _overwritten(arrays: Sequence[Any], row: Sequence[Any]) -> list[Any]:
    """Give the arguments of a call, in the arrays of the call before it where they fit."""
    arguments = list(row)
    for place, (array, argument) in enumerate(zip(arrays, row, strict=False)):
        if type(argument) is type(array) is _array and _form(argument) == _form(array):
            array[...] = argument
            arguments[place] = array
    return arguments


def _lies_in(value: Any, arguments: Sequence[Any]) -> bool:
    """Tell whether a result, or a part of it, lies in the memory of an argument."""
    parts = value if type(value) in (tuple, list) else [value]
    return any(
        type(part) is type(argument) is _array and _share_memory(part, argument)
        for part in parts
        for argument in arguments
    )


def _form(array: Any) -> tuple[Any, ...]:
    return array.dtype, array.shape, array.strides


def _spoiled(values: Sequence[Any], results: Sequence[records.Taken]) -> list[int]:
    """Tell which results a later call has changed: the calls give the same memory out again."""
    return [
        index
        for index, (value, taken) in enumerate(zip(values, results, strict=False))
        if type(value) in _KEEPERS and records.take(value) != taken
    ]


def _states(arguments: Sequence[Any]) -> list[Any]:
    """Give all of some arguments that a call can change."""
    return [
        (argument.dtype, argument.shape, argument.tobytes())
        for argument in arguments
        if type(argument) is _array
    ]


def _loop(request: dict[str, Any], shell: Shell) -> dict[str, Any]:
    """Run a function that the grader ships, over the student's own functions, and record the calls of one.

    The shipped function sees the notebook's names of this moment, but leaves none of its own behind. Afterwards some
    of the calls are made again, with copies of what their arguments were.
    """
    watched, names = request["watch"], shell.names
    if not callable(names.get(watched)):
        return {"missing": watched}
    function, record = names[watched], _Record(frozenset(request["again"]))
    scope = dict(names)
    scope[watched] = record.of(function)
    exec(shell.given(request["source"]), scope)
    (column,) = records.decode(request["arguments"], 1)
    scope[request["function"]](*column.values()[0])
    again = [
        records.take(function(*record.copies[index])) for index in request["again"] if index in record.copies
    ]
    return {"arguments": record.sent, "results": record.results, "again": again}


class _Record:
    """What was sent to a function and what it gave back, call by call, and copies of what was sent in some calls."""

    def __init__(self, copied: frozenset[int]) -> None:
        self.sent: list[records.Taken] = []
        self.results: list[records.Taken] = []
        self.copies: dict[int, Any] = {}
        self._copied = copied

    def of(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function, with its calls recorded."""
        take, sent, results, copied = records.take, self.sent, self.results, self._copied

        def recorded(*arguments: Any) -> Any:
            before = take(arguments)
            if len(sent) in copied:
                self.copies[len(sent)] = copy.deepcopy(arguments)
            result = function(*arguments)
            results.append(take(result))
            sent.append(before)
            return result

        return recorded


def silence() -> None:
    """Point the standard streams at nothing: what a student prints is taken from sys.stdout."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115  # for the life of the process
