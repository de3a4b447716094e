"""Verdicts into the gradebook's rows, as nbgrader's own autograde leaves them, many submissions in one commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from autograder.course import Assignment
from autograder.errors import InstructorError
from autograder.gradebook import tables
from autograder.gradebook.backup import GuardedDatabase
from autograder.gradebook.entry import Entry
from autograder.gradebook.review import Before, kept_score_warning, needs_review

NO_RESPONSE = "No response."

_COMMENTED = ("SolutionCell", "TaskCell")
_GRADED = ("GradeCell", "TaskCell")

_Rows = list[dict[str, Any]]


class Recorder:
    """Writes the verdicts of one assignment into the gradebook, and nothing where it holds them already."""

    def __init__(self, database: GuardedDatabase, assignment: Assignment) -> None:
        self._database = database
        self._assignment = assignment
        with database.reading() as connection:
            self._known = _Known.read(connection, assignment.id)

    def record(self, entries: Sequence[Entry]) -> list[list[str]]:
        """Write these in one commit. Gives what an instructor should know of each.

        Raises InstructorError where the database cannot be written; then none of them is.
        """
        return self._database.write(lambda connection: self._record(connection, entries))

    def _record(self, connection: Connection, entries: Sequence[Entry]) -> list[list[str]]:
        changes = _Changes()
        names = [entry.student for entry in entries]
        _add_students(connection, names, changes)
        submissions = _submissions(connection, self._known, entries, changes)
        rows = _rows_of(connection, [each.notebook for each in submissions])
        warnings = [
            self._settle(entry, submission, rows[submission.notebook], changes)
            for entry, submission in zip(entries, submissions, strict=True)
        ]
        if changes:
            self._database.about_to_change()
        changes.make(connection)
        return warnings

    def _settle(
        self, entry: Entry, submission: "_Submission", rows: "_Rowset", changes: "_Changes"
    ) -> list[str]:
        warnings: list[str] = []
        scores = []
        for name, cell_id in self._known.graded.items():
            row = rows.grades.get(cell_id)
            auto, manual, extra, review = row or (None, None, None, None)
            new_auto, new_review = None, True
            if entry.cells is not None and name in entry.cells:
                before = None if row is None else Before(manual, bool(review))
                verdict, changed = entry.cells[name], name in entry.changed
                new_auto, new_review = verdict.score, needs_review(before, verdict, changed=changed)
                if manual is not None and changed:
                    warnings.append(kept_score_warning(name, manual))
            values = {"auto_score": new_auto, "needs_manual_grade": new_review}
            if row is None:
                changes.insert(tables.grades, notebook_id=submission.notebook, cell_id=cell_id, **values)
            elif (auto, bool(review)) != (new_auto, new_review):
                changes.update(tables.grades, rows.grade_ids[cell_id], **values)
            known = manual if manual is not None else new_auto
            scores.append(0.0 if known is None else known + (extra or 0.0))
        self._settle_comments(entry, submission, rows, changes)
        if entry.cells is not None:
            self._settle_penalty(entry, submission, changes)
        return warnings

    def _settle_comments(
        self, entry: Entry, submission: "_Submission", rows: "_Rowset", changes: "_Changes"
    ) -> None:
        for name, cell_id in self._known.commented.items():
            said = NO_RESPONSE if name in entry.unanswered else None
            if cell_id not in rows.comments:
                changes.insert(
                    tables.comments, notebook_id=submission.notebook, cell_id=cell_id, auto_comment=said
                )
            elif entry.cells is not None and rows.comments[cell_id][1] != said:
                changes.update(tables.comments, rows.comments[cell_id][0], auto_comment=said)

    def _settle_penalty(self, entry: Entry, submission: "_Submission", changes: "_Changes") -> None:
        """Set the late penalty anew: an extension that was granted since takes it back."""
        due, handed_in = self._known.due, entry.timestamp or submission.timestamp
        late = 0.0
        if due is not None and handed_in is not None:
            late = max(0.0, (handed_in - due - (submission.extension or timedelta())).total_seconds())
        penalty = (self._assignment.file.late.penalty(late) if late > 0 else 0.0) or None
        if penalty != (submission.penalty or None):
            changes.update(tables.submitted_notebooks, submission.notebook, late_submission_penalty=penalty)


@dataclass(frozen=True)
class _Known:
    """What the gradebook knows of the assignment: ids of its rows, and of its cells by name."""

    assignment: str
    notebook: str
    due: datetime | None
    graded: Mapping[str, str]
    commented: Mapping[str, str]

    @classmethod
    def read(cls, connection: Connection, name: str) -> "_Known":
        a, n, c = tables.assignments, tables.notebooks, tables.cells
        found = connection.execute(
            select(a.c.id, n.c.id, a.c.duedate)
            .join(n, n.c.assignment_id == a.c.id)
            .where(a.c.name == name, n.c.name == name)
        ).one_or_none()
        if found is None:
            raise InstructorError(f"the gradebook does not know '{name}'; first: autograder generate {name}")
        rows = connection.execute(select(c.c.name, c.c.type, c.c.id).where(c.c.notebook_id == found[1])).all()
        graded = {cell: id_ for cell, kind, id_ in rows if kind in _GRADED}
        commented = {cell: id_ for cell, kind, id_ in rows if kind in _COMMENTED}
        return cls(found[0], found[1], found[2], graded, commented)


@dataclass(frozen=True)
class _Submission:
    """The rows of one submission: the id of its notebook's row, and what its lateness rests on."""

    notebook: str
    timestamp: datetime | None = None
    extension: timedelta | None = None
    penalty: float | None = None


@dataclass(frozen=True)
class _Rowset:
    """The grades and comments of one submission, by the id of their cell."""

    grades: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    grade_ids: dict[str, str] = field(default_factory=dict)
    comments: dict[str, tuple[str, str | None]] = field(default_factory=dict)


class _Changes:
    """Rows to insert and to update, kept until all are known and then written table by table."""

    def __init__(self) -> None:
        self._inserts: dict[Table, _Rows] = {}
        self._updates: dict[Table, _Rows] = {}

    def __bool__(self) -> bool:
        return bool(self._inserts or self._updates)

    def insert(self, table: Table, **values: object) -> str:
        """Add a row, and give its id."""
        values.setdefault("id", uuid4().hex)
        self._inserts.setdefault(table, []).append(values)
        return str(values["id"])

    def update(self, table: Table, row: str, **values: object) -> None:
        """Change a row; always the same columns of a table."""
        self._updates.setdefault(table, []).append({"row": row, **values})

    def make(self, connection: Connection) -> None:
        """Write all of it, rows before those that point at them."""
        for table, rows in self._inserts.items():
            connection.execute(insert(table), rows)
        for table, rows in self._updates.items():
            connection.execute(update(table).where(table.c.id == bindparam("row")), rows)


def _add_students(connection: Connection, names: Sequence[str], changes: _Changes) -> None:
    column = tables.students.c.id
    known = set(connection.scalars(select(column).where(column.in_(names))))
    for name in names:
        if name not in known:
            changes.insert(tables.students, id=name)


def _submissions(
    connection: Connection, known: _Known, entries: Sequence[Entry], changes: _Changes
) -> list[_Submission]:
    found = _find_submissions(connection, known, [entry.student for entry in entries])
    submissions = []
    for entry in entries:
        row = found.get(entry.student)
        stamp = {} if entry.timestamp is None else {"timestamp": entry.timestamp}
        if row is None:
            assignment = changes.insert(
                tables.submitted_assignments,
                assignment_id=known.assignment,
                student_id=entry.student,
                timestamp=entry.timestamp,
            )
            submissions.append(_Submission(_add_notebook(known, assignment, changes)))
            continue
        if stamp and stamp["timestamp"] != row.timestamp:
            changes.update(tables.submitted_assignments, row.assignment, **stamp)
        notebook = row.notebook or _add_notebook(known, row.assignment, changes)
        submissions.append(_Submission(notebook, row.timestamp, row.extension, row.penalty))
    return submissions


def _add_notebook(known: _Known, assignment: str, changes: _Changes) -> str:
    return changes.insert(
        tables.submitted_notebooks, assignment_id=assignment, notebook_id=known.notebook, flagged=False
    )


def _find_submissions(connection: Connection, known: _Known, names: Sequence[str]) -> dict[str, Any]:
    a, n = tables.submitted_assignments, tables.submitted_notebooks
    # nbgrader may be changing these rows; PostgreSQL then waits, and gives what it has made of them.
    rows = connection.execute(
        select(
            a.c.student_id,
            a.c.id.label("assignment"),
            a.c.timestamp,
            a.c.extension,
            n.c.id.label("notebook"),
            n.c.late_submission_penalty.label("penalty"),
        )
        .outerjoin(n, (n.c.assignment_id == a.c.id) & (n.c.notebook_id == known.notebook))
        .where(a.c.assignment_id == known.assignment, a.c.student_id.in_(names))
        .with_for_update(of=a)
    )
    return {row.student_id: row for row in rows}


def _rows_of(connection: Connection, notebooks: Sequence[str]) -> dict[str, _Rowset]:
    found = {notebook: _Rowset() for notebook in notebooks}
    g, c = tables.grades, tables.comments
    for row in connection.execute(select(g).where(g.c.notebook_id.in_(notebooks)).with_for_update()):
        rows = found[row.notebook_id]
        rows.grade_ids[row.cell_id] = row.id
        rows.grades[row.cell_id] = (
            row.auto_score,
            row.manual_score,
            row.extra_credit,
            row.needs_manual_grade,
        )
    columns = (c.c.id, c.c.notebook_id, c.c.cell_id, c.c.auto_comment)
    for row in connection.execute(select(*columns).where(c.c.notebook_id.in_(notebooks))):
        found[row.notebook_id].comments[row.cell_id] = (row.id, row.auto_comment)
    return found
