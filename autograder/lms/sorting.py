"""A download's files sorted by student and attempt; what is nobody's, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property

from autograder.course import is_plain_name
from autograder.lms.archive import Archive, Member
from autograder.lms.downloads.base import Download, Fact, Piece
from autograder.lms.file_names import is_hidden
from autograder.lms.known import Known
from autograder.lms.matching import People
from autograder.lms.naming import are_same
from autograder.lms.whose import Owners

NOTEBOOK = ".ipynb"


@dataclass
class Attempt:
    """What a student handed in together. `time` is in UTC, None where the LMS does not say it."""

    owner: str
    time: datetime | None
    late: bool
    files: list[tuple[Member, Piece]] = field(default_factory=list)

    @property
    def handed_in(self) -> list[tuple[Member, Piece]]:
        """The student's own files, without what was typed in and what the LMS says."""
        return [(member, piece) for member, piece in self.files if piece.kind == "file"]

    @property
    def notebooks(self) -> list[tuple[Member, Piece]]:
        """The notebooks among the student's files: hidden ones, as Jupyter's own copies, where there are no others."""
        found = [each for each in self.handed_in if each[1].filename.casefold().endswith(NOTEBOOK)]
        return [each for each in found if not is_hidden(each[1].filename)] or found


@dataclass(frozen=True)
class Lost:
    """A file that is nobody's, and why; `lms_id` and `name` are as the LMS writes them."""

    member: Member
    reason: str
    lms_id: str = ""
    name: str = ""


@dataclass
class Sorted:
    """A download's attempts by student, the first one first, and the files that have no place."""

    download: Download
    people: People
    known: Known
    attempts: dict[str, list[Attempt]]
    lost: list[Lost]

    def own_id(self, student: str, piece: Piece) -> str:
        """Give the LMS's id of just this student; '' where their file was under another one, as a team's, and it is not
        known.
        """
        if not self.download.local_ids:
            return piece.owner
        is_theirs = not piece.name or are_same(piece.name, self.people.by_id[student])
        return self.known.numbers.get(student) or (piece.owner if is_theirs else "")

    def last(self, student: str) -> tuple[Attempt, int]:
        """Give the last attempt with a notebook, else the last, and how many others there are."""
        attempts = self.attempts[student]
        with_notebook = [attempt for attempt in attempts if attempt.notebooks]
        return (with_notebook or attempts)[-1], len(attempts) - 1

    def notes(self, student: str, attempt: Attempt, others: int) -> list[str]:
        """Say what is to be known of the attempt that was taken, and of its time."""
        if others and any(each.time is None for each in self.attempts[student]):
            return [f"which of {others + 1} attempts is the last is not known: the LMS gives no times"]
        if others:
            return [f"the last of {others + 1} attempts was taken"]
        if attempt.time is None and self._says_times:
            return ["the LMS's time could not be read, so nothing is taken off for lateness"]
        return []

    @cached_property
    def _says_times(self) -> bool:
        """Whether there is a time for any submission: where there is none, this LMS's downloads have none."""
        return any(each.time is not None for attempts in self.attempts.values() for each in attempts)


def sort(archive: Archive, download: Download, people: People, known: Known, zone: tzinfo) -> Sorted:
    """Find out whose each file is. `zone` is that of the times which the LMS writes without one."""
    readings = [(member, [] if member.refused else download.read(member.name)) for member in archive.members]
    said = download.owners(archive)
    owners = Owners(download, people, known, said, (places for _, places in readings))
    facts = download.facts(archive)
    found: dict[str, dict[tuple[str, str], Attempt]] = {}
    lost = []
    for member, places in readings:
        by_hand = None if member.refused else known.by_hand(member.name)
        if by_hand:
            student, reason = by_hand, ""
            piece = owners.by_hand(places, student) if places else _unread(member)
        elif not places:
            if member.refused or not download.is_about(member.name):
                lost.append(Lost(member, member.refused or f"{download.title} names no file like this"))
            continue
        else:
            student, piece, reason = owners.find(places)
            if by_hand == "" and not reason:
                reason = "the file given with --who says of it that it is several students'"
        if not reason and not is_plain_name(student):
            reason = "its student's id cannot name a folder"
        if reason:
            if piece.kind != "about":
                lost.append(Lost(member, reason, piece.owner, piece.name))
            continue
        fact = facts.get(piece.owner) or known.facts.get(student, Fact())
        attempts = found.setdefault(student, {})
        attempt = attempts.setdefault((piece.owner, piece.attempt), _attempt(piece, fact, zone))
        attempt.late |= piece.late
        attempt.files.append((member, piece))
    ordered = {student: _ordered(list(attempts.values())) for student, attempts in found.items()}
    return Sorted(download, people, known, dict(sorted(ordered.items())), lost)


def _unread(member: Member) -> Piece:
    """Give the place of a file that the LMS did not name, where somebody has written whose it is."""
    folder, _, filename = member.name.rpartition("/")
    return Piece("", filename, folder)


def _attempt(piece: Piece, fact: Fact, zone: tzinfo) -> Attempt:
    time = piece.time or fact.time
    if time is not None:
        time = (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    return Attempt(piece.owner, time, piece.late or fact.late)


def _ordered(attempts: Sequence[Attempt]) -> list[Attempt]:
    earliest = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(attempts, key=lambda attempt: (attempt.time or earliest, attempt.owner))
    return [
        replace(attempt, files=sorted(attempt.files, key=lambda each: each[0].name)) for attempt in ordered
    ]
