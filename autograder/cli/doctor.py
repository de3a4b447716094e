"""autograder doctor: what this machine can and cannot do for grading."""

import platform
import shutil
import sys

import click
import numpy as np

from autograder import __version__
from autograder.course import Limits
from autograder.errors import InstructorError
from autograder.sandbox.choose import PROTECTED, why_not
from autograder.sandbox.process import Sandbox
from autograder.sandbox.tiers import Tier


@click.command("doctor")
def command() -> int:
    """Try each way to keep student code in, and say what is missing where one does not work.

    Each is tried as it is used: the process for student code is started, and a child of it tries to get out.

    \b
    Exit status: 0 student code can be kept in; 2 it cannot, and what is said tells how to mend it.
    """
    click.echo(f"autograder {__version__}, Python {platform.python_version()}, numpy {np.__version__}")
    click.echo(f"{platform.system()} {platform.release()} on {platform.machine()}")
    click.echo(f"bubblewrap: {shutil.which('bwrap') or 'not installed'}")
    if not sys.platform.startswith("linux"):
        raise InstructorError("grading wants Linux: a container or WSL. Everything else runs here.")
    working = [tier for tier in PROTECTED if _tried(tier)]
    if not working:
        raise InstructorError("student code cannot be kept in on this machine; mend one of the above.")
    click.echo(f"Student code will be run in: {working[0]}.")
    return 0


def _tried(tier: Tier) -> bool:
    with Sandbox(Limits(), tier) as sandbox:
        reason = why_not(sandbox)
    click.echo(f"sandbox {tier}: {'works' if reason is None else reason}")
    return reason is None
