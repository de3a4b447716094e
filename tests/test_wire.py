"""What crosses between the grader and a student's process, byte by byte, with a hostile writer at the other end."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from autograder.sandbox.child import Child, ChildGone, ChildIdle, Deadline

SOON = Deadline(cpu=0.2, wall=0.6)


@contextmanager
def child_that(behave: Callable[[socket.socket], None]) -> Iterator[Child]:
    """Give the child of a process that only sleeps, while this process behaves as it likes on its socket."""
    ours, theirs = socket.socketpair()
    sleeper = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"], process_group=0)
    child = Child(ours, os.pidfd_open(sleeper.pid))
    writer = threading.Thread(target=_quietly, args=(behave, theirs))
    writer.start()
    try:
        yield child
    finally:
        child.close()
        theirs.shutdown(socket.SHUT_RDWR)
        writer.join(timeout=10)
        theirs.close()
        sleeper.wait()


def _quietly(behave: Callable[[socket.socket], None], theirs: socket.socket) -> None:
    with suppress(OSError):  # the grader hung up
        behave(theirs)


def drips(theirs: socket.socket) -> None:
    theirs.recv(1 << 16)
    theirs.sendall((1 << 22).to_bytes(4, "little"))
    while theirs.send(b" "):
        time.sleep(0.05)


def drips_a_header(theirs: socket.socket) -> None:
    theirs.recv(1 << 16)
    for byte in b"\x10\0\0\0" * 100:
        theirs.send(bytes([byte]))
        time.sleep(0.3)


def sips(theirs: socket.socket) -> None:
    while theirs.recv(256):
        time.sleep(0.05)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("behave", [drips, drips_a_header, sips])
def test_a_reply_that_trickles_ends_at_the_wall_limit(behave: Callable[[socket.socket], None]) -> None:
    with child_that(behave) as child:
        start = time.monotonic()
        with pytest.raises(ChildIdle, match=r"took more than 0\.6 seconds"):
            child.request({"do": "call", "padding": "x" * (3 << 20 if behave is sips else 10)}, SOON)
        assert time.monotonic() - start < 3
        with pytest.raises(ChildGone, match="had ended"):
            child.request({"do": "call"}, SOON)


@pytest.mark.timeout(20)
def test_a_slow_but_steady_reply_is_read() -> None:
    def behave(theirs: socket.socket) -> None:
        theirs.recv(1 << 16)
        reply = b'{"n":1,"x":2}'
        for byte in len(reply).to_bytes(4, "little") + reply:
            theirs.send(bytes([byte]))
            time.sleep(0.01)

    with child_that(behave) as child:
        assert child.request({"do": "call"}, SOON) == {"n": 1, "x": 2}
