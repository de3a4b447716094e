"""autograder feedback: write each student's page."""

import click

from autograder.cli.common import open_course, plural, progress, student_option
from autograder.errors import InstructorError


@click.command("feedback", short_help="Write each student's feedback page.")
@click.argument("assignment")
@student_option
@click.option(
    "--provisional", is_flag=True, help="Go on although answers wait for a person; every page says so."
)
@click.pass_context
def command(context: click.Context, assignment: str, chosen: tuple[str, ...], provisional: bool) -> int:
    """Write a page for each graded student of ASSIGNMENT, to where 'nbgrader release_feedback ASSIGNMENT' finds it:
    the score by task, and what was tested, what came back and a hint under each graded cell.

    Refuses while an answer waits for a person, unless --provisional is given.
    """
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
        refuse_unreviewed(wanted, the_assignment, "feedback")
    written = 0
    pages = write_pages(course, the_assignment, wanted, provisional=provisional)
    for standing, path in progress(pages, len(wanted), "Writing pages"):
        if path is None:
            click.echo(f"{standing.student}: no page, since the submission could not be graded", err=True)
        written += path is not None
    click.echo(f"{plural(written, 'page')} in {course.root / 'feedback'}.")
    return 0 if written == len(wanted) else 1
