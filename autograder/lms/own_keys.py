"""By what an LMS's import finds whose a row is: it may be broken where the kit found the student by another column."""

from collections.abc import Sequence

from autograder.gradebook.people import Person
from autograder.lms.damaged import are_equal_but_for_zeros, is_damaged
from autograder.lms.document import Document, Row
from autograder.lms.formats import Key
from autograder.lms.matching import Matched
from autograder.lms.people import People, folded


class OwnKeys:
    """Says of a row why the LMS would not find its student, or not for certain.

    `matched` says which rows are students', by which it is found out which of a student's ids a column has, if any, and
    by which kind of id each column is read: only by that may a key be another student's.
    """

    def __init__(self, document: Document, rows: Sequence[Row], people: People, matched: Matched) -> None:
        self._format = document.format
        self._people = people
        header = document.layout.header
        self._columns = [(name, header.index(name)) for name in self._format.import_keys if name in header]
        self._keys = {key.header: key for key in document.layout.keys}
        self._rows: dict[tuple[str, str], list[int]] = {}
        for row in rows:
            name, value = self._key(row)
            self._rows.setdefault((name, folded(value)), []).append(row.number)
        self._matched = matched.rows
        self._ways = matched.ways
        self._kinds: dict[str, str] = {}

    def _key(self, row: Row) -> tuple[str, str]:
        """Give the first of the columns that says anything, and what it says."""
        for name, index in self._columns:
            if self._format.key(row.values[index]):
                return name, row.values[index].strip()
        return "", ""

    def trouble(self, row: Row, student: str) -> str:
        """Say what is wrong with the key of a student's row, '' where nothing is."""
        if not self._columns:
            return ""
        name, value = self._key(row)
        if not value:
            names = " or ".join(f"'{name}'" for name, _ in self._columns)
            return f"has a row without {names}, by which the LMS would find it"
        if is_damaged(value) or self._format.is_broken(name, value):
            return f"has '{value}' in '{name}', which is none of the LMS's"
        if len(numbers := self._rows[name, folded(value)]) > 1:
            places = ", ".join(map(str, numbers))
            return (
                f"has the same '{value}' in '{name}' as somebody else (rows {places}), and the LMS goes by it"
            )
        key = self._keys.get(name)
        return self._another(self._people.by_id[student], key, row) if key else ""

    def stands_alone(self, row: Row) -> str:
        """Give the name of the LMS's key where it means students whom no other key of the row means, else ''.

        Where a row's columns may be read in two ways, it does so in both.
        """
        name, _ = self._key(row)
        own = self._keys.get(name)
        if own is None:
            return ""
        rest = [key for key in self._keys.values() if key.header != name]
        stands = [_apart(way.hits(row, [own]), way.hits(row, rest)) for way in self._ways]
        return name if all(stands) else ""

    def _another(self, person: Person, key: Key, row: Row) -> str:
        """Say whose else, or what else, a key is than the one that is known of this student, if it is."""
        value = self._format.key(row.values[key.index])
        meant = set[str]().union(*(each for way in self._ways for each in way.hits(row, [key])))
        if person.id in meant:
            return ""
        said = f"has '{value}' in '{key.header}', by which the LMS goes"
        if meant:
            return f"{said}, and which is {' or '.join(sorted(meant))}'s: let the LMS export the file anew"
        known = [person.lms_user_id] if key.numbers else [person.id, person.lms_user_id]
        if folded(value) in map(folded, (person.id, *known)):
            return ""
        if whole := next((each for each in known if are_equal_but_for_zeros(each, value)), ""):
            return f"{said}, and is known by '{whole}': let the LMS export it anew, and do not save it in a spreadsheet"
        kind = self._kind(key)
        own = getattr(person, kind, "")
        if not own:
            return ""
        next_ = "'autograder roster' with it makes that known"
        if kind == "id":
            next_ = "enter these points in the LMS by hand, since a class keeps its ids"
        return (
            f"{said}, and is known by '{own}': let the LMS export the file anew; where it is right, {next_}"
        )

    def _kind(self, key: Key) -> str:
        """Give which of a student's ids a column mostly has, '' where it is another kind, though some be equal.

        A username may change, and is then none of the ids by which the class was enrolled.
        """
        if key.header not in self._kinds:
            fields = ("id", "lms_user_id") if key.kind == "lms" else ("lms_user_id",)
            self._kinds[key.header] = next((each for each in fields if self._is_mostly(key, each)), "")
        return self._kinds[key.header]

    def _is_mostly(self, key: Key, field: str) -> bool:
        there = [
            folded(value) == folded(getattr(self._people.by_id[student], field))
            for student, row in self._matched.items()
            if (value := self._format.key(row.values[key.index]))
        ]
        return sum(there) > len(there) / 2


def _apart(own: Sequence[set[str]], rest: Sequence[set[str]]) -> bool:
    """Tell whether the one key and the rest of a row mean students, and none of them the same."""
    return bool(own and rest) and not set().union(*own) & set().union(*rest)
