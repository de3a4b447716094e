"""Verdicts into the gradebook's rows, as nbgrader's own autograde leaves them."""

from collections.abc import Mapping
from datetime import datetime

from nbgrader.api import Gradebook, SubmittedNotebook

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.gradebook.review import Before, WorkMemory, kept_score_warning, needs_review, works
from autograder.notebook import Notebook
from autograder.results import CellResult, SubmissionResult

NO_RESPONSE = "No response."


def held(submitted: SubmittedNotebook) -> dict[str, Before]:
    """Give what the gradebook holds for the graded cells of a submission."""
    return {row.cell.name: Before(row.manual_score, row.needs_manual_grade) for row in submitted.grades}


def settle_grades(
    submitted: SubmittedNotebook,
    verdicts: Mapping[str, CellResult],
    before: Mapping[str, Before],
    changed: set[str],
) -> list[str]:
    """Write verdicts into the rows, keeping what a person decided. Gives what the instructor should know of it."""
    warnings = []
    for grade in submitted.grades:
        name = grade.cell.name
        grade.auto_score = verdicts[name].score
        grade.needs_manual_grade = needs_review(before.get(name), verdicts[name], changed=name in changed)
        if grade.manual_score is not None and name in changed:
            warnings.append(kept_score_warning(name, grade.manual_score))
    return warnings


class Recorder:
    """Writes the verdicts of one assignment into an open gradebook, a commit for each submission."""

    def __init__(
        self, gradebook: Gradebook, course: Course, assignment: Assignment, release: Notebook
    ) -> None:
        self._gradebook = gradebook
        self._assignment = assignment
        self._memory = WorkMemory(course, assignment)
        self._released = {nb.grade_id(cell): cell["source"] for cell in release.cells}

    def record(self, result: SubmissionResult, notebook: Notebook, timestamp: datetime | None) -> list[str]:
        """Write a verdict. Gives what an instructor should know, such as a manual score for other work."""
        now = works(notebook)
        changed = self._memory.changed(result.student, now)
        submitted = self._submitted(result.student, timestamp)
        warnings = settle_grades(submitted, result.cells, held(submitted), changed)
        self._write_comments(submitted, notebook)
        self._write_penalty(submitted)
        self._gradebook.db.commit()
        self._memory.remember(result.student, now)
        return warnings

    def record_failure(self, student: str, timestamp: datetime | None) -> None:
        """Note that there is a submission which could not be graded: no score, and a person must look."""
        submitted = self._submitted(student, timestamp)
        for grade in submitted.grades:
            grade.auto_score = None
            grade.needs_manual_grade = True
        self._gradebook.db.commit()

    def _submitted(self, student: str, timestamp: datetime | None) -> SubmittedNotebook:
        self._gradebook.update_or_create_student(student)
        known = {} if timestamp is None else {"timestamp": timestamp}
        self._gradebook.update_or_create_submission(self._assignment.id, student, **known)
        return self._gradebook.find_submission_notebook(self._assignment.id, self._assignment.id, student)

    def _write_comments(self, submitted: SubmittedNotebook, notebook: Notebook) -> None:
        sources = {nb.grade_id(cell): cell["source"] for cell in notebook.cells}
        for comment in submitted.comments:
            name = comment.cell.name
            unanswered = name in sources and sources[name] == self._released[name]
            comment.auto_comment = NO_RESPONSE if unanswered else None

    def _write_penalty(self, submitted: SubmittedNotebook) -> None:
        """Set the late penalty anew: an extension that was granted since takes it back."""
        self._gradebook.db.flush()
        late = submitted.assignment.total_seconds_late
        penalty = self._assignment.file.late.penalty(submitted.score, late) if late > 0 else 0.0
        submitted.late_submission_penalty = penalty or None
