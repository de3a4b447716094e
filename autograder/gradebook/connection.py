"""nbgrader as the course configures it: its settings, its folders and its gradebook."""

import contextlib
import logging
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder import notebook as nb
from autograder.configure import find_programs
from autograder.course import CONFIG_FILE, Assignment, Course
from autograder.errors import InstructorError
from autograder.notebook import Notebook


def load_config(course: Course) -> Config:
    """Read the course's `nbgrader_config.py`. Raises InstructorError where it cannot be run."""
    try:
        config = PyFileConfigLoader(CONFIG_FILE, path=str(course.root)).load_config()
    except Exception as error:
        raise InstructorError(f"{course.root / CONFIG_FILE}: {type(error).__name__}: {error}") from error
    config.CourseDirectory.root = str(course.root)
    return config


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
    directory = course_directory(load_config(course))
    with warnings.catch_warnings():
        # nbgrader builds rows in an order that SQLAlchemy 2.1 warns of, though it commits them as it should.
        warnings.simplefilter("ignore", SAWarning)
        with Gradebook(directory.db_url, directory.course_id or "default_course") as gradebook:
            yield gradebook


def ensure_assignment(
    course: Course, assignment: Assignment, release: Notebook, gradebook: Gradebook
) -> None:
    """Register the assignment where the gradebook lacks it or has other cells, and its due time where it is set."""
    due_cells = {nb.grade_id(cell): nb.points(cell) for cell in release.cells if nb.is_grade(cell)}
    try:
        notebook = gradebook.find_notebook(assignment.id, assignment.id)
        cells = {cell.name: cell.max_score for cell in notebook.grade_cells}
    except MissingEntry:
        cells = {}
    if cells != due_cells:
        register(course, assignment)
        gradebook.db.expire_all()
    due = assignment.due_utc
    if due is not None and gradebook.find_assignment(assignment.id).duedate != due:
        gradebook.update_or_create_assignment(assignment.id, duedate=due)


def register(course: Course, assignment: Assignment) -> None:
    """Let nbgrader read the source into the gradebook, without touching the student version."""
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
