"""An LMS's file, recognised from its content and read row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from autograder.errors import InstructorError
from autograder.lms.cells import Record, plain, records
from autograder.lms.encoding import Text
from autograder.lms.formats import Format, Layout
from autograder.text import one_line

_BEFORE_HEADER = 5


class Row(NamedTuple):
    """A student's row: its number in the file, its cells, and what they say."""

    number: int
    cells: Record
    values: list[str]


@dataclass(frozen=True)
class Document:
    """A file of a known format. `start` is the number of records up to the header's."""

    name: str
    text: Text
    format: Format
    delimiter: str
    layout: Layout
    start: int

    def rows(self) -> Iterator[Row]:
        """Give the students' rows. Raises InstructorError for rows that are cut off, and for a second header."""
        header, width = list(self.layout.header), len(self.layout.header)
        for number, cells in enumerate(records(self.text.text, self.delimiter, self.name), start=1):
            values = _values(cells)
            if number <= self.start or not any(value.strip() for value in values):
                continue
            if _stripped(values) == _stripped(header):
                raise InstructorError(
                    f"{self.name}, row {number}: the header stands there a second time. Were two files put together?"
                )
            if not self.format.is_student(values):
                continue
            if len(values) < width or any(value.strip() for value in values[width:]):
                raise InstructorError(
                    f"{self.name}, row {number}: there are {len(values)} cells, and {width} in the header. Is the file "
                    "cut off, or was it edited? Export it anew."
                )
            yield Row(number, cells, values)


def _stripped(values: Sequence[str]) -> list[str]:
    return [value.strip() for value in values]


def recognise(name: str, text: Text, formats: Sequence[Format]) -> Document:
    """Find out which of these formats a file has, by its header. Raises InstructorError where it is none or several."""
    found: dict[str, Document] = {}
    for format_ in formats:
        for delimiter in format_.delimiters:
            document = _as(name, text, format_, delimiter)
            if document is not None:
                found.setdefault(format_.name, document)
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise InstructorError(f"{name} may be of several LMSs: say with --lms which, of {', '.join(found)}")
    if elsewise := _with_tabs(name, text, formats):
        raise InstructorError(elsewise)
    titles = ", ".join(format_.title for format_ in formats)
    raise InstructorError(
        f"{name} has no header of these: {titles}. It begins with: {_beginning(text)}\n"
        f"{_lacking(name, text, formats)}"
        "Is it the file that the LMS exports, with an English user interface, and not edited?"
    )


def _lacking(name: str, text: Text, formats: Sequence[Format]) -> str:
    """Say what the first row lacks to be a header, where it nearly is one, each time in a line."""
    lacks = (
        format_.lacks(header)
        for format_ in formats
        for delimiter in format_.delimiters
        if (header := _first(name, text, delimiter))
    )
    return "".join(f"{each}\n" for each in lacks if each)


def _with_tabs(name: str, text: Text, formats: Sequence[Format]) -> str:
    """Say whose file it would be with other signs between its cells, if it has tabs that the LMS does not read."""
    for format_ in formats:
        if "\t" not in format_.delimiters and _as(name, text, format_, "\t"):
            return (
                f"{name} would be a {format_.title}, but has tabs between its cells, as spreadsheets save it, and the "
                "LMS reads none. Export it anew there, as CSV, and take the file as it comes."
            )
    return ""


def _as(name: str, text: Text, format_: Format, delimiter: str) -> Document | None:
    """Give the document, if one of its first rows is a header of this format."""
    try:
        head = list(islice(records(text.text, delimiter, name), _BEFORE_HEADER))
    except InstructorError:
        if not _could_begin(name, text, format_, delimiter):
            return None
        raise
    for at, record in enumerate(head):
        header = _stripped(_values(record))
        if len(header) > 1 and format_.recognises(header):
            following = map(_values, islice(records(text.text, delimiter, name), at + 1, None))
            return Document(name, text, format_, delimiter, format_.layout(header, following), at + 1)
    return None


def _values(record: Record) -> list[str]:
    return [plain(cell.value) for cell in record]


def _could_begin(name: str, text: Text, format_: Format, delimiter: str) -> bool:
    """Tell whether the first row is this format's header, though what follows is broken."""
    first = _first(name, text, delimiter)
    return len(first) > 1 and format_.recognises(first)


def _first(name: str, text: Text, delimiter: str) -> list[str]:
    """Give what the first row says, nothing where it is broken."""
    try:
        return _stripped(_values(next(records(text.text, delimiter, name), [])))
    except InstructorError:
        return []


def _beginning(text: Text) -> str:
    return one_line(text.text[:80].splitlines()[0]) if text.text.strip() else "nothing: it is empty"
