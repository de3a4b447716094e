"""Submissions out of a download, into the folders from which they are graded."""

import errno
import filecmp
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import InstructorError, SubmissionError
from autograder.gradebook.files import TIMESTAMP, remove, submission_time
from autograder.lms.advice import Next, Reason
from autograder.lms.archive import Archive, Member
from autograder.lms.attempts import SEPARATOR, Attempt, choose
from autograder.lms.downloads.base import Piece
from autograder.lms.file_names import Names, is_hidden, safe_name
from autograder.lms.files import write
from autograder.lms.foreign import is_foreign
from autograder.lms.notebooks import Due, name_notebook, notebooks_in, why_none
from autograder.lms.older import why_older
from autograder.lms.placed import Placed, Unplaced, folder, placed_before, table, typed, with_typed
from autograder.lms.sorting import Lost, Sorted
from autograder.text import one_line

# What a file system says to names that it does not take. A full disk or a broken one is nobody's name.
_OF_NAMES = (
    errno.EEXIST,
    errno.EILSEQ,
    errno.EINVAL,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ENOTEMPTY,
)


@dataclass
class Outcome:
    """What became of one student's submission: `new`, `changed`, `same`, `kept` (an older one came), or `none`.

    `taken` is the notebook that is graded, where it is clear which one that is.
    """

    student: str
    state: str
    notes: list[str] = field(default_factory=list)
    taken: tuple[Member, Piece] | None = None


class Unpacker:
    """Puts submissions into their places, one student at a time, each whole or not at all."""

    def __init__(
        self, course: Course, assignment: Assignment, archive: Archive, found: Sorted, *, due: Due
    ) -> None:
        self._course = course
        self._assignment = assignment
        self._archive = archive
        self._sorted = found
        self._due = due
        self._placed: list[Placed] = []
        self._lost = list(found.lost)
        self._typed = typed(course, assignment)
        self._before = placed_before(course, assignment)

    def place_all(self) -> Iterator[Outcome]:
        """Place each student's last attempt, then what has no place, and write the tables."""
        self._tidy()
        for student in self._sorted.attempts:
            yield self._place(student)
        place = folder(self._course, self._assignment)
        with _telling(f"{place} could not be written"):
            self._write_lost(place)

    @property
    def lost(self) -> list[Lost]:
        """What has no place."""
        return self._lost

    def _tidy(self) -> None:
        """Remove what a run that was killed has left, also of students who are not in this download."""
        target = self._course.submission(self._assignment, "*")
        for left in self._course.root.glob(str(_beside(target).relative_to(self._course.root))):
            with _telling(f"{left} could not be removed"):
                remove(left)
                _remove_empty(left.parent)

    def _place(self, student: str) -> Outcome:
        choice = choose(self._sorted.attempts[student])
        if choice.doubt:
            for each in self._sorted.attempts[student]:
                self._lose(each, Reason(choice.doubt, Next.ATTEMPT), SEPARATOR.join(choice.among))
            return Outcome(student, "none", [choice.doubt])
        outcome = Outcome(student, "none", list(choice.notes))
        target = self._course.submission(self._assignment, student)
        with _telling(f"{target}, what was handed in by {student}, could not be written"):
            self._fill(target, choice.attempt, outcome)
        for each in choice.passed_over:
            later = "later than the notebook, and no notebook with it"
            earlier = "with an earlier attempt, and no notebook with any"
            reason = f"{student} handed it in {later if choice.attempt.notebooks else earlier}"
            self._lose(each, Reason(reason, Next.NOTEBOOK))
        if outcome.state != "none":
            self._note(student, choice.attempt, outcome)
        return outcome

    def _fill(self, target: Path, attempt: Attempt, outcome: Outcome) -> None:
        beside = _beside(target)
        remove(beside)
        try:
            beside.mkdir(parents=True)
            if self._prepare(attempt, beside, outcome):
                outcome.state = self._put(beside, target, attempt, outcome)
        finally:
            remove(beside)
            _remove_empty(target.parent)

    def _prepare(self, attempt: Attempt, beside: Path, outcome: Outcome) -> bool:
        """Make the folder of what a student handed in, and tell whether there is a notebook in it.

        A student's names cost that student at most.
        """
        try:
            files = self._extract(attempt, beside, outcome)
            if not notebooks_in(beside):
                why = f": {reason}" if (reason := why_none(attempt)) else ""
                none = f"there is no notebook in what {outcome.student} handed in{why}"
                self._lose(attempt, Reason(none, Next.NOTEBOOK))
                outcome.notes.append(f"there is no notebook in what was handed in{why}")
                return False
            hidden = {path for path, (_, piece) in files.items() if is_hidden(piece.filename)}
            named = name_notebook(beside, self._due, hidden)
            outcome.notes += named.notes
            outcome.taken = files.get(named.was) if named.was else None
            _stamp(beside, attempt)
        except OSError as error:
            if error.errno not in _OF_NAMES:
                raise
            reason = f"the names of what {outcome.student} handed in cannot be used: {error.strerror}"
            self._lose(attempt, Reason(reason, Next.ANEW))
            outcome.notes.append(reason)
            return False
        return True

    def _extract(self, attempt: Attempt, beside: Path, outcome: Outcome) -> dict[Path, tuple[Member, Piece]]:
        """Write a student's files, and give them by their paths, which are not quite the names that they had."""
        names, files = Names(), dict[Path, tuple[Member, Piece]]()
        for member, piece in attempt.handed_in:
            path = beside / names.take(piece.filename)
            files[path] = (member, piece)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as file:
                    self._archive.copy(member, file)
            except SubmissionError as error:
                path.unlink(missing_ok=True)
                self._lost.append(Lost(member, Reason(str(error), Next.ANEW), attempt.owner, piece.name))
                outcome.notes.append(f"{one_line(piece.filename)} was left out: {error}")
        return files

    def _lose(self, attempt: Attempt, reason: Reason, among: str = "") -> None:
        already = {lost.member.name for lost in self._lost}
        for member, piece in attempt.files:
            if piece.kind != "about" and member.name not in already:
                self._lost.append(Lost(member, reason, attempt.owner, piece.name, among))

    def _put(self, beside: Path, target: Path, attempt: Attempt, outcome: Outcome) -> str:
        if not target.exists():
            beside.rename(target)
            return "new"
        with _telling(f"{target}, what is there of {outcome.student}, cannot be read"):
            is_same = _are_equal(beside, target)
        if is_same:
            return "same"
        if self._stays(beside, target, attempt, outcome):
            return "kept"
        place = folder(self._course, self._assignment) / "replaced"
        names = (outcome.student if number == 1 else f"{outcome.student} ({number})" for number in count(1))
        old = next(path for name in names if not (path := place / name).exists())
        old.parent.mkdir(parents=True, exist_ok=True)
        target.rename(old)
        try:
            beside.rename(target)
        except OSError:
            old.rename(target)
            raise
        outcome.notes.append(f"what was in submitted/ is now in {old.relative_to(self._course.root)}")
        return "changed"

    def _stays(self, beside: Path, target: Path, attempt: Attempt, outcome: Outcome) -> bool:
        """Tell whether what is there stays: it was handed in later, or is the assignment's, and this is not."""
        before, _ = submission_time(target)
        if before is not None and attempt.time is not None and attempt.time.replace(tzinfo=None) < before:
            outcome.notes.append("what is in submitted/ was handed in later, and stays")
        elif why := why_older(self._sorted.download, attempt, self._before.get(outcome.student)):
            outcome.notes.append(
                f"what is in submitted/ was handed in later, and stays ({why}). Is the download an old one? To take it "
                f"all the same, move {target.relative_to(self._course.root)} away before"
            )
        elif is_foreign(beside, target, self._due):
            none = "has no cells of the assignment, or cannot be read: the work that is in submitted/ stays"
            self._lose(attempt, Reason(f"what {outcome.student} handed in last {none}", Next.FOREIGN))
            outcome.notes[:] = [f"what was handed in last {none}"]
        else:
            return False
        return True

    def _note(self, student: str, attempt: Attempt, outcome: Outcome) -> None:
        member, piece = outcome.taken or (attempt.notebooks or attempt.handed_in)[0]
        own_id = self._sorted.own_id(student, piece)
        lms = self._sorted.download.name
        if outcome.state == "kept":  # of what lies there, nothing else is known from this download
            there = self._before.get(student)
            there = there if there and there.lms == lms else Placed(student, lms, own_id, "", "", "", "")
            self._placed.append(replace(there, note="; ".join(outcome.notes)))
            return
        time = f"{attempt.time:%Y-%m-%d %H:%M:%S}" if attempt.time else ""
        late = "late" if attempt.late else ""
        if attempt.late and not attempt.time:
            outcome.notes.append("late by the LMS's mark, but without a time: nothing is taken off for it")
        note = "; ".join(outcome.notes)
        self._placed.append(Placed(student, lms, own_id, time, late, one_line(member.name), note))

    def _write_lost(self, place: Path) -> None:
        """Put what has no place into `unplaced/`, under names that no file system takes amiss."""
        target, beside = place / "unplaced", place / ".unplaced.new"
        remove(beside)
        beside.mkdir(parents=True)
        try:
            rows = [self._write_one(lost, number, beside) for number, lost in enumerate(self._lost, start=1)]
            write(place / "placed.csv", table(Placed, self._placed))
            write(place / "unplaced.csv", table(Unplaced, with_typed(rows, self._typed)))
            remove(target)
            if rows:
                beside.rename(target)
        finally:
            remove(beside)

    def _write_one(self, lost: Lost, number: int, beside: Path) -> Unplaced:
        name = f"{number:04}-{safe_name(lost.member.name.replace(chr(92), '/').rpartition('/')[2])}"
        path = beside / name
        if not lost.member.refused:
            try:
                with path.open("xb") as file:
                    self._archive.copy(lost.member, file)
            except SubmissionError:
                path.unlink(missing_ok=True)
        file_name = name if path.exists() else ""
        member = one_line(lost.member.name)
        return Unplaced(
            "", lost.lms_id, one_line(lost.name), member, lost.reason.text, file_name, lost.attempts
        )


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """Let it be known what could not be done, and whose it is: a full disk's error does not even name a file."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise InstructorError(
            f"{what}: {error.strerror or error}{where}\n"
            "What was placed before stays. Mend this, and run the same command again."
        ) from error


def _beside(target: Path) -> Path:
    """Give the folder in which a submission is made before it takes its place."""
    return target.with_name(f".{target.name}.new")


def _stamp(beside: Path, attempt: Attempt) -> None:
    if attempt.time is not None:
        text = f"{attempt.time:%Y-%m-%d %H:%M:%S.%f} UTC\n"
        (beside / TIMESTAMP).write_text(text, encoding="utf-8")


def _are_equal(one: Path, other: Path) -> bool:
    files = [
        sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file()) for root in (one, other)
    ]
    return files[0] == files[1] and all(
        filecmp.cmp(one / path, other / path, shallow=False) for path in files[0]
    )


def _remove_empty(place: Path) -> None:
    if place.is_dir() and not any(os.scandir(place)):
        place.rmdir()
