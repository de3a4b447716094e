"""What filling an LMS's file comes to, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.errors import GraderError
from autograder.lms.cells import Edit, apply, records
from autograder.lms.document import Document
from autograder.lms.formats import Column


@dataclass(frozen=True)
class Change:
    """A cell that gets points: whose, what was there, and what is to be. `replaces`: it said other points."""

    student: str
    old: str
    new: str
    replaces: bool = False


@dataclass
class Plan:
    """What filling a file comes to. `doubts` are what a person should look at before the file goes out.

    `overwrites` are doubts too: points that the file has already and that would be others. `is_stale` says that the
    LMS would take the file for outdated, which is among the doubts.
    """

    document: Document
    column: Column
    matched: int = 0
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    remarks: int = 0
    told: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    is_stale: bool = False

    @property
    def overwrites(self) -> list[Change]:
        """The changes that take the place of other points."""
        return [change for change in self.changes if change.replaces]

    def filled(self) -> bytes:
        """Give the file's bytes with the new cells. Raises GraderError if anything else would have changed."""
        _prove(self.document, self.edits)
        return self.document.text.encode(apply(self.document.text.text, self.edits))


def _prove(document: Document, edits: Sequence[Edit]) -> None:
    """Read each new text alone: it must be one whole cell, so that no other one can begin or end elsewhere for it."""
    for edit in edits:
        read = [cell for record in records(edit.text, document.delimiter, document.name) for cell in record]
        if edit.text and [(cell.start, cell.end) for cell in read] != [(0, len(edit.text))]:
            raise GraderError(f"filling {document.name} would have changed another cell; nothing was written")
