"""AND-gate convergence: 100 training steps, each on one randomly picked example, by the notebook's own `train`.

OR and NAND are trained too, so that knowing the truth table of AND is of no use.
"""

import numpy as np
import pytest

from autograder.judge import StudentError, close

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
GATES = {
    "AND": np.array([0, 0, 0, 1]),
    "OR": np.array([0, 1, 1, 1]),
    "NAND": np.array([1, 1, 1, 0]),
}
STEPS = 100
LR = 0.5


def right_answers(w, b):
    return np.where(X @ w + b >= 0, 1, 0)


def converging_picks(rng, y):
    """Draw examples at random, from which right functions learn the gate: about 1 draw in 100,000 is not so."""
    while True:
        picks = rng.integers(len(X), size=STEPS)
        w, b = np.zeros(2), 0.0
        for i in picks:
            error = y[i] - right_answers(w, b)[i]
            w, b = w + LR * error * X[i], b + LR * error
        if np.array_equal(right_answers(w, b), y):
            return picks


def assert_is_training(steps, y, picks):
    """Assert that the steps are the ones that `train` makes: each goes on from where the one before it ended."""
    before = (np.zeros(2), 0.0)
    for step, i in zip(steps, picks, strict=True):
        for actual, due in zip(step.arguments, (*before, X[i], y[i], LR), strict=True):
            close(actual, due)
        before = step.result


def learns(student, rng, gate):
    """Train the gate, and see it learned."""
    y = GATES[gate]
    picks = converging_picks(rng, y)
    steps = student.loop("train", X, y, LR, picks, through="update")
    if len(steps) != STEPS:
        raise StudentError(f"training made {len(steps)} updates; {STEPS} were due.")
    assert_is_training(steps, y, picks)
    for index in rng.choice(STEPS, size=6, replace=False):
        student.confirm("update", steps[index])
    w, b = steps[-1].result
    right = sum(abs(student.forward(x, w, b) - due) < 0.5 for x, due in zip(X, y, strict=True))
    if right < len(X):
        raise StudentError(f"After {STEPS} training steps {right} of the 4 rows of {gate} are right.")


HINT = "Every right update moves the boundary a little; after 100 steps all four points are on their side."


@pytest.mark.check("test_and", points=2, hint=HINT)
@pytest.mark.parametrize("run", ["first run", "second run"])
def test_learns_and(student, rng, run):  # noqa: ARG001  # each run draws inputs of its own
    """AND is learned in 100 steps on single random examples"""
    learns(student, rng, "AND")


@pytest.mark.check("test_and", points=1, hint=HINT)
def test_learns_or(student, rng):
    """OR is learned by the same functions"""
    learns(student, rng, "OR")


@pytest.mark.check("test_and", points=1, hint=HINT)
def test_learns_nand(student, rng):
    """NAND is learned by the same functions"""
    learns(student, rng, "NAND")
