"""By what an LMS's import finds whose a row is: it may be broken where the kit found the student by another column."""

import re
from collections.abc import Sequence

from autograder.lms.document import Document, Row
from autograder.lms.people import folded

# What a spreadsheet leaves of a cell: an error, or a long number in short.
_DAMAGED = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!)|\d+(?:[.,]\d+)?E\+\d+")


class OwnKeys:
    """Says of a row why the LMS would not find its student, or not for certain."""

    def __init__(self, document: Document, rows: Sequence[Row]) -> None:
        self._format = document.format
        header = document.layout.header
        self._columns = [(name, header.index(name)) for name in self._format.import_keys if name in header]
        self._rows: dict[tuple[str, str], list[int]] = {}
        for row in rows:
            name, value = self._key(row)
            self._rows.setdefault((name, folded(value)), []).append(row.number)

    def _key(self, row: Row) -> tuple[str, str]:
        """Give the first of the columns that says anything, and what it says."""
        for name, index in self._columns:
            if self._format.key(row.values[index]):
                return name, row.values[index].strip()
        return "", ""

    def trouble(self, row: Row) -> str:
        """Say what is wrong with a row's key, '' where nothing is."""
        if not self._columns:
            return ""
        name, value = self._key(row)
        if not value:
            names = " or ".join(f"'{name}'" for name, _ in self._columns)
            return f"has a row without {names}, by which the LMS would find it"
        if _DAMAGED.fullmatch(value) or self._format.is_broken(name, value):
            return f"has '{value}' in '{name}', which is none of the LMS's"
        if len(numbers := self._rows[name, folded(value)]) > 1:
            places = ", ".join(map(str, numbers))
            return (
                f"has the same '{value}' in '{name}' as somebody else (rows {places}), and the LMS goes by it"
            )
        return ""
