"""Delimited text as cells that know where they stand, so that one can be replaced and nothing else changes."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from autograder.errors import InstructorError

DELIMITERS = (",", ";", "\t", ":")
"""What LMSs put between cells, the likelier first."""

_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)
MAX_CELL = 1_000_000
"""The most characters that a quoted cell may have: a lone quote would swallow the rest of the file."""


class Cell(NamedTuple):
    """A cell: what it says, and where its text (with its quotes) begins and ends."""

    value: str
    start: int
    end: int
    quoted: bool


Record = list[Cell]


class Edit(NamedTuple):
    """A new text for a place, `start` to `end`, of the old one."""

    start: int
    end: int
    text: str


@cache
def _pattern(delimiter: str) -> re.Pattern[str]:
    between = re.escape(delimiter)
    # Possessive, so that a file of nothing but quotes takes no longer than another.
    quoted = rf'"([^"]*+(?:""[^"]*+)*+)"([^{between}\r\n]*+)'
    return re.compile(rf"(?:{quoted}|([^{between}\r\n]*+))({between}|\r\n|\r|\n|\Z)")


def records(text: str, delimiter: str, name: str = "the file") -> Iterator[Record]:
    """Give the records of a text, a blank line as one empty cell. Lines may end in any way, and in several.

    Quotes are those of RFC 4180; text behind a closing quote belongs to the cell, as other readers have it.
    Raises InstructorError where a quoted cell has no end.
    """
    match = _pattern(delimiter).match
    position, record, size = 0, Record(), len(text)
    while position < size or record:
        found = match(text, position)
        if found is None or (found[3] is not None and found[3].startswith('"')):
            raise _unended(text, position, name)
        if found[3] is not None:
            record.append(Cell(found[3], position, found.end(3), quoted=False))
        else:
            value = found[1].replace('""', '"') + found[2]
            if len(value) > MAX_CELL:
                raise _unended(text, position, name)
            record.append(Cell(value, position, found.end(2), quoted=True))
        position = found.end()
        if found[4] != delimiter:
            yield record
            record = Record()


def _unended(text: str, position: int, name: str) -> InstructorError:
    line = len(re.findall(r"\r\n|\r|\n", text[:position])) + 1
    return InstructorError(
        f"{name}, line {line}: a quoted cell has no end. Is the file cut off, or was it edited? Export it anew."
    )


def plain(value: str) -> str:
    """Give what a cell says: an export writes ids and names that a spreadsheet would change as `="…"`."""
    wrapped = _WRAPPED.fullmatch(value.strip())
    return wrapped[1].replace('""', '"') if wrapped else value


def write_cell(value: str, delimiter: str, *, quoted: bool) -> str:
    """Give a cell's text, in quotes where they are wanted or needed."""
    if (
        quoted
        or any(character in value for character in (delimiter, '"', "\r", "\n"))
        or value != value.strip()
    ):
        return '"' + value.replace('"', '""') + '"'
    return value


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Give the text with each edit in its place, and all else as it was. Places do not overlap."""
    parts, position = [], 0
    for edit in sorted(edits):
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]])
