"""autograder export: write the grades to a file."""

from pathlib import Path

import click

from autograder.cli.common import open_course, plural


@click.command("export", short_help="Write the grades as CSV.")
@click.argument("assignment")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file. Else ASSIGNMENT-grades.csv in the course.",
)
@click.option(
    "--provisional", is_flag=True, help="Go on although answers wait for a person; every row says so."
)
@click.pass_context
def command(context: click.Context, assignment: str, output: Path | None, provisional: bool) -> int:
    """Write the grades of ASSIGNMENT as CSV: a row for each student of the gradebook, with the score after late
    penalties and the points by task. Who has handed in nothing is 'missing' and has no score, which is not zero.

    Refuses while an answer waits for a person, unless --provisional is given.
    """
    course, the_assignment = open_course(context, assignment)
    from autograder.gradebook.opening import open_database
    from autograder.gradebook.read import refuse_unreviewed, standings
    from autograder.lms.table import as_csv, write

    with open_database(course) as gradebook:
        rows = standings(gradebook, the_assignment)
    if not provisional:
        refuse_unreviewed([row for row in rows if row.submitted], the_assignment, "export")
    path = output or course.root / f"{assignment}-grades.csv"
    write(path, as_csv(rows, provisional=provisional))
    missing = sum(not row.submitted for row in rows)
    click.echo(
        f"{plural(len(rows), 'student')} in {path}"
        + (f", {missing} without a submission." if missing else ".")
    )
    return 0
