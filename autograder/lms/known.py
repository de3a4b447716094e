"""What a file given with --who says: whose the ids in a download are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.errors import InstructorError
from autograder.lms.brightspace import Brightspace
from autograder.lms.document import Document, Row
from autograder.lms.downloads.base import Download, Fact
from autograder.lms.matching import Matched, match, who
from autograder.lms.moodle_worksheet import PARTICIPANT, MoodleWorksheet
from autograder.lms.naming import letters
from autograder.lms.people import People
from autograder.lms.rosters import Placing
from autograder.lms.table import as_it_was, harmless
from autograder.text import one_line, some


@dataclass(frozen=True)
class Claim:
    """What a file says of an id: whose it is, '' where it is several students', and the name that it has there."""

    student: str
    name: str
    source: str


@dataclass(frozen=True)
class Known:
    """What files say of a download.

    `claims` are by id, the last file's first; `members` says whose a file is by its name in the download, '' where it
    is several students'. `facts`, and the `numbers` that hold for one assignment only, are by student. `told` is what
    says nothing, or counts for nothing.
    """

    claims: Mapping[str, Sequence[Claim]] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    told: Sequence[str] = ()

    def by_hand(self, member: str) -> str | None:
        """Give the student whose a file is by what somebody has written; '' for several, None where nobody has."""
        return self.members.get(_member(member))


def read_known(document: Document, people: People, download: Download) -> Known:
    """Read who the LMS's ids are from one of its files. Raises InstructorError where nobody in it is in the class."""
    format_, layout = document.format, document.layout
    rows = [row for row in document.rows() if format_.belongs(layout, row.values)]
    if not rows and isinstance(format_, Placing):
        return Known(told=["Nobody is written into its first column."])
    matched = match(document, rows, people, layout.keys)
    found = list(matched.rows.items())
    told = _without_use(document, matched, people)
    if isinstance(format_, Placing):
        # A row is a file there, and a student may have handed in several, also under several ids.
        found += [(student, row) for student, several in matched.twice.items() for row in several]
    if not layout.keys:
        raise InstructorError(
            f"{document.name} says of nobody who they are: it has no column of addresses or ids. Where Moodle's "
            "assignment is marked blind, reveal the students' identities there first, and download it anew."
        )
    if not found:
        raise InstructorError(_nobody(document, told))
    students: dict[str, str] = {}
    names: dict[str, str] = {}
    members: dict[str, str] = {}
    numbers: dict[str, str] = {}
    files: dict[str, list[str]] = {}
    for student, row in found:
        ids = _ids(document, row.values, download)
        member = _member(layout.value(row.values, "member")) if isinstance(format_, Placing) else ""
        if not ids and not member:
            told.append(f"{who(document, row)} has no id of the LMS, so it places nothing")
        if member:
            members[member] = student if members.get(member, student) == student else ""
        for name in ids:
            files.setdefault(name, []).append(member)
            students[name] = student if students.get(name, student) == student else ""
            names[name] = layout.value(row.values, "Full name", "name")
            if isinstance(format_, MoodleWorksheet):
                numbers[student] = name
    members |= {member: "" for name, student in students.items() if not student for member in files[name]}
    claims = {name: [Claim(student, names[name], document.name)] for name, student in students.items()}
    # A table of placings says nothing of times, and another file may.
    facts = {} if isinstance(format_, Placing) else {student: _fact(document, row) for student, row in found}
    certain = {student: number for student, number in numbers.items() if students[number]}
    return Known(claims, members, facts, certain, told)


def _nobody(document: Document, told: Sequence[str]) -> str:
    what_next = "'autograder roster FILE' makes the class known."
    if isinstance(document.format, Placing):
        what_next = "What counts in its first column are the ids by which the students are known here."
    return "\n".join([f"{document.name}: nobody in it is in the class for certain.", *told, what_next])


def _fact(document: Document, row: Row) -> Fact:
    layout = document.layout
    is_late = "late" in layout.value(row.values, "Status").split()
    written = layout.value(row.values, "Last modified (submission)").strip("-")
    return Fact(document.format.handed_in(layout, row.values), is_late, written)


def together(files: Sequence[Known], download: Download) -> Known:
    """Read files as one. Where two say of an id, or of a file in the download, whose it is, the later one counts."""
    claims: dict[str, list[Claim]] = {}
    for each in reversed(files):
        for name, found in each.claims.items():
            claims.setdefault(name, []).extend(found)
    told = [sentence for name, found in claims.items() for sentence in _contradictions(name, found, download)]
    members: dict[str, str] = {}
    for each in files:
        told += [
            f"{name} is {members[name]}'s in one of the files and {student}'s in a later one, which counts"
            for name, student in each.members.items()
            if student != members.get(name, student) != ""
        ]
        members |= each.members
    facts = {student: fact for each in files for student, fact in each.facts.items()}
    numbers = {student: number for each in files for student, number in each.numbers.items()}
    return Known(claims, members, facts, numbers, told)


def _contradictions(name: str, found: Sequence[Claim], download: Download) -> list[str]:
    """Say where files mean two students by an id. Where ids hold for one assignment, another name is another one's."""
    last = found[0]
    return [
        f"{name} is {each.student}'s in {each.source} and {last.student}'s in {last.source}, which counts"
        for each in found[1:]
        if each.student
        and last.student
        and each.student != last.student
        and not (download.local_ids and are_others(each.name, last.name))
    ]


def are_others(known: str, there: str) -> bool:
    """Tell whether two names of an LMS's own are of two people or groups. A group's may stand before a person's."""
    return bool(letters(known) and letters(there)) and not letters(there).endswith(letters(known))


def _member(text: str) -> str:
    """Give a file's name in a download so that it compares equal to what a table has of it."""
    return as_it_was(harmless(one_line(text)).strip())


def _without_use(document: Document, matched: Matched, people: People) -> list[str]:
    """Say which rows are of nobody for certain. In the table that people fill in, several rows may be one student's."""
    strangers = [who(document, row) for row in matched.strangers]
    told = [f"Not in the class, and left alone: {some(strangers)}."] if strangers else []
    if isinstance(document.format, Placing):
        told += _without_zeros(document, matched.strangers, people)
    told += [f"{who(document, row)} may be {' or '.join(students)}" for row, students in matched.unclear]
    twice = {} if isinstance(document.format, Placing) else matched.twice
    return told + [
        f"{student} is in several rows: {', '.join(str(row.number) for row in rows)}"
        for student, rows in twice.items()
    ]


def _without_zeros(document: Document, rows: Sequence[Row], people: People) -> list[str]:
    """Say which ids that were written in are somebody's but for leading zeros, which spreadsheets take away."""
    bare: dict[str, list[str]] = {}
    for student in filter(str.isdecimal, people.by_id):
        bare.setdefault(student.lstrip("0"), []).append(student)
    return [
        f"{who(document, row)}: spreadsheets take leading zeros away. Is it {' or '.join(likely)}? Write that in."
        for row in rows
        if (likely := bare.get(document.layout.value(row.values, "student").lstrip("0")))
    ]


def _ids(document: Document, values: list[str], download: Download) -> list[str]:
    """Give the ids in a row that a download may have; where it has an LMS's numbers of users, no others."""
    layout, key = document.layout, document.format.key
    if isinstance(document.format, MoodleWorksheet):
        found = PARTICIPANT.fullmatch(layout.value(values, "Identifier"))
        return [found[1]] if found else []
    if isinstance(document.format, Placing):
        return [name] if (name := as_it_was(key(layout.value(values, "lms_id")))) else []
    # None of Brightspace's ids is the number of a user that its downloads have.
    kinds = (
        []
        if isinstance(document.format, Brightspace)
        else ["lms"]
        if download.user_numbers
        else ["lms", "id"]
    )
    return [name for each in layout.keys if each.kind in kinds and (name := key(values[each.index]))]
