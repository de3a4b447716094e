"""Opening the course's gradebook for the kit's commands, and making it know an assignment."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, update

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.gradebook import tables
from autograder.gradebook.backup import GuardedDatabase
from autograder.gradebook.database import Database
from autograder.gradebook.settings import gradebook_address
from autograder.notebook import Notebook


@contextmanager
def open_database(course: Course) -> Iterator[Database]:
    """Open the course's gradebook. Raises InstructorError where there is none."""
    database = Database(gradebook_address(course))
    try:
        if not database.is_made():
            raise InstructorError(
                "There is no gradebook yet; 'autograder roster' and 'autograder grade' make it."
            )
        yield database
    finally:
        database.close()


@contextmanager
def made_database(course: Course) -> Iterator[GuardedDatabase]:
    """Open the course's gradebook to change it; it is made where it is missing. Raises InstructorError as above."""
    database = GuardedDatabase(course)
    try:
        if not database.is_made():
            _make(database)
        yield database
    finally:
        database.close()


def registered(course: Course, assignment: Assignment, release: Notebook) -> GuardedDatabase:
    """Open the course's gradebook, made where it is missing, so that it knows the assignment as it is released.

    To be closed by the caller. Raises InstructorError where it cannot be had.
    """
    database = GuardedDatabase(course)
    try:
        if not database.is_made() or not _is_registered(database, assignment, release):
            _register(database, course, assignment, release)
        _set_due(database, assignment)
    except BaseException:
        database.close()
        raise
    return database


def register(course: Course, assignment: Assignment) -> None:
    """Let the gradebook, made where it is missing, know the assignment as its source is now."""
    database = GuardedDatabase(course)
    try:
        _register(database, course, assignment, None)
    finally:
        database.close()


def _make(database: GuardedDatabase) -> None:
    nbgrader = importlib.import_module("autograder.gradebook.connection")
    with database.registering():
        if not database.is_made():
            nbgrader.make_tables(database)


def _register(
    database: GuardedDatabase, course: Course, assignment: Assignment, release: Notebook | None
) -> None:
    # nbgrader takes seconds to import; where the gradebook is ready, nobody waits for that.
    nbgrader = importlib.import_module("autograder.gradebook.connection")
    with database.registering():
        if not database.is_made():
            nbgrader.make_tables(database)
        # Another grader may have been first.
        if release is None or not _is_registered(database, assignment, release):
            database.about_to_change()
            nbgrader.register(course, assignment)


def _is_registered(database: Database, assignment: Assignment, release: Notebook) -> bool:
    """Tell whether the gradebook has the assignment with the released cells and points."""
    due = {nb.grade_id(cell): nb.points(cell) for cell in release.cells if nb.is_grade(cell)}
    a, n, c, g = tables.assignments, tables.notebooks, tables.cells, tables.grade_cells
    with database.reading() as connection:
        rows = connection.execute(
            select(c.c.name, g.c.max_score)
            .join(g, g.c.id == c.c.id)
            .join(n, n.c.id == c.c.notebook_id)
            .join(a, a.c.id == n.c.assignment_id)
            .where(a.c.name == assignment.id, n.c.name == assignment.id)
        )
        return {row.name: row.max_score for row in rows} == due


def _set_due(database: GuardedDatabase, assignment: Assignment) -> None:
    """Let the gradebook have the due time of `assignment.toml`, where one is set there."""
    a, due = tables.assignments, assignment.due_utc
    if due is None:
        return
    with database.reading() as connection:
        known = connection.scalar(select(a.c.duedate).where(a.c.name == assignment.id))
    if known != due:
        change = update(a).where(a.c.name == assignment.id).values(duedate=due)
        database.about_to_change()
        database.write(lambda connection: connection.execute(change))
