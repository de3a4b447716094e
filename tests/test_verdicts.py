"""Verdicts on sample answers: no right one loses a point, no wrong function gets full points for its cell."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.authoring.samples import answer_notebook, read_sample
from autograder.pipeline import Grading, grade, prepare
from autograder.results import SubmissionResult
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Sandbox
from tests.conftest import REPOSITORY, RIGHT, SAMPLES

from autograder.course import Course  # isort: skip

ANSWERS = REPOSITORY / "assignments" / "perceptron"
HOSTILE = sorted((SAMPLES / "hostile").glob("*.toml"))
FILES = sorted(
    {*SAMPLES.glob("*/*.toml"), *ANSWERS.glob("samples/*.toml"), *ANSWERS.glob("variants/*.toml")}
    - {*HOSTILE}
)


@pytest.fixture(scope="module")
def grading() -> Grading:
    course = Course(REPOSITORY)
    return prepare(course, course.assignment("perceptron"))


@pytest.fixture(scope="module")
def sandbox(grading: Grading) -> Iterator[Sandbox]:
    with open_sandbox(grading.assignment.file.limits, warmup=grading.warmup) as the_sandbox:
        yield the_sandbox


def verdict(grading: Grading, sandbox: Sandbox, path: Path) -> SubmissionResult:
    return grade(grading, path.stem, answer_notebook(grading.assignment, read_sample(path)), sandbox).result


def gets_what_it_deserves(grading: Grading, sandbox: Sandbox, path: Path) -> None:
    expect = read_sample(path).expect
    assert expect.full or expect.loses, "a sample that expects nothing tests nothing"
    cells = verdict(grading, sandbox, path).cells
    assert {name: cells[name].score for name in expect.full} == {
        name: cells[name].max_score for name in expect.full
    }
    assert not [name for name in expect.loses if cells[name].score == cells[name].max_score]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_sample_gets_what_it_deserves(path: Path, grading: Grading, sandbox: Sandbox) -> None:
    gets_what_it_deserves(grading, sandbox, path)


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_hostile_sample_leaves_the_next_one_alone(path: Path, grading: Grading, sandbox: Sandbox) -> None:
    gets_what_it_deserves(grading, sandbox, path)
    result = grade(grading, "next", answer_notebook(grading.assignment, RIGHT), sandbox).result
    assert result.score == 16


def test_equal_answers_get_equal_verdicts(grading: Grading, sandbox: Sandbox) -> None:
    path = SAMPLES / "wrong" / "step_greater.toml"
    path = path if path.exists() else next(iter(sorted((SAMPLES / "wrong").glob("*.toml"))))
    first, second = (verdict(grading, sandbox, path) for _ in range(2))
    assert first.cells == second.cells
