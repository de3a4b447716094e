"""Moodle: the gradebook's CSV, and the list of participants (docs/lms/moodle.md)."""

import re
from collections.abc import Iterable, Sequence

from autograder.lms.formats import Column, Entry, Format, Layout, Obstacle, Values, present
from autograder.lms.numbers import read_number
from autograder.text import some

_ITEM = re.compile(r"(?P<title>.+?)(?: \((?P<kind>Real|Percentage|Letter|Feedback)\))?")
_TYPE = re.compile(r"[^:]{1,40}: ")
_TOTAL = re.compile(r"(?:Course|Category) total|.* total")
_PEOPLE = ("First name", "Last name", "Surname", "Username", "ID number", "Institution", "Department")
_ADDRESS = ("Email address", "Email")
_DOWNLOADED = "Last downloaded from this course"
_YEAR = 365 * 86_400


class MoodleGradebook(Format):
    """Moodle's gradebook, exported as plain text and imported as CSV."""

    name = "moodle-gradebook"
    title = "Moodle gradebook"
    places = (2, 5)
    always_point = True
    html_remarks = True
    delimiters = (",", ";", "\t", ":")
    upload = (
        "In Moodle: Grades, Import, CSV file, with the file's separator and encoding; map the student's column and "
        "this column, and ignore all others."
    )
    is_mapped = True

    def recognises(self, header: Values) -> bool:
        """By the names that Moodle's exports have, in English."""
        named = "First name" in header and ("Last name" in header or "Surname" in header)
        keyed = any(name in header for name in ("ID number", "Username", *_ADDRESS))
        return named and keyed and "Identifier" not in header

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Items are behind the people's columns; each may have a column for feedback."""
        keys = present(
            header,
            [("ID number", "id"), ("Username", "id"), ("Email address", "email"), ("Email", "email")],
        )
        feedback = {_parts(name)[0]: at for at, name in enumerate(header) if _parts(name)[1] == "Feedback"}
        columns = []
        for at, name in enumerate(header):
            title, kind = _parts(name)
            is_item = kind not in (None, "Feedback") or (kind is None and _TYPE.match(name))
            if is_item and name not in (*_PEOPLE, *_ADDRESS, _DOWNLOADED):
                columns.append(_column(at, name, title, kind, feedback.get(title)))
        return Layout(header, keys, columns)

    def stale(self, layout: Layout, values: Values, now: float) -> str:
        """By Moodle's own test, which it makes unless Force import is ticked."""
        downloaded = read_number(layout.value(values, _DOWNLOADED))
        if downloaded is None:
            return ""
        if float(downloaded) < now - _YEAR:
            return "it was downloaded more than a year ago: Moodle refuses it unless Force import is ticked"
        if float(downloaded) > now:
            return "it says that it was downloaded in the future: Moodle refuses it unless Force import is ticked"
        return ""

    def unmapped(self, layout: Layout, rows: Sequence[Values]) -> Obstacle | None:
        """Which column can say whose a row is, and rows at which the import would stop."""
        found = [each for each in (_whose(layout, rows), _undated(layout, rows)) if each]
        if len(found) < 2:
            return found[0] if found else None
        return Obstacle("; ".join(each.reason.rstrip(".") for each in found), in_doubt=True)

    def how_to_upload(
        self, header: Values, delimiter: str = ",", encoding: str = "utf-8", *, is_stale: bool = False
    ) -> str:
        """What Moodle checks depends on the last column."""
        if is_stale:
            newer = (
                "It takes this file only with Force import ticked, and then overwrites newer grades, too: better "
                "export the gradebook anew, and fill that."
            )
        elif _DOWNLOADED in header:
            newer = "Leave Force import unticked: an import that would undo newer grades then stops."
        else:
            newer = (
                f"Without the column '{_DOWNLOADED}' Moodle does not look whether it has newer grades, and overwrites "
                "them."
            )
        return f"{self.upload} {newer} A row that still says '-' is read as no grade."

    def fresh(self, title: str, max_score: str, entries: Sequence[Entry]) -> tuple[list[Values], str]:
        """Students by id and address; the item is chosen by a person."""
        header = ["First name", "Last name", "ID number", "Email address", f"Assignment: {title} (Real)"]
        rows: list[Values] = [header]
        for entry in entries:
            person = entry.person
            rows.append([person.first_name, person.last_name, person.id, person.email, entry.points])
        return rows, (
            "Moodle must be told which column is which: 'ID number' has the ids by which the class is known here, so "
            "map it to what they are in Moodle, ID number or username; or map Email address to the student; and the "
            "last column to the grade item. One unknown student stops the whole import. It does not say the maximum."
        )


def _whose(layout: Layout, rows: Sequence[Values]) -> Obstacle | None:
    """A teacher maps one column to the student: one that is empty is for Moodle the student of the row before."""
    gaps: list[str] = []
    twice: list[str] = []
    whole: list[str] = []
    for key in layout.keys:
        values = [row[key.index].strip().casefold() for row in rows]
        there = [value for value in values if value]
        kinds = [gaps] if len(there) < len(values) else []
        kinds += [twice] if len(set(there)) < len(there) else []
        for kind in kinds or [whole]:
            kind.append(f"'{key.header}'")
    reasons = []
    if gaps:
        reasons.append(
            f"Moodle gives a row's points to the student before it where {' or '.join(gaps)} is mapped and empty"
        )
    if twice:
        reasons.append(f"rows have the same {' and the same '.join(twice)}, which cannot say whose they are")
    if not reasons:
        return None
    reason = "; ".join(reasons)
    if not whole:
        return Obstacle(
            f"{reason}, and no column that says whose a row is is filled in every row, each time otherwise",
            in_doubt=True,
        )
    return Obstacle(f"{reason}: map {whole[0]} to the student.", in_doubt=False)


def _undated(layout: Layout, rows: Sequence[Values]) -> Obstacle | None:
    """Where the column is there, each row must say a time."""
    if _DOWNLOADED not in layout.header:
        return None
    without = [row for row in rows if read_number(layout.value(row, _DOWNLOADED)) is None]
    if not without:
        return None
    names = [next((row[key.index] for key in layout.keys if row[key.index].strip()), "?") for row in without]
    return Obstacle(
        f"there is no time under '{_DOWNLOADED}' in the rows of {some(names)}, and Moodle stops the whole import "
        "there: was the file saved by another program? Export it anew",
        in_doubt=True,
    )


def _parts(header: str) -> tuple[str, str | None]:
    found = _ITEM.fullmatch(header.strip())
    return (found["title"], found["kind"]) if found else (header, None)


def _column(index: int, header: str, title: str, kind: str | None, remarks: int | None) -> Column:
    name = _TYPE.sub("", title, count=1)
    obstacle = ""
    if kind in ("Percentage", "Letter"):
        obstacle = f"holds a {kind.lower()}, not points"
    elif _TOTAL.fullmatch(name):
        obstacle = "is a total, which Moodle works out"
    return Column(index, header, name, obstacle=obstacle, remarks=remarks)
