"""Who of the class is meant: by ids and addresses, never by names alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.lms.document import Document, Row
from autograder.lms.formats import Format, Key
from autograder.lms.kinds import Reading, is_another, one_of, readings
from autograder.lms.people import People, folded


@dataclass(frozen=True)
class Matched:
    """The students of a file's rows. Nobody of `twice` and `unclear` is in `rows`.

    `ways` are those in which the columns were read, the better one first.
    """

    rows: dict[str, Row]
    strangers: Sequence[Row]
    unclear: Sequence[tuple[Row, Sequence[str]]]
    twice: dict[str, Sequence[Row]]
    ways: Sequence[Reading]
    by_address: int = 0


def match(
    document: Document, rows: Iterable[Row], people: People, keys: Sequence[Key], *, named: bool = False
) -> Matched:
    """Find the student of each row. Whom the keys of a row do not agree on is not guessed.

    `named`: a person has said that these keys count, so the better way to read them does.
    """
    rows = list(rows)
    found: dict[str, list[Row]] = {}
    strangers, unclear = [], []
    ways = readings(document, rows, people, keys)
    ways = ways[:1] if named else ways
    for row in rows:
        meant = _meant(row, keys, ways)
        if len(meant) == 1:
            found.setdefault(meant.pop(), []).append(row)
        elif meant:
            unclear.append((row, sorted(meant)))
        else:
            strangers.append(row)
    by_own_id = {} if named else _by_own_ids(document, strangers, people, keys, found)
    found |= {student: [row] for student, row in by_own_id.items()}
    strangers = _without(strangers, by_own_id)
    by_address = _by_address(document.format, strangers, people, keys, found)
    found |= {student: [row] for student, row in by_address.items()}
    return Matched(
        rows={student: rows[0] for student, rows in found.items() if len(rows) == 1},
        strangers=_without(strangers, by_address),
        unclear=unclear,
        twice={student: rows for student, rows in found.items() if len(rows) > 1},
        ways=ways,
        by_address=len(by_address),
    )


def _without(rows: Iterable[Row], found: Mapping[str, Row]) -> list[Row]:
    taken = {row.number for row in found.values()}
    return [row for row in rows if row.number not in taken]


def _meant(row: Row, keys: Sequence[Key], ways: Sequence[Reading]) -> set[str]:
    """Give the students whom a row can mean. Of two ways to read it, the one by which more keys agree counts."""
    found = [way.hits(row, keys) for way in ways]
    agreeing = sorted((hits for hits in found if one_of(hits)), key=len, reverse=True)
    if agreeing and len(agreeing[0]) > max([1, *map(len, agreeing[1:])]):
        return set(agreeing[0][0])
    return set[str]().union(*(each for hits in found for each in hits))


def _by_own_ids(
    document: Document, rows: Sequence[Row], people: People, keys: Sequence[Key], found: Collection[str]
) -> dict[str, Row]:
    """Match whose id in the LMS is not known by their own id in its column, where nothing else says who they are.

    Not by numbers in which the LMS counts: they are somebody's by chance.
    """
    matched: dict[str, list[Row]] = {}
    columns = [key.index for key in keys if key.kind == "lms" and not key.numbers]
    for row in rows:
        values = (document.format.key(row.values[index]) for index in columns)
        for student in set[str]().union(*map(people.with_own_id, values)) - set(found):
            if not people.by_id[student].lms_user_id and not is_another(document, row, people, student):
                matched.setdefault(student, []).append(row)
    certain = {student: rows[0] for student, rows in matched.items() if len(rows) == 1}
    numbers = [row.number for row in certain.values()]
    return {student: row for student, row in certain.items() if numbers.count(row.number) == 1}


def _by_address(
    format_: Format, rows: Sequence[Row], people: People, keys: Sequence[Key], found: Collection[str]
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
