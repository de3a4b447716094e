"""autograder roster: an LMS's class list into the gradebook."""

from pathlib import Path

import click

from autograder.cli.common import plural, tell
from autograder.course import Course
from autograder.gradebook.people import FIELDS, Person


@click.command("roster")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--id", "key", metavar="COLUMN", help="The column of the ids by which students are known here.")
@click.option("--lms", metavar="NAME", help="Whose file it is, where its content leaves that open.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.pass_context
def command(context: click.Context, file: Path, key: str | None, lms: str | None, dry_run: bool) -> int:
    """Read FILE, a class list or a gradebook that an LMS exports, into nbgrader's students: id, names, address, and
    the LMS's own id, by which 'autograder unpack' and 'autograder export' know them again.

    Understood are exports of Canvas, Moodle, Blackboard, Brightspace, Sakai and Gradescope, OneRoster's users.csv, the
    JSON of an LTI platform (NRPS), and nbgrader's own table. Nobody is removed; what the list leaves blank stays as it
    is known. Who has no id is left out, and named; where somebody would be added who is known under another id,
    nothing is written. A second run changes nothing.

    \b
      autograder roster gradebook.csv
      autograder roster gradebook.csv --id 'SIS User ID'
    """
    course = Course(context.obj)
    from autograder.gradebook.opening import made_database
    from autograder.gradebook.people import compare, write_people
    from autograder.lms.enrolling import read_list
    from autograder.lms.files import read_document

    document = read_document(file, lms)
    known = _known(course)
    listed = read_list(document, key, known)
    change = compare(known, listed.people)
    if not dry_run:
        with made_database(course) as gradebook:
            write_people(gradebook, change)
    if document.text.warning:
        click.echo(document.text.warning)
    tell("Good to know:", listed.told)
    tell("Added:", [_line(person) for person in change.added])
    tell("Changed:", [f"{before.id}: {_difference(before, after)}" for before, after in change.changed])
    tell("In the gradebook, but not in the list (kept):", [_line(person) for person in change.gone])
    same = len(listed.people) - len(change.added) - len(change.changed)
    click.echo(
        f"{document.format.title}, ids from '{listed.key}': {plural(len(listed.people), 'student')}, "
        f"{len(change.added)} added, {len(change.changed)} changed, {same} as before, "
        f"{len(change.gone)} not in the list"
        + (f"; {plural(listed.left_out, 'row')} of others left out" if listed.left_out else "")
        + ("; nothing was written." if dry_run else ".")
    )
    return 0


def _known(course: Course) -> list[Person]:
    """Give the class as it is known. A gradebook that is not there yet is not made for a list that may be refused."""
    from autograder.gradebook.database import Database
    from autograder.gradebook.people import read_people
    from autograder.gradebook.settings import gradebook_address

    database = Database(gradebook_address(course))
    try:
        return read_people(database) if database.is_made() else []
    finally:
        database.close()


def _line(person: Person) -> str:
    name = f"{person.first_name} {person.last_name}".strip()
    return " · ".join(part for part in (person.id, name, person.email) if part)


def _difference(before: Person, after: Person) -> str:
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in FIELDS)
    return ", ".join(f"{name} '{old}' → '{new}'" for name, old, new in pairs if old != new)
