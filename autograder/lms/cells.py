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
    record, size = Record(), len(text)
    for found in _pattern(delimiter).finditer(text):
        start = found.start()
        if start == size and not record:
            return
        inner, behind, bare, separator = found.groups()
        if bare is not None:
            if bare.startswith('"'):
                raise _unended(text, start, name)
            record.append(Cell(bare, start, start + len(bare), quoted=False))
        else:
            if len(inner) > MAX_CELL:
                raise _unended(text, start, name)
            value = inner.replace('""', '"') + behind if behind or '"' in inner else inner
            record.append(Cell(value, start, found.end(2), quoted=True))
        if separator != delimiter:
            yield record
            record = Record()


def _unended(text: str, position: int, name: str) -> InstructorError:
    line = len(re.findall(r"\r\n|\r|\n", text[:position])) + 1
    return InstructorError(
        f"{name}, line {line}: a quoted cell has no end. Is the file cut off, or was it edited? Export it anew."
    )


def plain(value: str) -> str:
    """Give what a cell says: an export writes ids and names that a spreadsheet would change as `="…"`."""
    if '="' not in value:
        return value
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
