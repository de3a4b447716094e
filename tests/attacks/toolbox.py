# ruff: noqa: T201  # attacks print what they reached
# What an attacker brings along: this text stands before the code of every attack, in the same cell.
# No word that a test looks for stands here in one piece, so that a printed source proves nothing.
import ctypes
import errno
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
on_arm = platform.machine() == "aarch64"
PAGE = ctypes.create_string_buffer(4096)


def reached(what=""):
    print("REA" + "CHED", what)


def attempt(action, *arguments, **keywords):
    """Do what must not be possible. Only what a refusal looks like is caught: a slip in an attack shows."""
    try:
        result = action(*arguments, **keywords)
    except (OSError, RuntimeError, MemoryError, ValueError, AttributeError) as error:
        print("refused:", type(error).__name__, error)
        return None
    reached(f"{getattr(action, '__name__', action)}{arguments!r}"[:200])
    return result


def call(numbers, *arguments):
    """Make a system call; None where this processor has no such call. Gives its result and the error."""
    number = numbers[on_arm]
    if number is None:
        return -1, errno.ENOSYS
    ctypes.set_errno(0)
    full = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    return libc.syscall(ctypes.c_long(number), *full), ctypes.get_errno()


def refused(name, numbers, *arguments):
    """Make a system call that must not even look at its arguments: any other error is a way in."""
    result, error = call(numbers, *arguments)
    if result >= 0 or error not in (errno.EPERM, errno.ENOSYS):
        reached(f"{name}: {result}, {os.strerror(error)}")


def attempt_quietly(question):
    """Ask a question about a descriptor; one that is not open answers no."""
    try:
        return question()
    except OSError:
        return False
