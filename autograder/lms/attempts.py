"""A student's attempts at an assignment: what was handed in together, when, and which of them counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from autograder.lms.archive import Member
from autograder.lms.downloads.base import Piece
from autograder.lms.file_names import is_hidden
from autograder.text import one_line

NOTEBOOK = ".ipynb"
SEPARATOR = " | "
"""What stands between attempts in a table."""
# What LMSs write themselves is in front, and a student's own name behind it could fill the table.
_LONGEST = 300


@dataclass
class Attempt:
    """What a student handed in together.

    `time` is in UTC, None where it is not known; `written` is how the LMS writes it, `is_local` that it has no zone
    there. `chosen_among` are the attempts that were there when a person wrote in that it is this one. `notes` say what
    was found out about its files, `misnamed` are those that may be notebooks by their names.
    """

    owner: str
    time: datetime | None
    late: bool
    written: str = ""
    is_local: bool = False
    chosen_among: set[str] = field(default_factory=set)
    has_typed_text: bool = False
    files: list[tuple[Member, Piece]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)

    @property
    def handed_in(self) -> list[tuple[Member, Piece]]:
        """The student's own files, without what was typed in and what the LMS says.

        What lies aside counts where there is no notebook among the others.
        """
        files = [each for each in self.files if each[1].kind == "file"]
        proper = [each for each in files if not each[1].aside]
        return proper if any(not is_hidden(each[1].filename) for each in _notebooks(proper)) else files

    @property
    def notebooks(self) -> list[tuple[Member, Piece]]:
        """The notebooks among the student's files: hidden ones, as Jupyter's own copies, where there are no others."""
        found = _notebooks(self.handed_in)
        return [each for each in found if not is_hidden(each[1].filename)] or found

    @property
    def left_aside(self) -> list[str]:
        """The names of notebooks that lie aside and do not count."""
        counted = [member for member, _ in self.handed_in]
        return [piece.filename for member, piece in _notebooks(self.files) if member not in counted]

    @property
    def is_something(self) -> bool:
        """Whether anything was handed in. An LMS may have files of its own about somebody who has not."""
        return any(
            piece.kind == "file" or piece.attempt or (piece.kind == "text" and member.size)
            for member, piece in self.files
        )

    @property
    def label(self) -> str:
        """What tells it from the student's other attempts, in a table: its notebook's name in the download."""
        member, _ = (self.notebooks or self.files)[0]
        return one_line(member.name).replace(SEPARATOR.strip(), "/")[:_LONGEST].strip()

    @property
    def when(self) -> str:
        """The time for a person to read: as the LMS writes it, since that is how it is found there."""
        if self.written:
            return one_line(self.written)
        return f"{self.time:%Y-%m-%d %H:%M} UTC" if self.time else "without a time"


@dataclass(frozen=True)
class Choice:
    """The attempt that counts, and what is to be known of that; or the doubt because of which none does.

    `passed_over` are those without a notebook that are not earlier; where none has one, all but the last. `among` are
    those of which one is to be written in, where that is the doubt.
    """

    attempt: Attempt
    notes: Sequence[str]
    passed_over: Sequence[Attempt] = ()
    doubt: str = ""
    among: Sequence[str] = ()


def choose(attempts: Sequence[Attempt]) -> Choice:
    """Choose the last of the attempts with a notebook, if any has one. They come by time, those without one first.

    Where the last cannot be told, it is the one that a person has written in, if all of them were there then.
    """
    candidates = [attempt for attempt in attempts if attempt.notebooks] or list(attempts)
    last = candidates[-1]
    if last.notebooks and not all(_is_before(each, last) for each in candidates[:-1]):
        doubt = f"which of {len(candidates)} attempts is the last is not known: {_why(candidates)}"
        among = [attempt.label for attempt in candidates]
        written = [attempt for attempt in candidates if attempt.chosen_among.issuperset(among)]
        if len(written) != 1:
            return Choice(last, [], doubt=doubt, among=among)
        return Choice(written[0], [f"{doubt}; the one that was written in was taken", *written[0].notes])
    if not last.notebooks:
        return Choice(last, _unread(last), candidates[:-1])
    passed_over = [each for each in attempts if each is not last and not _is_before(each, last)]
    notes = [] if len(attempts) == 1 else [_which(attempts, last, passed_over)]
    if names := last.left_aside:
        notes.append(
            f"a notebook beside the files that were handed in was not taken: {', '.join(map(one_line, names))}"
        )
    if last.has_typed_text:
        notes.append("what was typed in beside the notebook is left out; it can be read in the LMS")
    return Choice(last, [*notes, *last.notes, *_unread(last)], passed_over)


def _notebooks(files: Iterable[tuple[Member, Piece]]) -> list[tuple[Member, Piece]]:
    return [each for each in files if each[1].filename.casefold().endswith(NOTEBOOK)]


def _which(attempts: Sequence[Attempt], last: Attempt, passed_over: Sequence[Attempt]) -> str:
    if not passed_over:
        return f"the last of {len(attempts)} attempts was taken"
    when = ", ".join(each.when for each in passed_over)
    have = "has none" if len(passed_over) == 1 else "have none"
    if all(_is_before(last, each) for each in passed_over):
        number = len(attempts) - len(passed_over)
        later = "a later one" if len(passed_over) == 1 else "later ones"
        return f"the last attempt with a notebook was taken, {number} of {len(attempts)}; {later} ({when}) {have}"
    return f"the last attempt with a notebook was taken; what was handed in at another time ({when}) {have}"


def _is_before(one: Attempt, other: Attempt) -> bool:
    return one.time is not None and other.time is not None and one.time < other.time


def _why(attempts: Sequence[Attempt]) -> str:
    unread = [attempt.when for attempt in attempts if attempt.time is None and attempt.written]
    if unread:
        return f"these times cannot be read: {', '.join(unread)}"
    if all(attempt.time for attempt in attempts):
        return "they have the same time"
    return "nothing says when they were handed in"


def _unread(attempt: Attempt) -> list[str]:
    if attempt.time is not None or not attempt.written:
        return []
    return [f"the LMS's time could not be read, so nothing is taken off for lateness: {attempt.when}"]
