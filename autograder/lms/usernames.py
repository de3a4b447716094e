"""Which kind of the class's ids the names in a download are: one kind for all, since one LMS wrote them."""

from collections.abc import Callable, Mapping, Sequence

from autograder.lms.downloads.base import Piece
from autograder.lms.kinds import Kind, is_clear, of_kind
from autograder.lms.naming import agree
from autograder.lms.people import People, folded

_KINDS: Sequence[Kind] = ("own", "lms")


class Usernames:
    """Finds the students whom the names in a download mean, by the kind of id that all of it, or clearly most, is.

    `names` gives the people's names that the download says beside, by `Piece.whole`; it is asked only in doubt.
    """

    def __init__(
        self, people: People, files: Sequence[Sequence[Piece]], names: Callable[[], Mapping[str, str]]
    ) -> None:
        self._people = people
        self._names: Mapping[str, str] | None = None
        distinct = list({places[0].whole or places[0].owner: places for places in files}.values())
        counts = self._counts(distinct)
        if not is_clear(*counts):
            self._names = names()
            counts = self._counts(distinct)
        best: Kind = "own" if counts[0] >= counts[1] else "lms"
        self._kinds = [best] if is_clear(*counts) else _KINDS
        self._names_of: dict[str, set[str]] = {}
        for piece in (piece for places in distinct for piece in places):
            for student in self._meant(piece)[0]:
                self._names_of.setdefault(student, set()).add(folded(piece.owner))

    def find(self, piece: Piece) -> tuple[set[str], str]:
        """Give the students whom a way to read a name can mean, and why that is not certain, if it is not."""
        students, is_certain = self._meant(piece)
        may_be = f"it may be of {' or '.join(sorted(students))}"
        if not is_certain:
            return students, f"{may_be}: nothing says which kind of id the names in the download are"
        for names in (self._names_of[student] for student in sorted(students)):
            if len(names) > 1:
                listed = " and ".join(f"'{name}'" for name in sorted(names))
                return students, f"{may_be}, whose the download has several names of: {listed}"
        return students, ""

    def _meant(self, piece: Piece) -> tuple[set[str], bool]:
        """Where the names may be of either kind, it is certain only if the person's name beside it agrees too."""
        found = [of_kind(self._people, piece.owner, kind) for kind in self._kinds]
        students = set[str]().union(*found)
        if all(each == found[0] for each in found):
            return students, True
        called_so = {each for each in students if self._agrees(piece, each)}
        return (called_so, True) if len(called_so) == 1 else (students, False)

    def _counts(self, files: Sequence[Sequence[Piece]]) -> tuple[int, int]:
        """Give how many names are of each kind. One that means the same student as either says nothing."""
        counts = [0, 0]
        for places in files:
            own, lms = (self._found(places, kind) for kind in _KINDS)
            if own != lms:
                counts[0] += bool(own)
                counts[1] += bool(lms)
        return counts[0], counts[1]

    def _found(self, places: Sequence[Piece], kind: Kind) -> set[str]:
        """Give the students whom a file's name means by this kind of id, but those who are called otherwise."""
        return {
            student
            for piece in places
            for student in of_kind(self._people, piece.owner, kind)
            if self._agrees(piece, student) is not False
        }

    def _agrees(self, piece: Piece, student: str) -> bool | None:
        if self._names is None:
            return None
        return agree(self._names.get(piece.whole, piece.name), self._people.by_id[student])
