"""Who of a class list is in the gradebook already, under another id: they would be there twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.lms.document import Document, Row
from autograder.lms.formats import Key
from autograder.lms.matching import who
from autograder.lms.people import People, folded
from autograder.text import some


@dataclass(frozen=True)
class _Twice:
    """One who would be added, and who they are already by a column; '' where the id itself says so."""

    row: Row
    listed: Person
    known: str
    header: str = ""
    by_own_id: bool = False


def refuse_doubled(
    document: Document, rows: Sequence[Row], listed: Sequence[Person], key: Key, known: Sequence[Person]
) -> None:
    """Raise InstructorError where one who would be added is known under another id, by whatever key of the row."""
    people = People(known)
    new = [(row, person) for row, person in zip(rows, listed, strict=True) if person.id not in people.by_id]
    # Where nobody is known by the column of the ids, the class may go by the numbers in which the LMS counts.
    by_numbers = len(new) == len(listed)
    keys = [key, *(each for each in document.layout.keys if each != key)]
    there = {person.id for person in listed}
    bare = {each.lstrip("0"): each for each in people.by_id if each not in there and each.isdecimal()}
    found: list[_Twice] = []
    for row, person in new:
        # Of what is found, the first is told: what a spreadsheet did is likelier than an id that another one has.
        if person.id.isdecimal() and (same := bare.get(person.id.lstrip("0"))):
            found.append(_Twice(row, person, same))
        for each in keys:
            found += _by(document, row, person, each, people, by_numbers=by_numbers)
    if found:
        raise InstructorError(_refusal(document, found, key))


def _by(
    document: Document, row: Row, person: Person, key: Key, people: People, *, by_numbers: bool
) -> list[_Twice]:
    value = document.format.key(row.values[key.index])
    own = people.with_own_id(value)
    if key.numbers:
        known = people.with_lms_id(value) | (own if by_numbers else set())
    elif any(each.numbers for each in document.layout.keys):
        # The LMS's ids of the class are such numbers, and no other column's.
        known = own | (people.with_email(value) if key.kind == "email" or "@" in value else set())
    else:
        known = people.meant(value, key.kind)
    return [_Twice(row, person, each, key.header, each in own) for each in sorted(known)]


def _refusal(document: Document, found: Sequence[_Twice], key: Key) -> str:
    lines: dict[int, str] = {}
    for each in found:
        by = f"by '{each.header}'" if each.header else "but for leading zeros"
        lines.setdefault(
            each.row.number,
            f"{who(document, each.row)} would be new as '{each.listed.id}', and is {each.known} {by}",
        )
    return (
        f"{document.name}: nothing was written, since the gradebook would have people twice. "
        f"{some(list(lines.values()))}. {_advice(found, key)}"
    )


def _advice(found: Sequence[_Twice], key: Key) -> str:
    if any(not each.header for each in found):
        return "The list's ids seem to have lost their leading zeros, as spreadsheets do: let the LMS export it anew."
    rows = {each.row.number for each in found}
    for header in dict.fromkeys(each.header for each in found):
        whose = {each.row.number for each in found if each.header == header and each.by_own_id}
        if whose == rows and folded(header) != folded(key.header):
            return f"A class keeps its ids: --id '{header}' says that they are in that column."
    return (
        "A class keeps its ids: name their column with --id, or write them into a copy of the list. Who is somebody "
        "else all the same is added by a table of id,first_name,last_name."
    )
