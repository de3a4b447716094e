"""Single-update arithmetic: the error, and what it changes.

All numbers are multiples of a quarter, so that the sums are exact and no rounding decides the prediction.
"""

import numpy as np
import pytest

from autograder.judge import close

ERROR = "The error is y minus the prediction: 0, 1 or -1. Work the example in the notebook through once more."
RATE = "How far a step goes is decided by lr, which is an argument."


def right_update(w, b, x, y, lr):
    error = y - (1.0 if x @ w + b >= 0 else 0.0)
    return w + lr * error * x, b + lr * error


def quarters(rng, size):
    return rng.integers(-12, 13, size=size) / 4


def example(rng, features, prediction):
    """Give weights, bias and sample for which the right prediction is the one wanted, clearly so."""
    while True:
        w, x, b = quarters(rng, features), quarters(rng, features), float(quarters(rng, 1)[0])
        if np.all(x != 0) and (x @ w + b >= 0.5 if prediction else x @ w + b <= -0.5):
            return w, b, x


def agrees(student, w, b, x, y, lr):
    """Hold one update against the right one."""
    new_w, new_b = student.update(w, b, x, y, lr)
    due_w, due_b = right_update(w, b, x, y, lr)
    close(new_w, due_w)
    close(new_b, due_b)


@pytest.mark.check(
    "test_update", points=1, hint="Where the prediction is right the error is 0. What changes then?"
)
def test_leaves_a_right_answer_alone(student, rng):
    """update changes nothing where the prediction is right"""
    for y in (1, 0, 1, 0):
        agrees(student, *example(rng, 2, prediction=y), y, 0.5)


@pytest.mark.check("test_update", points=1, hint=ERROR)
def test_raises_after_a_missed_positive(student, rng):
    """update moves w and b towards a positive that was missed"""
    new_w, new_b = student.update(np.array([0.25, -0.5]), -0.25, np.array([1.0, 1.0]), 1, 0.5)
    close(new_w, [0.75, 0.0])
    close(new_b, 0.25)
    for _ in range(4):
        agrees(student, *example(rng, 2, prediction=0), 1, 0.5)


@pytest.mark.check("test_update", points=1, hint=ERROR)
def test_lowers_after_a_false_positive(student, rng):
    """update moves w and b away from a false positive"""
    new_w, new_b = student.update(np.array([0.25, 0.5]), 0.25, np.array([1.0, 1.0]), 0, 0.5)
    close(new_w, [-0.25, 0.0])
    close(new_b, -0.25)
    for _ in range(4):
        agrees(student, *example(rng, 2, prediction=1), 0, 0.5)


@pytest.mark.check("test_update", points=1, hint=RATE)
def test_goes_as_far_as_the_learning_rate(student, rng):
    """update with other learning rates, for the weights and for the bias"""
    for lr in (0.25, 2.0, 0.1, 1.0, 0.75):
        agrees(student, *example(rng, 2, prediction=0), 1, lr)
        agrees(student, *example(rng, 2, prediction=1), 0, lr)


@pytest.mark.check(
    "test_update", points=1, hint="Nothing in update depends on two features, or on features 0 and 1."
)
def test_takes_any_example(student, rng):
    """update with one to five features, large and small numbers, on the boundary and off it"""
    for features in (1, 2, 3, 4, 5):
        for y in (0, 1):
            agrees(student, *example(rng, features, prediction=0), y, 0.5)
            agrees(student, *example(rng, features, prediction=1), y, 0.25)
    agrees(student, np.array([200.0, -64.0]), 128.0, np.array([-80.0, 16.0]), 1, 0.5)
    agrees(student, np.array([200.0, -64.0]), 128.0, np.array([80.0, 16.0]), 0, 4.0)
    agrees(student, np.zeros(2), 0.0, np.array([1.0, 0.0]), 0, 0.5)
    agrees(student, np.array([0.5, 0.5]), -1.0, np.array([1.0, 1.0]), 0, 0.5)
    agrees(student, np.array([0.5, 0.5]), -1.0, np.array([1.0, 1.0]), 1, 0.5)


@pytest.mark.check(
    "test_update", points=0.5, hint="w += … writes into the caller's array; w = w + … makes a new one."
)
def test_leaves_the_callers_arrays_alone(student, rng):
    """update does not change the arrays that it is given"""
    for features in (2, 3):
        student.update(*example(rng, features, prediction=0), 1, 0.5)
        student.update(*example(rng, features, prediction=1), 0, 0.5)
        student.update(*example(rng, features, prediction=1), 1, 0.5)
    student.assert_arguments_untouched()


@pytest.mark.check(
    "test_update", points=0.5, hint="The result may depend on the arguments only, not on earlier calls."
)
def test_has_no_memory(student, rng):
    """update gives the same result for the same call, whatever was called before"""
    missed, caught = example(rng, 2, prediction=0), example(rng, 2, prediction=1)
    first = [
        student.update(*missed, 1, 0.5),
        student.update(*caught, 0, 0.5),
        student.update(*missed, 0, 0.25),
    ]
    for _ in range(2):
        again = [
            student.update(*missed, 1, 0.5),
            student.update(*caught, 0, 0.5),
            student.update(*missed, 0, 0.25),
        ]
        for (w, b), (first_w, first_b) in zip(again, first, strict=True):
            close(w, first_w)
            close(b, first_b)
