"""What the gradebook holds of an assignment, as plain data: what auto-grading and people gave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import Gradebook, Student, SubmittedNotebook

from autograder.course import Assignment
from autograder.errors import InstructorError


@dataclass(frozen=True)
class Mark:
    """The score of one graded cell. `score` is a person's where there is one; None where nothing is known yet."""

    score: float | None
    max_score: float
    needs_review: bool


@dataclass(frozen=True)
class Standing:
    """Where a student stands: without `submitted`, nothing was handed in, which is not the same as zero."""

    student: str
    first_name: str
    last_name: str
    email: str
    submitted: bool
    max_score: float
    timestamp: datetime | None = None
    late_penalty: float = 0.0
    marks: dict[str, Mark] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float | None:
        """The score after the late penalty; a cell without a score counts nothing. None where no cell has one."""
        if not self.graded:
            return None
        raw = sum(mark.score or 0.0 for mark in self.marks.values())
        return round(max(0.0, raw - self.late_penalty), 6)

    @property
    def graded(self) -> bool:
        """Whether there is a score for any cell: not so without a submission, or with one that nothing can read."""
        return any(mark.score is not None for mark in self.marks.values())

    @property
    def waiting(self) -> list[str]:
        """The cells that wait for a person."""
        return [name for name, mark in self.marks.items() if mark.needs_review]


def standings(gradebook: Gradebook, assignment: Assignment) -> list[Standing]:
    """Give every student of the gradebook, by id."""
    submitted = {
        notebook.assignment.student_id: notebook
        for notebook in gradebook.notebook_submissions(assignment.id, assignment.id)
    }
    max_score = gradebook.find_assignment(assignment.id).max_score
    return [
        _standing(student, submitted.get(student.id), max_score)
        for student in sorted(gradebook.students, key=lambda student: student.id)
    ]


def _standing(student: Student, notebook: SubmittedNotebook | None, max_score: float) -> Standing:
    names = (student.id, student.first_name or "", student.last_name or "", student.email or "")
    if notebook is None:
        return Standing(*names, submitted=False, max_score=max_score)
    return Standing(
        *names,
        submitted=True,
        max_score=max_score,
        timestamp=notebook.assignment.timestamp,
        late_penalty=notebook.late_submission_penalty or 0.0,
        marks={grade.cell.name: _mark(grade) for grade in notebook.grades},
        comments={comment.cell.name: comment.comment for comment in notebook.comments if comment.comment},
    )


def _mark(grade: object) -> Mark:
    known = grade.manual_score if grade.manual_score is not None else grade.auto_score  # type: ignore[attr-defined]
    score = None if known is None else known + (grade.extra_credit or 0.0)  # type: ignore[attr-defined]
    return Mark(score, grade.max_score, grade.needs_manual_grade)  # type: ignore[attr-defined]


def refuse_unreviewed(standings: Sequence[Standing], assignment: Assignment, what: str) -> None:
    """Raise InstructorError, which names the ways on, while a cell waits for a person."""
    waiting = [standing for standing in standings if standing.waiting]
    if not waiting:
        return
    cells = sorted({name for standing in waiting for name in standing.waiting})
    names = ", ".join(standing.student for standing in waiting[:10]) + (" …" if len(waiting) > 10 else "")
    raise InstructorError(
        f"{len(waiting)} of {len(standings)} submissions have a cell that waits for a person "
        f"({', '.join(cells)}): {names}.\n"
        f"Either mark them first, in formgrader under Manual Grading, or go on with: "
        f"autograder {what} {assignment.id} --provisional"
    )
