"""What several commands share: the course, the students they are for, progress and tables."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.course import Assignment, Course, is_plain_name
from autograder.errors import InstructorError
from autograder.sandbox.choose import WANTED
from autograder.text import one_line

_Item = TypeVar("_Item")

sandbox_option = click.option(
    "--sandbox",
    type=click.Choice(WANTED),
    default="auto",
    help="How student code is kept in: the strongest way that this machine gives (auto), one that you name, or not at "
    "all (none): then it runs with your own rights, and every result says so.",
)
student_option = click.option(
    "--student", "chosen", multiple=True, metavar="ID", help="Only this student; may be given several times."
)


def open_course(context: click.Context, assignment_id: str) -> tuple[Course, Assignment]:
    """Give the course and the assignment that a command is for."""
    root: Path = context.obj
    course = Course(root)
    return course, course.assignment(assignment_id)


def choose_students(course: Course, assignment: Assignment, chosen: Sequence[str]) -> list[str]:
    """Give the students to work on: the chosen ones, or all who have handed in."""
    students = course.students(assignment)
    if not students:
        raise InstructorError(
            f"There are no submissions of {assignment.id}. They are due in "
            f"{course.root / 'submitted' / 'STUDENT' / assignment.id}; nbgrader collect puts them there."
        )
    for student in chosen:
        if not is_plain_name(student) or student not in students:
            raise InstructorError(f"'{student}' has handed in nothing for {assignment.id}")
    return list(chosen) or students


def progress(items: Iterable[_Item], total: int, doing: str) -> Iterator[_Item]:
    """Pass the items on, with a bar on the terminal where a person is looking."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing, total=total)
        for item in items:
            yield item
            bar.advance(task)


@contextmanager
def uncollected() -> Iterator[None]:
    """Let Python's collector of cycles rest: it would walk again and again through all that is read of a class."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def plural(count: int, word: str) -> str:
    """Give a count with its word: '1 submission', '2 submissions'."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def tell(heading: str, sentences: Sequence[str], *, most: int = 20) -> None:
    """Print sentences under a heading, the first of them where there are many. Names in them are the LMS's."""
    if not sentences:
        return
    click.echo(heading)
    for sentence in sentences[:most]:
        click.echo(f"  {one_line(sentence)}")
    if len(sentences) > most:
        click.echo(f"  … and {len(sentences) - most} more")
