"""What is to be written of one submission: plain data, without the database's side, which takes long to import."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from autograder.results import CellResult


@dataclass(frozen=True)
class Entry:
    """What the gradebook is to hold of one submission.

    `cells` are the verdicts, or None where the submission could not be graded at all: no score, and a person must
    look. `changed` are the cells whose work is not what it was, `unanswered` those left as they were handed out.
    """

    student: str
    timestamp: datetime | None
    cells: Mapping[str, CellResult] | None
    changed: AbstractSet[str] = frozenset()
    unanswered: AbstractSet[str] = frozenset()
