"""Canvas: a flat zip, the names made of person, ids and file."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from autograder.lms.downloads.base import Download, Kind, Piece

_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<owner>[^_]+)_(?:\d+_(?P<filename>.+)|(?P<typed>(?:text|link)\.html))",
    re.DOTALL,
)
_TYPED = re.compile(
    r"(?P<name>.+?)_(?P<late>LATE_)?(?P<owner>\d+)_(?P<filename>(?:text|link)\.html)", re.DOTALL
)
_NOBODYS = (
    "the download is anonymous, so nothing says whose it is: let the assignment's grading not be anonymous in Canvas, "
    "and download it anew"
)
_AGAIN = re.compile(r"-(?:\d+|[0-9a-f-]{36})(?=\.ipynb$)")


class Canvas(Download):
    """Canvas's Download Submissions."""

    name = "canvas"
    title = "Canvas"
    user_numbers = True
    vague = True
    help = (
        "Its numbers are Canvas's ids of users: 'autograder roster' with the gradebook's export teaches them to the "
        "class, or --who names that file."
    )
    upload = (
        "In Canvas: the assignment, Upload Submissions. Canvas shows each page under the name of the notebook that was "
        "handed in: tell students that it is a web page, to be saved as .html. One comment goes to each student."
    )

    def read(self, path: str) -> list[Piece]:
        """Two numbers in a row are user and attachment; a group's name before them may end in a number itself."""
        name = PurePosixPath(path).name
        if found := _ANONYMOUS.fullmatch(name):
            kind: Kind = "text" if found["typed"] else "file"
            piece = _file(
                f"anon_{found['owner']}", found["typed"] or found["filename"], "", late=bool(found["late"])
            )
            return [replace(piece, kind=kind, nobodys=_NOBODYS)]
        if found := _TYPED.fullmatch(name):
            late = bool(found["late"])
            return [Piece(found["owner"], found["filename"], name=found["name"], late=late, kind="text")]
        words = name.split("_")
        first = next((at for at in range(1, len(words) - 2) if _both(words, at)), None)
        if first is None:
            return []
        # A later pair would be the student's own words: anybody could name a file by somebody else's numbers.
        places = [at for at in (first, first + 1) if at < len(words) - 2 and _both(words, at)]
        return [_piece(words, at) for at in places]

    def feedback_place(self, path: str, piece: Piece, page: str) -> str:
        """Canvas goes by the first two numbers in the name: the user's and the attachment's."""
        words = PurePosixPath(path).name.split("_")
        at = next((at for at in range(len(words) - 1) if words[at] == piece.owner and _both(words, at)), None)
        if at is None:
            return ""
        front = ["group"] if any(word.isdecimal() for word in words[:at]) else words[:at]
        return "_".join([*front, *words[at : at + 2], page])


def _both(words: list[str], at: int) -> bool:
    return all(word.isascii() and word.isdecimal() for word in words[at : at + 2])


def _piece(words: list[str], at: int) -> Piece:
    late = words[at - 1] == "LATE"
    return _file(words[at], "_".join(words[at + 2 :]), "_".join(words[: at - late]), late=late)


def _file(owner: str, filename: str, name: str, *, late: bool) -> Piece:
    """Canvas numbers the second file of a name."""
    return Piece(owner, filename, name=name, late=late, plain=_AGAIN.sub("", filename))
