"""Sakai: the gradebook's CSV (docs/lms/sakai.md). Its first two columns are known by their places."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from autograder.lms.formats import Column, Entry, Format, Key, Layout, Obstacle, Values, split_name
from autograder.text import some

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
    login = "Student ID"
    names_logins = True
    upload = (
        "In Sakai: Gradebook, Import / Export, choose the file; select this item only. An item that belongs to "
        "Assignments or to Tests & Quizzes takes nothing here: use 'autograder feedback --return' and Upload All there."
    )

    def recognises(self, header: Values) -> bool:
        """By the first two columns, else by an item with its points."""
        first = tuple(name.strip().casefold() for name in header[:2])
        items = [_ITEM.fullmatch(name.strip()) for name in header[2:]]
        return first in _PEOPLE or any(item and item["max"] for item in items)

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
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

    def unmapped(self, layout: Layout, rows: Sequence[Values]) -> Obstacle | None:
        """A heading that Sakai does not take stops its import, and so does a student who comes twice."""
        reasons = [f"{each}, which stops Sakai's import" for each in _wrong_headings(layout.header)]
        counts = Counter(row[0].strip().casefold() for row in rows)
        if twice := [name for name, count in counts.items() if count > 1]:
            reasons.append(f"students come twice, which stops Sakai's import: {some(twice)}")
        return Obstacle("; ".join(reasons), in_doubt=True) if reasons else None

    def contradiction(self, delimiter: str, *, comma: bool) -> str:
        """Sakai parts cells by semicolons where decimals have a comma, and else by commas, and reads them so."""
        if delimiter == (";" if comma else ","):
            return ""
        cells = {";": "semicolons", ",": "commas"}.get(delimiter, "tabs")
        decimals = "commas" if comma else "points"
        return (
            f"There are {cells} between its cells, and decimal {decimals}. Sakai does not write them together, so "
            "another program has saved it, and Sakai's import may stop at it: fill the file as Sakai exports it."
        )

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """`Last, First` in the second column."""
        return split_name(values[1])

    def fresh(self, title: str, max_score: str, entries: Sequence[Entry]) -> tuple[list[Values], str]:
        """Students by id; the item by its name."""
        rows: list[Values] = [["Student ID", "Student Name", f"{title} [{max_score}]"]]
        for entry in entries:
            person = entry.person
            name = ", ".join(part for part in (person.last_name, person.first_name) if part)
            rows.append([entry.login, name, entry.points])
        return rows, (
            f"Sakai must guess which item '{title}' is: one of just this name, or it makes one; other points than the "
            "item's change it. Students whom it does not know are skipped."
        )


def _wrong_headings(header: Values) -> list[str]:
    """Say what is wrong with the headings behind the people's, those of comments included."""
    headings = {at: name.strip() for at, name in enumerate(header) if at > 1 and not name.startswith("#")}
    titles = {at: _title(name) for at, name in headings.items()}
    counts = Counter(filter(None, titles.values()))
    wrong = []
    for at, name in headings.items():
        title = titles[at]
        if not name:
            wrong.append(f"column {at + 1} has no heading")
        elif not title:
            wrong.append(f"the heading '{name}' is none that Sakai takes")
        elif counts[title] > 1 and title not in [titles[before] for before in titles if before > at]:
            wrong.append(f"the heading '{name}' comes twice")
        elif title.startswith("*") and title.removeprefix("*") not in counts:
            wrong.append(f"the heading '{name}' has no item")
    return wrong


def _title(heading: str) -> str:
    """Give what Sakai tells items and their comments apart by, '' where it cannot read a heading."""
    star = "*" if heading.startswith("*") else ""
    found = _ITEM.fullmatch(heading.removeprefix("*").strip())
    return f"{star}{found['title'].strip()}" if found else ""


def _column(index: int, header: str, remarks: dict[str, int]) -> Column:
    found = _ITEM.fullmatch(header.strip())
    title = found["title"].strip() if found else header.strip()
    obstacle = "" if found else "has a heading that stops Sakai's import"
    if header.startswith("#"):
        obstacle = "is not read by Sakai"
    most = (found["max"] or "") if found else ""
    return Column(index, header, title, most=most, obstacle=obstacle, remarks=remarks.get(title))
