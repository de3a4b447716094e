"""Landlock: what a process may reach of the file system, decided by the process itself and for good.

See the kernel's Documentation/userspace-api/landlock.rst. The numbers of the three calls are the same on all
processors. What Landlock does not cover (metadata such as modes and times; truncation by name before Linux
6.2), the system-call filter denies.
"""

import ctypes
import os
from collections.abc import Sequence

from . import linux

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_QUERY, _PATH_BENEATH = 1, 1

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_TRUNCATE = 1 << 14
_OF_A_FILE = _WRITE_FILE | _READ_FILE | _TRUNCATE
# How many of the file system's rights each version of Landlock knows, how many of the network's, and scopes.
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_RIGHTS = 16
_BIND_AND_CONNECT_TCP, _ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3

READ = _READ_FILE | _READ_DIR
WRITE = _WRITE_FILE
ALL = READ | WRITE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("file_system", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Give the kernel's version of Landlock; 0 where there is none."""
    try:
        return linux.system_call(
            _CREATE_RULESET, "landlock_create_ruleset", None, ctypes.c_size_t(0), _VERSION_QUERY
        )
    except OSError:
        return 0


def restrict(version: int, paths: Sequence[tuple[str, int]]) -> None:
    """Deny this process everything but the rights given for these files and folders.

    Needs `forbid_new_privileges` first. Paths that do not exist are left out.
    """
    known = (1 << _RIGHTS_BY_VERSION.get(version, _ALL_RIGHTS)) - 1
    rules = _Ruleset(
        known,
        _BIND_AND_CONNECT_TCP if version >= 4 else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0,
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = linux.system_call(
        _CREATE_RULESET, "landlock_create_ruleset", ctypes.byref(rules), ctypes.c_size_t(size), 0
    )
    for path, rights in paths:
        _allow(ruleset, path, rights & known)
    linux.system_call(_RESTRICT_SELF, "landlock_restrict_self", ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112  # the child has loaded os, and pathlib costs more than the rule
        rights &= _OF_A_FILE
    rule = _PathBeneath(rights, descriptor)
    linux.system_call(_ADD_RULE, "landlock_add_rule", ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(descriptor)
