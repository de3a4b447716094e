"""A class list of an LMS as the people of the gradebook."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.course import is_plain_name
from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.lms.document import Document, Row
from autograder.lms.formats import Key
from autograder.lms.matching import People, folded, match, who
from autograder.text import some

_LONGEST = 128


@dataclass(frozen=True)
class Listed:
    """The people of a list, the column of their ids, the rows that are nobody of the class, and what is to be told."""

    people: Sequence[Person]
    key: str
    left_out: int
    told: Sequence[str]


def read_list(document: Document, key_name: str | None, known: Sequence[Person]) -> Listed:
    """Read the people of a list. Ids are in the column `key_name`, else in the best that is filled in each row.

    Where that is a column of addresses, or of the LMS's own ids because there is none of ids, it only finds those who
    are known already: they keep their ids, and the others are new.

    Raises InstructorError where an id is missing, comes twice, or cannot name a folder; and where ids are so unlike
    those of the gradebook that another column must be meant.
    """
    everybody = list(document.rows())
    named = {
        person.id
        for person in known
        if document.format.whole_names and (person.first_name or person.last_name)
    }
    rows = [row for row in everybody if document.format.belongs(document.layout, row.values)]
    if not rows:
        raise InstructorError(f"{document.name} has a header but no students.")
    key = _key(document, rows, key_name)
    known_as = _known_as(document, rows, key, known, chosen=key_name is not None)
    people = [_person(document, row, key, known_as.get(row.number)) for row in rows]
    _refuse_twins(document, rows, people)
    if key_name is None:
        _refuse_strangers(document, rows, people, key, {person.id for person in known})
    people = [replace(each, first_name="", last_name="") if each.id in named else each for each in people]
    told = [] if key_name is not None else _passed_over(document, rows, key)
    return Listed(people, key.header, len(everybody) - len(rows), told)


def _key(document: Document, rows: Sequence[Row], name: str | None) -> Key:
    header = document.layout.header
    if name is not None:
        if name not in header:
            raise InstructorError(f"{document.name} has no column '{name}'. There are: {', '.join(header)}.")
        index = header.index(name)
        return next((key for key in document.layout.keys if key.index == index), Key(name, index, "id"))
    for key in document.layout.keys:
        if all(document.format.key(row.values[key.index]) for row in rows):
            return key
    names = ", ".join(key.header for key in document.layout.keys) or "none"
    raise InstructorError(
        f"{document.name} has no column of ids that is filled in every row (looked at: {names}). Name one with --id."
    )


def _passed_over(document: Document, rows: Sequence[Row], key: Key) -> list[str]:
    """Say why better columns than the one that was taken were not, where they hold ids at all."""
    better = list(document.layout.keys)[: list(document.layout.keys).index(key)]
    told = []
    for each in better:
        empty = [who(document, row) for row in rows if not document.format.key(row.values[each.index])]
        if len(empty) < len(rows):
            told.append(f"'{each.header}' is empty in {some(empty)}, so its ids were not taken.")
    return told


def _known_as(
    document: Document, rows: Sequence[Row], key: Key, known: Sequence[Person], *, chosen: bool
) -> dict[int, str]:
    """Give the ids of known students by the numbers of their rows, where the key is no id of ours.

    Raises InstructorError where a row may be of several.
    """
    if key.kind == "id" or (chosen and key.kind == "lms"):
        return {}
    matched = match(document, rows, People(known), [key] if chosen else document.layout.keys)
    for row, students in matched.unclear:
        # Who was once enrolled by this very address stays so.
        own = document.format.key(row.values[key.index])
        if own not in students:
            raise InstructorError(
                f"{document.name}, row {row.number}: it may be of {' or '.join(students)}. Name the column that counts "
                "with --id, or mend what is known of them: autograder roster with a table of id,email."
            )
    found = {row.number: student for student, row in matched.rows.items()}
    return found | {row.number: student for student, both in matched.twice.items() for row in both}


def _person(document: Document, row: Row, key: Key, known_as: str | None) -> Person:
    format_, layout = document.format, document.layout
    student = known_as or unicodedata.normalize("NFC", format_.key(row.values[key.index]))
    if reason := "" if known_as else _unfit(student):
        raise InstructorError(
            f"{document.name}, row {row.number}: '{student}' cannot be an id, since it {reason}."
        )
    first, last = format_.name_of(layout, row.values)
    email = next((row.values[each.index] for each in layout.keys if each.kind == "email"), "")
    lms = next((row.values[each.index] for each in layout.keys if each.kind == "lms"), "")
    facts = (_clean(first), _clean(last), _clean(email), format_.key(_clean(lms)))
    return Person(student, *facts)


def _unfit(name: str) -> str:
    if not name:
        return "is empty"
    if not is_plain_name(name) or name.startswith(".") or ".." in name:
        return "could not name a folder of its own"
    if any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in name):
        return "has characters that cannot be seen"
    return f"is longer than {_LONGEST} characters" if len(name) > _LONGEST else ""


def _clean(text: str) -> str:
    """Give a name or an address in one line, composed, and no longer than the gradebook takes."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return unicodedata.normalize("NFC", line)[:_LONGEST]


def _refuse_twins(document: Document, rows: Sequence[Row], people: Sequence[Person]) -> None:
    seen: dict[str, int] = {}
    for row, person in zip(rows, people, strict=True):
        before = seen.setdefault(folded(person.id), row.number)
        if before != row.number:
            raise InstructorError(
                f"{document.name}: rows {before} and {row.number} have the same id '{person.id}' (case does not count, "
                "since folders are named by it). Mend the list, or name another column with --id."
            )


def _refuse_strangers(
    document: Document, rows: Sequence[Row], people: Sequence[Person], key: Key, known: set[str]
) -> None:
    if not known or any(person.id in known for person in people):
        return
    for other in document.layout.keys:
        values = {document.format.key(row.values[other.index]) for row in rows}
        if other != key and values & known:
            raise InstructorError(
                f"{document.name}: nobody in the gradebook has an id from '{key.header}', but some have one from "
                f"'{other.header}'. Say which it is: --id '{other.header}' or --id '{key.header}'."
            )
