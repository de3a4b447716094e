"""autograder generate: make the student version and prove it."""

import click

from autograder.cli.common import open_course


@click.command("generate")
@click.argument("assignment")
@click.pass_context
def command(context: click.Context, assignment: str) -> int:
    """Make the student version of ASSIGNMENT from source/ASSIGNMENT/ASSIGNMENT.ipynb, by nbgrader, and prove that
    it is fit to be handed out: no solution, no hidden check and no output in it, every graded code cell has hidden
    checks, and their points add up.

    Writes release/ASSIGNMENT/ (for the students) and solutions/ASSIGNMENT/ (for you). Where something does not fit,
    nothing is written, and the message names the file and the cell.
    """
    course, the_assignment = open_course(context, assignment)
    from autograder.authoring.generate import generate, solve

    click.echo(f"Making the student version of {assignment} …", err=True)
    for sentence in generate(course, the_assignment):
        click.echo(f"Proved: {sentence}.")
    click.echo(f"Student version: {the_assignment.release}")
    click.echo(f"Solved notebook: {solve(course, the_assignment)}")
    return 0
