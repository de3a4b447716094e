"""AND-gate convergence: 100 training steps, each on one randomly picked example, by the notebook's own `train`.

OR and NAND are trained too, so that knowing the truth table of AND is of no use.
"""

from functools import partial

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


def training(gate, rng):
    """Draw examples at random, from which right functions learn the gate: about 1 draw in 100,000 is not so.

    Draw as well which steps are to be asked again.
    """
    y = GATES[gate]
    while True:
        picks = rng.integers(len(X), size=STEPS)
        w, b = np.zeros(2), 0.0
        for i in picks:
            error = y[i] - right_answers(w, b)[i]
            w, b = w + LR * error * X[i], b + LR * error
        if np.array_equal(right_answers(w, b), y):
            return y, picks, rng.choice(STEPS, size=6, replace=False)


def assert_is_training(steps, y, picks):
    """Assert that the steps are the ones that `train` makes: each goes on from where the one before it ended."""
    w, b, x, y_of_x, lr = steps.arguments
    new_w, new_b = steps.results
    close(w, np.concatenate([np.zeros_like(new_w[:1]), new_w[:-1]]))
    close(b, np.append(0.0, new_b[:-1]))
    close(x, X[picks])
    close(y_of_x, y[picks])
    close(lr, np.full(STEPS, LR))


def learns(student, gate, inputs):
    """Train the gate, and see it learned."""
    y, picks, again = inputs
    steps = student.loop("train", X, y, LR, picks, through="update", again=again)
    if len(steps) != STEPS:
        raise StudentError(f"training made {len(steps)} updates; {STEPS} were due.")
    assert_is_training(steps, y, picks)
    w, b = steps[-1]
    right = np.sum(abs(student.forward.each([(x, w, b) for x in X]).results - y) < 0.5)
    if right < len(X):
        raise StudentError(f"After {STEPS} training steps {right} of the 4 rows of {gate} are right.")


HINT = "Every right update moves the boundary a little; after 100 steps all four points are on their side."


@pytest.mark.check("test_and", points=2, hint=HINT, inputs=partial(training, "AND"))
def test_learns_and(student, inputs):
    """AND is learned in 100 steps on single random examples"""
    learns(student, "AND", inputs)


@pytest.mark.check("test_and", points=1, hint=HINT, inputs=partial(training, "OR"))
def test_learns_or(student, inputs):
    """OR is learned by the same functions"""
    learns(student, "OR", inputs)


@pytest.mark.check("test_and", points=1, hint=HINT, inputs=partial(training, "NAND"))
def test_learns_nand(student, inputs):
    """NAND is learned by the same functions"""
    learns(student, "NAND", inputs)
