"""Loads what notebooks import once, then forks a child for each submission that the grader opens.

Started as `python -c … <descriptor> <settings>`. Over the control socket the grader sends one end of a new
socket pair; the zygote forks, the child serves that socket, and the zygote sends back a pidfd of the child.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any

from . import serve
from .shell import Shell


def main() -> None:
    """Serve the control socket until the grader closes it."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    serve.silence()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    _load(settings["preload"])
    shell = Shell()  # after what it rehearses with
    for source in settings["known"]:
        shell.learn(source)
    del sys.path[0]
    gc.collect()
    gc.freeze()
    control.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        _fork(control, socket.socket(fileno=descriptors[0]), settings, shell)


def _load(modules: Sequence[str]) -> None:
    for name in modules:
        with contextlib.suppress(ImportError):  # a notebook that needs it will say so itself
            importlib.import_module(name)


def _fork(control: socket.socket, connection: socket.socket, settings: dict[str, Any], shell: Shell) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            _child(control, connection, settings, shell)
        finally:
            os._exit(1)
    connection.close()
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:  # dead already
        control.send(b"gone")
        return
    socket.send_fds(control, [b"child"], [pidfd])
    os.close(pidfd)


def _child(control: socket.socket, connection: socket.socket, settings: dict[str, Any], shell: Shell) -> None:
    control.close()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(settings["scratch"])
    _limit(settings)
    serve.serve(connection, shell)


def _limit(settings: dict[str, Any]) -> None:
    memory = settings["memory_mb"] << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (settings["cpu_seconds"], settings["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, 16 << 20))
