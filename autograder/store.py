"""Finished verdicts, kept under all that can change them, so that a second run does only what is new.

The folder may be deleted at any time: what is in it is made again.
"""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from autograder.course import Assignment, Course
from autograder.results import SubmissionResult

_KIT = Path(__file__).parent


class ResultStore:
    """Keeps one verdict a student for one assignment."""

    def __init__(self, course: Course, assignment: Assignment, tier: str, modules: Sequence[str]) -> None:
        """Make ready for verdicts in a tier, of notebooks that import these modules."""
        self._folder = course.state / "results" / assignment.id
        files = sorted(
            path for path in assignment.folder.rglob("*") if path.is_file() and path.suffix != ".pyc"
        )
        basis = [*_versions(modules), tier.encode(), course.secret()]
        # The kit's own files: a version number would have to be thought of, at each change.
        for path in (*files, assignment.release, *sorted(_KIT.rglob("*.py"))):
            basis += [str(path).encode(), path.read_bytes()]
        self._basis = _digest(basis)

    def key(self, submission: Path) -> str:
        """Give the key under which a submission's verdict is kept. It changes with any byte that may matter."""
        files = sorted(path for path in submission.rglob("*") if path.is_file() and not path.is_symlink())
        parts = [
            part for path in files for part in (os.fsencode(path.relative_to(submission)), path.read_bytes())
        ]
        return _digest([self._basis.encode(), *parts])

    def find(self, student: str, key: str) -> SubmissionResult | None:
        """Give the verdict that was kept under this key, if there is one."""
        try:
            kept = msgspec.json.decode(self._path(student).read_bytes(), type=_Kept)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        return kept.result if kept.key == key else None

    def keep(self, key: str, result: SubmissionResult) -> None:
        """Keep a verdict, in place of the student's earlier one."""
        path = self._path(result.student)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_bytes(msgspec.json.encode(_Kept(key, result)))
        beside.replace(path)

    def _path(self, student: str) -> Path:
        return self._folder / f"{_digest([student.encode()])[:32]}.json"


def _versions(modules: Sequence[str]) -> Iterator[bytes]:
    """Give the versions of Python, and of the packages whose names are those of their modules."""
    yield sys.version.encode()
    for name in sorted({"ipython", *(module.partition(".")[0] for module in modules)}):
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}".encode()


class _Kept(msgspec.Struct, frozen=True):
    key: str
    result: SubmissionResult


def _digest(parts: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8) + part)
    return whole.hexdigest()
