"""Filling an LMS's own file: what is told before it is written, and what to do with it then."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from autograder.cli.common import plural, tell
from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.gradebook.read import Standing
from autograder.lms.choosing import Wanted
from autograder.lms.files import read_document, refuse_same, write
from autograder.lms.filling import plan
from autograder.lms.people import People
from autograder.lms.placed import participants
from autograder.lms.planned import Plan
from autograder.lms.ungraded import Ungraded
from autograder.text import one_line


def fill(
    original: Path,
    output: Path,
    lms: str | None,
    course: Course,
    assignment: Assignment,
    *,
    standings: Sequence[Standing],
    people: Sequence[Person],
    wanted: Wanted,
    work: Ungraded,
    force: bool,
) -> int:
    """Fill a copy of the LMS's file. Raises InstructorError in doubt, unless `force` is given."""
    refuse_same(original, output)
    document = read_document(original, lms)
    named = assignment.file.lms.get(document.format.name)
    if named and wanted.column is None:
        source = f"under [lms] in the assignment.toml of {assignment.id}"
        wanted = replace(wanted, column=named, source=source)
    numbers = participants(course, assignment) if document.format.needs_participants else {}
    made = plan(document, standings, People(people), wanted, time.time(), work=work, numbers=numbers)
    _tell(made)
    doubts = len(made.doubts) + len(made.overwrites)
    if doubts and not force:
        raise InstructorError(
            f"in doubt: nothing was written. Look at the {plural(doubts, 'doubt')} above; --force goes on with what is "
            "certain, and overwrites points that differ."
        )
    write(output, made.filled())
    click.echo(f"{_sum(made)} in {output}. Every other byte is as it was.")
    click.echo(
        document.format.how_to_upload(
            document.layout.header, document.delimiter, document.text.encoding, is_stale=made.is_stale
        )
    )
    return 0


def _tell(made: Plan) -> None:
    column = one_line(made.column.header)
    click.echo(f"{made.document.format.title}, column '{column}': {plural(made.matched, 'student')} found.")
    tell("Good to know:", made.told)
    tell("In doubt:", made.doubts)
    changes = [f"{change.student}: {change.old} → {change.new}" for change in made.overwrites]
    tell("Would overwrite:", changes)


def _sum(made: Plan) -> str:
    parts = [f"{plural(len(made.changes), 'cell')} filled"]
    if made.same:
        parts.append(f"{made.same} were so already")
    if made.remarks:
        parts.append(plural(made.remarks, "comment"))
    return ", ".join(parts)
