"""The class as the gradebook holds it: who is who, and what the LMS calls them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, bindparam, insert, select, update

from autograder.gradebook import tables
from autograder.gradebook.backup import GuardedDatabase
from autograder.gradebook.database import Database


@dataclass(frozen=True)
class Person:
    """A student. What is not known is ''. `lms_user_id` is the LMS's own id, where it has one beside ours."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


FIELDS = tuple(field.name for field in fields(Person))


@dataclass(frozen=True)
class RosterChange:
    """What a class list says that the gradebook does not: new people, new facts, and who is not in it any more."""

    added: Sequence[Person]
    changed: Sequence[tuple[Person, Person]]
    gone: Sequence[Person]


def read_people(database: Database) -> list[Person]:
    """Give all students of the gradebook, by id."""
    with database.reading() as connection:
        rows = connection.execute(select(tables.students).order_by(tables.students.c.id))
        return [Person(*(getattr(row, name) or "" for name in FIELDS)) for row in rows]


def compare(known: Iterable[Person], listed: Iterable[Person]) -> RosterChange:
    """Hold a class list against the gradebook. What the list leaves blank stays as it is known."""
    left = {person.id: person for person in known}
    added, changed = [], []
    for person in listed:
        before = left.pop(person.id, None)
        if before is None:
            added.append(person)
        elif (after := _joined(before, person)) != before:
            changed.append((before, after))
    return RosterChange(added, changed, list(left.values()))


def _joined(before: Person, now: Person) -> Person:
    return Person(*(getattr(now, name) or getattr(before, name) for name in FIELDS))


def write_people(database: GuardedDatabase, change: RosterChange) -> None:
    """Add and change students, all of them or none. Nobody is removed.

    Raises InstructorError where the gradebook cannot be written.
    """
    if not change.added and not change.changed:
        return
    table = tables.students
    added = [{name: getattr(person, name) or None for name in FIELDS} for person in change.added]
    changed = [
        {"row" if name == "id" else name: getattr(after, name) for name in FIELDS}
        for _, after in change.changed
    ]
    database.about_to_change()

    def work(connection: Connection) -> None:
        if added:
            connection.execute(insert(table), added)
        if changed:
            connection.execute(update(table).where(table.c.id == bindparam("row")), changed)

    database.write(work)
