"""Loads what notebooks import once, then forks a confined child for each submission that the grader opens.

Started as `python -c … <descriptor>`, with its settings on standard input. Over the control socket the grader
sends what for, and one end of a new socket pair; the zygote forks, the child serves that socket, and the zygote
sends back a pidfd of the child. When the grader closes the control socket, or ends in whatever way, the zygote
ends, and with it its children.
"""

import contextlib
import gc
import importlib
import json
import os
import random
import signal
import site
import socket
import sys
from collections.abc import Sequence

import numpy as np

from . import CONFINED, probe, serve
from .confine import Confinement
from .deferred import defer
from .shell import Shell


def main() -> None:
    """Serve the control socket until the grader closes it."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.load(sys.stdin)
    sys.argv[:] = [""]
    confinement = Confinement(settings)
    _load(settings["modules"])
    shell = Shell()  # after what it rehearses with
    for source in settings["cells"]:
        shell.learn(source)
    defer(settings["deferred"])
    site.setquit()
    site.sethelper()
    serve.silence()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    sys.path.remove(settings["kit"])
    _settle_chance()
    gc.collect()
    gc.freeze()
    ourselves = os.pidfd_open(os.getpid())
    socket.send_fds(control, [b"ready"], [ourselves])
    os.close(ourselves)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        _fork(control, socket.socket(fileno=descriptors[0]), confinement, shell, probing=message == b"probe")


def _load(modules: Sequence[str]) -> None:
    for name in modules:
        with contextlib.suppress(Exception):  # a notebook that needs it will say so itself
            importlib.import_module(name)


def _settle_chance() -> None:
    """Let code that draws random numbers without a seed draw the same ones in every run of the grader."""
    random.seed(0)
    np.random.seed(0)  # the generator that students' code shares


def _fork(
    control: socket.socket,
    connection: socket.socket,
    confinement: Confinement,
    shell: Shell,
    *,
    probing: bool,
) -> None:
    chance = random.getstate()
    try:
        pid = confinement.fork()
    except OSError as error:
        control.send(str(error).encode()[:200])
        raise
    if pid == 0:
        try:
            control.detach()
            random.setstate(chance)  # forking has seeded it anew
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            _confine(confinement, connection)
            if probing:
                _probe(connection)
            else:
                serve.serve(connection, shell)
        finally:
            os._exit(1)
    connection.close()
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:  # dead already
        control.send(b"a child ended at once")
        return
    socket.send_fds(control, [b"child"], [pidfd])
    os.close(pidfd)


def _confine(confinement: Confinement, connection: socket.socket) -> None:
    """Confine this child, and say so, or why not."""
    try:
        confinement.enter(connection.fileno())
    except OSError as error:
        connection.send(str(error).encode()[:200])
        raise
    connection.send(CONFINED)


def _probe(connection: socket.socket) -> None:
    """Answer one line, what to try for, with another: what was possible."""
    targets = json.loads(connection.recv(1 << 16))
    connection.send(json.dumps(probe.breaches(targets)).encode())
