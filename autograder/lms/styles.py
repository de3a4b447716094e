"""How a file writes numbers, and whether that goes together with what parts its cells."""

import re
from collections.abc import Sequence

from autograder.lms.document import Document, Row
from autograder.lms.numbers import WRITTEN, Style, style_of, uses_comma

# The maximum in a header, as several LMSs write it.
_STATED = re.compile(rf"(?:\[|Pts: (?:up to )?|MaxPoints:)({WRITTEN})")


def style_in(document: Document, rows: Sequence[Row]) -> Style:
    """Tell how the file writes numbers: by those in it, else, in some, by a semicolon between cells."""
    if document.format.always_point:
        return Style()
    return style_of(
        _numbers(document, rows),
        else_comma=document.format.comma_by_semicolons and document.delimiter == ";",
        has_thousands=document.format.has_thousands,
    )


def contradiction(document: Document, rows: Sequence[Row]) -> str:
    """Say why the LMS may not read the file's numbers, by those of which it is certain how they are written."""
    if not document.format.comma_by_semicolons:
        return ""
    comma = uses_comma(_numbers(document, rows))
    return "" if comma is None else document.format.contradiction(document.delimiter, comma=comma)


def _numbers(document: Document, rows: Sequence[Row]) -> list[str]:
    layout, indexes = document.layout, [each.index for each in document.layout.columns]
    there = [row.values[index] for row in rows for index in indexes]
    maxima = [row.values[at] for row in rows for at, name in enumerate(layout.header) if "aximum" in name]
    stated = [number for name in layout.header for number in _STATED.findall(name)]
    return [*there, *maxima, *stated]
