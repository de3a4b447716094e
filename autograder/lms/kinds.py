"""Which kind of id stands in a file's columns: the class's own, or the LMS's.

One student's number of one kind may be another one's of the other, so a column is held against one kind only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.lms.document import Document, Row
from autograder.lms.formats import Format, Key
from autograder.lms.naming import agree
from autograder.lms.people import People

Kind = Literal["own", "lms"]
_DECLARED: Mapping[str, Kind] = {"id": "own", "own": "own", "lms": "lms"}
# So many times as much must speak for one kind.
_CLEARLY = 2


def of_kind(people: People, value: str, kind: Kind) -> set[str]:
    """Give the students whom an id of this kind means; one that is an address may be anybody's whose address it is."""
    found = people.with_own_id(value) if kind == "own" else people.with_lms_id(value)
    return found | people.with_email(value) if "@" in value else found


def is_clear(one: int, other: int) -> bool:
    """Tell whether clearly more speaks for one kind than for the other."""
    return max(one, other) >= _CLEARLY * min(one, other)


@dataclass(frozen=True)
class Reading:
    """A way to read a file's columns: the kind of id in each of them, by its place."""

    format: Format
    people: People
    kinds: Mapping[int, Kind]

    def hits(self, row: Row, keys: Sequence[Key]) -> list[set[str]]:
        """Give the students whom the keys of a row mean, a set for each that means anybody."""
        found = []
        for key in keys:
            if value := self.format.key(row.values[key.index]):
                kind = self.kinds.get(key.index)
                meant = of_kind(self.people, value, kind) if kind else self.people.meant(value, key.kind)
                found += [meant] if meant else []
        return found


def readings(document: Document, rows: Sequence[Row], people: People, keys: Sequence[Key]) -> list[Reading]:
    """Give the ways to read a file's columns, the better one first; only one, where it is clear.

    A class goes by another column than usual where it was enrolled by it, and then the kinds are exchanged. What
    speaks for a way is each id of an exchanged kind that means the one student whom the other keys of its row mean too.
    """
    keys = [*keys, *(key for key in document.layout.keys if key.index not in {each.index for each in keys})]
    declared = {key.index: _DECLARED[key.kind] for key in keys if key.kind in _DECLARED}
    by_chance = {key.index for key in keys if key.numbers and not _are_all_own(document, rows, people, key)}
    exchanged = {
        key.index: _exchanged(key, is_by_chance=key.index in by_chance)
        for key in keys
        if key.index in declared
    }
    ways = [Reading(document.format, people, declared), Reading(document.format, people, exchanged)]
    ids = [key for key in keys if declared.get(key.index) != exchanged.get(key.index)]
    if not any(ways[1].hits(row, ids) for row in rows):
        return ways[:1]
    counts = [0, 0]
    for row in rows:
        found = [way.hits(row, keys) for way in ways]
        students = [one_of(each) for each in found]
        if students[0] == students[1]:
            continue
        # Names are looked at only where there is a choice: they take their time.
        if students[0] and not (students[1] and is_another(document, row, people, students[0])):
            counts[0] += len(ways[0].hits(row, ids))
        if students[1] and not is_another(document, row, people, students[1]):
            counts[1] += len(ways[1].hits(row, ids))
    if counts[1] > counts[0]:
        ways.reverse()
    return ways[:1] if is_clear(*counts) else ways


def one_of(hits: Sequence[set[str]]) -> str:
    """Give the only student whom the keys of a row mean; '' where there is none, or several."""
    meant = set().union(*hits)
    return next(iter(meant)) if len(meant) == 1 else ""


def _exchanged(key: Key, *, is_by_chance: bool) -> Kind:
    if key.kind == "own" or (key.kind == "lms" and not is_by_chance):
        return "own"
    return "lms"


def _are_all_own(document: Document, rows: Sequence[Row], people: People, key: Key) -> bool:
    """Tell whether all of a column's numbers are ids of the class. Some of them may be so by chance."""
    of_students = (row for row in rows if document.format.belongs(document.layout, row.values))
    values = {document.format.key(row.values[key.index]) for row in of_students} - {""}
    return all(people.with_own_id(value) for value in values)


def is_another(document: Document, row: Row, people: People, student: str) -> bool:
    """Tell whether a row has another name than the student, where both are known."""
    name = " ".join(document.format.name_of(document.layout, row.values))
    return agree(name, people.by_id[student]) is False
