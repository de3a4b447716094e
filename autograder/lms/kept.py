"""What is known of people and stays, since a list only has it damaged by a spreadsheet, or in one piece."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.gradebook.people import Person
from autograder.lms.damaged import are_equal_but_for_zeros
from autograder.text import some

_LOST = "?"


@dataclass(frozen=True)
class Kept:
    """The people of a list with what was known and stays, and what is to be told of it."""

    people: Sequence[Person]
    told: Sequence[str]


def kept(listed: Sequence[Person], known: Sequence[Person]) -> Kept:
    """Leave what is known of people where a list has lost a part of it. What it says of others is taken, and told."""
    before = {person.id: person for person in known}
    people, zeros, letters, new, unsure = [], [], [], [], []
    for person in listed:
        was = before.get(person.id, Person(person.id))
        now = _with_parted_name(person, was)
        if _has_lost_zeros(was.lms_user_id, now.lms_user_id):
            zeros.append(f"{now.id} ('{now.lms_user_id}' for '{was.lms_user_id}')")
            now = replace(now, lms_user_id=was.lms_user_id)
        for field in ("first_name", "last_name"):
            there, said = getattr(was, field), getattr(now, field)
            if _has_lost_letters(there, said):
                letters.append(f"{now.id} ('{said}' for '{there}')")
                now = replace(now, **{field: there})
            elif _LOST in said and said != there:
                unsure.append(f"{now.id} ('{said}')")
        if person.id not in before and (now.id.isdecimal() or now.lms_user_id.isdecimal()):
            new.append(now.id)
        people.append(now)
    return Kept(people, _told(zeros, letters, new, unsure))


def _told(
    zeros: Sequence[str], letters: Sequence[str], new: Sequence[str], unsure: Sequence[str]
) -> list[str]:
    told = []
    anew = "let the LMS export the list anew, and do not save it in a spreadsheet"
    if zeros:
        told.append(f"Ids of the LMS have lost their leading zeros, and the known ones stay: {some(zeros)}.")
    if zeros and new:
        told.append(
            f"Those of new people may have lost theirs, and are taken as they are: {some(new)}: {anew}."
        )
    if letters:
        told.append(f"Names have question marks for letters, and the known ones stay: {some(letters)}.")
    if unsure:
        told.append(
            f"Question marks may stand for letters that a spreadsheet has lost, and are taken as they are: "
            f"{some(unsure)}. If they do, {anew}."
        )
    return told


def _has_lost_zeros(there: str, said: str) -> bool:
    return len(said) < len(there) and are_equal_but_for_zeros(there, said)


def _has_lost_letters(there: str, said: str) -> bool:
    """Tell whether a name is the known one but for question marks, of which a letter may leave two."""
    if _LOST not in said or said == there:
        return False
    pattern = "".join(
        re.escape(each) if each.isascii() else rf"(?:{re.escape(each)}|\?\??)" for each in there
    )
    return re.fullmatch(pattern, said) is not None


def _with_parted_name(person: Person, was: Person) -> Person:
    """Part a name that the list has in one piece, where its first or its last part is known."""
    if person.first_name or not was.first_name or not was.last_name:
        return person
    if rest := _without(person.last_name, was.first_name):
        return replace(person, first_name=was.first_name, last_name=rest)
    if rest := _without(person.last_name, was.last_name):
        return replace(person, first_name=rest, last_name=was.last_name)
    return person


def _without(whole: str, part: str) -> str:
    """Give a name without its first or its last words, '' where these are others."""
    if whole.startswith(f"{part} "):
        return whole.removeprefix(f"{part} ")
    return whole.removesuffix(f" {part}") if whole.endswith(f" {part}") else ""
