"""Whose a download's ids are: by the class, or by a file of the LMS that says so."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from autograder.lms.advice import Next, Reason
from autograder.lms.downloads.base import Download, Piece
from autograder.lms.known import Claim, Known, are_others
from autograder.lms.naming import Namesakes, agree
from autograder.lms.people import People, folded
from autograder.lms.usernames import Usernames
from autograder.text import some

SEVERAL = (
    "several students': let a row for each of them, with the file's name, say it, or one row whose it is"
)
"""What a file given with --who may say of an id or of a file, and what helps."""


class Owners:
    """Finds the student whom a file's name means, and says why where there is none."""

    def __init__(
        self,
        download: Download,
        people: People,
        known: Known,
        said: Mapping[str, Collection[str]],
        pieces: Iterable[list[Piece]],
        *,
        names: Callable[[], Mapping[str, str]],
    ) -> None:
        self.title = download.title
        self._download = download
        self._people = people
        self._known = known
        self._said = {whole: set(map(folded, owners)) for whole, owners in said.items()}
        files = [fitting for places in pieces if (fitting := self._as_said(places))]
        ids = {
            piece.owner
            for places in files
            for piece in places
            if not piece.later and piece.kind == places[0].kind
        } - {""}
        # One of an LMS's numbers of users could be somebody's own id by chance; all of them are not.
        self._ids_are_our_own = all(self._own(name) for name in ids)
        self._usernames = Usernames(
            people, [] if download.user_numbers or download.local_ids else files, names
        )
        titles = ({piece.title for piece in places} for places in files)
        self._titles = reduce(set.intersection, titles) if files else set()
        if len(self._titles) > 1:
            self._titles = self._titles_of_the_class(files) or self._titles
        there = _owners(files, self._titles)
        numbers = {number for owners in there for number in owners}
        # One could be somebody's by chance.
        self._numbers_are_the_classes = len(numbers) > 1 and all(map(people.with_id, numbers))
        listed = sum(any(map(people.with_lms_id, owners)) for owners in there)
        # Another LMS's, by which the class may be known, are the same for some of them at most.
        self._numbers_are_listed = 2 * listed >= len(there)
        self._namesakes = Namesakes(people)

    def find(self, places: list[Piece]) -> tuple[str, Piece, Reason | None]:
        """Give the student, and the way to read the file that it is theirs by; else the reason why it is nobody's.

        Where it is nobody's, the likeliest way to read it is given.
        """
        said = self._as_said(places)
        if not said:
            reason = Reason("the text beside it names somebody else than its own name does")
            return "", _unparted(places), reason
        fitting = [piece for piece in said if piece.title in self._titles]
        if not fitting:
            reason = Reason("its name and those of the other files do not begin with the same title")
            return "", _unparted(said), reason
        if own := self._by_name_in_front(fitting):
            return *own, None
        found, reasons = self._found(piece for piece in fitting if not piece.later)
        reason = reasons[0] if reasons else Reason("nobody in the class has this id", Next.WHOSE)
        if not found:
            return "", _unparted([piece for piece in fitting if not piece.later]), reason
        found = self._found(piece for piece in fitting if piece.later)[0] | found
        if len(found) == 1:
            ((student, piece),) = found.items()
            if len({each.title for each in fitting}) == 1 or piece.whole in self._known.claims:
                return student, piece, None
            names = " or ".join(f"'{each.owner}'" for each in fitting)
            reason = Reason(f"nothing says which part of its name is the id: it may be {names}")
        else:
            reason = Reason(f"it may be of {' or '.join(sorted(found))}")
        return "", _unparted(fitting), reason

    def _found(self, pieces: Iterable[Piece]) -> tuple[dict[str, Piece], list[Reason]]:
        """Give the students by ways to read a file, the first way for each, and why other ways are nobody's."""
        found: dict[str, Piece] = {}
        reasons = []
        for piece in pieces:
            students, why_not = self._students(piece)
            reasons += [why_not] if why_not else []
            for student in students:
                found.setdefault(student, piece)
        return found, reasons

    def _by_name_in_front(self, pieces: list[Piece]) -> tuple[str, Piece] | None:
        """Give the student whose own name stands before their number, where the place of that is not clear."""
        if len({piece.name for piece in pieces}) > 1:
            for piece in pieces:
                students, _ = self._students(piece)
                if len(students) == 1 and students <= self._namesakes.bearers(piece.name):
                    return next(iter(students)), piece
        return None

    def sharers(self, places: list[Piece]) -> Sequence[str]:
        """Give the students to whom somebody has given what has this id, as a team's; none where nobody has.

        Nor where it may be somebody else's, by another way to read its name.
        """
        found = self._sharers(places)
        if len(found) != 1 or not self._sharers(piece for piece in places if not piece.later):
            return ()
        (sharers,) = found
        return sharers if set(self._found(places)[0]) <= set(sharers) else ()

    def _sharers(self, pieces: Iterable[Piece]) -> set[Sequence[str]]:
        return {
            claims[0].sharers
            for piece in pieces
            for name in filter(None, (piece.whole, piece.owner))
            if (claims := self._fitting(name, piece)) and claims[0].sharers
        }

    def by_hand(self, places: list[Piece], student: str) -> Piece:
        """Give the way to read a file that makes it this student's, else the likeliest one."""
        theirs = [piece for piece in places if self._students(piece)[0] == {student}]
        return theirs[0] if theirs else _unparted([piece for piece in places if not piece.later])

    def _as_said(self, places: list[Piece]) -> list[Piece]:
        """Give the ways to read a file that agree with what the download says of its owner, if it does."""
        return [
            piece
            for piece in places
            if piece.whole not in self._said or folded(piece.owner) in self._said[piece.whole]
        ]

    def _titles_of_the_class(self, files: Iterable[list[Piece]]) -> set[str]:
        """Give the only title by which files are the class's: of several students, since one could be so by chance."""
        meant: dict[str, set[str]] = {}
        for piece in (piece for places in files for piece in places if piece.title in self._titles):
            if students := self._may_mean(piece):
                meant.setdefault(piece.title, set()).update(students)
        several = {title for title, students in meant.items() if len(students) > 1}
        return several if len(several) == 1 else set()

    def _students(self, piece: Piece) -> tuple[set[str], Reason | None]:
        for name in filter(None, (piece.whole, piece.owner)):
            claims, fitting = self._known.claims.get(name, ()), self._fitting(name, piece)
            if fitting and not fitting[0].student:
                return set(), Reason(f"the file given with --who says of its id that it is {SEVERAL}")
            if fitting:
                return {fitting[0].student}, None
            if claims:
                return set(), Reason(
                    "its name is not that of its number in the file given with --who, which is "
                    f"{claims[0].name}: is it a team's, or of another assignment?"
                )
        if piece.nobodys:
            return set(), Reason(piece.nobodys)
        if self._download.local_ids:
            return set(), self._by_participant()
        return self._by_number(piece) if self._download.user_numbers else self._by_username(piece)

    def _may_mean(self, piece: Piece) -> set[str]:
        if self._download.user_numbers:
            return self._people.meant(piece.owner, "id")
        return self._usernames.find(piece)[0]

    def _by_username(self, piece: Piece) -> tuple[set[str], Reason | None]:
        students, doubt = self._usernames.find(piece)
        return (set(), Reason(doubt)) if doubt else (students, None)

    def _fitting(self, name: str, piece: Piece) -> list[Claim]:
        """Give what files say of an id, but for those that have another name for a number of one assignment."""
        return [
            each
            for each in self._known.claims.get(name, ())
            if not (self._download.local_ids and are_others(each.name, piece.name))
        ]

    def _by_participant(self) -> Reason:
        """Say why nobody is found by a number of one assignment: it may be anybody's id by chance, and all may be."""
        if self._known.numbers:
            text = "its participant number is nobody's in the class by the file given with --who"
        else:
            text = (
                "its participant number holds for this assignment only, so it does not say whose it is: give the "
                "worksheet with --who"
            )
        return Reason(text, Next.WHOSE)

    def _by_number(self, piece: Piece) -> tuple[set[str], Reason | None]:
        """Give the students whom an LMS's number of a user means: by our own ids only where they all are such."""
        known = self._people.with_lms_id(piece.owner)
        own = self._own(piece.owner)
        if not known and own and not self._ids_are_our_own:
            text = (
                "its number is somebody's id in the class, but nobody's that the LMS is known to have given"
            )
            return set(), Reason(text, Next.WHOSE)
        doubts = [self._doubt(piece, student, is_known=bool(known)) for student in sorted(known or own)]
        if doubt := next(filter(None, doubts), ""):
            return set(), Reason(doubt)
        return known or own, None

    def _own(self, number: str) -> set[str]:
        """Give the students whose own id this is, and who have no other one in the LMS."""
        with_it = self._people.with_lms_id(number)
        return {
            student
            for student in self._people.with_own_id(number)
            if student in with_it or not self._people.by_id[student].lms_user_id
        }

    def _doubt(self, piece: Piece, student: str, *, is_known: bool) -> str:
        """Say why a number may be of another kind than the student's, which is the same by chance.

        Where the LMS exports such numbers, the class is known by them, and a group's name may stand for a person's: but
        not where most numbers are nobody's, as where the class is known by another LMS's. Else two of one name could
        have each other's number, so only what a person has written in tells them apart.
        """
        bearers = self._namesakes.bearers(piece.name)
        is_anothers = bool(bearers) and student not in bearers
        is_theirs = False if is_anothers else agree(piece.name, self._people.by_id[student])
        if is_known and not self._download.unlisted_numbers and not is_anothers:
            if student in bearers or is_theirs or self._numbers_are_listed:
                return ""
            return (
                f"its number is an id of {student}, but nothing else says that it is theirs, and most numbers of the "
                "download are nobody's: the class may be known by another LMS's numbers"
            )
        if is_theirs is False:
            return (
                f"its number is an id of {student}, but its name, {piece.name}, is another one: the number may be of "
                "another kind"
            )
        if len(namesakes := sorted(self._namesakes.of(piece.name))) > 1:
            return (
                f"its number is an id of {student}, but may be of another kind, and several may be called "
                f"{piece.name}: {some(namesakes)}"
            )
        if is_theirs is None and not self._numbers_are_the_classes:
            why = (
                f"{self._download.title} exports no numbers of users, and "
                if self._download.unlisted_numbers
                else "no number of the LMS's is known of them, and "
            )
            return f"its number is an id of {student}, but {why}nothing else says that it is theirs"
        return ""


def _owners(files: Iterable[list[Piece]], titles: Collection[str]) -> set[tuple[str, ...]]:
    """Give the ids that may be an owner's, for each owner all that one name has, as far as the LMS wrote them."""
    fitting = (
        [
            piece
            for piece in places
            if piece.title in titles and piece.kind == places[0].kind and not (piece.later or piece.nobodys)
        ]
        for places in files
    )
    return {tuple(piece.owner for piece in places) for places in fitting if places}


def _unparted(places: list[Piece]) -> Piece:
    """Give the likeliest way to read a file. Where its owner's id is not clear, it is what the id is a part of."""
    unclear = len({piece.owner for piece in places}) > 1
    return replace(places[-1], owner=places[-1].whole) if unclear else places[-1]
