"""The ways to keep student code in, and how each starts the zygote.

namespaces   bubblewrap round the zygote, and for each submission namespaces of its own; Landlock where there
             is one; a system-call filter
landlock     where no namespaces can be had, as in a container's default: Landlock, the filter, and a throw-away
             user where the grader is root
none         a process apart with limits, and with the grader's own rights
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Tier = Literal["namespaces", "landlock", "none"]

INSIDE_SCRATCH = "/notebook"
"""The folder in which student code runs, where it has a file system of its own. Not /scratch: clusters use that."""

_TEMPORARY = "/tmp"  # noqa: S108  # inside; nothing of the machine's own

# Any number will do that is nobody's: above those that a system gives out, below those that containers map.
_THROW_AWAY_USER = 64_321
_KIT = Path(__file__).resolve().parent
_SYSTEM = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/share/zoneinfo",
    "/usr/share/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
_LINKS = ("/lib", "/lib32", "/lib64")


@dataclass(frozen=True)
class Launch:
    """How to start the zygote: its command without the last two arguments, and what it is told."""

    command: Sequence[str]
    settings: Mapping[str, Any]
    environment: Mapping[str, str]


def launch(tier: Tier, scratch: str) -> Launch:
    """Say how to start the zygote in a tier. Raises FileNotFoundError where a program for it is missing."""
    inside = INSIDE_SCRATCH if tier == "namespaces" else scratch
    packages = _package_folders()
    executable = getattr(sys, "_base_executable", sys.executable)
    readable = [path for path in (*_SYSTEM, *_python_folders(), *packages) if Path(path).exists()]
    boot = f"import sys; sys.path[:0] = {[str(_KIT), *packages]!r}; from inside.zygote import main; main()"
    # -S: no start-up files; the packages' folders are named, so that no other ones come in.
    command = [executable, "-s", "-S", "-P", "-B", "-c", boot]
    if tier == "namespaces":
        command = [*_bubblewrap([*readable, str(_KIT / "inside"), executable], inside), *command]
    settings = {
        "tier": tier,
        "scratch": inside,
        "kit": str(_KIT),
        "readable": readable,
        "throw_away_user": _THROW_AWAY_USER if tier == "landlock" and os.getuid() == 0 else None,
    }
    return Launch(command, settings, _environment(inside))


def _python_folders() -> list[str]:
    """Give the folders from which Python itself is loaded."""
    base = Path(sys.base_prefix)
    libraries = [] if base == Path("/usr") else [base / "lib", base / "lib64"]
    return _distinct([*libraries, *map(sysconfig.get_path, ("stdlib", "platstdlib"))])


def _package_folders() -> list[str]:
    """Give the folders of installed packages: those that this process uses, a user's own included."""
    names = ("site-packages", "dist-packages")
    return _distinct([path for path in sys.path if Path(path).name in names and Path(path).is_dir()])


def _distinct(paths: Sequence[str | Path]) -> list[str]:
    return list(dict.fromkeys(str(Path(path).resolve()) for path in paths))


def _environment(scratch: str) -> dict[str, str]:
    """Give the variables that the student's code sees: none of the grader's own."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
        "MPLCONFIGDIR": scratch,
        "IPYTHONDIR": scratch,
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }


def _bubblewrap(readable: Sequence[str], scratch: str) -> list[str]:
    """Give bubblewrap's part of the command.

    Not `--dev` and `--proc`: the first enters a second user namespace, from which a pid namespace cannot be left
    again, and nothing of /proc is a notebook's business. CAP_SYS_ADMIN is for the zygote, over its own namespaces
    alone; every child drops it.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise FileNotFoundError(
            "bubblewrap is not installed (on Debian or Ubuntu: apt-get install bubblewrap)"
        )
    command = [program, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "notebook", "--new-session"]
    command += ["--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"]
    for link in _LINKS:
        if Path(link).is_symlink():
            command += ["--symlink", str(Path(link).readlink()), link]
        elif Path(link).exists():
            command += ["--ro-bind", link, link]
    for path in readable:
        command += ["--ro-bind", path, path]
    for device in ("/dev/null", "/dev/urandom"):
        command += ["--dev-bind", device, device]
    if not any(Path(path).is_relative_to(_TEMPORARY) for path in readable):  # Python may be installed there
        command += ["--symlink", scratch, _TEMPORARY]
    return [*command, "--tmpfs", scratch, "--remount-ro", "/", "--chdir", scratch]
