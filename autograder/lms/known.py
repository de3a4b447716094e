"""What a file given with --who says: whose the ids in a download are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.errors import InstructorError
from autograder.lms.attempts import SEPARATOR
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
    """What a file says of an id: whose it is, '' where it is several students', and the name that it has there.

    `sharers` are those to whom somebody has given all that is written in of it, as a team's.
    """

    student: str
    name: str
    source: str
    sharers: Sequence[str] = ()


@dataclass(frozen=True)
class Known:
    """What files say of a download.

    `claims` are by id, the last file's first; `members` says whose a file is by its name in the download: of several
    students, where it is a team's; of none, where that is disputed. `among` says of a file and a student which attempts
    there were when somebody wrote them in. `facts`, and the `numbers` that hold for one assignment only, are by
    student. `told` is what says nothing, or counts for nothing.
    """

    claims: Mapping[str, Sequence[Claim]] = field(default_factory=dict)
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    told: Sequence[str] = ()
    among: Mapping[tuple[str, str], Collection[str]] = field(default_factory=dict)

    @property
    def says_whose(self) -> bool:
        """Whether anything is known of any id or file."""
        return bool(self.claims or self.members)

    def by_hand(self, member: str) -> Sequence[str] | None:
        """Give the students whose a file is by what somebody has written; none where that is disputed, None where
        nobody has.
        """
        return self.members.get(_member(member))

    def chosen_among(self, member: str, student: str) -> Collection[str]:
        """Give the attempts, by their labels, among which somebody has chosen a student's that has this file."""
        return self.among.get((_member(member), student), ())


def read_known(document: Document, people: People, download: Download) -> Known:
    """Read who the LMS's ids are from one of its files. Raises InstructorError where nobody in it is in the class."""
    format_, layout = document.format, document.layout
    if download.local_ids and not isinstance(format_, (MoodleWorksheet, Placing)):
        return Known(told=["It has no numbers of participants, so it says of no file whose it is."])
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
    said = _Said()
    for student, row in found:
        ids = _ids(document, row.values, download)
        member = _member(layout.value(row.values, "member")) if isinstance(format_, Placing) else ""
        if not ids and not member:
            told.append(f"{who(document, row)} has no id of the LMS, so it places nothing")
        said.take(student, ids, member, layout.value(row.values, "Full name", "name"))
        if member:
            among = as_it_was(layout.value(row.values, "attempts")).split(SEPARATOR)
            said.among.setdefault((member, student), set()).update(filter(None, among))
    claims = said.claims(document.name)
    # A table of placings says nothing of times, and another file may.
    facts = {} if isinstance(format_, Placing) else _facts(document, found)
    is_worksheet = isinstance(format_, MoodleWorksheet)
    numbers = {each.student: name for name, (each,) in claims.items() if each.student and is_worksheet}
    return Known(claims, said.members, facts, numbers, told, said.among)


def _nobody(document: Document, told: Sequence[str]) -> str:
    what_next = "'autograder roster FILE' makes the class known."
    if isinstance(document.format, Placing):
        what_next = "What counts in its first column are the ids by which the students are known here."
    return "\n".join([f"{document.name}: nobody in it is in the class for certain.", *told, what_next])


@dataclass
class _Said:
    """What the rows of a file say: `students` and `names` by id, the students by file, the files by id, and among which
    attempts a file of a student's was chosen.
    """

    students: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, set[str]] = field(default_factory=dict)
    among: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def take(self, student: str, ids: Iterable[str], member: str, name: str) -> None:
        """Add a row."""
        if member and student not in self.members.setdefault(member, []):
            self.members[member].append(student)
        for each in ids:
            self.files.setdefault(each, set()).update([member] if member else [])
            self.students.setdefault(each, []).append(student)
            self.names[each] = name

    def claims(self, source: str) -> dict[str, list[Claim]]:
        """Give what is said of each id. What is disputed makes its files so, too."""
        found = {}
        for name, meant in self.students.items():
            theirs = _agreed([self.members[member] for member in self.files[name]], meant)
            if not theirs:
                self.members |= {member: [] for member in self.files[name]}
            alone, sharers = (theirs[0], ()) if len(theirs) == 1 else ("", theirs)
            found[name] = [Claim(alone, self.names[name], source, sharers)]
        return found


def _agreed(by_file: Sequence[Sequence[str]], meant: Sequence[str]) -> Sequence[str]:
    """Give whose an id is: one student's, or of all to whom each of its files was given; none where that differs."""
    ways = {tuple(sorted(each)) for each in by_file} if len(set(meant)) > 1 else {(meant[0],)}
    return ways.pop() if len(ways) == 1 else ()


def _facts(document: Document, found: Sequence[tuple[str, Row]]) -> dict[str, Fact]:
    """Read what the rows say of their students' submissions."""
    format_, layout = document.format, document.layout
    written = {student: format_.time_of_work(layout, row.values) for student, row in found}
    times = format_.times(filter(None, written.values()))
    return {
        student: Fact(
            times.get(written[student]),
            "late" in layout.value(row.values, "Status").split(),
            written[student],
            without_time=format_.lacks_time(layout, row.values),
            is_draft=format_.is_draft(layout, row.values),
        )
        for student, row in found
    }


def together(files: Sequence[Known], download: Download) -> Known:
    """Read files as one. Where two say of an id, or of a file in the download, whose it is, the later one counts."""
    claims: dict[str, list[Claim]] = {}
    for each in reversed(files):
        for name, found in each.claims.items():
            claims.setdefault(name, []).extend(found)
    told = [sentence for name, found in claims.items() for sentence in _contradictions(name, found, download)]
    members: dict[str, Sequence[str]] = {}
    for each in files:
        told += [
            f"{name} is {' and '.join(members[name])}'s in one of the files and {' and '.join(students)}'s in a later "
            "one, which counts"
            for name, students in each.members.items()
            if members.get(name) and students != members[name]
        ]
        members |= each.members
    facts = {student: fact for each in files for student, fact in each.facts.items()}
    numbers = {student: number for each in files for student, number in each.numbers.items()}
    among: dict[tuple[str, str], set[str]] = {}
    for place, labels in (item for each in files for item in each.among.items()):
        among.setdefault(place, set()).update(labels)
    return Known(claims, members, facts, numbers, told, among)


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
