"""What a person decides of a cell, into the gradebook, as formgrader writes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, true, update

from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.gradebook import tables
from autograder.gradebook.backup import GuardedDatabase


@dataclass(frozen=True)
class Decision:
    """A score that a person gives, with a comment that the student reads, or the one that stands."""

    score: float
    comment: str | None = None


def decide(
    course: Course,
    assignment: Assignment,
    cell: str,
    decisions: Mapping[str, Decision],
    *,
    only_open: bool = False,
) -> int:
    """Write a person's scores of a cell, all in one commit; it then waits for nobody. Gives how many were written.

    With `only_open` what a person has scored already stays, also where that was done a moment ago.
    Raises InstructorError where the gradebook has no such submission; then nothing is written.
    """
    database = GuardedDatabase(course)
    try:
        database.about_to_change()
        return database.write(
            lambda connection: _decide(connection, assignment.id, cell, decisions, only_open=only_open)
        )
    finally:
        database.close()


def _decide(
    connection: Connection, assignment: str, cell: str, decisions: Mapping[str, Decision], *, only_open: bool
) -> int:
    a, s, t, c = tables.assignments, tables.submitted_assignments, tables.submitted_notebooks, tables.cells
    rows = connection.execute(
        select(s.c.student_id, t.c.id.label("notebook"), c.c.id.label("cell"))
        .join(s, s.c.id == t.c.assignment_id)
        .join(a, a.c.id == s.c.assignment_id)
        .join(c, c.c.notebook_id == t.c.notebook_id)
        .where(a.c.name == assignment, c.c.name == cell, s.c.student_id.in_(list(decisions)))
    )
    # A written answer has two cells of its name: the score is at the one, the comment at the other.
    found: dict[str, tuple[str, list[str]]] = {}
    for row in rows:
        found.setdefault(row.student_id, (row.notebook, []))[1].append(row.cell)
    if missing := set(decisions) - set(found):
        raise InstructorError(f"the gradebook has no '{cell}' of: {', '.join(sorted(missing))}")
    g, k = tables.grades, tables.comments
    open_ones = and_(g.c.manual_score.is_(None), g.c.needs_manual_grade) if only_open else true()
    written = 0
    for student, decision in decisions.items():
        notebook, cells = found[student]
        result = connection.execute(
            update(g)
            .where(g.c.notebook_id == notebook, g.c.cell_id.in_(cells), open_ones)
            .values(manual_score=decision.score, needs_manual_grade=False)
        )
        written += bool(result.rowcount)
        if decision.comment is not None:
            connection.execute(
                update(k)
                .where(k.c.notebook_id == notebook, k.c.cell_id.in_(cells))
                .values(manual_comment=decision.comment)
            )
    return written
