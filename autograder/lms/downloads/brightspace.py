"""D2L Brightspace: a folder for each submission, named by ids, person and time."""

import re
from contextlib import suppress
from datetime import datetime

from autograder.lms.downloads.base import Download, Piece

_FRONT = (
    r"(?P<front>(?P<ids>\d+(?:-\d+){1,4}) ?- ?(?P<name>NAME) ?- ?"
    r"(?P<written>(?P<day>[^\W\d_]{3,12}\.? \d{1,2}, \d{4}) (?P<hour>\d{1,2})[:_]?(?P<minute>\d\d) ?(?P<half>[AP]M)?))"
)
# All of a folder's name is Brightspace's, so its time is the last thing in it, whatever the person's name is.
_FOLDER = re.compile(_FRONT.replace("NAME", r".*\S"), re.DOTALL)
# Behind it, a flat name has the student's own, which may say anything.
_FLAT = re.compile(_FRONT.replace("NAME", ".+?") + r"(?: ?- ?|_)(?P<filename>.+)", re.DOTALL)


class Brightspace(Download):
    """Brightspace's download of an assignment's submissions: all of a student's, each in its own folder."""

    name = "brightspace"
    title = "D2L Brightspace"
    user_numbers = True
    unlisted_numbers = True
    help = (
        "Its numbers are Brightspace's ids of users, which its exports do not have: write them in once, as said below, "
        "or give 'autograder roster' a table of id,lms_user_id."
    )
    upload = "In Brightspace: the assignment, Submissions, Add Feedback Files. Leave the names of the folders alone."

    def read(self, path: str) -> list[Piece]:
        """The first id is the user's; where there are more than two, it may be another one, but the same in all names.

        What was handed in together has the same folder, or, in flat names, the same words before the file's own.
        """
        parts = path.split("/")
        for at, part in enumerate(parts):
            inside = parts[at + 1 :]
            found = (_FOLDER.fullmatch(part) if inside else None) or _FLAT.fullmatch(part)
            if found is None:
                continue
            rest = "/".join(filter(None, (found.groupdict().get("filename"), *inside)))
            ids = found["ids"].split("-")
            owners = list(enumerate(ids if len(ids) > 2 else ids[:1]))
            return [
                Piece(
                    owner,
                    rest,
                    found["front"],
                    found["name"],
                    _time(found),
                    title=str(place),
                    whole=found["ids"],
                    written=found["written"],
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


def _time(found: re.Match[str]) -> datetime | None:
    month, _, day = found["day"].partition(" ")
    text = f"{month[:3]} {day} {found['hour']}:{found['minute']} {found['half'] or ''}".strip()
    clock = "%I:%M %p" if found["half"] else "%H:%M"
    with suppress(ValueError):
        return datetime.strptime(text, f"%b %d, %Y {clock}")  # the LMS's own zone
    return None
