"""What the gradebook holds of an assignment, as plain data: what auto-grading and people gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.gradebook import tables
from autograder.gradebook.database import Database


@dataclass(frozen=True)
class Mark:
    """The score of one graded cell. `score` is a person's where there is one; None where nothing is known yet.

    `by_checks` is what the checks gave, whatever a person gave, and `by_person` what a person gave.
    """

    score: float | None
    max_score: float
    needs_review: bool
    by_checks: float | None = None
    by_person: float | None = None


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

    @cached_property
    def score(self) -> float | None:
        """The score after the late penalty; a cell without a score counts nothing. None where no cell has one."""
        if not self.graded:
            return None
        raw = sum(mark.score or 0.0 for mark in self.marks.values())
        return round(max(0.0, raw - self.late_penalty), 6)

    @cached_property
    def graded(self) -> bool:
        """Whether there is a score for any cell: not so without a submission, or with one that nothing can read."""
        return any(mark.score is not None for mark in self.marks.values())

    @property
    def waiting(self) -> list[str]:
        """The cells that wait for a person."""
        return [name for name, mark in self.marks.items() if mark.needs_review]


def standings(database: Database, assignment: Assignment) -> list[Standing]:
    """Give every student of the gradebook, by id. Raises InstructorError where it does not know the assignment."""
    a, n, s, t = (
        tables.assignments,
        tables.notebooks,
        tables.submitted_assignments,
        tables.submitted_notebooks,
    )
    with database.reading() as connection:
        of_notebook = (a.c.name == assignment.id) & (n.c.name == assignment.id)
        notebook = connection.scalar(select(n.c.id).join(a, n.c.assignment_id == a.c.id).where(of_notebook))
        if notebook is None:
            raise InstructorError(
                f"nothing of {assignment.id} is graded yet; first: autograder grade {assignment.id}"
            )
        max_scores = _max_scores(connection, notebook)
        submitted = connection.execute(
            select(s.c.student_id, t.c.id, s.c.timestamp, t.c.late_submission_penalty.label("penalty"))
            .join(t, t.c.assignment_id == s.c.id)
            .where(t.c.notebook_id == notebook)
        )
        rows = {row.student_id: row for row in submitted}
        marks = _marks(connection, notebook, max_scores, _places(assignment))
        comments = _comments(connection, notebook)
        people = connection.execute(select(tables.students).order_by(tables.students.c.id)).all()
    highest = sum(max_scores.values())
    return [_standing(person, rows.get(person.id), highest, marks, comments) for person in people]


def _standing(
    person: Any,
    row: Any | None,
    max_score: float,
    marks: Mapping[str, dict[str, Mark]],
    comments: Mapping[str, dict[str, str]],
) -> Standing:
    names = (person.id, person.first_name or "", person.last_name or "", person.email or "")
    if row is None:
        return Standing(*names, submitted=False, max_score=max_score)
    return Standing(
        *names,
        submitted=True,
        max_score=max_score,
        timestamp=row.timestamp,
        late_penalty=row.penalty or 0.0,
        marks=marks.get(row.id, {}),
        comments=comments.get(row.id, {}),
    )


def _max_scores(connection: Connection, notebook: str) -> dict[str, float]:
    """Give the points of each graded cell, by the id of its row."""
    scores: dict[str, float] = {}
    for table in (tables.grade_cells, tables.task_cells):
        rows = connection.execute(
            select(table.c.id, table.c.max_score)
            .join(tables.cells, tables.cells.c.id == table.c.id)
            .where(tables.cells.c.notebook_id == notebook)
        )
        scores |= {row.id: row.max_score for row in rows}
    return scores


def _marks(
    connection: Connection, notebook: str, max_scores: Mapping[str, float], places: Mapping[str, int]
) -> dict[str, dict[str, Mark]]:
    """Give the marks of each submitted notebook by its cells' names, in the notebook's order."""
    g, t, c = tables.grades, tables.submitted_notebooks, tables.cells
    cells = connection.execute(select(c.c.id, c.c.name).where(c.c.notebook_id == notebook))
    names = {row.id: row.name for row in cells}
    order = sorted(max_scores, key=lambda cell: (places.get(names[cell], len(places)), names[cell]))
    place = {cell: number for number, cell in enumerate(order)}
    rows = connection.execute(
        select(
            g.c.cell_id,
            g.c.notebook_id,
            g.c.auto_score,
            g.c.manual_score,
            g.c.extra_credit,
            g.c.needs_manual_grade,
        )
        .join(t, t.c.id == g.c.notebook_id)
        .where(t.c.notebook_id == notebook, g.c.cell_id.in_(order))
    ).all()
    marks: dict[str, dict[str, Mark]] = {}
    for cell, submitted, auto, manual, extra, waits in sorted(rows, key=lambda row: place[row[0]]):
        known = auto if manual is None else manual
        score = None if known is None else known + (extra or 0.0)
        mark = Mark(score, max_scores[cell], waits, auto, manual)
        marks.setdefault(submitted, {})[names[cell]] = mark
    return marks


def _places(assignment: Assignment) -> dict[str, int]:
    """Give the places of the released notebook's cells, by name: the gradebook keeps no order."""
    if not assignment.release.is_file():
        return {}
    return {nb.grade_id(cell) or "": place for place, cell in enumerate(nb.read(assignment.release).cells)}


def _comments(connection: Connection, notebook: str) -> dict[str, dict[str, str]]:
    k, t, c = tables.comments, tables.submitted_notebooks, tables.cells
    rows = connection.execute(
        select(k.c.notebook_id, c.c.name, k.c.auto_comment, k.c.manual_comment)
        .join(t, t.c.id == k.c.notebook_id)
        .join(c, c.c.id == k.c.cell_id)
        .where(t.c.notebook_id == notebook)
    )
    comments: dict[str, dict[str, str]] = {}
    for row in rows:
        said = row.manual_comment if row.manual_comment is not None else row.auto_comment
        if said:
            comments.setdefault(row.notebook_id, {})[row.name] = said
    return comments


def refuse_unreviewed(
    standings: Sequence[Standing], course: Course, assignment: Assignment, what: str
) -> None:
    """Raise InstructorError, which names the ways on, while a cell waits for a person or a file could not be read."""
    unread, waiting = unfinished(standings, course, assignment)
    reasons, first = [], []
    if unread:
        reasons.append(
            f"{len(unread)} of {len(standings)} submissions could not be graded at all, and have no score: "
            f"{_names(unread)}."
        )
        first.append(
            f"look at these files ('autograder grade {assignment.id}' says what is wrong) and have them handed in anew"
        )
    if waiting:
        cells = sorted({name for standing in waiting for name in standing.waiting})
        reasons.append(
            f"{len(waiting)} of {len(standings)} submissions have a cell that waits for a person "
            f"({', '.join(cells)}): {_names(waiting)}."
        )
        first.append("mark them first, in formgrader under Manual Grading")
    if reasons:
        ways = f"{', and '.join(first)}, or go on with: autograder {what} {assignment.id} --provisional"
        raise InstructorError("\n".join([*reasons, f"Either {ways}"]))


def unfinished(
    standings: Sequence[Standing], course: Course, assignment: Assignment
) -> tuple[list[Standing], list[Standing]]:
    """Give those whose submission could not be graded at all, and those of whom a cell waits for a person."""
    unread: list[Standing] = []
    waiting: list[Standing] = []
    for each in standings:
        if each.waiting:
            (unread if _is_unread(each, course, assignment) else waiting).append(each)
    return unread, waiting


def _is_unread(standing: Standing, course: Course, assignment: Assignment) -> bool:
    """Tell whether there is nothing to mark: what was handed in could not be graded, so no cell of it is there."""
    if standing.graded or not standing.waiting:
        return False
    return not any(course.autograded(assignment, standing.student).glob("*.ipynb"))


def _names(standings: Sequence[Standing]) -> str:
    return ", ".join(each.student for each in standings[:10]) + (" …" if len(standings) > 10 else "")
