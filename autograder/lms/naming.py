"""Names of people in a download: they never say whose it is, but they can contradict an id."""

import re
import unicodedata
from collections.abc import Mapping

from autograder.gradebook.people import Person
from autograder.lms.people import People, folded

_APART = re.compile(r"[\s_,-]+")


def letters(name: str) -> str:
    """Give a name without what a file's name may lack."""
    return "".join(filter(str.isalnum, folded(name)))


def are_same(name: str, person: Person) -> bool:
    """Tell whether a name is all of this person's, in whatever order."""
    own = _words(_whole(person))
    return bool(own) and own == _words(name)


def agree(name: str, person: Person) -> bool | None:
    """Tell whether a name may be this person's, one being a part of the other; None where one is not known.

    LMSs also write names without gaps.
    """
    own, there = _words(_whole(person)), _words(name)
    if not own or not there:
        return None
    return own <= there or there <= own or (len(there) == 1 and _agree_without_gaps(min(there), own))


def _agree_without_gaps(there: str, own: set[str]) -> bool:
    """Tell whether a name in one word is made of these words only, or begins with one and has all of them."""
    rest = there
    for word in sorted(own, key=len, reverse=True):
        rest = rest.replace(word, "", 1)
    return not rest or (all(word in there for word in own) and any(map(there.startswith, own)))


class Namesakes:
    """Finds all of the class whose name one may be, without holding each name against each person's."""

    def __init__(self, people: People) -> None:
        self._by_letters = by_letters(people)
        self._words = {student: _words(_whole(person)) for student, person in people.by_id.items()}
        self._by_word: dict[str, set[str]] = {}
        for student, words in self._words.items():
            for word in words:
                self._by_word.setdefault(word, set()).add(student)

    def bearers(self, name: str) -> set[str]:
        """Give those whose name this is, letter by letter."""
        return self._by_letters.get(letters(name), set())

    def of(self, name: str) -> set[str]:
        """Give those whose name this may be, a part of theirs or with more than theirs."""
        there = _words(name)
        near = {student for word in there for student in self._by_word.get(word, ())}
        may_be = {each for each in near if self._words[each] <= there or there <= self._words[each]}
        return self.bearers(name) | may_be


def by_letters(people: People) -> Mapping[str, set[str]]:
    """Give who of the class has a name, by its letters: first name first, or last."""
    found: dict[str, set[str]] = {}
    for student, person in people.by_id.items():
        for name in filter(None, _gapless(person)):
            found.setdefault(name, set()).add(student)
    return found


def _whole(person: Person) -> str:
    return f"{person.first_name} {person.last_name}"


def _gapless(person: Person) -> tuple[str, str]:
    first, last = letters(person.first_name), letters(person.last_name)
    return first + last, last + first


def _words(name: str) -> set[str]:
    """Give a name's words without accents and signs, which one LMS writes and another one does not."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    return {word for part in _APART.split(plain) if (word := letters(part))}
