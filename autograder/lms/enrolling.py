"""A class list of an LMS as the people of the gradebook."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.course import is_plain_name
from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.lms.damaged import is_damaged
from autograder.lms.document import Document, Row
from autograder.lms.doubled import refuse_doubled
from autograder.lms.formats import Key
from autograder.lms.kept import kept
from autograder.lms.matching import match, who
from autograder.lms.passing import refuse_passed
from autograder.lms.people import People, folded
from autograder.lms.replaced import replaced
from autograder.lms.shared import refuse_shared
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
    """Read the people of a list. Ids are in the column `key_name`, else in the best that there is.

    Where that is a column of addresses, or of the LMS's own ids because there is none of ids, it only finds those who
    are known already: they keep their ids, and the others are new. One whose cell in it is empty is left out and told,
    unless another key of the row says who they are.

    Raises InstructorError where an id comes twice, is damaged or cannot name a folder, where one who would be added is
    known under another id, and where a student would get the address or the LMS's id of another one.
    """
    everybody = list(document.rows())
    named = {
        person.id
        for person in known
        if document.format.whole_names and (person.first_name or person.last_name)
    }
    rows = [row for row in everybody if document.format.belongs(document.layout, row.values)]
    if not rows:
        raise InstructorError(f"{document.name} lists no students.")
    key = _key(document, rows, key_name)
    known_as = _known_as(document, rows, key, known, chosen=key_name is not None)
    nobodys = [row for row in rows if not (row.number in known_as or _id(document, row, key))]
    told = [] if key_name is not None else _passed_over(document, rows, key)
    told += [_without_id(document, nobodys, key)] if nobodys else []
    told += [left_open] if (left_open := document.format.left_open(document.layout)) else []
    without = {row.number for row in nobodys}
    rows = [row for row in rows if row.number not in without]
    people = [_person(document, row, key, known_as.get(row.number)) for row in rows]
    people = [replace(each, first_name="", last_name="") if each.id in named else each for each in people]
    stays = kept(people, known)
    people, told = list(stays.people), [*told, *stays.told]
    _refuse_twins(document, rows, people)
    refuse_doubled(document, rows, people, key, known)
    refuse_shared(document, rows, people, known, chosen=key_name is not None)
    told += refuse_passed(document, rows, people, known, key, chosen=key_name is not None)
    told += replaced(people, known)
    return Listed(people, key.header, len(everybody) - len(rows) - len(nobodys), told)


def _key(document: Document, rows: Sequence[Row], name: str | None) -> Key:
    """Choose the column of ids: the one of this name, else one of ids that is filled in each row, or in most of them.

    For one person who has no id yet, the others are not to get addresses or an LMS's numbers for ids.
    """
    header, keys = document.layout.header, document.layout.keys
    if name is not None:
        if name not in header:
            raise InstructorError(f"{document.name} has no column '{name}'. There are: {', '.join(header)}.")
        index = header.index(name)
        key = next((key for key in keys if key.index == index), Key(name, index, "id"))
        if not any(_id(document, row, key) for row in rows):
            raise InstructorError(
                f"{document.name}: '{name}' is empty in every row. Name another column with --id."
            )
        return key
    filled = {key: sum(bool(_id(document, row, key)) for row in rows) for key in keys}
    whole = [key for key in keys if filled[key] == len(rows)]
    mostly = [key for key in keys if key.kind == "id" and filled[key] > len(rows) / 2]
    for key in (*(key for key in mostly if key in whole), *mostly, *whole):
        return key
    names = ", ".join(key.header for key in keys) or "none"
    raise InstructorError(
        f"{document.name} has no column of ids that is filled in most rows (looked at: {names}). Name one with --id."
    )


def _id(document: Document, row: Row, key: Key) -> str:
    return document.format.key(row.values[key.index])


def _without_id(document: Document, rows: Sequence[Row], key: Key) -> str:
    return (
        f"Left out: '{key.header}' is empty in {some([who(document, row) for row in rows])}. Enrol them once they have "
        "an id in the LMS, or by a table of id,first_name,last_name."
    )


def _passed_over(document: Document, rows: Sequence[Row], key: Key) -> list[str]:
    """Say why better columns than the one that was taken were not, where they hold ids at all."""
    better = list(document.layout.keys)[: list(document.layout.keys).index(key)]
    told = []
    for each in better:
        empty = [who(document, row) for row in rows if not document.format.key(row.values[each.index])]
        if 0 < len(empty) < len(rows):
            told.append(f"'{each.header}' is empty in {some(empty)}, so its ids were not taken.")
    return told


def _known_as(
    document: Document, rows: Sequence[Row], key: Key, known: Sequence[Person], *, chosen: bool
) -> dict[int, str]:
    """Give the ids of known students by the numbers of their rows, where the key says no id of ours.

    Raises InstructorError where a row may be of several, and its key is all that says whose it is.
    """
    people = People(known)
    by_all = match(document, rows, people, document.layout.keys)
    without_id = {row.number: each for each, row in by_all.rows.items() if not _id(document, row, key)}
    if key.kind == "id" or (chosen and key.kind == "lms"):
        return without_id
    matched = match(document, rows, people, [key], named=True) if chosen else by_all
    for row, students in matched.unclear:
        # Who was once enrolled by this very address stays so.
        if _id(document, row, key) not in students:
            raise InstructorError(
                f"{document.name}, row {row.number}: it may be of {' or '.join(students)}. Name the column that counts "
                "with --id, or mend what is known of them: autograder roster with a table of id,email."
            )
    found = without_id | {row.number: student for student, row in matched.rows.items()}
    return found | {row.number: student for student, both in matched.twice.items() for row in both}


def _person(document: Document, row: Row, key: Key, known_as: str | None) -> Person:
    format_, layout = document.format, document.layout
    own = _lms_key(document, key)
    _refuse_damaged(document, row, key, own)
    student = known_as or unicodedata.normalize("NFC", format_.key(row.values[key.index]))
    if reason := "" if known_as else _unfit(student):
        raise InstructorError(
            f"{document.name}, row {row.number}: '{student}' cannot be an id, since it {reason}."
        )
    first, last = format_.name_of(layout, row.values)
    email = next((row.values[each.index] for each in layout.keys if each.kind == "email"), "")
    lms_id = format_.key(_clean(row.values[own.index])) if own else ""
    return Person(student, _clean(first), _clean(last), _clean(email), lms_id)


def _refuse_damaged(document: Document, row: Row, *keys: Key | None) -> None:
    """Raise InstructorError for what a spreadsheet has made of an id: several long ones may have become the same."""
    for key in filter(None, keys):
        if is_damaged(value := row.values[key.index]):
            raise InstructorError(
                f"{document.name}, row {row.number}: '{value.strip()}' in '{key.header}' is what a spreadsheet leaves "
                "of a longer id. Let the LMS export the file anew, and do not open it in a spreadsheet before."
            )


def _lms_key(document: Document, key: Key) -> Key | None:
    """Give the column of the LMS's own id beside the one that was taken.

    Where that is it, the next key is what its downloads go by. Not so for a number in which the LMS counts.
    """
    keys = [each for each in document.layout.keys if each.kind != "email"]
    own = [each for each in keys if each.kind == "lms" and (each.numbers or each.index != key.index)]
    if not own and key.kind == "lms":
        own = [each for each in keys if each.index != key.index]
    return own[0] if own else None


def _unfit(name: str) -> str:
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
