"""When a person is asked to look at a cell: the one rule, for both doors."""

import contextlib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.notebook import Notebook
from autograder.results import CellResult

Works = dict[str, str]
"""For each graded cell, a digest of the work that its score is for."""

_MISSING = ""


@dataclass(frozen=True)
class Before:
    """What the gradebook held for a cell before this grading."""

    manual_score: float | None
    needs_review: bool


def needs_review(before: Before | None, verdict: CellResult, *, changed: bool) -> bool:
    """Tell whether a person must look at the cell.

    A score that a person gave stays, and is asked for again only where the work it was given for has changed.
    """
    if before is None or before.manual_score is None:
        return verdict.needs_review
    return changed or before.needs_review


def works(notebook: Notebook, release: Notebook) -> Works:
    """Digest the work behind each graded cell of the release: the answer's own text, or all code where checks judge it.

    A cell that the notebook does not have is work of its own kind: none.
    """
    found = {nb.grade_id(cell) or "": _MISSING for cell in release.cells if nb.is_grade(cell)}
    code = "\0".join(cell["source"] for cell in notebook.cells if cell["cell_type"] == "code")
    for cell in notebook.cells:
        name = nb.grade_id(cell)
        if name is not None and nb.is_grade(cell):
            work = cell["source"] if nb.is_solution(cell) else code
            found[name] = hashlib.sha256(work.encode()).hexdigest()
    return found


class WorkMemory:
    """Remembers what each student's work was when it was last graded.

    Kept in the course's state folder. Where it was deleted, all work counts as changed: people are asked to
    look again rather than a score given for other work being kept in silence.
    """

    def __init__(self, course: Course, assignment: Assignment) -> None:
        self._folder = course.state / "work" / assignment.id

    def changed(self, student: str, now: Mapping[str, str]) -> set[str]:
        """Give the cells whose work is not what it was."""
        try:
            then = msgspec.json.decode(self._path(student).read_bytes(), type=Works)
        except (FileNotFoundError, msgspec.DecodeError):
            then = {}
        return {name for name, digest in now.items() if then.get(name) != digest}

    def remember(self, student: str, now: Works) -> None:
        """Keep what the work is now."""
        path, record = self._path(student), msgspec.json.encode(now)
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if path.read_bytes() == record:
                return
        # Two graders may be at it at once.
        beside = path.with_suffix(f".{os.getpid()}.new")
        beside.write_bytes(record)
        beside.replace(path)

    def _path(self, student: str) -> Path:
        return self._folder / f"{hashlib.sha256(student.encode()).hexdigest()[:32]}.json"


def kept_score_warning(name: str, score: float) -> str:
    """Say that a person's score stands although the work has changed."""
    return (
        f"cell '{name}' keeps the score that a person gave, {score:g}, but the work has changed: look again"
    )
