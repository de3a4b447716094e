"""The command `autograder`: one thin module for each of its commands."""

import importlib
import os
import sys
from pathlib import Path

import click

from autograder import __version__
from autograder.errors import GraderError, InstructorError
from autograder.text import printable

COMMANDS = {
    "generate": "Make the student version, and prove it.",
    "calibrate": "Try the hidden checks on answers that are known.",
    "roster": "Read the class list of an LMS into the gradebook.",
    "unpack": "Put an LMS's download of submissions into submitted/.",
    "grade": "Judge submissions into the gradebook.",
    "why": "Tell how a student's score came about.",
    "mark": "Mark plain answers by the rubric.",
    "review": "Read and decide on written answers.",
    "feedback": "Write each student's feedback page.",
    "export": "Write the grades as CSV, or into the LMS's own file.",
    "demo": "Show the whole way with sample students.",
    "doctor": "Say what this machine can do for grading.",
}
"""The commands, and what each is for. Their modules are not imported for that: it would take half a second."""

EXIT_INCOMPLETE = 1
"""Some submission could not be graded."""
EXIT_INSTRUCTOR = 2
"""Something is the instructor's to mend."""
_EXIT_INTERRUPTED = 130


class _Commands(click.Group):
    """Loads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"autograder.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option(
    "--course",
    "root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="The course's folder, the one with nbgrader_config.py. Else the current folder.",
)
@click.pass_context
def _autograder(context: click.Context, root: Path) -> None:
    """Make, grade and give back notebook assignments, beside nbgrader.

    From a source notebook to grades:

    \b
      autograder generate perceptron     make the student version in release/
      autograder calibrate perceptron    try the hidden checks on answers that are known
      autograder roster FILE             the class, from a file of the LMS
      autograder unpack perceptron ZIP   the LMS's download of submissions into submitted/
      (or students hand in to submitted/ID/perceptron/, or nbgrader collects)
      autograder grade perceptron        judge all submissions into the gradebook
      autograder why perceptron --student s01     how a score came about
      autograder review perceptron       read what waits for a person
      autograder feedback perceptron     write each student's page to feedback/
      autograder export perceptron       write the grades as CSV, or into the LMS's file

    \b
    Exit status: 0 done; 1 some submission could not be graded;
    2 something is yours to mend, and the message says what.
    """
    context.obj = root


def main() -> None:
    """Run the command line, and turn errors into messages and exit statuses."""
    # numpy's matrix library would start threads that wait for work by spinning; there is none worth them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        sys.exit(_autograder(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_INSTRUCTOR)
    except InstructorError as error:
        click.echo(f"autograder: {printable(str(error))}", err=True)
        sys.exit(EXIT_INSTRUCTOR)
    except PermissionError as error:
        click.echo(f"autograder: {error.filename}: {error.strerror}. Who runs this may not use it.", err=True)
        sys.exit(EXIT_INSTRUCTOR)
    except GraderError as error:
        click.echo(f"autograder: this is the kit's own fault, and costs no student points: {error}", err=True)
        sys.exit(EXIT_INCOMPLETE)
    except (KeyboardInterrupt, click.Abort) as stop:
        # click raises its Abort from the interrupt, whose notes say what becomes of what was done.
        notes: list[str] = getattr(stop.__cause__ or stop, "__notes__", [])
        click.echo(" ".join(["\nautograder: stopped.", *notes]), err=True)
        sys.exit(_EXIT_INTERRUPTED)
