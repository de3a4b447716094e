"""autograder calibrate: how far the hidden checks can be trusted."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.common import open_course, plural, sandbox_option
from autograder.cli.watch import watching
from autograder.errors import InstructorError
from autograder.klass.parcel import Handed
from autograder.results import SubmissionResult
from autograder.sandbox.choose import Wanted

if TYPE_CHECKING:
    from autograder.authoring.calibration import CalibrationReport
    from autograder.authoring.candidates import Candidate


@click.command("calibrate")
@click.argument("assignment")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Worker processes on this machine. Else one for each core that this process may use.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the page and the JSON go. Else .autograder/calibration/ of the course.",
)
@click.option("--quiet", is_flag=True, help="Say only what is not as it must be.")
@sandbox_option
@click.pass_context
def command(  # noqa: PLR0917  # click gives them by name
    context: click.Context,
    assignment: str,
    jobs: int | None,
    output: Path | None,
    quiet: bool,
    sandbox: Wanted,
) -> int:
    """Judge answers to ASSIGNMENT of which it is known whether they are right, and say which verdicts are wrong
    before a class gets them. No gradebook is touched.

    \b
    The answers are: the solution; the variants in assignments/ASSIGNMENT/variants/, right in many styles;
    the student version untouched; every known mistake of mistakes.py; and mutants, which are the solution
    with one thing changed in one function: a comparison, a constant, a sign, an operator, an argument, what
    is returned, or how far the function can be relied on (small numbers only, two features only, …).
    Where written answers are marked, the rubric's own sentences are tried as well.

    Each is judged twice. The table says how many of the wrong answers in a function each check catches. Mutants that
    do what the right function does are listed in assignments/ASSIGNMENT/calibration.toml, each with the reason, and
    that is tried by random calls.

    \b
    Exit status: 0 all verdicts are as they must be; 1 a right answer loses points, a wrong one gets full points
    in the cell of the function that is wrong, a mistake is named as another one, two runs differ,
    or a sentence of the rubric would be scored wrong;
    2 something is yours to mend, and the message names file and line.
    """
    course, the_assignment = open_course(context, assignment)
    from autograder.authoring.calibration import calibrate
    from autograder.cli.calibration_table import print_report
    from autograder.klass.judging import judge_all
    from autograder.klass.workers import LocalWorkers

    if not quiet:
        click.echo(f"Making answers to {assignment}, and trying each known mistake by itself …", err=True)
    with closing(LocalWorkers(jobs or len(os.sched_getaffinity(0)))) as workers:

        def judge(order: Sequence["Candidate"]) -> Iterator[SubmissionResult]:
            handed = (Handed(each.id, f"{assignment}.ipynb", each.data) for each in order)
            with watching(len(order), f"Judging {len(order)} answers", quiet=quiet) as watch:
                for result in judge_all(course, the_assignment, workers, sandbox, handed):
                    watch.saw(result)
                    yield result

        found = calibrate(course, the_assignment, sandbox, judge)
    page = _write(found, output or course.state / "calibration")
    print_report(found, quiet=quiet)
    click.echo(f"Page: {page}", err=quiet)
    if found.findings:
        click.echo(f"{plural(len(found.findings), 'verdict')} not as it must be; see above.", err=True)
    return 1 if found.findings else 0


def _write(found: "CalibrationReport", folder: Path) -> Path:
    """Write the page and the JSON, and give the page's path."""
    from autograder.report.calibration import calibration_page

    page = folder / f"{found.assignment}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(calibration_page(found), encoding="utf-8")
        page.with_suffix(".json").write_bytes(found.to_json())
    except OSError as error:
        raise InstructorError(f"The report cannot be written: {error}") from error
    return page
