"""Two students with one address, or with one id of the LMS's: whose a row or a file is could not be told any more."""

from collections.abc import Sequence

from autograder.errors import InstructorError
from autograder.gradebook.people import Person, compare
from autograder.lms.document import Document, Row
from autograder.lms.matching import who
from autograder.lms.people import People, folded
from autograder.text import some


def refuse_shared(
    document: Document,
    rows: Sequence[Row],
    listed: Sequence[Person],
    known: Sequence[Person],
    *,
    chosen: bool,
) -> None:
    """Raise InstructorError where a list gives a student another one's address, or an id of the LMS's that two have.

    Where a person has said which column counts (`chosen`), an address may pass from one to another, but not be both's.
    An address that two are known to have already is left to them.
    """
    change = compare(known, listed)
    changed = (after for _, after in change.changed)
    before = People(known)
    after = People([*known, *change.added, *changed])
    addresses, ids = [], []
    for row, person in zip(rows, listed, strict=True):
        if (was := before.by_id.get(person.id)) and folded(was.email) != folded(person.email):
            others = before.with_email(person.email) - {person.id}
            others &= after.with_email(person.email) if chosen else others
            addresses += [
                f"{who(document, row)} is {person.id}, and its address is {each}'s" for each in others
            ]
        same = after.with_lms_id(person.lms_user_id) - {person.id}
        ids += [
            f"{who(document, row)} has the LMS's id '{person.lms_user_id}', and so has {each}"
            for each in same
        ]
    if not addresses and not ids:
        return
    next_ = []
    if addresses:
        named = "" if chosen else "name the column that counts with --id, or "
        next_.append(f"An address is one student's: {named}mend it in a copy of the list.")
    if ids:
        next_.append(
            "An id of the LMS's is one student's: leave it blank in a copy of the list where it is wrong."
        )
    raise InstructorError(
        f"{document.name}: nothing was written. {some([*addresses, *ids])}. {' '.join(next_)}"
    )
