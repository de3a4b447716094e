"""The class, to be looked up by ids and addresses."""

import unicodedata
from collections.abc import Iterable

from autograder.gradebook.people import Person


def folded(text: str) -> str:
    """Give an id or a name so that equal ones compare equal, however they are composed and in whatever case."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


class People:
    """The class, to be looked up. Case decides only between two who differ in nothing else."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.by_id = {person.id: person for person in people}
        self._own: dict[str, set[str]] = {}
        self._lms: dict[str, set[str]] = {}
        self._emails: dict[str, set[str]] = {}
        for person in self.by_id.values():
            self._own.setdefault(folded(person.id), set()).add(person.id)
            if person.lms_user_id:
                self._lms.setdefault(folded(person.lms_user_id), set()).add(person.id)
            if person.email:
                self._emails.setdefault(folded(person.email), set()).add(person.id)

    def with_id(self, value: str) -> set[str]:
        """Give the students whose id, or whose id in the LMS, this is."""
        if not value.strip():
            return set()
        name = folded(value)
        found = self._own.get(name, set()) | self._lms.get(name, set())
        exact = {each for each in found if value.strip() in (each, self.by_id[each].lms_user_id)}
        return exact or found

    def with_own_id(self, value: str) -> set[str]:
        """Give the students whose id in the class this is."""
        found = self._own.get(folded(value), set())
        return {each for each in found if each == value.strip()} or found

    def with_lms_id(self, value: str) -> set[str]:
        """Give the students whose id in the LMS this is."""
        found = self._lms.get(folded(value), set())
        return {each for each in found if self.by_id[each].lms_user_id == value.strip()} or found

    def with_email(self, value: str) -> set[str]:
        """Give the students whose address this is."""
        return self._emails.get(folded(value), set()) if value.strip() else set()

    def meant(self, value: str, kind: str) -> set[str]:
        """Give the students whom a cell of this kind can mean."""
        if kind == "email" or "@" in value:
            return self.with_email(value) | self.with_id(value)
        return self.with_id(value)
