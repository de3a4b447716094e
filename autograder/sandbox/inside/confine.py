"""The confinement of a child: what it gives up, in an order in which each step still can be made."""

import contextlib
import os
import resource
from collections.abc import Sequence
from typing import TypedDict

from . import landlock, linux, syscalls

_MAX_FILE = 16 << 20
_MAX_FILES = 256
_MAX_DESCRIPTORS = 64


class Settings(TypedDict):
    """How children are confined, as the grader sends it. Nothing in it is secret."""

    tier: str
    memory_mb: int
    cpu_seconds: int
    scratch: str
    readable: list[str]
    throw_away_user: int | None


class Confinement:
    """All that can be made ready before a child is forked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._landlock = landlock.version() if settings["tier"] != "none" else 0
        self._filter = linux.SystemCallFilter(syscalls.program()) if settings["tier"] != "none" else None
        self._user = _reachable_user(settings["throw_away_user"], settings["readable"])
        self._own_namespace = os.pidfd_open(os.getpid())
        if settings["tier"] == "landlock" and not self._landlock:
            raise OSError("this kernel offers no Landlock")
        if settings["tier"] != "none":
            linux.hide_memory()

    def fork(self) -> int:
        """Fork a child, as the first process of a pid namespace of its own where there are namespaces."""
        if self._settings["tier"] != "namespaces":
            return os.fork()
        linux.unshare(linux.CLONE_NEWPID)
        pid = os.fork()
        if pid:
            linux.enter(self._own_namespace, linux.CLONE_NEWPID)
        return pid

    def enter(self, connection: int) -> None:
        """Confine this process, a child, for good. It keeps one descriptor: its connection."""
        os.setsid()
        os.closerange(3, connection)
        os.closerange(connection + 1, 1 << 16)
        scratch = self._settings["scratch"]
        if self._settings["tier"] == "namespaces":
            linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWIPC)
            linux.mount_private_tmpfs(scratch, _MAX_FILE, _MAX_FILES)
        os.chdir(scratch)
        os.umask(0o077)
        _limit(self._settings)
        if self._filter is not None:
            self._give_up_rights(self._filter)
        else:
            linux.die_with_parent()

    def _give_up_rights(self, system_calls: linux.SystemCallFilter) -> None:
        if self._user is not None:
            _become(self._user)
        linux.die_with_parent()
        linux.hide_memory()
        linux.forbid_new_privileges()
        linux.drop_capabilities()
        if self._landlock:
            landlock.restrict(self._landlock, self._reachable_paths())
        system_calls.install()

    def _reachable_paths(self) -> Sequence[tuple[str, int]]:
        paths = [(path, landlock.READ) for path in self._settings["readable"]]
        paths += [("/dev/urandom", landlock.READ), (os.devnull, landlock.READ | landlock.WRITE)]
        # Without a mount of one's own nothing would bound what is written there, so nothing may be.
        rights = landlock.ALL if self._settings["tier"] == "namespaces" else landlock.READ
        return [*paths, (self._settings["scratch"], rights)]


def _limit(settings: Settings) -> None:
    memory = settings["memory_mb"] << 20
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: _MAX_FILE,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _MAX_DESCRIPTORS,
    }
    if settings["tier"] != "none":
        # Unconfined, these would count or forbid what is the user's own.
        limits |= {resource.RLIMIT_NPROC: 1, resource.RLIMIT_MEMLOCK: 0, resource.RLIMIT_MSGQUEUE: 0}
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (settings["cpu_seconds"], settings["cpu_seconds"] + 1))


def _become(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _reachable_user(user: int | None, readable: Sequence[str]) -> int | None:
    """Give the throw-away user if there is one who can read Python's own files, else None.

    Where Python lives in root's home, or where the container knows no such user, children keep their user
    number, without root's powers: then Landlock and the filter hold by themselves.
    """
    if user is None:
        return None
    pid = os.fork()
    if pid == 0:
        able = False
        with contextlib.suppress(OSError):
            _become(user)
            able = all(os.access(path, os.R_OK) for path in readable)
        os._exit(0 if able else 1)
    _, status = os.waitpid(pid, 0)
    return user if status == 0 else None
