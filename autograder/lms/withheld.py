"""Whose page does not go back: it would lie beside other work than it is about."""

import io
from collections.abc import Sequence

from autograder.course import Assignment, Course
from autograder.errors import SubmissionError
from autograder.gradebook.read import Standing
from autograder.lms.archive import Archive, Member
from autograder.lms.attempts import choose
from autograder.lms.files import is_there
from autograder.lms.newer import Graded, handed_in_since
from autograder.lms.notebooks import Due
from autograder.lms.order import Order, order
from autograder.lms.placed import placed_before
from autograder.lms.sorting import Sorted

_ANEW = "grade again, and make the pages anew"
_SINCE = f"they have handed in again since the page's work was graded: {_ANEW}"
_OTHER = (
    "their notebook in the download is not the work that was graded. If the download is the newest, unpack it, "
    f"{_ANEW}"
)
_WHY = {
    Order.SAME: _OTHER,
    Order.LATER: f"what they have in the download is newer than the work that was graded: unpack the download, {_ANEW}",
    Order.EARLIER: "what they have in the download is older than the work that was graded: name the download that was "
    "unpacked last, or a new one",
    Order.UNKNOWN: _OTHER,
}
_FOREIGN = (
    "their notebook in the download is not the work that was graded, and has no cells of the assignment: is it another "
    "assignment's download, or did they hand in the wrong file?"
)


def withheld(
    course: Course,
    assignment: Assignment,
    archive: Archive,
    found: Sorted,
    standings: Sequence[Standing],
    *,
    due: Due,
) -> dict[str, str]:
    """Give the students whose page would lie beside other work than it is about, each with the reason.

    A download of the same attempts as were unpacked costs a look at their names or times.
    """
    since = handed_in_since(course, assignment, standings)
    held = _Held(course, assignment, archive, found, due)
    others = {
        each.student: why for each in standings if each.graded and (why := held.why_other(each.student))
    }
    return others | dict.fromkeys(since, _SINCE)


class _Held:
    """A download held against what was unpacked and graded."""

    def __init__(
        self, course: Course, assignment: Assignment, archive: Archive, found: Sorted, due: Due
    ) -> None:
        self._course = course
        self._assignment = assignment
        self._archive = archive
        self._found = found
        self._due = due
        self._before = placed_before(course, assignment)
        self._graded = Graded(course, assignment)

    def why_other(self, student: str) -> str:
        """Say why a student's notebook in the download is not the work that was graded; '' where it may be."""
        attempts = self._found.attempts.get(student)
        choice = choose(attempts) if attempts else None
        if choice is None or choice.doubt or not choice.attempt.notebooks:
            return ""
        there = self._course.submission(self._assignment, student)
        finding = order(self._found, student, choice.attempt, self._before.get(student), there)
        if finding.is_proven and finding.order is Order.SAME:
            return ""
        members = [member for member, _ in choice.attempt.notebooks]
        if not finding.is_proven and any(self._is_graded(student, member) for member in members):
            return ""
        is_due = any(self._due.may_be(self._archive, member) for member in members)
        return _WHY[finding.order] if is_due or finding.order is Order.EARLIER else _FOREIGN

    def _is_graded(self, student: str, member: Member) -> bool:
        """Tell whether a notebook is the work that was graded, as far as anything says what that was."""
        there = self._course.submission(self._assignment, student) / self._due.filename
        if not is_there(there):
            return True
        data = io.BytesIO()
        try:
            self._archive.copy(member, data)
            return data.getvalue() == there.read_bytes() or self._graded.is_in(student, data.getvalue())
        except (SubmissionError, OSError):
            return False
