"""Moodle: the offline grading worksheet of one assignment (docs/lms/moodle.md)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from autograder.lms.formats import Column, Entry, Format, Layout, Obstacle, Values, present
from autograder.lms.moodle_times import read_times
from autograder.lms.saved import saved_with

PARTICIPANT = re.compile(r"\D*(\d+)")
# Moodle's import cuts so much off the cell's front as its own word and the space behind it have.
_WHOLE = re.compile(r"\D*[^\W\d_]\D*\s\d+")
_GRADE = "Grade"
_MAXIMUM = ("Maximum grade", "Maximum Grade")
_NOTHING = "no submission"
_DRAFT = "draft"
_OF_A_SCALE = (
    "takes the words of a scale, not points: choose them in Moodle by hand. If the assignment is to have points, let "
    "its grade be of the type Point there, and download the worksheet anew"
)
_HANDED_IN = "Last modified (submission)"
_CHANGED = "Last modified (grade)"
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

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """One column of points; its maximum stands in each row."""
        keys = present(
            header,
            [("ID number", "id"), ("Username", "id"), ("Email address", "email"), ("Email", "email")],
        )
        remarks = header.index("Feedback comments") if "Feedback comments" in header else None
        obstacle = _OF_A_SCALE if "Scale" in header else ""
        if (index := _points_in(header)) is None:
            index = header.index(_GRADE)
            obstacle = (
                f"cannot be told from others: there are several columns '{_GRADE}', and the last, which Moodle "
                f"reads, does not stand before '{_MAXIMUM[0]}'. Rename the other one in Moodle, and download the "
                "worksheet anew"
            )
        column = Column(index, _GRADE, _GRADE, obstacle=obstacle, remarks=remarks)
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
        found = []
        if not any(name in layout.header for name in _MAXIMUM):
            found.append(
                f"the worksheet has no column '{_MAXIMUM[0]}': Moodle takes no points for an assignment that has none, "
                "or that is marked by a rubric"
            )
        if _CHANGED not in layout.header:
            found.append(
                f"the worksheet has no column '{_CHANGED}', which Moodle's import needs: download it anew"
            )
        in_doubt = bool(found)
        if list(layout.header).count(_GRADE) > 1:
            found.append(
                f"of several columns '{_GRADE}' the last is filled, which stands before '{_MAXIMUM[0]}' and is the one "
                "that Moodle reads"
            )
        return Obstacle("; ".join(found), in_doubt=in_doubt) if found else None

    def is_broken(self, header: str, value: str) -> bool:
        """A word, a space and the participant's number."""
        return _WHOLE.fullmatch(value) is None

    def participant(self, layout: Layout, values: Values) -> str:
        """The number behind the word."""
        found = PARTICIPANT.fullmatch(layout.value(values, "Identifier"))
        return found[1] if found else ""

    def sign_of_work(self, layout: Layout, values: Values, column: Column) -> str:
        """A time, or any status but that there is no submission."""
        status = layout.value(values, "Status")
        nothing = not status or status.casefold().startswith(_NOTHING)
        return self.time_of_work(layout, values) or ("" if nothing else status)

    def time_of_work(self, layout: Layout, values: Values) -> str:
        """Who handed in nothing has a dash."""
        text = layout.value(values, _HANDED_IN)
        return "" if text == "-" else text

    def is_draft(self, layout: Layout, values: Values) -> bool:
        """By its status, where students have to press a button to submit."""
        return layout.value(values, "Status").casefold().startswith(_DRAFT)

    def lacks_time(self, layout: Layout, values: Values) -> bool:
        """Where the column is there, and nothing in it."""
        return _HANDED_IN in layout.header and not self.time_of_work(layout, values)

    def times(self, texts: Iterable[str]) -> Mapping[str, datetime]:
        """As an English Moodle writes times, or in numbers whose order is certain."""
        return read_times(texts)

    def how_to_upload(
        self, header: Values, delimiter: str = ",", encoding: str = "utf-8", *, is_stale: bool = False
    ) -> str:
        """Older versions take only what Moodle itself writes, and do not ask."""
        if not (kind := saved_with(delimiter, encoding)):
            return self.upload
        return (
            f"{self.upload} There, choose the file's separator and encoding ({kind}): a Moodle that does not ask for "
            "them takes only commas and UTF-8, so fill a worksheet that was not saved by another program."
        )

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


def _points_in(header: Values) -> int | None:
    """Give the column of points; None where Moodle's import, which takes the last of its name, would read another."""
    found = [at for at, name in enumerate(header) if name == _GRADE]
    behind = header[found[-1] + 1] if found[-1] + 1 < len(header) else ""
    return found[-1] if len(found) == 1 or behind in _MAXIMUM else None
