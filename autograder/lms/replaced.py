"""Ids of the LMS's of another kind in the place of those that are known, as of an LMS that has two kinds."""

from collections.abc import Sequence

from autograder.gradebook.people import Person
from autograder.text import some


def replaced(listed: Sequence[Person], known: Sequence[Person]) -> list[str]:
    """Tell where most ids of the LMS's that are known become new ones: the gradebook has place for one kind."""
    before = {person.id: person.lms_user_id for person in known if person.lms_user_id}
    there = set(before.values())
    both = [person for person in listed if person.lms_user_id and person.id in before]
    new = [
        f"{person.id} ('{before[person.id]}' → '{person.lms_user_id}')"
        for person in both
        if person.lms_user_id not in there
    ]
    if len(new) < 2 or len(new) <= len(both) / 2:
        return []
    return [
        f"The LMS's ids of most who are known are new ones, and the class keeps one kind: {some(new)}. Where a "
        "download has the earlier ones, name a table of these, id,lms_user_id, with --who."
    ]
