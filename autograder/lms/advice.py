"""Why a file has no place, and what a person can do next."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from autograder.lms.downloads.base import Download


class Next(Enum):
    """What helps where a file has no place."""

    WHOSE = auto()
    BY_HAND = auto()
    ATTEMPT = auto()
    NOTEBOOK = auto()
    FOREIGN = auto()
    ANEW = auto()


@dataclass(frozen=True)
class Reason:
    """Why a file has no place."""

    text: str
    next: Next = Next.BY_HAND


def advice(reasons: Iterable[Reason], download: Download, *, who_was_named: bool) -> list[str]:
    """Say what helps, for each kind of reason once. Naming a file of the LMS helps once, where it was not named yet."""
    kinds = {reason.next for reason in reasons}
    if Next.WHOSE in kinds:  # it may be a team, or nobody of the class
        kinds |= {Next.BY_HAND}
    row = "into the first column of its row in unplaced.csv, which 'autograder unpack' writes, and name that with --who"
    if who_was_named:
        row = f"{row}, beside what you named"
    said = {
        Next.WHOSE: "Who is new in the class: 'autograder roster FILE'." if who_was_named else download.help,
        Next.BY_HAND: f"Where you know whose a file is, write the student's id {row}.",
        Next.ATTEMPT: f"Which attempt is the last, you say: write the student's id {row}.",
        Next.NOTEBOOK: "Where there is no notebook, look at the files, and let the student hand one in, if need be.",
        Next.FOREIGN: "Where a notebook is not the assignment's, let the student hand in the right one. Is the "
        "download another assignment's? To take it all the same, move what is in submitted/ of the student away "
        "before.",
        Next.ANEW: "What the download does not give has to come anew: download it again, or ask the student.",
    }
    return [said[kind] for kind in Next if kind in kinds and said[kind]]
