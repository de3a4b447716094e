"""A download's files sorted by student and attempt; what is nobody's, with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from autograder.course import is_plain_name
from autograder.lms.advice import Next, Reason
from autograder.lms.archive import Archive, Member
from autograder.lms.attempts import Attempt
from autograder.lms.downloads.base import Download, Fact, Piece
from autograder.lms.known import Known
from autograder.lms.naming import are_same
from autograder.lms.notebooks import Due
from autograder.lms.people import People
from autograder.lms.whose import Owners


@dataclass(frozen=True)
class Lost:
    """A file that is nobody's, and why; `lms_id` and `name` are as the LMS writes them."""

    member: Member
    reason: Reason
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

    @property
    def has_local_times(self) -> bool:
        """Whether the LMS writes any of its times without a zone."""
        return any(each.is_local for attempts in self.attempts.values() for each in attempts)


def sort(
    archive: Archive, download: Download, people: People, known: Known, zone: tzinfo, *, due: Due
) -> Sorted:
    """Find out whose each file is. `zone` is that of the times which the LMS writes without one."""
    readings = [(member, [] if member.refused else download.read(member.name)) for member in archive.members]
    said = download.owners(archive)
    pieces = (places for _, places in readings)
    owners = Owners(download, people, known, said, pieces, names=lambda: download.names(archive))
    facts = download.facts(archive)
    found: dict[str, dict[tuple[str, str], Attempt]] = {}
    lost = []
    for member, places in readings:
        by_hand = None if member.refused else known.by_hand(member.name)
        if by_hand:
            student, reason = by_hand, None
            piece = owners.by_hand(places, student) if places else _unread(member)
        elif not places:
            if member.refused or not download.is_about(member.name):
                lost.append(Lost(member, _no_place(member, download)))
            continue
        else:
            student, piece, reason = owners.find(places)
            if by_hand == "" and not reason:
                reason = Reason("the file given with --who says of it that it is several students'")
        if not reason and not is_plain_name(student):
            reason = Reason("its student's id cannot name a folder")
        if reason:
            if piece.kind != "about":
                lost.append(Lost(member, reason, piece.owner, piece.name))
            continue
        fact = facts.get(piece.owner) or known.facts.get(student, Fact())
        attempts = found.setdefault(student, {})
        attempt = attempts.setdefault((piece.owner, piece.attempt), _attempt(piece, fact, zone))
        attempt.late |= piece.late
        attempt.by_hand |= bool(by_hand)
        attempt.files.append((member, piece))
    ordered = {student: _ordered(attempts.values(), archive, due) for student, attempts in found.items()}
    handed_in = {student: attempts for student, attempts in sorted(ordered.items()) if attempts}
    return Sorted(download, people, known, handed_in, lost)


def _no_place(member: Member, download: Download) -> Reason:
    if member.refused:
        return Reason(member.refused, Next.ANEW)
    return Reason(f"{download.title} names no file like this")


def _unread(member: Member) -> Piece:
    """Give the place of a file that the LMS did not name, where somebody has written whose it is."""
    folder, _, filename = member.name.rpartition("/")
    return Piece("", filename, folder)


def _attempt(piece: Piece, fact: Fact, zone: tzinfo) -> Attempt:
    time = piece.time or fact.time
    is_local = time is not None and time.tzinfo is None
    if time is not None:
        time = (time.replace(tzinfo=zone) if is_local else time).astimezone(UTC)
    return Attempt(piece.owner, time, piece.late or fact.late, piece.written or fact.written, is_local)


def _ordered(attempts: Iterable[Attempt], archive: Archive, due: Due) -> list[Attempt]:
    """Give the attempts at which anything was handed in, by time; their notebooks under their own names."""
    earliest = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(
        (attempt for attempt in attempts if attempt.is_something),
        key=lambda attempt: (attempt.time or earliest, attempt.owner),
    )
    for attempt in ordered:
        attempt.files.sort(key=lambda each: each[0].name)
        due.name_plain(attempt)
        due.name_disguised(attempt, archive)
    return ordered
