"""autograder grade: judge submissions into the gradebook."""

import math
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Self

import click

from autograder.cli.common import (
    choose_students,
    open_course,
    plural,
    progress,
    sandbox_option,
    student_option,
)
from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.klass.writing import writing
from autograder.results import SubmissionResult, to_json_line
from autograder.sandbox.choose import Wanted

if TYPE_CHECKING:
    from autograder.klass.workers import Workers

# Fewer submissions are judged by one worker before another one has started.
_FOR_A_WORKER = 10


@click.command("grade")
@click.argument("assignment")
@student_option
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say whose scores would change, in which cell, by how much and why; write nothing.",
)
@click.option("--fresh", is_flag=True, help="Judge all anew, also what has not changed since an earlier run.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Worker processes on this machine. Else one for each core that this process may use, and no "
    "more than one for each ten submissions.",
)
@click.option(
    "--executor",
    "place",
    default="local",
    metavar="PLACE",
    help="Where submissions are judged: 'local', or 'dask:ADDRESS' of a Dask scheduler, such as "
    "dask:tcp://10.0.0.5:8786 (docs/performance.md).",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one result a line to this file.",
)
@click.option("--quiet", is_flag=True, help="Say only what went wrong.")
@sandbox_option
@click.pass_context
def command(  # noqa: PLR0917  # click gives them by name
    context: click.Context,
    assignment: str,
    chosen: tuple[str, ...],
    dry_run: bool,
    fresh: bool,
    jobs: int | None,
    place: str,
    json_file: Path | None,
    quiet: bool,
    sandbox: Wanted,
) -> int:
    """Run every submission of ASSIGNMENT apart, judge it by the hidden checks, and write the scores into the
    gradebook and the graded notebooks to autograded/.

    Students who are new to the gradebook are added. A second run does only what has changed, and so does the next
    run after one that was stopped, by Ctrl-C or by anything else. Scores and comments that a person gave are kept;
    where the work they were given for has changed, that is said, and the cell waits for review again. Before a run
    changes an SQLite gradebook it copies it to .autograder/backups/, where the last five copies stay.

    \b
    Exit status: 0 all graded (written answers may wait for review);
    1 some submission could not be graded; 2 something is yours to mend.
    """
    course, the_assignment = open_course(context, assignment)
    students = choose_students(course, the_assignment, chosen)
    if dry_run:
        if json_file is not None or fresh:
            raise click.UsageError("--dry-run writes nothing: neither --json nor --fresh goes with it")
        with _stoppable(), _workers(place, jobs, len(students)) as workers:
            return _print_changes(course, the_assignment, workers, sandbox, students)
    from autograder.cli.table import Tally
    from autograder.cli.watch import watching
    from autograder.klass.run import class_run

    tally = Tally()
    with (
        _stoppable(),
        _workers(place, jobs, len(students)) as workers,
        class_run(course, the_assignment, workers, sandbox, fresh=fresh) as run,
        _JsonLines(json_file) as lines,
        watching(len(students), f"Grading {assignment}", quiet=quiet) as watch,
    ):
        for result in run.results(students, watch.saw):
            tally.add(result)
            lines.write(result)
            watch.tell(result)
    if not quiet:
        tally.print()
    if tally.failed:
        click.echo(
            f"{plural(tally.failed, 'submission')} could not be graded; the reasons are above.", err=True
        )
    return 1 if tally.failed else 0


def _print_changes(
    course: Course, assignment: Assignment, workers: "Workers", sandbox: Wanted, students: Sequence[str]
) -> int:
    from autograder.cli.changes import ChangeTable
    from autograder.klass.dry_run import DryRun

    found = DryRun(course, assignment, workers, sandbox).changes(students)
    table = ChangeTable()
    for changes in progress(found, len(students), f"Judging {assignment.id}, writing nothing"):
        table.add(changes)
    table.print(len(students))
    return 1 if table.failed else 0


def _workers(place: str, jobs: int | None, students: int) -> "AbstractContextManager[Workers]":
    if place == "local":
        return local_workers(students, jobs)
    kind, _, address = place.partition(":")
    if kind != "dask" or not address:
        raise InstructorError(f"--executor {place}: there are 'local' and 'dask:ADDRESS'")
    if jobs is not None:
        raise InstructorError(
            "--jobs is for workers on this machine; a cluster has as many as were started on it"
        )
    try:
        from autograder.klass.cluster import DaskWorkers
    except ImportError as error:
        raise InstructorError(
            f"--executor dask needs Dask ({error}): pip install 'perceptron-autograder[cluster]'"
        ) from error

    return closing(DaskWorkers(address))


def local_workers(students: int, jobs: int | None = None) -> "AbstractContextManager[Workers]":
    """Give workers on this machine: as many as wanted, else one for each core where there is work for it."""
    from autograder.klass.workers import LocalWorkers

    wanted = jobs or min(len(os.sched_getaffinity(0)), math.ceil(students / _FOR_A_WORKER))
    return closing(LocalWorkers(min(wanted, students)))


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM and a terminal's end stop a run as Ctrl-C does, and let none of them disturb the ending."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # Under nohup, or in a shell's background, some are ignored, and are to be.
    before = {each: signal.getsignal(each) for each in signals if signal.getsignal(each) != signal.SIG_IGN}
    stopped = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            raise KeyboardInterrupt

    for each in before:
        signal.signal(each, stop)
    try:
        yield
    finally:
        if not stopped:
            for each, handler in before.items():
                signal.signal(each, handler)


class _JsonLines:
    """Writes results to a file, a line each as they come, so that an interrupted run leaves what it had."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            with writing(self._path):
                self._file = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with suppress(OSError):  # a line that could not be written was told
                self._file.close()

    def write(self, result: SubmissionResult) -> None:
        """Write one result."""
        if self._path is not None and self._file is not None:
            with writing(self._path):
                self._file.write(to_json_line(result))
                self._file.flush()
