"""What a file given with --who says: whose the ids in a download are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.errors import InstructorError
from autograder.lms.brightspace import Brightspace
from autograder.lms.document import Document
from autograder.lms.downloads.base import Fact
from autograder.lms.matching import Matched, People, match, who
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


def read_known(document: Document, people: People, *, user_numbers: bool) -> Known:
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
        ids = _ids(document, row.values, user_numbers=user_numbers)
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


def _ids(document: Document, values: list[str], *, user_numbers: bool) -> list[str]:
    """Give the ids in a row that a download may have; where it has an LMS's numbers of users, no others."""
    layout, key = document.layout, document.format.key
    if isinstance(document.format, MoodleWorksheet):
        found = PARTICIPANT.fullmatch(layout.value(values, "Identifier"))
        return [found[1]] if found else []
    if isinstance(document.format, Placing):
        return [name] if (name := as_it_was(key(layout.value(values, "lms_id")))) else []
    # None of Brightspace's ids is the number of a user that its downloads have.
    kinds = [] if isinstance(document.format, Brightspace) else ["lms"] if user_numbers else ["lms", "id"]
    return [name for each in layout.keys if each.kind in kinds and (name := key(values[each.index]))]
