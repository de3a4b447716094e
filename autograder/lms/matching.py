"""Who of the class is meant: by ids and addresses, never by names alone."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from autograder.gradebook.people import Person
from autograder.lms.document import Document, Row
from autograder.lms.formats import Format, Key


def folded(text: str) -> str:
    """Give an id or a name so that equal ones compare equal, however they are composed and in whatever case."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


class People:
    """The class, to be looked up. Case decides only between two who differ in nothing else."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.by_id = {person.id: person for person in people}
        self._ids: dict[str, set[str]] = {}
        self._emails: dict[str, set[str]] = {}
        for person in self.by_id.values():
            for name in filter(None, (person.id, person.lms_user_id)):
                self._ids.setdefault(folded(name), set()).add(person.id)
            if person.email:
                self._emails.setdefault(folded(person.email), set()).add(person.id)

    def with_id(self, value: str) -> set[str]:
        """Give the students whose id, or whose id in the LMS, this is."""
        found = self._ids.get(folded(value), set()) if value.strip() else set()
        exact = {each for each in found if value.strip() in (each, self.by_id[each].lms_user_id)}
        return exact or found

    def with_own_id(self, value: str) -> set[str]:
        """Give the students whose id in the class this is."""
        return {each for each in self.with_id(value) if folded(each) == folded(value)}

    def with_lms_id(self, value: str) -> set[str]:
        """Give the students whose id in the LMS this is."""
        return {each for each in self.with_id(value) if folded(self.by_id[each].lms_user_id) == folded(value)}

    def with_email(self, value: str) -> set[str]:
        """Give the students whose address this is."""
        return self._emails.get(folded(value), set()) if value.strip() else set()

    def meant(self, value: str, kind: str) -> set[str]:
        """Give the students whom a cell of this kind can mean."""
        if kind == "email" or "@" in value:
            return self.with_email(value) | self.with_id(value)
        return self.with_id(value)


@dataclass(frozen=True)
class Matched:
    """The students of a file's rows. Nobody of `twice` and `unclear` is in `rows`."""

    rows: dict[str, Row]
    strangers: Sequence[Row]
    unclear: Sequence[tuple[Row, Sequence[str]]]
    twice: dict[str, Sequence[Row]]
    by_address: int = 0


def match(document: Document, rows: Iterable[Row], people: People, keys: Sequence[Key]) -> Matched:
    """Find the student of each row. Whom the keys of a row do not agree on is not guessed."""
    rows = list(rows)
    found: dict[str, list[Row]] = {}
    strangers, unclear = [], []
    by_chance = _by_chance(document, rows, people, keys)
    for row in rows:
        meant = _meant(document.format, row, people, keys, by_chance)
        if len(meant) == 1:
            found.setdefault(meant.pop(), []).append(row)
        elif meant:
            unclear.append((row, sorted(meant)))
        else:
            strangers.append(row)
    by_address = _by_address(document.format, strangers, people, keys, found)
    for student, row in by_address.items():
        found[student] = [row]
    taken = {row.number for row in by_address.values()}
    return Matched(
        rows={student: rows[0] for student, rows in found.items() if len(rows) == 1},
        strangers=[row for row in strangers if row.number not in taken],
        unclear=unclear,
        twice={student: rows for student, rows in found.items() if len(rows) > 1},
        by_address=len(by_address),
    )


def _by_chance(
    document: Document, rows: Iterable[Row], people: People, keys: Sequence[Key]
) -> Collection[Key]:
    """Give the keys of LMS's numbers that are somebody's id in the class by chance only: not all of them are such."""
    of_students = [row for row in rows if document.format.belongs(document.layout, row.values)]
    found = set()
    for key in keys:
        values = {document.format.key(row.values[key.index]) for row in of_students} - {""}
        if key.numbers and not all(people.with_own_id(value) for value in values):
            found.add(key)
    return found


def _meant(
    format_: Format, row: Row, people: People, keys: Sequence[Key], by_chance: Collection[Key]
) -> set[str]:
    meant: set[str] = set()
    for key in keys:
        value = format_.key(row.values[key.index])
        meant |= people.with_lms_id(value) if key in by_chance else people.meant(value, key.kind)
    return meant


def _by_address(
    format_: Format, rows: Sequence[Row], people: People, keys: Sequence[Key], found: dict[str, list[Row]]
) -> dict[str, Row]:
    """Match by what is before the @: only students without a known address, and only where all have one domain.

    Within one domain nobody else can have that address; across domains anybody could.
    """
    matched: dict[str, list[Row]] = {}
    domains = set()
    for row in rows:
        for key in keys:
            name, at, domain = format_.key(row.values[key.index]).rpartition("@")
            meant = people.with_id(name) if at and key.kind == "email" else set()
            for student in meant:
                if not people.by_id[student].email and student not in found:
                    matched.setdefault(student, []).append(row)
                    domains.add(folded(domain))
    if len(domains) != 1 or any(len(rows) > 1 for rows in matched.values()):
        return {}
    return {student: rows[0] for student, rows in matched.items()}


def who(document: Document, row: Row) -> str:
    """Name the one that a row is about, for a person to read."""
    first, last = document.format.name_of(document.layout, row.values)
    keys = [document.format.key(row.values[key.index]) for key in document.layout.keys]
    known = ", ".join(part for part in (*keys, f"{first} {last}".strip()) if part)
    return f"row {row.number} ({known})" if known else f"row {row.number}"
