"""D2L Brightspace: a folder for each submission, named by ids, person and time."""

import re
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from autograder.lms.downloads.base import Download, Piece

_FRONT = (
    r"(?P<front>(?P<ids>\d+(?:-\d+){1,4}) ?- ?(?P<name>NAME) ?- ?"
    r"(?P<written>[^\W\d_]{3,12}\.? \d{1,2}, \d{4} \d{1,2}[:_]?\d\d ?(?:[AP]M)?))"
)
# All of a folder's name is Brightspace's, so its time is the last thing in it, whatever the person's name is.
_FOLDER = re.compile(_FRONT.replace("NAME", r".*\S"), re.DOTALL)
# Behind it, a flat name has the student's own, which may say anything.
_FLAT = re.compile(_FRONT.replace("NAME", ".+?") + r"(?: ?- ?|_)(?P<filename>.+)", re.DOTALL)
_BEGINNING = re.compile(r"(?P<ids>\d+(?:-\d+){1,4}) - ")
_BETWEEN = " - "
_LONGEST_DATE = 60
_MONTH = r"(?P<month{}>[^\W\d_]{{3,12}})\.?"
_READABLE = re.compile(
    rf"(?:{_MONTH.format(1)} (?P<day1>\d{{1,2}})|(?P<day2>\d{{1,2}}) {_MONTH.format(2)}),? (?P<year>\d{{4}}),? "
    r"(?P<hour>\d{1,2})[:_]?(?P<minute>\d\d) ?(?P<half>[AP]M)?"
)


class _Read(NamedTuple):
    """A name of Brightspace's: all of what it has written, and the parts of that. A flat one has a file's name, too."""

    front: str
    ids: str
    name: str
    written: str
    filename: str = ""


class Brightspace(Download):
    """Brightspace's download of an assignment's submissions: all of a student's, each in its own folder."""

    name = "brightspace"
    title = "D2L Brightspace"
    user_numbers = True
    unlisted_numbers = True
    help = (
        "Its numbers are Brightspace's ids of users, which its exports do not have: write them in once, as said below, "
        "or name a table of id,lms_user_id with --who."
    )
    upload = "In Brightspace: the assignment, Submissions, Add Feedback Files. Leave the names of the folders alone."

    def read(self, path: str) -> list[Piece]:
        """The first id is the user's; where there are more than two, it may be another one, but the same in all names.

        What was handed in together has the same folder, or, in flat names, the same words before the file's own.
        """
        parts = path.split("/")
        for at, part in enumerate(parts):
            inside = parts[at + 1 :]
            found = (_folder(part) if inside else None) or _flat(part)
            if found is None:
                continue
            rest = "/".join(filter(None, (found.filename, *inside)))
            ids = found.ids.split("-")
            owners = list(enumerate(ids if len(ids) > 2 else ids[:1]))
            return [
                Piece(
                    owner,
                    rest,
                    found.front,
                    found.name,
                    _time(found.written),
                    title=str(place),
                    whole=found.ids,
                    written=found.written,
                )
                for place, owner in owners
            ]
        return []

    def is_about(self, path: str) -> bool:
        """Brightspace's own list."""
        return path.rpartition("/")[2] == "index.html"

    def feedback_place(self, path: str, piece: Piece, page: str) -> str:
        """A file in the submission's folder."""
        return f"{piece.attempt}/{page}"


def _folder(part: str) -> _Read | None:
    """Read a folder's name: by its end, in English, else by its last part, if that may be a date in any language."""
    if found := _FOLDER.fullmatch(part):
        return _Read(found["front"], found["ids"], found["name"], found["written"])
    ids, words = _parts(part)
    if len(words) < 2 or not _may_be_a_date(words[-1]):
        return None
    return _Read(part, ids, _BETWEEN.join(words[:-1]), words[-1])


def _flat(part: str) -> _Read | None:
    """Read a flat name. The first date in it is Brightspace's: a later one is the student's own words."""
    ids, words = _parts(part)
    at = next((at for at, word in enumerate(words[1:-1], start=1) if _may_be_a_date(word)), None)
    found = _FLAT.fullmatch(part)
    if found and (at is None or len(found["name"]) <= len(_BETWEEN.join(words[:at]))):
        return _Read(found["front"], found["ids"], found["name"], found["written"], found["filename"])
    if at is None:
        return None
    filename = _BETWEEN.join(words[at + 1 :])
    front = part.removesuffix(f"{_BETWEEN}{filename}")
    return _Read(front, ids, _BETWEEN.join(words[:at]), words[at], filename)


def _parts(part: str) -> tuple[str, list[str]]:
    """Give the numbers with which a name begins, and what is between its dashes behind them."""
    found = _BEGINNING.match(part)
    return (found["ids"], part[found.end() :].split(_BETWEEN)) if found else ("", [])


def _may_be_a_date(text: str) -> bool:
    """Tell whether there is a year, and numbers for a day and a time: how they are written, each language knows."""
    numbers = re.findall(r"\d+", text) if len(text) <= _LONGEST_DATE else []
    return len(numbers) > 2 and any(len(number) == 4 for number in numbers)


def _time(written: str) -> datetime | None:
    """Read a time with an English month, before the day or behind it."""
    found = _READABLE.fullmatch(written)
    if found is None:
        return None
    month, day = found["month1"] or found["month2"], found["day1"] or found["day2"]
    text = (
        f"{month[:3]} {day}, {found['year']} {found['hour']}:{found['minute']} {found['half'] or ''}".strip()
    )
    clock = "%I:%M %p" if found["half"] else "%H:%M"
    with suppress(ValueError):
        return datetime.strptime(text, f"%b %d, %Y {clock}")  # the LMS's own zone
    return None
