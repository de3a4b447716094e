"""Which of a student's files is the notebook that is due: it is known by its cells, whatever its name."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from autograder import notebook as nb
from autograder.course import Assignment
from autograder.errors import InstructorError, SubmissionError
from autograder.lms.archive import Archive, Member
from autograder.lms.attempts import NOTEBOOK, Attempt
from autograder.lms.downloads.base import Piece
from autograder.lms.file_names import free
from autograder.lms.files import is_there
from autograder.text import one_line

_DISGUISES = (".json", ".txt")
_MOST = 20_000_000
_MOST_LOOKED_AT = 20
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz")


class Due:
    """The notebook that is due."""

    def __init__(self, assignment: Assignment) -> None:
        self.filename = f"{assignment.id}{NOTEBOOK}"
        self._cells = _cells_of(assignment)

    def fits(self, path: Path) -> bool:
        """Tell whether a file is a notebook with cells of the assignment."""
        try:
            return self._has_cells(nb.read(path))
        except SubmissionError:
            return False

    def name_plain(self, attempt: Attempt) -> None:
        """Take away what an LMS has added to a name, where just that gives the notebook that is due, and it is the only
        one that may be called so.
        """
        may_be = [
            at
            for at, (_, piece) in enumerate(attempt.files)
            if piece.kind == "file" and (self._is_called(piece.plain) or self._is_called(piece.filename))
        ]
        if len(may_be) == 1:
            member, piece = attempt.files[may_be[0]]
            attempt.files[may_be[0]] = (member, replace(piece, filename=piece.plain or piece.filename))

    def rather(self, notebooks: Sequence[tuple[Member, Piece]]) -> tuple[Member, Piece]:
        """Give the notebook of the right name, else the first."""
        return next((each for each in notebooks if self._is_called(each[1].filename)), notebooks[0])

    def name_disguised(self, attempt: Attempt, archive: Archive) -> None:
        """Find notebooks that are called otherwise, where none is called so: browsers and mail add to names."""
        if attempt.notebooks:
            return
        left = _MOST_LOOKED_AT
        for at, (member, piece) in enumerate(attempt.files):
            if piece.kind != "file" or _extension(piece.filename) not in _DISGUISES:
                continue
            left -= 1
            if left >= 0 and self._is_due(archive, member):
                attempt.notes.append(
                    f"{one_line(piece.filename)} is a notebook by its cells, and was taken for one"
                )
                attempt.files[at] = (member, replace(piece, filename=_undisguised(piece.filename)))
            elif NOTEBOOK in piece.filename.casefold() or self._is_called(_undisguised(piece.filename)):
                attempt.misnamed.append(piece.filename)

    def may_be(self, archive: Archive, member: Member) -> bool:
        """Tell whether a file may have cells of the assignment, as a very large one may, which is not read."""
        return member.size > _MOST or self._is_due(archive, member)

    def _is_due(self, archive: Archive, member: Member) -> bool:
        """Tell whether a file has cells of the assignment. Larger ones than any notebook are not read."""
        if member.size > _MOST:
            return False
        data = io.BytesIO()
        try:
            archive.copy(member, data)
            starts = data.getvalue()[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
            return starts and self._has_cells(nb.parse(data.getvalue(), "it"))
        except SubmissionError:
            return False

    def _is_called(self, filename: str) -> bool:
        return PurePosixPath(filename).name.casefold() == self.filename.casefold()

    def _has_cells(self, found: nb.Notebook) -> bool:
        return any(nb.grade_id(cell) in self._cells for cell in found.cells)


def why_none(attempt: Attempt) -> str:
    """Say what is the matter with files that may hold a notebook, where none is called so; '' where there are none."""
    packed = [piece.filename for _, piece in attempt.handed_in if _extension(piece.filename) in _ARCHIVES]
    reasons = []
    if attempt.misnamed:
        reasons.append(
            f"{_some(attempt.misnamed)}: the name does not end in {NOTEBOOK}, and none of the assignment's cells was "
            "found in it"
        )
    if packed:
        reasons.append(f"{_some(packed)}: archives in an archive are not opened, so look into it yourself")
    return "; ".join(reasons)


def _undisguised(filename: str) -> str:
    """Give the name of a notebook without what was added to it."""
    while (added := _extension(filename)) in _DISGUISES:
        filename = filename[: -len(added)]
    return filename if _extension(filename) == NOTEBOOK else f"{filename}{NOTEBOOK}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(one_line, names[:3])) + (" …" if len(names) > 3 else "")


def _extension(name: str) -> str:
    return PurePosixPath(name).suffix.casefold()


def _cells_of(assignment: Assignment) -> set[str | None]:
    """Give the ids of the cells by which the assignment's notebook is known."""
    path = assignment.release if is_there(assignment.release) else assignment.source
    try:
        return {nb.grade_id(cell) for cell in nb.read(path).cells} - {None}
    except SubmissionError as error:
        raise InstructorError(f"{path}: {error}. By its cells a notebook is known.") from error


def notebooks_in(folder: Path) -> list[Path]:
    """Give the files in a folder that are called a notebook; a folder may be called so, too."""
    return sorted(path for path in folder.rglob("*") if path.suffix.casefold() == NOTEBOOK and path.is_file())


class Named(NamedTuple):
    """The notebook that is graded, as it was called before, None where it is not clear; and what is to be told."""

    was: Path | None
    notes: list[str]


def name_notebook(beside: Path, due: Due, hidden: set[Path]) -> Named:
    """Give the notebook with the assignment's cells the name under which it is graded, and say what was done.

    What was hidden, as Jupyter's own copies, counts only where that is all there is.
    """
    right = beside / due.filename
    there = notebooks_in(beside)
    fitting = _rather_seen([path for path in there if due.fits(path)], hidden)
    there = _rather_seen(there, hidden)
    names = ", ".join(one_line(path.relative_to(beside).as_posix()) for path in fitting if path != right)
    if right in fitting or (right in there and not fitting):
        also = [f"{right.name} is taken; {names} has cells of the assignment, too"]
        return Named(right, also if names else [])
    if len(fitting) > 1:
        return Named(None, [f"it is not clear which notebook is meant: {names}"])
    if not fitting and len(there) > 1:
        return Named(None, ["no notebook has cells of the assignment"])
    (chosen,) = fitting or there
    notes = [] if fitting else ["the notebook has no cells of the assignment, or cannot be read"]
    # It may lie in a folder that has the right name. No student's file has a name with a dot in front.
    taken_out = chosen.rename(beside / ".chosen")
    if right.exists():
        right.rename(free(right.with_name(f"other-{right.name}"), Path.exists))
    taken_out.rename(right)
    notes.append(f"{one_line(chosen.relative_to(beside).as_posix())} was renamed to {right.name}")
    return Named(chosen, notes)


def _rather_seen(paths: Iterable[Path], hidden: set[Path]) -> list[Path]:
    paths = list(paths)
    return [path for path in paths if path not in hidden] or paths
