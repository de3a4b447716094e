"""Sakai: the gradebook's CSV (docs/lms/sakai.md). Its first two columns are known by their places."""

import re
from collections.abc import Sequence

from autograder.lms.formats import Column, Entry, Format, Key, Layout, Values, split_name

_ITEM = re.compile(r"(?P<title>[^\[]+)(?:\[(?P<max>\d+(?:[.,]\d\d?)?)\])?")
_PEOPLE = (
    ("student id", "student name"),
    ("student id", "name"),
    ("display id", "name"),
    ("user id", "name"),
)


class Sakai(Format):
    """Sakai's gradebook, exported and imported under Gradebook, Import/Export."""

    name = "sakai"
    title = "Sakai gradebook"
    places = (0, 2)
    comma_by_semicolons = True
    has_thousands = True
    upload = (
        "In Sakai: Gradebook, Import / Export, choose the file; select this item only. An item that belongs to "
        "Assignments or to Tests & Quizzes takes nothing here: use 'autograder feedback --return' and Upload All there."
    )

    def recognises(self, header: Values) -> bool:
        """By the first two columns, else by an item with its points."""
        first = tuple(name.strip().casefold() for name in header[:2])
        items = [_ITEM.fullmatch(name.strip()) for name in header[2:]]
        return first in _PEOPLE or any(item and item["max"] for item in items)

    def layout(self, header: Values, following: Sequence[Values]) -> Layout:
        """An item may have a column `* item` for comments; what begins with `#` is not read by Sakai."""
        remarks = {
            name.strip().removeprefix("*").strip(): at
            for at, name in enumerate(header)
            if name.startswith("*")
        }
        columns = [
            _column(at, name, remarks)
            for at, name in enumerate(header)
            if at > 1 and name.strip() and not name.startswith("*")
        ]
        return Layout(header, [Key(header[0], 0, "id")], columns)

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """`Last, First` in the second column."""
        return split_name(values[1])

    def fresh(self, title: str, max_score: str, entries: Sequence[Entry]) -> tuple[list[Values], str]:
        """Students by id; the item by its name."""
        rows: list[Values] = [["Student ID", "Student Name", f"{title} [{max_score}]"]]
        for entry in entries:
            person = entry.person
            name = ", ".join(part for part in (person.last_name, person.first_name) if part)
            rows.append([person.id, name, entry.points])
        return rows, (
            f"Sakai must guess which item '{title}' is: one of just this name, or it makes one; other points than the "
            "item's change it. Students whom it does not know are skipped."
        )


def _column(index: int, header: str, remarks: dict[str, int]) -> Column:
    found = _ITEM.fullmatch(header.strip())
    title = found["title"].strip() if found else header.strip()
    obstacle = "" if found else "has a heading that stops Sakai's import"
    if header.startswith("#"):
        obstacle = "is not read by Sakai"
    most = (found["max"] or "") if found else ""
    return Column(index, header, title, most=most, obstacle=obstacle, remarks=remarks.get(title))
