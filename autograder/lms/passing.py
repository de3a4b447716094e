"""Ids of the LMS's that pass from one student to another, as where one column of a list was sorted alone."""

from collections.abc import Sequence

from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.lms.document import Document, Row
from autograder.lms.formats import Key
from autograder.lms.matching import who
from autograder.lms.people import People, folded
from autograder.text import some


def refuse_passed(
    document: Document,
    rows: Sequence[Row],
    listed: Sequence[Person],
    known: Sequence[Person],
    key: Key,
    *,
    chosen: bool,
) -> list[str]:
    """Raise InstructorError where a known student would get an id of the LMS's that was another's.

    LMSs give nobody another one's id, but a list that was damaged looks as one that mends what is known does. So that
    is only told where a person has said that the column of ids, `key`, counts (`chosen`).
    """
    before = People(known)
    passed = [
        (row, person, other)
        for row, person in zip(rows, listed, strict=True)
        if (was := before.by_id.get(person.id)) and folded(was.lms_user_id) != folded(person.lms_user_id)
        for other in before.with_lms_id(person.lms_user_id) - {person.id}
    ]
    if not passed:
        return []
    if chosen:
        changes = [
            f"{person.id} ('{person.lms_user_id}', which was {other}'s)" for _, person, other in passed
        ]
        return [f"Ids of the LMS's pass from one to another, as --id says: {some(changes)}."]
    doubts = [
        f"{who(document, row)} is {person.id}, and its id of the LMS's, '{person.lms_user_id}', is {other}'s"
        for row, person, other in passed
    ]
    raise InstructorError(
        f"{document.name}: nothing was written. {some(doubts)}. Was that column sorted alone? Then let the LMS export "
        f"the list anew. Where the list is right, and what is known is not, --id '{key.header}' says so."
    )
