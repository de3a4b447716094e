"""autograder grade: judge submissions into the gradebook."""

from pathlib import Path
from typing import IO, Self

import click

from autograder.cli.common import (
    choose_students,
    open_course,
    plural,
    progress,
    sandbox_option,
    student_option,
)
from autograder.errors import InstructorError
from autograder.results import SubmissionResult, to_json_line
from autograder.sandbox.choose import Wanted


@click.command("grade", short_help="Judge submissions into the gradebook.")
@click.argument("assignment")
@student_option
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one result a line to this file.",
)
@sandbox_option
@click.pass_context
def command(
    context: click.Context, assignment: str, chosen: tuple[str, ...], json_file: Path | None, sandbox: Wanted
) -> int:
    """Run every submission of ASSIGNMENT apart, judge it by the hidden checks, and write the scores into the
    gradebook and the graded notebooks to autograded/.

    Students who are new to the gradebook are added. A second run does only what has changed. Scores and comments
    that a person gave are kept; where the work they were given for has changed, that is said, and the cell waits
    for review again.

    \b
    Exit status: 0 all graded (written answers may wait for review);
    1 some submission could not be graded; 2 something is yours to mend.
    """
    course, the_assignment = open_course(context, assignment)
    students = choose_students(course, the_assignment, chosen)
    from autograder.cli.table import print_results
    from autograder.klass import class_run

    results = []
    with class_run(course, the_assignment, sandbox) as run, _JsonLines(json_file) as lines:
        for result in progress(run.results(students), len(students), f"Grading {assignment}"):
            results.append(result)
            lines.write(result)
    print_results(results)
    failed = sum(result.status == "failed" for result in results)
    if failed:
        click.echo(f"{plural(failed, 'submission')} could not be graded; the reasons are above.", err=True)
    return 1 if failed else 0


class _JsonLines:
    """Writes results to a file, a line each as they come, so that an interrupted run leaves what it had."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                self._file = self._path.open("wb")
            except OSError as error:
                raise InstructorError(f"{self._path} cannot be written: {error.strerror}") from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, result: SubmissionResult) -> None:
        """Write one result."""
        if self._file is not None:
            self._file.write(to_json_line(result))
            self._file.flush()
