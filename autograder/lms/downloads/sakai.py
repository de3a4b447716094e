"""Sakai: a folder for each student, or their name before each file's, and the LMS's own files beside that."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from autograder.errors import InstructorError
from autograder.lms.archive import Archive, Member
from autograder.lms.downloads.base import Download, Fact, Kind, Piece, small_text
from autograder.lms.downloads.sakai_grades import NAME, OTHERS, Grades, read_grades

_FILES = "Submission attachment(s)"
_FEEDBACK = "Feedback Attachment(s)"
_TIME = "timestamp.txt"
_MEMBERS = "members.txt"
_OWN = (_TIME, _MEMBERS, "comments.txt", "feedbackText.html", "feedbackText.txt")
_FOLDER = re.compile(r"(?P<name>.*)\((?P<owner>[^()/]+)\)", re.DOTALL)
# `Doe, Jane(s01); O'Neil, Bo(s02)`; a person's own name may have parentheses, too.
_SEVERAL = re.compile(r"\(([^()/]+)\)(?=; |\Z)")
# The first of Sakai's own words behind a name counts: a later one would be in the student's file name.
_FLAT = re.compile(
    rf"(?P<front>.*?\([^()/]+\))_(?:{re.escape(_FILES)}_(?P<filename>.+)|(?P<typed>_submissionText\.(?:html|txt))|"
    rf"(?:comments\.txt|feedbackText\.(?:html|txt)|{re.escape(_FEEDBACK)}.*))",
    re.DOTALL,
)
_AGAIN = re.compile(r"\+\d+(?=\.ipynb$)")
_MOST_SHOWN = 300


class _Place(NamedTuple):
    """Where a file lies: `root` is the folder of all submissions, `whose` what Sakai calls their owner."""

    root: str
    whose: str
    kind: Kind
    filename: str
    is_flat: bool = False


class Sakai(Download):
    """Sakai's Download All."""

    name = "sakai"
    title = "Sakai"
    help = (
        "Its names are Sakai's ids of users; 'autograder roster' teaches them to the class. A group's folder, "
        "'Title (id)', has an id that is nobody's."
    )
    upload = (
        "In Sakai: the assignment, Upload All, choose the zip; tick Feedback attachments only, and nothing else. What "
        "is not ticked stays."
    )

    def read(self, path: str) -> list[Piece]:
        """The folder above the student's files ends in the student's id, or what stands before the file's own name."""
        place = _place(path)
        found = _FOLDER.fullmatch(place.whose) if place else None
        if place is None or found is None:
            return []
        owner, name, nobodys = found["owner"].strip(), found["name"].strip(), ""
        several = _SEVERAL.findall(place.whose)
        if len(several) > 1:
            owner = "; ".join(several)
            nobodys = f"Sakai names several students for it, and nothing says whose it is: {owner}"
        plain = _AGAIN.sub("", place.filename)
        return [Piece(owner, place.filename, name=name, kind=place.kind, plain=plain, nobodys=nobodys)]

    def is_about(self, path: str) -> bool:
        """Sakai's table of grades."""
        return path.rpartition("/")[2] in (NAME, *OTHERS)

    def facts(self, archive: Archive) -> Mapping[str, Fact]:
        """Times in each student's folder, lateness in the table of grades."""
        times = {
            piece.owner: small_text(archive, member, 1_000).strip()
            for member, piece in self._own(archive, _TIME)
        }
        late = {owner for grades in _grades(archive) for owner in grades.late}
        written = {owner: times.get(owner, "") for owner in {*times, *late}}
        return {owner: Fact(_time(text), owner in late, text) for owner, text in written.items()}

    def groups(self, archive: Archive) -> Mapping[str, str]:
        """Members are in a file of the group's folder, or in the table of grades."""
        found = {owner: members for grades in _grades(archive) for owner, members in grades.members.items()}
        for member, piece in self._own(archive, _MEMBERS):
            lines = small_text(archive, member, 20_000).splitlines()
            found[piece.owner] = f"{'; '.join(filter(None, map(str.strip, lines)))} ({_MEMBERS})"
        return {owner: members[:_MOST_SHOWN] for owner, members in found.items()}

    def remarks(self, archive: Archive) -> list[str]:
        """What is missing where other things than usual were chosen for the download."""
        told = []
        places = [place for member in archive.members if (place := _place(member.name))]
        roots = {place.root for place in places}
        beside = {name for folder, name in map(_parted, archive.members) if folder in roots}
        if NAME not in beside and (others := sorted(beside.intersection(OTHERS))):
            told.append(
                f"Only {NAME} says who is late, and there is {others[0]}: choose CSV for the grade file in Sakai's "
                "Download All, where that matters."
            )
        if any(place.is_flat for place in places):
            told.append(
                "It was downloaded without the students' folders, so nothing says when they handed in, and nothing is "
                f"taken off for lateness: with the folders each has a {_TIME}."
            )
        return told

    def feedback_place(self, path: str, piece: Piece, page: str) -> str:
        """A file among the feedback attachments in the student's folder."""
        folder, found, _ = path.partition(f"/{_FILES}/")
        if not found and (place := _place(path)) and place.is_flat:
            raise InstructorError(
                "Sakai takes feedback back by the students' folders, and this download was made without them: in "
                "Sakai's Download All switch off what leaves them out, and download it anew."
            )
        # Upload All takes the second part of a path for the student's folder, whatever the first one is.
        title, _, whose = folder.rpartition("/")
        title = title.rpartition("/")[2] or PurePosixPath(page).stem
        return f"{title}/{whose}/{_FEEDBACK}/{page}" if found else ""

    def _own(self, archive: Archive, name: str) -> Iterator[tuple[Member, Piece]]:
        """Give Sakai's own files of a name in the students' folders."""
        for member in archive.members:
            if (
                _parted(member)[1] == name
                and (pieces := self.read(member.name))
                and pieces[0].kind == "about"
            ):
                yield member, pieces[0]


def _place(path: str) -> _Place | None:
    parts = path.split("/")
    for at, part in enumerate(parts[:-1]):
        inside = parts[at + 1 :]
        if _FOLDER.fullmatch(part) and (kind := _kind(inside)):
            filename = "/".join(inside[1:] if kind == "file" else inside)
            return _Place("/".join(parts[:at]), part, kind, filename)
    return _flat_place(parts)


def _flat_place(parts: list[str]) -> _Place | None:
    """Read a name without a folder of the student's. In such a folder, a file's name is the student's own words."""
    found = _FLAT.fullmatch(parts[-1])
    of_students = any("," in part and _FOLDER.fullmatch(part) for part in parts[:-2])
    if found is None or ")_" in found["front"] or of_students or _FILES in parts:
        return None
    kind: Kind = "file" if found["filename"] else "text" if found["typed"] else "about"
    filename = found["filename"] or parts[-1].removeprefix(f"{found['front']}_")
    return _Place("/".join(parts[:-1]), found["front"], kind, filename, is_flat=True)


def _parted(member: Member) -> tuple[str, str]:
    folder, _, name = member.name.rpartition("/")
    return folder, name


def _grades(archive: Archive) -> Iterator[Grades]:
    """Read the tables of grades that lie beside submissions: another file of that name would be a student's."""
    roots = {place.root for member in archive.members if (place := _place(member.name))}
    for member in archive.members:
        folder, name = _parted(member)
        if name == NAME and folder in roots:
            yield read_grades(small_text(archive, member))


def _kind(inside: list[str]) -> Kind | None:
    """Tell what a path in a student's folder is; None for what Sakai does not put there."""
    if inside[0] == _FILES and len(inside) > 1:
        return "file"
    if len(inside) == 1 and inside[0].endswith(("_submissionText.html", "_submissionText.txt")):
        return "text"
    return "about" if inside[0] in (*_OWN, _FEEDBACK) else None


def _time(text: str) -> datetime | None:
    """Read an instant; without a zone it is UTC, as Sakai keeps it. Older versions write digits only."""
    try:
        if re.fullmatch(r"\d{14,17}", text):
            return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
