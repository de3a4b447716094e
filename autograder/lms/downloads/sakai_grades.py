"""Sakai's table of grades beside the submissions of a download: who is late, and who the members of groups are."""

import contextlib
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from autograder.lms.cells import DELIMITERS

NAME = "grades.csv"
OTHERS = ("grades.xls", "grades.xlsx")
"""What Sakai calls the table where Excel was chosen for it."""

_BEFORE_HEADER = 5
_LATE = ("late", "true", "yes", "1")


@dataclass
class Grades:
    """What a table of grades says: whom it calls late, and the members of groups, by the ids that it has of them."""

    late: set[str] = field(default_factory=set)
    members: dict[str, str] = field(default_factory=dict)


def read_grades(text: str) -> Grades:
    """Read a table of grades. Sakai separates cells by semicolons where decimals have a comma."""
    grades = Grades()
    for delimiter in DELIMITERS:
        for row in _rows(text, delimiter):
            ids = [row[name].strip() for name in ("ID", "Display ID") if name in row]
            if row["Late submission"].strip().casefold() in _LATE:
                grades.late.update(ids)
            if "Members" in row:
                grades.members[row["ID"].strip()] = row["Members"].strip()
    return grades


def _rows(text: str, delimiter: str) -> Iterator[Mapping[str, str]]:
    """Give the rows below the header by its names, none where there is no header with cells that end so."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with contextlib.suppress(csv.Error):  # it is no table, then
        for header in islice(rows, _BEFORE_HEADER):
            if {"ID", "Late submission"} <= set(header):
                yield from (dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header))
