"""nbgrader as the course configures it: its folders, its gradebook, and what only nbgrader can do to them."""

import contextlib
import logging
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

from nbgrader.api import Base, Gradebook, get_alembic_version
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from autograder.configure import find_programs
from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.gradebook import tables
from autograder.gradebook.database import Database
from autograder.gradebook.settings import gradebook_address, load_config


def course_directory(config: Config, assignment: str = "", student: str = "*") -> Any:
    """Give nbgrader's own view of the course."""
    directory = CourseDirectory(config=config)
    directory.assignment_id = assignment
    directory.student_id = student
    return directory


@contextlib.contextmanager
def open_gradebook(course: Course) -> Iterator[Gradebook]:
    """Open the course's gradebook, which is made where it is missing."""
    find_programs()
    address = gradebook_address(course)
    with warnings.catch_warnings():
        # nbgrader builds rows in an order that SQLAlchemy 2.1 warns of, though it commits them as it should.
        warnings.simplefilter("ignore", SAWarning)
        with Gradebook(address.url, address.course_id) as gradebook:
            yield gradebook


def make_tables(database: Database) -> None:
    """Make a gradebook's tables, or those that are missing of a half-made one, as nbgrader does.

    It makes them one by one, and a gradebook of which it made a part is whole to it; here it is all or nothing.
    """
    find_programs()
    version = get_alembic_version()

    def make(connection: Connection) -> None:
        Base.metadata.create_all(connection)
        tables.version.create(connection, checkfirst=True)
        if connection.scalar(select(tables.version)) is None:
            connection.execute(insert(tables.version).values(version_num=version))

    database.write(make)


def register(course: Course, assignment: Assignment) -> None:
    """Let nbgrader read the source into the gradebook, which is made. `release/` stays as it is."""
    config = load_config(course)
    with tempfile.TemporaryDirectory() as elsewhere:
        config.CourseDirectory.release_directory = elsewhere
        generate_assignment(config, assignment)


def generate_assignment(config: Config, assignment: Assignment) -> None:
    """Run nbgrader's generate_assignment. Raises InstructorError with nbgrader's own reason where it fails."""
    find_programs()
    converter = GenerateAssignment(coursedir=course_directory(config, assignment.id), config=config)
    run_converter(converter, f"nbgrader could not make the student version of {assignment.id}")


def run_converter(converter: Any, failure: str) -> None:
    """Run one of nbgrader's converters, quietly; what it logged becomes the reason where it fails."""
    said = _Said()
    converter.log = logging.getLogger("autograder.nbgrader")
    converter.log.propagate = False
    converter.log.addHandler(said)
    converter.force = True
    try:
        converter.start()
    except Exception as error:
        reason = "\n".join(said.lines) or str(error)
        raise InstructorError(f"{failure}:\n{reason}") from error
    finally:
        converter.log.removeHandler(said)


class _Said(logging.Handler):
    """Keeps what nbgrader says of errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
