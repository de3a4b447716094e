"""Attacks on the grader, on both tiers: no point gained, nothing reached, the next submission judged right."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from autograder.authoring.samples import Sample, read_sample
from autograder.course import Course
from autograder.pipeline import Graded, Grading, prepare
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Sandbox
from tests.attacking import (
    CODE_CELLS,
    FOLDER,
    LIMITS,
    REACHED,
    TRACES,
    TRIED,
    Canaries,
    State,
    attack,
    everything,
    files,
    filled,
    left_in,
    outputs_of,
    read_attack,
    scores,
    state_of,
)
from tests.conftest import REPOSITORY, SAMPLES

ATTACKS = files([FOLDER])
HOSTILE = files([SAMPLES / "hostile"])
MOST_CHARACTERS = 400_000
"""What the outputs of a notebook may come to: 20,000 characters a cell, and the verdicts."""


@pytest.fixture(scope="module")
def grading() -> Grading:
    course = Course(REPOSITORY)
    assignment = course.assignment("perceptron")
    assignment.file = msgspec.structs.replace(assignment.file, limits=LIMITS)
    return prepare(course, assignment)


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    with Canaries() as the_canaries:
        yield the_canaries


@pytest.fixture(scope="module", params=["namespaces", "landlock"])
def sandbox(
    request: pytest.FixtureRequest,
    grading: Grading,
    canaries: Canaries,  # noqa: ARG001  # it must see them
) -> Iterator[Sandbox]:
    with open_sandbox(LIMITS, request.param, grading.warmup) as the_sandbox:
        yield the_sandbox


def assert_nothing_reached(graded: Graded, canaries: Canaries, sandbox: Sandbox, before: State) -> None:
    assert canaries.touched() == []
    told = everything(graded)
    assert REACHED not in told, told[told.index(REACHED) :][:200]
    assert not canaries.leaks_into(told)
    assert len(told) < MOST_CHARACTERS
    assert canaries.left_behind() == []
    assert left_in(sandbox, before) == (set(), set())


def assert_next_is_judged_right(grading: Grading, canaries: Canaries, sandbox: Sandbox) -> None:
    right = filled(Sample("all right", before={"step": TRACES}), canaries.places)
    graded = attack(grading, sandbox, right)
    assert sum(scores(graded).values()) == 16, graded.result
    assert REACHED not in everything(graded), outputs_of(graded, "before-step")
    assert outputs_of(graded, "before-step") == "[]"


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_attack(path: Path, grading: Grading, canaries: Canaries, sandbox: Sandbox) -> None:
    what = read_attack(path)
    before = state_of(sandbox)
    start = time.monotonic()
    graded = attack(grading, sandbox, what.sample(canaries.places))
    assert time.monotonic() - start < what.seconds
    earned = scores(graded)
    if any(earned.values()):  # then by functions that come with the attack, which earn as much without it
        assert what.cells
        honest = scores(attack(grading, sandbox, Sample("without", "release", cells=what.cells)))
        assert all(earned[name] <= honest[name] for name in CODE_CELLS)
    assert_nothing_reached(graded, canaries, sandbox, before)
    said = outputs_of(graded, "before-step")
    stopped = "This cell was stopped" in said
    assert what.ends == "either" or stopped == (what.ends == "stopped"), said
    assert stopped or what.ends == "either" or TRIED in said, said
    assert_next_is_judged_right(grading, canaries, sandbox)


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_hostile_sample(path: Path, grading: Grading, canaries: Canaries, sandbox: Sandbox) -> None:
    sample = read_sample(path)
    before = state_of(sandbox)
    graded = attack(grading, sandbox, sample)
    cells = graded.result.cells
    assert not [name for name in sample.expect.loses if cells[name].score == cells[name].max_score]
    assert_nothing_reached(graded, canaries, sandbox, before)
    assert_next_is_judged_right(grading, canaries, sandbox)


def test_stubs_earn_nothing(grading: Grading, sandbox: Sandbox) -> None:
    assert sum(scores(attack(grading, sandbox, Sample("stubs", "release"))).values()) == 0


@pytest.mark.parametrize(
    "path", [path for path in ATTACKS if read_attack(path).unconfined], ids=lambda path: path.stem
)
def test_attack_gets_through_without_protection(path: Path, grading: Grading) -> None:
    """The attacks are real: without a sandbox they arrive. These do no harm there."""
    with Canaries() as canaries, open_sandbox(LIMITS, "none", grading.warmup) as unprotected:
        graded = attack(grading, unprotected, read_attack(path).sample(canaries.places))
        touched = canaries.touched()
        assert touched or REACHED in everything(graded) or canaries.leaks_into(everything(graded))
