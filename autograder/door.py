"""nbgrader's way in: the steps that `nbgrader autograde` and formgrader's button take for this kit's assignments.

nbgrader runs them in the course's folder, once for each notebook. Assignments that the kit does not mark go
nbgrader's own way.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import AssignLatePenalties as NbgraderLatePenalties
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Enum
from traitlets.log import get_logger

from autograder import notebook as nb
from autograder.course import Assignment, Course, Late
from autograder.errors import SubmissionError
from autograder.gradebook.review import Before, WorkMemory, kept_score_warning, needs_review
from autograder.notebook import Notebook
from autograder.pipeline import grade, prepare
from autograder.results import CellResult
from autograder.sandbox.choose import WANTED, open_sandbox
from autograder.store import Kept, ResultStore, kept
from autograder.text import one_line

Resources = dict[str, Any]
Converted = tuple[Any, Resources]

_KEY = "autograder"


class RestoreCells(NbGraderPreprocessor):
    """Puts back what the student must not change, before nbgrader's own sanitising could trip over it."""

    def preprocess(self, node: Any, resources: Resources) -> Converted:
        """Restore the notebook."""
        _, assignment = _ours(resources)
        if assignment is None:
            return node, resources
        restored, warnings = nb.restore(_plain(node, assignment), nb.read(assignment.release))
        for warning in warnings:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], warning)
        return nbformat.from_dict(nb.to_data(restored)), resources


class RunChecks(Execute):
    """Takes the place of nbgrader's Execute: runs the notebook apart, and judges it by the hidden checks."""

    sandbox = Enum(
        WANTED, "auto", help="How student code is kept in; 'none' runs it with your own rights."
    ).tag(config=True)

    def __call__(self, node: Any, resources: Resources) -> Converted:
        """Grade; `--no-execute` turns off nbgrader's own Execute only, since nothing run is full marks to it."""
        if _ours(resources)[1] is None:
            return super().__call__(node, resources)  # type: ignore[no-any-return]  # nbgrader's, untyped
        return self.preprocess(node, resources)

    def preprocess(self, node: Any, resources: Resources, km: Any = None) -> Converted:
        """Run and judge the notebook. An error here leaves the submission without a score."""
        course, assignment = _ours(resources)
        if assignment is None:
            return super().preprocess(node, resources, km)  # type: ignore[no-any-return]  # nbgrader's, untyped
        student, submitted = resources["nbgrader"]["student"], _plain(node, assignment)
        store = ResultStore(course, assignment, nb.read(assignment.release), self.sandbox)
        key = store.key(course.submission(assignment, student))
        known = store.find(student, key)
        if known is not None and known.result.status == "graded":
            notebook = known.notebook(submitted, nb.read(assignment.release))
        else:
            known, notebook = self._judged(course, assignment, student, submitted)
            store.keep(student, key, msgspec.json.encode(known))
        resources[_KEY] = _Verdict(known, _held(resources))
        return nbformat.from_dict(nb.to_data(notebook)), resources

    def _judged(
        self, course: Course, assignment: Assignment, student: str, submitted: Notebook
    ) -> tuple[Kept, Notebook]:
        grading = prepare(course, assignment)
        with open_sandbox(assignment.file.limits, self.sandbox, grading.warmup) as sandbox:
            graded = grade(grading, student, submitted, sandbox)
        text = nb.to_text(graded.notebook)
        return kept(graded.result, graded.notebook, grading.release, text), graded.notebook


class _Verdict:
    """What a verdict's later steps need: the verdict, and what the gradebook held before it."""

    def __init__(self, known: Kept, before: Mapping[str, Before]) -> None:
        self.known = known
        self.before = before


class KeepReviewedScores(NbGraderPreprocessor):
    """After SaveAutoGrades: asks for a review only where the work has changed, and says what score was kept."""

    def preprocess(self, node: Any, resources: Resources) -> Converted:
        """Settle the rows that SaveAutoGrades has written."""
        course, assignment = _ours(resources)
        if assignment is None:
            return node, resources
        student = resources["nbgrader"]["student"]
        verdict: _Verdict = resources[_KEY]
        memory = WorkMemory(course, assignment)
        now = verdict.known.works
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(assignment.id, assignment.id, student)
            changed = memory.changed(student, now)
            for warning in _settle(submitted, verdict.known.result.cells, verdict.before, changed):
                self.log.warning("%s: %s", student, warning)
            gradebook.db.commit()
        memory.remember(student, now)
        return node, resources


class AssignLatePenalties(NbgraderLatePenalties):
    """nbgrader's step, with the late policy of `assignment.toml` where the assignment is this kit's."""

    def preprocess(self, node: Any, resources: Resources) -> Converted:
        """Set the penalty anew."""
        self._assignment = _ours(resources)[1]
        return super().preprocess(node, resources)  # type: ignore[no-any-return]  # nbgrader's, untyped

    def init_plugin(self) -> None:
        """Choose whose policy holds."""
        if self._assignment is None:
            super().init_plugin()
        else:
            self.plugin_inst = _Policy(self._assignment.file.late)


class _Policy(BasePlugin):
    """A late policy in the form in which nbgrader asks for one."""

    def __init__(self, late: Late) -> None:
        super().__init__()
        self._late = late

    def late_submission_penalty(
        self, _student_id: str, _score: float, total_seconds_late: float
    ) -> float | None:
        """Give the points that lateness costs."""
        return self._late.penalty(total_seconds_late) or None


def explain_rejection(assignment: str, student: str, notebooks: Sequence[str]) -> None:  # noqa: ARG001  # nbgrader gives it by name
    """Say why nbgrader is about to reject a submission; its own message does not. Called before each one."""
    course = Course(Path.cwd())
    if not notebooks or not course.has_assignment(assignment):
        return
    folder = Path(notebooks[0]).parent
    try:
        path, _ = nb.find(folder, nb.read(course.assignment(assignment).release), assignment)
        nb.read(path)
    except SubmissionError as error:
        get_logger().error("%s: %s", folder.parent.name, error)
        return
    if path.stem != assignment:
        get_logger().error(
            "%s: nbgrader grades only %s.ipynb; rename %s, or run: autograder grade %s",
            folder.parent.name,
            assignment,
            one_line(path.name),
            assignment,
        )


def _ours(resources: Resources) -> tuple[Course, Assignment | None]:
    course = Course(Path.cwd())
    name = resources["nbgrader"]["assignment"]
    return course, course.assignment(name) if course.has_assignment(name) else None


def _plain(node: Any, assignment: Assignment) -> Notebook:
    return nb.from_data(node, f"{assignment.id}.ipynb")


def _held(resources: Resources) -> Mapping[str, Before]:
    names = resources["nbgrader"]
    with Gradebook(names["db_url"]) as gradebook:
        try:
            submitted = gradebook.find_submission_notebook(
                names["notebook"], names["assignment"], names["student"]
            )
        except MissingEntry:
            return {}
        return {row.cell.name: Before(row.manual_score, row.needs_manual_grade) for row in submitted.grades}


def _settle(
    submitted: Any, verdicts: Mapping[str, CellResult], before: Mapping[str, Before], changed: set[str]
) -> list[str]:
    """Write verdicts into the rows, keeping what a person decided. Gives what the instructor should know of it."""
    warnings = []
    for row in submitted.grades:
        name = row.cell.name
        if name not in verdicts:
            continue
        row.auto_score = verdicts[name].score
        row.needs_manual_grade = needs_review(before.get(name), verdicts[name], changed=name in changed)
        if row.manual_score is not None and name in changed:
            warnings.append(kept_score_warning(name, row.manual_score))
    return warnings
