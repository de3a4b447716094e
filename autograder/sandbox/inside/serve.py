"""One submission's process: runs its cells and answers calls of its functions, one request at a time.

Requests and replies are JSON (see codec). Each reply carries the number of its request. A student's code may
forge replies: that is a forged return value and nothing else, since every verdict is made elsewhere.
"""

import contextlib
import gc
import os
import socket
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from . import codec
from .shell import CellOutputs, Output, Shell, line_of


def serve(connection: socket.socket, shell: Shell) -> NoReturn:
    """Answer requests until the grader hangs up."""
    gc.disable()
    while True:
        request = _receive(connection)
        if request is None:
            os._exit(0)
        reply = _answer(request, shell)
        connection.sendall(_pack(request["n"], reply))


def _receive(connection: socket.socket) -> dict[str, Any] | None:
    data = connection.recv(1 << 16)
    while len(data) < codec.HEADER_BYTES or len(data) < codec.end_of(data):
        part = connection.recv(1 << 16)
        if not part:
            return None
        data += part
    return codec.unpack(data[codec.HEADER_BYTES :])


def _pack(number: int, reply: dict[str, Any]) -> bytes:
    try:
        return codec.pack({"n": number, **reply})
    except ValueError as error:
        return codec.pack({"n": number, "raised": ["ValueError", f"the result cannot be sent: {error}", ""]})


def _answer(request: dict[str, Any], shell: Shell) -> dict[str, Any]:
    if request["do"] == "cell":
        outputs = shell.run(request["source"], request["name"], request["limit"])
        return {"outputs": outputs}
    printed = CellOutputs(request["limit"])
    with (
        contextlib.redirect_stdout(Output("stdout", printed)),
        contextlib.redirect_stderr(Output("stderr", printed)),
    ):
        try:
            if request["do"] == "call":
                return _call(request, shell.names)
            return _loop(request, shell.names)
        except BaseException as error:  # whatever it is, it fails this call only
            return {"raised": _raised(error)}


def _raised(error: BaseException) -> list[str]:
    try:
        text = str(error)[:500]
    except BaseException:  # a student's __str__ may raise what it likes
        text = "…"
    return [type(error).__name__, text, line_of(error)]


def _call(request: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Call a function by name, and tell what came back and what became of the arguments."""
    function = names.get(request["function"])
    if not callable(function):
        return {"missing": request["function"]}
    arguments = [codec.decode(argument) for argument in request["arguments"]]
    result = function(*arguments)
    return {"result": codec.encode(result), "after": [codec.encode(argument) for argument in arguments]}


def _loop(request: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Run a function that the grader ships, over the student's own functions, and record the calls of one.

    The shipped function sees the notebook's names of this moment, but leaves none of its own behind.
    """
    watched = request["watch"]
    if not callable(names.get(watched)):
        return {"missing": watched}
    calls: list[dict[str, Any]] = []
    scope = dict(names)
    scope[watched] = _recorded(names[watched], calls)
    exec(compile(request["source"], "<given>", "exec", dont_inherit=True), scope)
    arguments = [codec.decode(argument) for argument in request["arguments"]]
    scope[request["function"]](*arguments)
    return {"calls": calls}


def _recorded(function: Callable[..., Any], calls: list[dict[str, Any]]) -> Callable[..., Any]:
    def record(*arguments: Any) -> Any:
        sent = [codec.encode(argument) for argument in arguments]
        result = function(*arguments)
        calls.append({"arguments": sent, "result": codec.encode(result)})
        return result

    return record


def silence() -> None:
    """Point the standard streams at nothing: what a student prints is taken from sys.stdout."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115  # for the life of the process
