"""autograder feedback: write each student's page."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.common import open_course, plural, progress, student_option, tell
from autograder.cli.unpack import time_zone, timezone_option, who_option
from autograder.errors import InstructorError

if TYPE_CHECKING:
    from autograder.lms.notebooks import Due
    from autograder.lms.sorting import Sorted


@click.command("feedback")
@click.argument("assignment")
@student_option
@click.option(
    "--provisional", is_flag=True, help="Go on although answers wait for a person; every page says so."
)
@click.option(
    "--return",
    "download",
    type=click.Path(path_type=Path, exists=True),
    help="Also make the zip that the LMS takes back, from its download of all submissions.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The zip to make, with --return."
)
@who_option
@click.option("--lms", metavar="NAME", help="Whose download it is, where its names leave that open.")
@timezone_option
@click.pass_context
def command(  # noqa: PLR0917  # click gives them by name
    context: click.Context,
    assignment: str,
    chosen: tuple[str, ...],
    provisional: bool,
    download: Path | None,
    output: Path | None,
    who_files: tuple[Path, ...],
    lms: str | None,
    zone: str | None,
) -> int:
    """Write a page for each graded student of ASSIGNMENT, to where 'nbgrader release_feedback ASSIGNMENT' finds it:
    the score by task, and what was tested, what came back and a hint under each graded cell.

    With --return, the zip of submissions that the LMS gave becomes one of feedback that it takes: each student's page
    in the place of their notebook. Who is meant is found out as by 'autograder unpack'.

    \b
      autograder feedback perceptron
      autograder feedback perceptron --return submissions.zip -o feedback.zip

    Refuses while an answer waits for a person, or a submission could not be graded, unless --provisional is given.
    """
    if (download is None) != (output is None):
        raise InstructorError("--return ZIP and -o OUT.zip go together")
    course, the_assignment = open_course(context, assignment)
    from autograder.gradebook.opening import open_database
    from autograder.gradebook.read import refuse_unreviewed, standings
    from autograder.report.write import write_pages

    with open_database(course) as gradebook:
        everyone = [standing for standing in standings(gradebook, the_assignment) if standing.submitted]
    if unknown := set(chosen) - {standing.student for standing in everyone}:
        raise InstructorError(f"no graded submission of {assignment} by: {', '.join(sorted(unknown))}")
    wanted = [standing for standing in everyone if not chosen or standing.student in chosen]
    if not wanted:
        raise InstructorError(f"nothing of {assignment} is graded yet; first: autograder grade {assignment}")
    if not provisional:
        refuse_unreviewed(wanted, course, the_assignment, "feedback")
    written = {}
    pages = write_pages(course, the_assignment, wanted, provisional=provisional)
    for standing, path in progress(pages, len(wanted), "Writing pages"):
        if path is None:
            click.echo(f"{standing.student}: no page, since the submission could not be graded", err=True)
        else:
            written[standing.student] = path
    click.echo(f"{plural(len(written), 'page')} in {course.root / 'feedback'}.")
    if download is not None and output is not None:
        from autograder.cli.sorting import sorted_download
        from autograder.lms.archive import open_archive
        from autograder.lms.files import refuse_same
        from autograder.lms.notebooks import Due
        from autograder.lms.withheld import withheld

        due = Due(the_assignment)
        refuse_same(download, output)
        with open_archive(download) as archive:
            found = sorted_download(course, archive, lms, who_files, zone=time_zone(zone), due=due)
            kept_back = withheld(course, the_assignment, archive, found, wanted, due=due)
        _return(found, written, output, due, kept_back)
    return 0 if len(written) == len(wanted) else 1


def _return(
    found: "Sorted",
    pages: Mapping[str, Path],
    output: Path,
    due: "Due",
    kept_back: Mapping[str, str],
) -> None:
    from autograder.lms.advice import advice
    from autograder.lms.returning import write_zip

    tell("Nobody's, and left out:", [f"{lost.member.name}: {lost.reason.text}" for lost in found.nobodys])
    if not (set(found.attempts) | set(found.refused)) & set(pages):
        reasons = [lost.reason for lost in found.lost]
        said = advice(reasons, found.download, who_was_named=found.known.says_whose)
        raise InstructorError(
            "\n".join(["the download has nothing of anybody with a page, so no zip was made.", *said])
        )
    count, without = write_zip(output, found, pages, due, withheld=kept_back)
    tell("No page for:", without)
    click.echo(f"{plural(count, 'page')} in {output}, for {found.download.title}.\n{found.download.upload}")
