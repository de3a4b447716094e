"""Moodle: a folder for each participant, or all of it in the file's name."""

import re

from autograder.lms.downloads.base import Download, Kind, Piece

_FOLDER = re.compile(
    r"(?P<name>[^_]+)(?:_(?P<owner>\d+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<filename>.+)|_)?",
    re.DOTALL,
)
_TYPED = (".html", ".htm")


class Moodle(Download):
    """Moodle's Download all submissions. It has no times; they are in the assignment's worksheet."""

    name = "moodle"
    title = "Moodle"
    local_ids = True
    help = (
        "Its numbers hold for this assignment only: download the assignment's offline grading worksheet too, and name "
        "it with --who. It also has the times."
    )
    upload = (
        "In Moodle: the assignment, View all submissions, Upload multiple feedback files in a zip. Pages of the same "
        "name are replaced."
    )
    unknown_place = (
        "their own number in Moodle is not known, since their files were under another one, as a team's: name the "
        "worksheet with --who, too"
    )

    def read(self, path: str) -> list[Piece]:
        """The first part of the path that names a participant counts; what follows it is the student's."""
        parts = path.split("/")
        for at, part in enumerate(parts):
            if found := _FOLDER.fullmatch(part):
                rest = "/".join(filter(None, (found["filename"], *parts[at + 1 :])))
                return [_piece(found, rest)] if rest else []
        return []

    def feedback_place(self, path: str, piece: Piece, page: str) -> str:
        """A file in the participant's folder, which Moodle knows by the number alone."""
        return f"{piece.name or 'Participant'}_{piece.owner}_assignsubmission_file/{page}"


def _piece(found: re.Match[str], filename: str) -> Piece:
    """Files may be put into the editor of an online text, too, and other plugins have files of their own."""
    name, owner, aside = found["name"], found["owner"] or "", found["plugin"] != "file"
    kind: Kind = "text" if aside and filename.casefold().endswith(_TYPED) else "file"
    nobodys = (
        "" if owner else f"'{name}' has no number: so Moodle names what is of students who are in no group"
    )
    name = "" if name.casefold() == "participant" else name
    return Piece(owner, filename, name=name, kind=kind, aside=aside, nobodys=nobodys)
