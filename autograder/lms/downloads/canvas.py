"""Canvas: a flat zip, the names made of person, ids and file."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from autograder.lms.downloads.base import Download, Kind, Piece
from autograder.lms.naming import letters

_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<owner>[^_]+)_(?:\d+_(?P<filename>.+)|(?P<typed>(?:text|link)\.html))",
    re.DOTALL,
)
_TYPED = ("text.html", "link.html")
_TEST = ("studenttest", "teststudent")
_NOBODYS = (
    "the download is anonymous, so nothing says whose it is: let the assignment's grading not be anonymous in Canvas, "
    "and download it anew"
)
# Attachments' numbers rise, and have fewer digits than this.
_LONGEST = 20
# Names of groups and files are no longer than Canvas lets them be.
_MOST_PLACES = 200
_TOO_MANY = "its name has more numbers than a name that Canvas gives"
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
        """Two numbers in a row are user and attachment, and one before `text.html` is the user's who typed it in.

        A group's name before them may have numbers, and so may the student's name of the file behind them: all places
        are given. Those behind the first two may be the student's own words: anybody could name a file by somebody
        else's numbers.
        """
        name = PurePosixPath(path).name
        if found := _ANONYMOUS.fullmatch(name):
            kind: Kind = "text" if found["typed"] else "file"
            piece = _file(
                f"anon_{found['owner']}", found["typed"] or found["filename"], "", late=bool(found["late"])
            )
            return [replace(piece, kind=kind, nobodys=_NOBODYS)]
        words = name.split("_")
        places = [at for at in range(1, len(words) - 2) if _both(words, at)]
        if len(places) > _MOST_PLACES:
            return [replace(_piece(words, places[0]), nobodys=_TOO_MANY)]
        pieces = [_piece(words, at) for at in places]
        if len(words) > 2 and words[-1] in _TYPED and _is_number(words[-2]):
            places.append(len(words) - 2)
            pieces.append(_typed(words))
        return [replace(piece, later=at > places[0] + 1) for at, piece in zip(places, pieces, strict=True)]

    def is_test(self, piece: Piece) -> bool:
        """The test student is called as in the gradebook."""
        return letters(piece.name) in _TEST

    def feedback_place(self, path: str, piece: Piece, page: str) -> str:
        """Canvas goes by the first two numbers in the name: the user's and the attachment's."""
        words = PurePosixPath(path).name.split("_")
        at = next((at for at in range(len(words) - 1) if words[at] == piece.owner and _both(words, at)), None)
        if at is None:
            return ""
        front = ["group"] if any(word.isdecimal() for word in words[:at]) else words[:at]
        return "_".join([*front, *words[at : at + 2], page])


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal()


def _both(words: list[str], at: int) -> bool:
    return all(map(_is_number, words[at : at + 2]))


def _piece(words: list[str], at: int) -> Piece:
    late = words[at - 1] == "LATE"
    piece = _file(words[at], "_".join(words[at + 2 :]), "_".join(words[: at - late]), late=late)
    number = words[at + 1]
    return replace(piece, serial=int(number) if len(number) < _LONGEST else 0)


def _typed(words: list[str]) -> Piece:
    late = len(words) > 3 and words[-3] == "LATE"
    name = "_".join(words[: -3 if late else -2])
    return Piece(words[-2], words[-1], name=name, late=late, kind="text")


def _file(owner: str, filename: str, name: str, *, late: bool) -> Piece:
    """Canvas numbers the second file of a name."""
    return Piece(owner, filename, name=name, late=late, plain=_AGAIN.sub("", filename))
