"""Which tier this machine can give: found by trying, never by guessing from what is installed."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from autograder.course import Limits
from autograder.errors import GraderError, InstructorError
from autograder.sandbox.process import Sandbox, Warmup
from autograder.sandbox.tiers import Tier

Wanted = Literal["auto", "namespaces", "landlock", "none"]
WANTED: tuple[Wanted, ...] = ("auto", "namespaces", "landlock", "none")
PROTECTED: tuple[Tier, ...] = ("namespaces", "landlock")
"""The tiers that keep student code in, the stronger one first."""

_REFUSED = """\
Student code is run in a sandbox only, and this machine gives none.
{reasons}
Mend one of these. In a container, the first needs unprivileged user namespaces, the second Linux 5.13 or newer with
Landlock switched on and allowed. 'autograder doctor' tries both again. Or, on a machine with nothing to lose,
grade without protection: --sandbox none, which every result will say."""


def open_sandbox(
    limits: Limits,
    wanted: Wanted = "auto",
    warmup: Warmup = Warmup(),  # noqa: B008  # frozen
) -> Sandbox:
    """Start a sandbox, to be closed by the caller: of the strongest tier there is, or of the one that is wanted.

    Raises InstructorError, with the reasons and what to do, where no such tier can be had.
    """
    reasons = []
    for tier in PROTECTED if wanted == "auto" else (wanted,):
        sandbox = Sandbox(limits, tier, warmup)
        reason = why_not(sandbox)
        if reason is None:
            return sandbox
        sandbox.close()
        reasons.append(f"  {tier}: {reason}")
    raise InstructorError(_REFUSED.format(reasons="\n".join(reasons)))


def why_not(sandbox: Sandbox) -> str | None:
    """Start a sandbox and let a child try to get out of it. Gives why it is not to be used, or None."""
    try:
        sandbox.start()
        if sandbox.tier == "none":
            return None
        with _targets() as targets:
            breaches = sandbox.probe(targets)
    except (OSError, GraderError) as error:
        return str(error)
    return f"a trial child could {', '.join(breaches)}" if breaches else None


@contextmanager
def _targets() -> Iterator[dict[str, object]]:
    """Make what a trial child tries for: a file in a folder, a listening port, this process."""
    with tempfile.TemporaryDirectory(prefix="autograder-trial-") as folder, socket.socket() as listening:
        file = Path(folder, "file")
        file.write_text("a trial child must not read this")
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        yield {"file": str(file), "folder": folder, "process": os.getpid(), "port": port}
