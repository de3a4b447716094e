"""Which of a class's ids are the usernames of an LMS, for a file that is made without one of its own."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from autograder.gradebook.people import Person
from autograder.lms.formats import Format
from autograder.lms.kinds import is_clear
from autograder.lms.people import folded

_DIGEST = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)


@dataclass(frozen=True)
class Logins:
    """The usernames by student, without who has none, and what is to be said of them."""

    by_student: Mapping[str, str]
    said: str


def logins(format_: Format, people: Collection[Person], seen: Mapping[str, str]) -> Logins:
    """Give what is written as the username of each student: their id, or what is kept beside it.

    A class may have been enrolled by another column than the usernames. What the names in the LMS's download are
    (`seen`) proves which they are; numbers beside names make it likely, and that is said.
    """
    column = format_.login
    beside = {person.id: person.lms_user_id for person in people if person.lms_user_id}
    own = {person.id: person.id for person in people}
    counts = _agreeing(own, beside, seen), _agreeing(beside, own, seen)
    if any(counts) and is_clear(*counts):
        proof = "which are the usernames in the download that was unpacked"
        if counts[0] > counts[1]:
            return Logins(own, f"'{column}' has the students' ids, {proof}.")
        return Logins(beside, f"'{column}' has what is kept beside the students' ids, {proof}.")
    check = "look whether these are the usernames in the LMS, by which it finds the students"
    example, other = next(iter(beside.items()), ("", ""))
    if _are_mostly(str.isdecimal, own.values()) and _are_mostly(_is_name, beside.values()):
        return Logins(
            beside,
            f"'{column}' has what is kept beside the students' ids, as '{other}' for {example}, since the ids are "
            f"numbers: {check}.",
        )
    instead = f", and not what is kept beside them, as '{other}'" if example not in ("", other) else ""
    first = next(iter(own), "")
    return Logins(own, f"'{column}' has the students' ids, as '{example or first}'{instead}: {check}.")


def _agreeing(ids: Mapping[str, str], others: Mapping[str, str], seen: Mapping[str, str]) -> int:
    """Tell how many names in a download are a student's id of one kind, and not of the other."""
    return sum(
        folded(ids.get(student, "")) == folded(name) != folded(others.get(student, ""))
        for student, name in seen.items()
        if name
    )


def _are_mostly(is_so: Callable[[str], bool], values: Collection[str]) -> bool:
    count = sum(map(is_so, values))
    return count > len(values) - count and is_clear(count, len(values) - count)


def _is_name(value: str) -> bool:
    """Tell whether an id may have been given to a person to type in: a program's own are no usernames."""
    if _DIGEST.fullmatch(value):
        return False
    try:
        UUID(value)
    except ValueError:
        return any(map(str.isalpha, value))
    return False
