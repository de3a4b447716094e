"""What is said where a file of a class run cannot be written: a full disk, most often."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import InstructorError


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Let it be known what could not be written: where a disk is full, the system's error names no file."""
    try:
        yield
    except OSError as error:
        raise InstructorError(
            f"{place} could not be written: {error.strerror or error}\n"
            "What was graded before is kept. Mend this, and run the same command again."
        ) from error
