"""A file of an LMS's kind made from nothing, where there is none of its own to fill."""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.gradebook.read import Standing
from autograder.lms.formats import Entry, Format
from autograder.lms.logins import logins
from autograder.lms.numbers import write_number
from autograder.lms.table import harmless
from autograder.text import some


@dataclass(frozen=True)
class Fresh:
    """A file made from nothing: its bytes, of how many students, what the LMS must guess, what to do with it, and who
    was left out.
    """

    data: bytes
    students: int
    guesses: str
    upload: str
    left_out: Sequence[str] = field(default_factory=list)


def from_nothing(
    format_: Format,
    title: str,
    standings: Sequence[Standing],
    people: Mapping[str, Person],
    lms_ids: Mapping[str, str],
    *,
    since: Collection[str] = (),
) -> Fresh:
    """Make the file, of those who have points that may go out: an empty cell would take a grade away in some LMSs.

    `lms_ids` are what the names in the LMS's download of this assignment are by student, as Moodle's numbers; the
    points of those in `since` are for older work than they have handed in. Raises InstructorError where the file needs
    numbers and there are none.
    """
    highest = standings[0].max_score if standings else 0.0
    if format_.needs_participants and not lms_ids:
        raise InstructorError(
            f"A file of the kind {format_.name} needs the participant numbers that Moodle gave for this assignment: "
            "unpack its download first (autograder unpack), or, better, fill Moodle's own worksheet with --into FILE."
        )
    usernames = logins(format_, people.values(), lms_ids if format_.names_logins else {})
    entries = [
        Entry(
            people[each.student],
            points,
            lms_ids.get(each.student, ""),
            usernames.by_student.get(each.student, ""),
        )
        for each in standings
        if each.student not in since and (points := _points(format_, each))
    ]
    unknown = [each for each in entries if format_.needs_participants and not each.participant]
    unnamed = [each for each in entries if format_.login and not each.login]
    entries = [each for each in entries if each.participant or not format_.needs_participants]
    entries = [each for each in entries if each.login or not format_.login]
    rows, guesses = format_.fresh(title, write_number(Decimal(repr(highest)), least=0, most=2), entries)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([list(map(harmless, row)) for row in rows])
    told = _left_out(standings)
    told += (
        [f"handed in again since they were graded, so grade again: {some(sorted(since))}"] if since else []
    )
    told += [f"without a participant number: {some([each.person.id for each in unknown])}"] if unknown else []
    told += (
        [f"without a username that is known: {some([each.person.id for each in unnamed])}"] if unnamed else []
    )
    guesses = f"{guesses} {usernames.said}" if format_.login else guesses
    return Fresh(text.getvalue().encode(), len(entries), guesses, format_.how_to_upload(rows[0]), told)


def _points(format_: Format, standing: Standing) -> str:
    """Give a student's points, '' where they are not known or are no points that the LMS should get."""
    if standing.score is None or not 0 <= standing.score <= standing.max_score:
        return ""
    least, most = format_.places
    return write_number(Decimal(repr(standing.score)), least=least, most=most)


def _left_out(standings: Sequence[Standing]) -> list[str]:
    without = [each.student for each in standings if each.score is None]
    beyond = [
        f"{each.student} has {each.score:g} of {each.max_score:g} points, which does not go out"
        for each in standings
        if each.score is not None and not 0 <= each.score <= each.max_score
    ]
    return [f"without a score: {some(without)}", *beyond] if without else beyond
