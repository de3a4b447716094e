"""Sakai: a folder for each student, with what they handed in, and the LMS's own files beside it."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice

from autograder.lms.archive import Archive
from autograder.lms.downloads.base import Download, Fact, Kind, Piece, small_text

_FOLDER = re.compile(r"(?P<name>.*)\((?P<owner>[^()/]+)\)", re.DOTALL)
_FILES = "Submission attachment(s)"
_FEEDBACK = "Feedback Attachment(s)"
_TIME = "timestamp.txt"
_OWN = (_TIME, "comments.txt", "feedbackText.html", "feedbackText.txt", "members.txt")
_AGAIN = re.compile(r"\+\d+(?=\.ipynb$)")


class Sakai(Download):
    """Sakai's Download All."""

    name = "sakai"
    title = "Sakai"
    help = "Its names are Sakai's ids of users; 'autograder roster' teaches them to the class."
    upload = (
        "In Sakai: the assignment, Upload All, choose the zip; tick Feedback attachments only, and nothing else. What "
        "is not ticked stays."
    )

    def read(self, path: str) -> list[Piece]:
        """The folder above the student's files ends in the student's id."""
        parts = path.split("/")
        for at, part in enumerate(parts[:-1]):
            found = _FOLDER.fullmatch(part)
            if found is None:
                continue
            inside = parts[at + 1 :]
            if kind := _kind(inside):
                inside = inside[1:] if kind == "file" else inside
                name, owner = found["name"].strip(), found["owner"].strip()
                filename = "/".join(inside)
                return [Piece(owner, filename, name=name, kind=kind, plain=_AGAIN.sub("", filename))]
        return []

    def is_about(self, path: str) -> bool:
        """Sakai's table of grades."""
        return path.rpartition("/")[2] in ("grades.csv", "grades.xls", "grades.xlsx")

    def facts(self, archive: Archive) -> Mapping[str, Fact]:
        """Times in each student's folder, lateness in the table of grades."""
        times, late = dict[str, str](), set[str]()
        for member in archive.members:
            name = member.name.rpartition("/")[2]
            if name == _TIME and (pieces := self.read(member.name)) and pieces[0].kind == "about":
                times[pieces[0].owner] = small_text(archive, member, 1_000).strip()
            elif name == "grades.csv" and self.is_about(member.name) and member.name.count("/") <= 1:
                late |= set(_late(small_text(archive, member)))
        written = {owner: times.get(owner, "") for owner in {*times, *late}}
        return {owner: Fact(_time(text), owner in late, text) for owner, text in written.items()}

    def feedback_place(self, path: str, piece: Piece, page: str) -> str:
        """A file among the feedback attachments in the student's folder."""
        folder, found, _ = path.partition(f"/{_FILES}/")
        return f"{folder}/{_FEEDBACK}/{page}" if found else ""


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


def _late(text: str) -> Iterator[str]:
    """Give the ids of those whom Sakai's table of grades calls late."""
    rows = csv.reader(io.StringIO(text, newline=""))
    for header in islice(rows, 5):
        if "Late submission" in header and "ID" in header:
            column = header.index("Late submission")
            owners = [at for at, name in enumerate(header) if name in ("ID", "Display ID")]
            for row in rows:
                if len(row) == len(header) and row[column].strip().casefold() in ("late", "true", "yes", "1"):
                    yield from (row[at].strip() for at in owners)
