"""What travels to the processes that grade, and back: plain data, since they may be on another machine."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import CONFIG_FILE, Assignment, Course
from autograder.results import SubmissionResult
from autograder.sandbox.choose import Wanted


@dataclass(frozen=True)
class Parcel:
    """An assignment: its files as they lie below the course's folder, `root` there, and the sandbox that is wanted.

    Parcels of equal files are equal.
    """

    assignment: str
    wanted: Wanted
    root: str
    digest: str
    files: tuple[tuple[str, bytes], ...] = field(repr=False, compare=False)

    @contextmanager
    def unpacked(self) -> Iterator[Course]:
        """Give a course that holds the assignment and nothing else, while it is needed."""
        with tempfile.TemporaryDirectory(prefix="autograder-course-") as folder:
            for name, data in self.files:
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            yield Course(Path(folder))


def pack(course: Course, assignment: Assignment, wanted: Wanted) -> Parcel:
    """Take the files that grading needs: what is asked, solved and released, how it is marked, and the secret."""
    course.secret()  # made where it is missing
    paths = [course.root / CONFIG_FILE, assignment.source, assignment.release, course.state / "secret"]
    paths += assignment.judged_by()
    files = tuple((path.relative_to(course.root).as_posix(), path.read_bytes()) for path in paths)
    digest = hashlib.sha256(repr(files).encode()).hexdigest()
    return Parcel(assignment.id, wanted, str(course.root), digest, files)


@dataclass(frozen=True)
class Handed:
    """A submitted notebook as it was handed in: a file's name and bytes."""

    student: str
    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Judged:
    """What became of a submission. `kept` is the verdict to be kept, as JSON, and `notebook` the graded notebook.

    Without `kept` the grader failed, and `result` says how; without `notebook` the submission is one that cannot
    be graded.
    """

    result: SubmissionResult
    kept: bytes | None = field(default=None, repr=False)
    notebook: str | None = field(default=None, repr=False)


def not_the_students_fault(student: str, reason: str) -> str:
    """Say that the grader failed: nothing of it is written down, so it costs no points."""
    return f"{student} was not graded, and it is not the student's fault: {reason}"
