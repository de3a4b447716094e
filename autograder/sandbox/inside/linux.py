"""System calls that Python has no function for. A call that fails raises an OSError that names it."""

import ctypes
import os
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000

_MS_NOSUID, _MS_NODEV, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x4000, 0x40000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_SIGKILL = 9

_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


class SystemCallFilter:
    """A seccomp program in memory, ready to be installed by every child."""

    def __init__(self, program: bytes) -> None:
        self._instructions = ctypes.create_string_buffer(program, len(program))
        self._program = _FilterProgram(len(program) // 8, ctypes.addressof(self._instructions))

    def install(self) -> None:
        """Put this process under the filter, for good. Needs `forbid_new_privileges` first."""
        _check(
            _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(self._program), 0, 0), "seccomp"
        )


def unshare(namespaces: int) -> None:
    """Leave namespaces for new ones (unshare(2))."""
    _check(_libc.unshare(namespaces), "unshare")


def enter(pidfd: int, namespaces: int) -> None:
    """Enter namespaces of a process (setns(2) with a pidfd, Linux 5.8)."""
    _check(_libc.setns(pidfd, namespaces), "setns")


def mount_private_tmpfs(folder: str, size: int, files: int) -> None:
    """Cover a folder with an empty file system of so many bytes and files, seen by this process only."""
    _check(_libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None), "mount")
    options = f"size={size},nr_inodes={files},mode=700".encode()
    _check(_libc.mount(b"tmpfs", folder.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, options), "mount")


def die_with_parent() -> None:
    """Be killed when the process that forked this one ends. To be called after any change of user."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "prctl")


def forbid_new_privileges() -> None:
    """Give up, for good, what a set-user-id program or file capabilities would add."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def hide_memory() -> None:
    """Let no other process of this user trace this one or read its memory."""
    _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl")


def drop_capabilities() -> None:
    """Give up all of root's powers."""
    nothing = (ctypes.c_uint32 * 6)()
    _check(
        _libc.capset(ctypes.byref(_CapabilityHeader(_CAPABILITY_VERSION_3, 0)), ctypes.byref(nothing)),
        "capset",
    )


def system_call(number: int, name: str, *arguments: Any) -> int:
    """Make a system call by number."""
    return _check(_libc.syscall(number, *arguments), name)


def _check(result: int, name: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result
