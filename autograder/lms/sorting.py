"""A download's files sorted by student and attempt; what is nobody's, with the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from autograder.course import is_plain_name
from autograder.lms.advice import Next, Reason
from autograder.lms.anothers import refuse_anothers
from autograder.lms.archive import Archive, Member, refusal
from autograder.lms.attempts import Attempt
from autograder.lms.downloads.base import Download, Fact, Piece
from autograder.lms.known import Known
from autograder.lms.naming import are_same
from autograder.lms.notebooks import Due
from autograder.lms.people import People
from autograder.lms.typed_text import says_something
from autograder.lms.whose import SEVERAL, Owners
from autograder.text import one_line, some

_NOWHERE = Piece("", "")


@dataclass(frozen=True)
class Lost:
    """A file that is nobody's, and why; `lms_id` and `name` are as the LMS writes them.

    `attempts` are those among which a person is to choose, where that is the reason.
    """

    member: Member
    reason: Reason
    lms_id: str = ""
    name: str = ""
    attempts: str = ""


@dataclass
class Sorted:
    """A download's attempts by student, the first one first, and the files that have no place.

    `refused` are those of them that cannot be taken, by whose they are as their names say. `told` is what is to be
    known of the download as a whole.
    """

    download: Download
    people: People
    known: Known
    attempts: dict[str, list[Attempt]]
    lost: list[Lost]
    refused: dict[str, list[tuple[Member, Piece]]]
    told: Sequence[str] = ()

    @property
    def nobodys(self) -> list[Lost]:
        """The files of which not even the name says whose they are."""
        owned = {member.name for files in self.refused.values() for member, _ in files}
        return [each for each in self.lost if each.member.name not in owned]

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


@dataclass(frozen=True)
class _Found:
    """Whose a file is, each with the way to read its place that makes it theirs; nobody's where there is a `reason`."""

    theirs: Sequence[tuple[str, Piece]] = ()
    reason: Reason | None = None
    piece: Piece = _NOWHERE


def sort(
    archive: Archive, download: Download, people: People, known: Known, zone: tzinfo, *, due: Due
) -> Sorted:
    """Find out whose each file is. `zone` is that of the times which the LMS writes without one.

    Raises InstructorError where what is known is of another assignment.
    """
    readings = [(member, _places(member, download)) for member in archive.members]
    refuse_anothers(known, (piece for _, places in readings for piece in places), download)
    said = download.owners(archive)
    pieces = (places for _, places in readings)
    owners = Owners(download, people, known, said, pieces, names=lambda: download.names(archive))
    facts, groups = download.facts(archive), download.groups(archive)
    found: dict[str, dict[tuple[str, str], Attempt]] = {}
    refused: dict[str, list[tuple[Member, Piece]]] = {}
    lost, tests = [], []
    for member, places in readings:
        its = _find(member, places, owners, known, groups)
        if member.refused:
            lost.append(Lost(member, Reason(member.refused, Next.ANEW), its.piece.owner, its.piece.name))
            for student, piece in its.theirs:
                refused.setdefault(student, []).append((member, piece))
        elif its.reason:
            if its.reason.next is Next.WHOSE and download.is_test(its.piece):
                tests += [one_line(member.name)] if its.piece.kind != "about" else []
            elif places or not download.is_about(member.name):
                lost += _lost(member, its)
        else:
            for student, piece in its.theirs:
                attempts = found.setdefault(student, {})
                fact = facts.get(piece.owner) or known.facts.get(student, Fact())
                attempt = attempts.setdefault((piece.owner, piece.attempt), _attempt(piece, fact, zone))
                attempt.late |= piece.late
                attempt.chosen_among.update(known.chosen_among(member.name, student))
                attempt.files.append((member, piece))
    ordered = {student: _ordered(attempts.values(), archive, due) for student, attempts in found.items()}
    handed_in = {student: attempts for student, attempts in sorted(ordered.items()) if attempts}
    told = [*download.remarks(archive), *_tests(tests)]
    return Sorted(download, people, known, handed_in, lost, refused, told)


def _tests(names: Sequence[str]) -> list[str]:
    """Tell which files are left out on purpose, and what helps should that be wrong."""
    if not names:
        return []
    return [
        f"Left out, since the LMS's own test student is nobody of the class: {some(names)}. Should it be a student's "
        "all the same, enrol them: autograder roster with a table of id,first_name,last_name,lms_user_id."
    ]


def _of_a_group(reason: Reason | None, piece: Piece, groups: Mapping[str, str]) -> Reason | None:
    """Name the members where it is a group's id that is nobody's in the class."""
    members = groups.get(piece.owner)
    if reason is None or reason.next is not Next.WHOSE or not members:
        return reason
    return Reason(
        f"it is a group's, and is placed for the members who are written in, a row for each: {members}"
    )


def _places(member: Member, download: Download) -> list[Piece]:
    """Give the ways to read a file's place. One that is refused has one, too, unless that is for its very name."""
    return [] if member.refused and refusal(member.name) else download.read(member.name)


def _find(
    member: Member, places: list[Piece], owners: Owners, known: Known, groups: Mapping[str, str]
) -> _Found:
    by_hand = None if member.refused else known.by_hand(member.name)
    students = by_hand or (owners.sharers(places) if by_hand is None and places else ())
    if students:
        theirs = [
            (student, owners.by_hand(places, student) if places else _unread(member)) for student in students
        ]
        found = _Found(theirs, None, theirs[0][1])
    elif places:
        student, piece, reason = owners.find(places)
        reason = _of_a_group(reason, piece, groups)
        if by_hand is not None and not reason:
            reason = Reason(f"the file given with --who says of it that it is {SEVERAL}")
        found = _Found([] if reason else [(student, piece)], reason, piece)
    else:
        found = _Found(reason=Reason(f"{owners.title} names no file like this"))
    if all(is_plain_name(student) for student, _ in found.theirs):
        return found
    return _Found(reason=Reason("its student's id cannot name a folder"), piece=found.piece)


def _lost(member: Member, its: _Found) -> list[Lost]:
    """Give a file that is nobody's, unless it is only the LMS's own words about somebody."""
    if its.reason is None or its.piece.kind == "about":
        return []
    return [Lost(member, its.reason, its.piece.owner, its.piece.name)]


def _unread(member: Member) -> Piece:
    """Give the place of a file that the LMS did not name, where somebody has written whose it is."""
    folder, _, filename = member.name.rpartition("/")
    return Piece("", filename, folder)


def _attempt(piece: Piece, fact: Fact, zone: tzinfo) -> Attempt:
    time = piece.time or fact.time
    is_local = time is not None and time.tzinfo is None
    if time is not None:
        time = (time.replace(tzinfo=zone) if is_local else time).astimezone(UTC)
    attempt = Attempt(piece.owner, time, piece.late or fact.late, piece.written or fact.written, is_local)
    if fact.without_time and time is None:
        attempt.notes.append(
            "the file given with --who has no time for it, so nothing is taken off for lateness: was it downloaded "
            "before this was handed in?"
        )
    if fact.is_draft:
        attempt.notes.append("by the file given with --who it is a draft, which was not submitted")
    return attempt


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
        attempt.has_typed_text = any(
            piece.kind == "text" and says_something(archive, member) for member, piece in attempt.files
        )
    return ordered
