"""Moodle: the offline grading worksheet of one assignment (docs/lms/moodle.md)."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from dateutil import parser

from autograder.lms.formats import Column, Entry, Format, Layout, Obstacle, Values, present

PARTICIPANT = re.compile(r"\D*(\d+)")
_MAXIMUM = ("Maximum grade", "Maximum Grade")
_NOTHING = "no submission"
_CHANGED = "Last modified (grade)"
_USUAL = "%A, %d %B %Y, %I:%M %p"
_HEADER = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum grade",
    "Grade can be changed",
    _CHANGED,
    "Feedback comments",
)


class MoodleWorksheet(Format):
    """The worksheet that an assignment gives and takes. Its participant numbers are those of the download."""

    name = "moodle-worksheet"
    title = "Moodle offline grading worksheet"
    places = (2, 5)
    always_point = True
    html_remarks = True
    needs_participants = True
    whole_names = True
    import_keys = ("Identifier",)
    upload = (
        "In Moodle: the assignment, View all submissions, Upload grading worksheet. Leave 'Allow updating records that "
        "have been modified more recently in Moodle' unticked. Moodle skips in silence what it does not like: read "
        "its list of changes before you confirm."
    )

    def recognises(self, header: Values) -> bool:
        """By the three columns that Moodle needs itself."""
        return {"Identifier", "Grade", _CHANGED} <= set(header) or {"Identifier", "Status", "Grade"} <= set(
            header
        )

    def layout(self, header: Values, following: Sequence[Values]) -> Layout:
        """One column of points; its maximum stands in each row."""
        keys = present(
            header,
            [("ID number", "id"), ("Username", "id"), ("Email address", "email"), ("Email", "email")],
        )
        remarks = header.index("Feedback comments") if "Feedback comments" in header else None
        obstacle = "takes the words of a scale, not points" if "Scale" in header else ""
        column = Column(header.index("Grade"), "Grade", "Grade", obstacle=obstacle, remarks=remarks)
        return Layout(header, keys, [column])

    def most(self, layout: Layout, values: Values, column: Column) -> str:
        """The row's own."""
        return layout.value(values, *_MAXIMUM)

    def obstacle(self, layout: Layout, values: Values, column: Column) -> Obstacle | None:
        """What is locked in the gradebook."""
        changeable = layout.value(values, "Grade can be changed")
        if changeable and changeable.casefold() != "yes":
            return Obstacle("has a grade that is locked in Moodle", in_doubt=True)
        return super().obstacle(layout, values, column)

    def unmapped(self, layout: Layout, rows: Sequence[Values]) -> Obstacle | None:
        """A worksheet without a maximum is of an assignment that has no points, or is marked by a rubric."""
        if any(name in layout.header for name in _MAXIMUM):
            return None
        return Obstacle(
            f"the worksheet has no column '{_MAXIMUM[0]}': Moodle takes no points for an assignment that has none, or "
            "that is marked by a rubric",
            in_doubt=True,
        )

    def is_broken(self, header: str, value: str) -> bool:
        """A word and the participant's number."""
        return PARTICIPANT.fullmatch(value) is None

    def sign_of_work(self, layout: Layout, values: Values, column: Column) -> str:
        """A time, or any status but that there is no submission."""
        status = layout.value(values, "Status")
        nothing = not status or status.casefold().startswith(_NOTHING)
        return self.time_of_work(layout, values) or ("" if nothing else status)

    def time_of_work(self, layout: Layout, values: Values) -> str:
        """Who handed in nothing has a dash."""
        text = layout.value(values, "Last modified (submission)")
        return "" if text == "-" else text

    def handed_in(self, layout: Layout, values: Values) -> datetime | None:
        """As an English Moodle writes times."""
        text = self.time_of_work(layout, values)
        return _time(text) if text else None

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """The full name cannot be parted for certain; it is kept as the last name."""
        return "", layout.value(values, "Full name")

    def fresh(self, title: str, max_score: str, entries: Sequence[Entry]) -> tuple[list[Values], str]:
        """Students by their participant numbers, which an unpacked download has."""
        rows: list[Values] = [_HEADER]
        for entry in entries:
            name = f"{entry.person.first_name} {entry.person.last_name}".strip()
            who = [f"Participant {entry.participant}", name, entry.person.email]
            rows.append([*who, "", entry.points, max_score, "Yes", "-", ""])
        return rows, (
            "It holds only students whose participant number 'autograder unpack' has seen. Moodle takes its time of "
            "the last change ('-') for never, and skips in silence who was graded there since, and each empty comment "
            "deletes one in Moodle: do not use it where comments are there already."
        )


def _time(text: str) -> datetime | None:
    """Read a time; None where it cannot be read."""
    with suppress(ValueError):  # ten times as fast as the parser, which a large class would notice
        return datetime.strptime(text, _USUAL)
    time: datetime | None = None
    with suppress(ValueError, OverflowError):
        time = parser.parse(text)
    return time
