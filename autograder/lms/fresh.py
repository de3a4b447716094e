"""A file of an LMS's kind made from nothing, where there is none of its own to fill."""

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal

from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.gradebook.read import Standing
from autograder.lms.formats import Entry, Format
from autograder.lms.numbers import write_number
from autograder.lms.table import harmless


def from_nothing(
    format_: Format,
    title: str,
    standings: Sequence[Standing],
    people: Mapping[str, Person],
    participants: Mapping[str, str],
) -> tuple[bytes, str]:
    """Give the file's bytes, and what the LMS must guess from it.

    `participants` are Moodle's numbers of students for this assignment, where they are known.
    """
    entries = [
        Entry(people[each.student], _points(format_, each), participants.get(each.student, ""))
        for each in standings
    ]
    highest = standings[0].max_score if standings else 0.0
    if format_.needs_participants and not participants:
        raise InstructorError(
            f"A file of the kind {format_.name} needs the participant numbers that Moodle gave for this assignment: "
            "unpack its download first (autograder unpack), or, better, fill Moodle's own worksheet with --into FILE."
        )
    rows, guesses = format_.fresh(title, write_number(Decimal(repr(highest)), least=0, most=2), entries)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([list(map(harmless, row)) for row in rows])
    return text.getvalue().encode(), guesses


def _points(format_: Format, standing: Standing) -> str:
    if standing.score is None or not 0 <= standing.score <= standing.max_score:
        return ""
    least, most = format_.places
    return write_number(Decimal(repr(standing.score)), least=least, most=most)
