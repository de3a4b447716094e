"""What students had before them when they wrote: an answer that repeats it says nothing of its own."""

from autograder import notebook as nb
from autograder.course import Assignment
from autograder.notebook import Notebook


def texts_of(assignment: Assignment) -> list[str]:
    """Give the texts of the student version and of the page that goes with it, as far as they are there."""
    texts = prose(nb.read(assignment.release)) if assignment.release.is_file() else []
    brief = assignment.folder / "brief.md"
    return [*texts, brief.read_text(encoding="utf-8")] if brief.is_file() else texts


def prose(release: Notebook) -> list[str]:
    """Give the texts of a student version."""
    return [cell["source"] for cell in release.cells]
