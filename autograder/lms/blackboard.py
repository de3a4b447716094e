"""Blackboard Learn: the grade centre's tab-delimited .xls or .csv (docs/lms/blackboard.md)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from autograder.lms.formats import Column, Entry, Format, Layout, Values, present
from autograder.lms.numbers import WRITTEN

_ITEM = re.compile(
    r"(?P<title>.*?) \[Total Pts: (?P<up_to>up to )?"
    rf"(?P<max>{WRITTEN})(?: (?P<display>[^\]]+))?\] \|(?P<id>\d+)",
    re.DOTALL,
)
_LOOSE_ITEM = re.compile(r"(?P<title>.*?)(?: \[Total Pts: [^\]]*\])?(?: \|(?P<id>\d+))?", re.DOTALL)
_PEOPLE = ("Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability")
_ABOUT = ("Grading Notes", "Notes Format", "Feedback to Learner", "Feedback to User", "Feedback Format")
PREVIEW = "_previewuser"
"""How the username ends of the user as whom a teacher looks at a course as a student does."""
# Points from before may stand behind it: `Needs Grading(5.00)`.
_UNGRADED = re.compile(rf"(?:needs grading|in progress)\b\D*(?P<points>-?{WRITTEN})?.*", re.IGNORECASE)


class Blackboard(Format):
    """Blackboard's grades, downloaded and uploaded under Work Offline."""

    name = "blackboard"
    title = "Blackboard Learn grades"
    has_thousands = True
    html_remarks = True
    login = "Username"
    names_logins = True
    import_keys = ("Username",)
    delimiters = ("\t", ",", ";")
    upload = (
        "In Blackboard: Grades (or Grade Center, Work Offline), Upload, delimiter Auto; on the page that follows, tick "
        "only this column. Should it say that a new column will be made, cancel."
    )

    def recognises(self, header: Values) -> bool:
        """By the people's columns."""
        others = {"OrgDefinedId", "End-of-Line Indicator"} & set(header)
        return {"Last Name", "First Name", "Username"} <= set(header) and not others

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Items say their points and their id; only the download of a single one has feedback."""
        columns = [
            _column(at, name)
            for at, name in enumerate(header)
            if name.strip() and name not in (*_PEOPLE, *_ABOUT, "Child Course ID")
        ]
        remarks = [
            at for at, name in enumerate(header) if name in ("Feedback to Learner", "Feedback to User")
        ]
        if len(columns) == 1 and len(remarks) == 1:
            columns = [replace(columns[0], remarks=remarks[0])]
        return Layout(header, present(header, [("Username", "id"), ("Student ID", "lms")]), columns)

    def unread(self, delimiter: str) -> str:
        """Its upload asks for commas or tabs."""
        if delimiter != ";":
            return ""
        return (
            "the file has semicolons between its cells, as spreadsheets save it, and Blackboard's upload reads commas "
            "and tabs only: download it anew, and take it as it comes"
        )

    def is_empty(self, value: str) -> bool:
        """Also what only says that somebody should grade it."""
        return super().is_empty(value) or (_is_ungraded(value) and not self.said_points(value))

    def said_points(self, value: str) -> str:
        """Also behind the words that somebody should grade it."""
        found = _UNGRADED.fullmatch(value.strip())
        return (found["points"] or "") if found else super().said_points(value)

    def sign_of_work(self, layout: Layout, values: Values, column: Column) -> str:
        """The words that somebody should grade it, or that they are at it."""
        cell = values[column.index].strip()
        return cell if _is_ungraded(cell) else ""

    def belongs(self, layout: Layout, values: Values) -> bool:
        """Not the user as whom a teacher looks at the course as a student does."""
        return not layout.value(values, "Username").casefold().endswith(PREVIEW)

    def fresh(self, title: str, max_score: str, entries: Sequence[Entry]) -> tuple[list[Values], str]:
        """Students by username; without an id, the column cannot be that of an item that is there."""
        rows: list[Values] = [
            ["Last Name", "First Name", "Username", f"{title} [Total Pts: {max_score} Score]"]
        ]
        rows += [[each.person.last_name, each.person.first_name, each.login, each.points] for each in entries]
        return rows, (
            "Blackboard knows a column by the id that only its own download has: it makes a new text column worth 0 "
            "points of this one. Fill its own file wherever you can."
        )


def _is_ungraded(value: str) -> bool:
    return _UNGRADED.fullmatch(value.strip()) is not None


def _column(index: int, header: str) -> Column:
    found = _ITEM.fullmatch(header.strip())
    if found is None:
        loose = _LOOSE_ITEM.fullmatch(header.strip())
        title = loose["title"] if loose else header
        guess = "" if loose and loose["id"] else "has no id: Blackboard makes a new column of it"
        return Column(index, header, title, (loose["id"] or "") if loose else "", guess=guess)
    obstacle = ""
    if found["up_to"]:
        obstacle = "is calculated by Blackboard"
    elif found["display"] not in (None, "Score"):
        obstacle = f"shows '{found['display']}', not points"
    return Column(index, header, found["title"], found["id"], found["max"], obstacle)
