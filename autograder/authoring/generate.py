"""The student version: made by nbgrader, then proved fit to be handed out."""

import shutil
import tempfile
from pathlib import Path

from nbgrader.converters import GenerateSolution

from autograder import notebook as nb
from autograder.authoring.proof import prove
from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.gradebook.connection import (
    course_directory,
    generate_assignment,
    run_converter,
)
from autograder.gradebook.opening import register
from autograder.gradebook.settings import load_config
from autograder.judge.checks import collect


def generate(course: Course, assignment: Assignment) -> list[str]:
    """Make `release/` from `source/`, and give what was proved of it, in sentences.

    What is made replaces what was there only once it is proved. Raises InstructorError, which names file and
    cell, where the source, the checks and the points do not fit together.
    """
    if not assignment.source.is_file():
        raise InstructorError(f"There is no {assignment.source}; the assignment's notebook goes there.")
    with tempfile.TemporaryDirectory(dir=_state(course)) as scratch:
        _make_release(course, assignment, Path(scratch))
        made = Path(scratch, assignment.id)
        released = made / assignment.release.name
        proved = prove(assignment, nb.read(assignment.source), released, collect(assignment.checks))
        register(course, assignment)
        _put(made, assignment.release.parent)
    return proved


def solve(course: Course, assignment: Assignment) -> Path:
    """Make the solved notebook in `solutions/`, run from top to bottom, and give its folder."""
    target = course.root / "solutions" / assignment.id
    with tempfile.TemporaryDirectory(dir=_state(course)) as scratch:
        config = load_config(course)
        config.CourseDirectory.solution_directory = scratch
        converter = GenerateSolution(coursedir=course_directory(config, assignment.id), config=config)
        run_converter(converter, f"nbgrader could not make the solved notebook of {assignment.id}")
        _put(Path(scratch, assignment.id), target)
    return target


def _state(course: Course) -> Path:
    course.state.mkdir(exist_ok=True)
    return course.state


def _make_release(course: Course, assignment: Assignment, target: Path) -> None:
    config = load_config(course)
    config.CourseDirectory.release_directory = str(target)
    config.GenerateAssignment.no_database = True
    # Without a gradebook nbgrader has nowhere to save the cells to.
    config.GenerateAssignment.preprocessors = [
        f"nbgrader.preprocessors.{name}"
        for name in (
            "IncludeHeaderFooter",
            "LockCells",
            "ClearSolutions",
            "ClearOutput",
            "CheckCellMetadata",
            "ClearHiddenTests",
            "ClearMarkScheme",
            "ComputeChecksums",
            "CheckCellMetadata",
        )
    ]
    generate_assignment(config, assignment)


def _put(made: Path, target: Path) -> None:
    """Put a folder that is ready in the place of an older one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    shutil.move(made, target)
