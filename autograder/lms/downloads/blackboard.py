"""Blackboard Learn: a flat zip, the names made of assignment, username, time and file."""

import re
from contextlib import suppress
from datetime import datetime
from pathlib import PurePosixPath

from autograder.errors import InstructorError
from autograder.lms.downloads.base import Download, Kind, Piece

# The first time counts: a later one would be in the student's own file name.
_NAME = re.compile(
    r"(?P<front>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<filename>.+)|(?P<about>\.txt))", re.DOTALL
)


class Blackboard(Download):
    """Blackboard's Assignment File Download, which may hold all attempts."""

    name = "blackboard"
    title = "Blackboard Learn"
    help = "Its names are usernames; 'autograder roster' teaches them to the class, with --id Username."

    def read(self, path: str) -> list[Piece]:
        """The username is what precedes the time; as both it and the title may have a `_`, all ways to part them.

        The title is the same in all names, which tells most of these ways from the right one.
        """
        found = _NAME.fullmatch(PurePosixPath(path).name)
        if found is None:
            return []
        time = None
        with suppress(ValueError):
            time = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")  # the LMS's own zone
        words = found["front"].split("_")
        parted = [("_".join(words[:at]), "_".join(words[at:])) for at in range(1, len(words))]
        name = found["filename"] or path
        kind: Kind = "about" if found["about"] else "file"
        return [
            Piece(owner, name, found["time"], "", time, kind=kind, title=title) for title, owner in parted
        ]

    def feedback_place(self, path: str, piece: Piece) -> str:  # noqa: ARG002
        """There is none."""
        raise InstructorError(
            "Blackboard takes no feedback files back. What it takes is a comment beside the grade: download that one "
            "column, and autograder export ID --into FILE -o OUT --comments"
        )
