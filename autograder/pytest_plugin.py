"""Hidden checks by hand: pytest's own reports for one submission. Loaded by pytest where the kit is installed.

pytest assignments/perceptron/checks --submission submitted/s01/perceptron/perceptron.ipynb
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import numpy as np

    from autograder.judge.answers import Answer
    from autograder.judge.checks import Check
    from autograder.judge.student import Student
    from autograder.pipeline import Grading
    from autograder.sandbox.process import Sandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --submission."""
    parser.addoption("--submission", type=Path, help="the notebook that hidden checks are run against")


def pytest_configure(config: pytest.Config) -> None:
    """Register the checks' marker."""
    config.addinivalue_line(
        "markers", "check(grade_id, points, hint, inputs): a hidden check of a graded cell"
    )


@pytest.fixture(scope="session")
def grading(request: pytest.FixtureRequest) -> "Grading":
    """What grading needs of the assignment in whose checks folder the first item lies."""
    from autograder.course import CONFIG_FILE, Course
    from autograder.pipeline import prepare

    checks = request.session.items[0].path.parent
    for folder in checks.parents:
        if (folder / CONFIG_FILE).is_file():
            course = Course(folder)
            return prepare(course, course.assignment(checks.parent.name))
    raise pytest.UsageError(f"{checks} is not in a course")


@pytest.fixture(scope="session")
def sandbox(grading: "Grading") -> Iterator["Sandbox"]:
    """Where student code runs."""
    from autograder.sandbox.choose import open_sandbox

    with open_sandbox(grading.assignment.file.limits, warmup=grading.warmup) as the_sandbox:
        yield the_sandbox


@pytest.fixture
def student(request: pytest.FixtureRequest, grading: "Grading", sandbox: "Sandbox") -> Iterator["Student"]:
    """The submission given by --submission, at the point at which the check's graded cell is reached."""
    from autograder.notebook import read
    from autograder.pipeline import student_at

    path = request.config.getoption("--submission")
    mark = request.node.get_closest_marker("check")
    if path is None or mark is None:
        raise pytest.UsageError("say which submission: --submission NOTEBOOK")
    with student_at(grading, read(path), mark.args[0], sandbox) as the_student:
        yield the_student


@pytest.fixture
def answer(request: pytest.FixtureRequest, grading: "Grading") -> "Answer":
    """The written answer of the submission given by --submission, marked."""
    from autograder import notebook as nb
    from autograder.judge.answers import Answer

    path = request.config.getoption("--submission")
    mark = request.node.get_closest_marker("check")
    if path is None or mark is None or grading.marker is None:
        raise pytest.UsageError("say which submission: --submission NOTEBOOK; and marking must not be off")
    restored, _ = nb.restore(nb.read(path), grading.release)
    text = next((cell["source"] for cell in restored.cells if nb.grade_id(cell) == mark.args[0]), "")
    return Answer(text, grading.marker.mark(text))


@pytest.fixture
def rng(request: pytest.FixtureRequest, grading: "Grading") -> "np.random.Generator":
    """The check's own random numbers: the same for all students."""
    return _check(request, grading).rng(grading.rules.secret)


@pytest.fixture
def inputs(request: pytest.FixtureRequest, grading: "Grading") -> object:
    """What the check's mark makes of its random numbers."""
    return _check(request, grading).inputs(grading.rules.secret)


def _check(request: pytest.FixtureRequest, grading: "Grading") -> "Check":
    checks = (check for found in grading.checks.values() for check in found)
    return next(check for check in checks if check.id == request.node.name)
