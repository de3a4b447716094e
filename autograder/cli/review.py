"""autograder review: read the written answers that wait for a person, and decide on them."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.common import open_course, plural
from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.text import one_line, printable

if TYPE_CHECKING:
    from autograder.report.review import Reviewed

_SHOWN = 10


@click.command("review")
@click.argument("assignment")
@click.option("--terminal", is_flag=True, help="Show the open answers here too.")
@click.option("--student", metavar="ID", help="Decide on this student's answer; needs --score.")
@click.option("--score", type=float, help="The score that you give.")
@click.option("--comment", help="A comment that the student reads.")
@click.option("--cell", metavar="NAME", help="Which answer, where an assignment has several.")
@click.option(
    "--accept",
    type=click.Choice(["high"]),
    help="Take all open suggestions of high confidence as your scores.",
)
@click.option("--yes", is_flag=True, help="Do not ask before accepting.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The page. Else ASSIGNMENT-review.html.",
)
@click.pass_context
def command(
    context: click.Context,
    assignment: str,
    *,
    terminal: bool,
    student: str | None,
    score: float | None,
    comment: str | None,
    cell: str | None,
    accept: str | None,
    yes: bool,
    output: Path | None,
) -> int:
    """Write a page with the open written answers of ASSIGNMENT: near-equal ones together, the least certain first, and
    the words marked that each suggestion rests on. It is for you; students must not see it.

    \b
      autograder review perceptron                                  the page
      autograder review perceptron --student s01 --score 3          your score, as in formgrader
      autograder review perceptron --accept high                    all that are sure, after a look at ten
    """
    course, the_assignment = open_course(context, assignment)
    answers = _answers(course, the_assignment, cell)
    if student is not None or score is not None or comment is not None:
        return _decide(course, the_assignment, answers, student=student, score=score, comment=comment)
    if accept:
        return _accept(course, the_assignment, answers, ask=not yes)
    from autograder.lms.files import write
    from autograder.report.review import agreement, grouped, review_page

    waiting = [answer for answer in answers if answer.open]
    if terminal:
        for number, group in enumerate(grouped(waiting), 1):
            click.echo(f"\n— group {number}, {plural(len(group), 'answer')} —")
            for answer in group:
                _show(answer)
    path = output or course.root / f"{assignment}-review.html"
    write(path, review_page(the_assignment, answers).encode("utf-8", "replace"))
    click.echo(f"{plural(len(waiting), 'open answer')} in {path}")
    decided, exact, near = agreement(answers)
    if decided:
        click.echo(f"Of {decided} that a person decided on, {exact} are as suggested, {near} within a point.")
    return 0


def _answers(course: Course, assignment: Assignment, cell: str | None) -> list["Reviewed"]:
    from autograder.gradebook.opening import open_database
    from autograder.gradebook.read import standings
    from autograder.report.review import answers_of

    with open_database(course) as gradebook:
        everyone = [standing for standing in standings(gradebook, assignment) if standing.submitted]
    answers = answers_of(course, assignment, everyone)
    if not answers:
        raise InstructorError(
            f"There are no marked answers of {assignment.id}. Grade first: autograder grade {assignment.id}; and see "
            "that assignment.toml does not turn marking off."
        )
    return [answer for answer in answers if cell in (None, answer.cell)]


def _decide(
    course: Course,
    assignment: Assignment,
    answers: Sequence["Reviewed"],
    *,
    student: str | None,
    score: float | None,
    comment: str | None,
) -> int:
    from autograder.gradebook.persons import Decision, decide

    if student is None or score is None:
        raise InstructorError("a decision needs both --student and --score")
    of_student = [answer for answer in answers if answer.student == student]
    if len(of_student) != 1:
        known = ", ".join(answer.cell for answer in of_student)
        raise InstructorError(
            f"'{student}' has several answers; name one with --cell: {known}"
            if of_student
            else f"there is no marked answer by '{student}'"
        )
    (answer,) = of_student
    if not 0 <= score <= answer.verdict.max_score:
        raise InstructorError(
            f"the score of '{answer.cell}' is from 0 to {answer.verdict.max_score:g}, not {score:g}"
        )
    decide(course, assignment, answer.cell, {student: Decision(score, comment)})
    click.echo(
        f"{one_line(student)}: {score:g} of {answer.verdict.max_score:g}; {answer.verdict.suggested:g} was suggested."
    )
    return 0


def _accept(course: Course, assignment: Assignment, answers: Sequence["Reviewed"], *, ask: bool) -> int:
    from autograder.gradebook.persons import Decision, decide

    # What a person has scored is theirs, also where the work has changed since.
    sure = [
        answer
        for answer in answers
        if answer.open and answer.score is None and answer.verdict.confidence == "high"
    ]
    if not sure:
        click.echo("No open answer is marked with high confidence.")
        return 0
    shown = random.sample(sure, min(_SHOWN, len(sure)))
    for answer in shown:
        _show(answer)
    click.echo(f"\nThese are {len(shown)} of {len(sure)}, picked at random.")
    if ask:
        click.confirm(f"Take all {len(sure)} suggestions as your scores?", abort=True)
    closed = 0
    for cell in sorted({answer.cell for answer in sure}):
        decisions = {
            answer.student: Decision(answer.verdict.suggested or 0.0)
            for answer in sure
            if answer.cell == cell
        }
        closed += decide(course, assignment, cell, decisions, only_open=True)
    click.echo(f"{plural(closed, 'answer')} closed.")
    if closed < len(sure):
        click.echo(f"{len(sure) - closed} had been scored in the meantime; those scores stay.")
    return 0


def _show(answer: "Reviewed") -> None:
    verdict = answer.verdict
    flags = f"; look at: {', '.join(verdict.flags)}" if verdict.flags else ""
    click.echo(
        f"\n{one_line(answer.student)}: {verdict.suggested:g} of {verdict.max_score:g} suggested, "
        f"confidence {verdict.confidence}{flags}"
    )
    click.echo("\n".join(f"    {line}" for line in printable(answer.text.strip()).splitlines()))
    for name, mark in verdict.criteria.items():
        click.echo(
            f"  {name}: {mark.state}" + (f" “{one_line(mark.quote)}”" if mark.quote else f" ({mark.reason})")
        )
