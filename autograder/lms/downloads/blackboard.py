"""Blackboard Learn: a flat zip, the names made of assignment, username, time and file."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from autograder.errors import InstructorError
from autograder.lms.archive import Archive
from autograder.lms.blackboard import PREVIEW
from autograder.lms.downloads.base import Download, Kind, Piece, small_text

# The first time counts: a later one would be in the student's own file name.
_NAME = re.compile(
    r"(?P<front>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<filename>.+)|(?P<about>\.txt))", re.DOTALL
)
# The first line of the text that Blackboard puts beside an attempt, `Name: Zoë Älvarez (s01)`. What follows may be the
# student's own words.
_WHOSE = re.compile(r"[^:\r\n]+:(?P<name>[^\r\n]*)\((?P<owner>[^()\r\n]+)\)[ \t]*(?:[\r\n]|\Z)")


class Blackboard(Download):
    """Blackboard's Assignment File Download, which may hold all attempts."""

    name = "blackboard"
    title = "Blackboard Learn"
    help = (
        "Its names are usernames; 'autograder roster' with the gradebook teaches them to the class, with "
        "--id 'Student ID' where the class's ids are those."
    )

    def read(self, path: str) -> list[Piece]:
        """The username is what precedes the time; as both it and the title may have a `_`, all ways to part them.

        The title is the same in all names, which tells most of these ways from the right one; `owners` tells the rest.
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
        piece = Piece(
            "", name, found["time"], time=time, kind=kind, whole=found["front"], written=found["time"]
        )
        return [replace(piece, owner=owner, title=title) for title, owner in parted]

    def is_test(self, piece: Piece) -> bool:
        """The preview user is known by the end of the username."""
        return piece.owner.casefold().endswith(PREVIEW)

    def owners(self, archive: Archive) -> Mapping[str, Collection[str]]:
        """The text beside an attempt begins with the student's name, and the username in parentheses."""
        owners: dict[str, set[str]] = {}
        for front, whose in _beside(archive):
            owners.setdefault(front, set()).add(whose["owner"].strip())
        return owners

    def names(self, archive: Archive) -> Mapping[str, str]:
        """The same text."""
        return {front: whose["name"].strip() for front, whose in _beside(archive)}

    def feedback_place(self, path: str, piece: Piece, page: str) -> str:
        """There is none."""
        raise InstructorError(
            "Blackboard takes no feedback files back. What it takes is a comment beside the grade: download that one "
            "column, and autograder export ID --into FILE -o OUT --comments"
        )


def _beside(archive: Archive) -> Iterator[tuple[str, re.Match[str]]]:
    """Read the first lines of the texts beside attempts, and which names they are beside."""
    for member in archive.members:
        found = _NAME.fullmatch(PurePosixPath(member.name).name)
        if found and found["about"] and (whose := _WHOSE.match(small_text(archive, member))):
            yield found["front"], whose
