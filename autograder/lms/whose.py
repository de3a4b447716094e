"""Whose a download's ids are: by the class, or by a file of the LMS that says so."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from autograder.errors import InstructorError
from autograder.lms.canvas import Canvas
from autograder.lms.document import Document
from autograder.lms.downloads.base import Download, Fact, Piece
from autograder.lms.matching import Matched, People, folded, match, who
from autograder.lms.moodle_worksheet import PARTICIPANT, MoodleWorksheet
from autograder.lms.rosters import Placing
from autograder.lms.table import as_it_was
from autograder.text import some


@dataclass(frozen=True)
class Known:
    """What a file says of the ids in a download: whose they are, and what else is known of the submission.

    `disputed` are ids of which it says that they are several students', `names` are the people's as the LMS has them,
    `told` is what in it says nothing.
    """

    students: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    disputed: Collection[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    told: Sequence[str] = ()


def read_known(document: Document, people: People) -> Known:
    """Read who the LMS's ids are from one of its files. Raises InstructorError where nobody in it is in the class."""
    rows = [row for row in document.rows() if document.format.belongs(document.layout, row.values)]
    matched = match(document, rows, people, document.layout.keys)
    found = list(matched.rows.items())
    told = _without_use(document, matched)
    if isinstance(document.format, Placing):
        # A row is a file there, and a student may have handed in several, also under several ids.
        found += [(student, row) for student, several in matched.twice.items() for row in several]
    if not found:
        reason = f"{document.name}: nobody in it is in the class for certain."
        raise InstructorError("\n".join([reason, *told, "'autograder roster FILE' makes the class known."]))
    students: dict[str, str] = {}
    facts: dict[str, Fact] = {}
    disputed: set[str] = set()
    names: dict[str, str] = {}
    for student, row in found:
        is_late = "late" in document.layout.value(row.values, "Status").split()
        ids = _ids(document, row.values)
        told += [] if ids else [f"{who(document, row)} has no id of the LMS, so it places nothing"]
        for name in ids:
            if students.setdefault(name, student) != student:
                disputed.add(name)
            names[name] = document.layout.value(row.values, "Full name", "name")
            facts[name] = Fact(document.format.handed_in(document.layout, row.values), is_late)
    certain = {name: student for name, student in students.items() if name not in disputed}
    return Known(certain, facts, frozenset(disputed), names, told)


def _without_use(document: Document, matched: Matched) -> list[str]:
    """Say which rows are of nobody for certain. In the table that people fill in, several rows may be one student's."""
    strangers = [who(document, row) for row in matched.strangers]
    told = [f"Not in the class, and left alone: {some(strangers)}."] if strangers else []
    told += [f"{who(document, row)} may be {' or '.join(students)}" for row, students in matched.unclear]
    twice = {} if isinstance(document.format, Placing) else matched.twice
    return told + [
        f"{student} is in several rows: {', '.join(str(row.number) for row in rows)}"
        for student, rows in twice.items()
    ]


def _ids(document: Document, values: list[str]) -> list[str]:
    layout, key = document.layout, document.format.key
    if isinstance(document.format, MoodleWorksheet):
        found = PARTICIPANT.fullmatch(layout.value(values, "Identifier"))
        return [found[1]] if found else []
    if isinstance(document.format, Canvas):
        return [key(values[each.index]) for each in layout.keys if each.kind == "lms"]
    if "lms_id" in layout.header:
        return [name] if (name := as_it_was(key(layout.value(values, "lms_id")))) else []
    return [name for each in layout.keys if each.kind != "email" and (name := key(values[each.index]))]


class Owners:
    """Finds the student whom a file's name means, and says why where there is none."""

    def __init__(
        self,
        download: Download,
        people: People,
        known: Known,
        said: Mapping[str, Collection[str]],
        pieces: Iterable[list[Piece]],
    ) -> None:
        self._download = download
        self._people = people
        self._known = known
        self._said = {whole: set(map(folded, owners)) for whole, owners in said.items()}
        files = [fitting for places in pieces if (fitting := self._as_said(places))]
        ids = {piece.owner for places in files for piece in places}
        # A participant's number that happens to be somebody's id in Moodle proves nothing; all of them do.
        self._ids_are_the_classes = all(people.with_id(name) for name in ids)
        # The same for an LMS's numbers of users and the class's own ids.
        self._ids_are_our_own = all(people.with_own_id(name) for name in ids)
        titles = ({piece.title for piece in places} for places in files)
        self._titles = reduce(set.intersection, titles) if files else set()
        if len(self._titles) > 1:
            self._titles = self._titles_of_the_class(files) or self._titles

    def find(self, places: list[Piece]) -> tuple[str, Piece, str]:
        """Give the student, and the way to read the file that it is theirs by; else the reason why it is nobody's.

        Where it is nobody's, the likeliest way to read it is given.
        """
        said = self._as_said(places)
        if not said:
            return "", _unparted(places), "the text beside it names somebody else than its own name does"
        fitting = [piece for piece in said if piece.title in self._titles]
        if not fitting:
            reason = "its name and those of the other files do not begin with the same title"
            return "", _unparted(said), reason
        found: dict[str, Piece] = {}
        reasons = []
        for piece in fitting:
            students, reason = self._students(piece)
            reasons += [reason] if reason else []
            for student in students:
                found.setdefault(student, piece)
        reason = reasons[0] if reasons else "nobody in the class has this id"
        if len(found) == 1:
            ((student, piece),) = found.items()
            if len({each.title for each in fitting}) == 1 or piece.whole in self._known.students:
                return student, piece, ""
            names = " or ".join(f"'{each.owner}'" for each in fitting)
            reason = f"nothing says which part of its name is the id: it may be {names}"
        elif found:
            reason = f"it may be of {' or '.join(sorted(found))}"
        return "", _unparted(fitting), reason

    def _as_said(self, places: list[Piece]) -> list[Piece]:
        """Give the ways to read a file that agree with what the download says of its owner, if it does."""
        return [
            piece
            for piece in places
            if piece.whole not in self._said or folded(piece.owner) in self._said[piece.whole]
        ]

    def _titles_of_the_class(self, files: Iterable[list[Piece]]) -> set[str]:
        """Give the only title by which files are the class's: of several students, since one could be so by chance."""
        meant: dict[str, set[str]] = {}
        for piece in (piece for places in files for piece in places if piece.title in self._titles):
            if students := self._people.meant(piece.owner, "id"):
                meant.setdefault(piece.title, set()).update(students)
        several = {title for title, students in meant.items() if len(students) > 1}
        return several if len(several) == 1 else set()

    def _students(self, piece: Piece) -> tuple[set[str], str]:
        for name in filter(None, (piece.whole, piece.owner)):
            if name in self._known.disputed:
                return set(), "the file given with --who says of its id that it is several students'"
            if name in self._known.students and self._is_anothers(piece, name):
                return set(), (
                    "its name is not that of its number in the file given with --who, which is "
                    f"{self._known.names[name]}: is it of another assignment?"
                )
            if name in self._known.students:
                return {self._known.students[name]}, ""
        if self._download.user_numbers:
            return self._by_number(piece)
        return self._by_id(piece)

    def _is_anothers(self, piece: Piece, number: str) -> bool:
        """Tell whether the LMS's own names disagree, where its numbers are others in each assignment.

        A group's name may stand before a person's.
        """
        known = _letters(self._known.names.get(number, ""))
        there = _letters(piece.name)
        return self._download.local_ids and bool(known and there) and not there.endswith(known)

    def _by_id(self, piece: Piece) -> tuple[set[str], str]:
        students = self._people.meant(piece.owner, "id")
        if not self._download.local_ids or not students:
            return students, ""
        if self._known.students:
            return set(), "its participant number is not in the file given with --who"
        agree = _agree(piece.name, self._people, students)
        if agree or (agree is None and self._ids_are_the_classes):
            return students, ""
        return (
            set(),
            "its participant number is somebody's id, but that proves nothing: give the worksheet with --who",
        )

    def _by_number(self, piece: Piece) -> tuple[set[str], str]:
        """Give the students whom an LMS's number of a user means: by our own ids only where they all are such."""
        students = self._people.with_lms_id(piece.owner)
        own = self._people.with_own_id(piece.owner)
        if students or not own:
            return students, ""
        if self._ids_are_our_own:
            return own, ""
        return (
            set(),
            "its number is somebody's id in the class, but nobody's that the LMS is known to have given",
        )


def _unparted(places: list[Piece]) -> Piece:
    """Give the likeliest way to read a file. Where its owner's id is not clear, it is what the id is a part of."""
    unclear = len({piece.title for piece in places}) > 1
    return replace(places[-1], owner=places[-1].whole) if unclear else places[-1]


def _letters(name: str) -> str:
    """Give a name without what a file's name may lack."""
    return "".join(filter(str.isalnum, folded(name)))


def _agree(name: str, people: People, students: set[str]) -> bool | None:
    """Tell whether a name is that of these students; None where it is not known."""
    verdicts = set()
    for student in students:
        person = people.by_id[student]
        own = sorted(folded(f"{person.first_name} {person.last_name}".replace("_", " ")).split())
        verdicts.add(own == sorted(folded(name).split()) if name and own else None)
    return verdicts.pop() if len(verdicts) == 1 else False
