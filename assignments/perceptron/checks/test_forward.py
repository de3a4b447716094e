"""The prediction: forward is step(x·w + b), for one sample and for a batch.

All numbers are multiples of a quarter, whose products and sums are exact in any order of adding: on the
boundary itself no rounding can decide.
"""

import numpy as np
import pytest

from autograder.judge import close

SUM = "forward multiplies each feature by its weight, adds everything up, adds the bias, and then steps."
BATCH = "For a batch, x has one row a sample; the answer has one prediction for each row."


def right_forward(x, w, b):
    return np.where(x @ w + b >= 0, 1.0, 0.0)


def quarters(rng, *shape):
    return rng.integers(-12, 13, size=shape) / 4


def both_sides(rng, features):
    """Give weights and a bias with a sample on each side of the boundary: the bias sits between two sums."""
    while True:
        w, x = quarters(rng, features), quarters(rng, 2, features)
        low, high = sorted(x @ w)
        if high - low >= 1:
            return x, w, float(-(low + high) / 2)


@pytest.mark.check("test_forward", points=0.5, hint=SUM)
def test_predicts_one_sample(student, rng):
    """forward of one sample with two features"""
    for _ in range(6):
        x, w, b = both_sides(rng, 2)
        for sample in x:
            close(student.forward(sample, w, b), right_forward(sample, w, b))


@pytest.mark.check("test_forward", points=0.5, hint=BATCH)
def test_predicts_a_batch(student, rng):
    """forward of a batch: one prediction for each row"""
    for samples in (4, 2, 7):
        _, w, b = both_sides(rng, 2)
        x = quarters(rng, samples, 2)
        close(student.forward(x, w, b), right_forward(x, w, b))


@pytest.mark.check(
    "test_forward", points=0.5, hint="A batch of one row is still a batch: its answer is an array."
)
def test_predicts_a_batch_of_one(student, rng):
    """forward of a batch that holds one sample"""
    x, w, b = both_sides(rng, 2)
    for row in x:
        close(student.forward(row[np.newaxis], w, b), right_forward(row[np.newaxis], w, b))


@pytest.mark.check("test_forward", points=0.5, hint="Nothing in forward depends on there being two features.")
def test_takes_any_number_of_features(student, rng):
    """forward with one to five features, one sample and a batch"""
    for features in (1, 2, 3, 4, 5):
        for _ in range(3):
            x, w, b = both_sides(rng, features)
            for sample in x:
                close(student.forward(sample, w, b), right_forward(sample, w, b))
            close(student.forward(x, w, b), right_forward(x, w, b))


@pytest.mark.check(
    "test_forward", points=0.5, hint="Where do the signs of the weights and of the bias come in?"
)
def test_minds_signs_and_bias(student, rng):
    """forward with negative weights, with large numbers, and with the bias alone"""
    nothing = np.zeros(2)
    close(student.forward(nothing, np.array([3.0, -5.0]), 0.25), 1)
    close(student.forward(nothing, np.array([3.0, -5.0]), -0.25), 0)
    close(student.forward(np.array([4.0, 9.0]), nothing, 0.5), 1)
    close(student.forward(np.array([4.0, 9.0]), nothing, -0.5), 0)
    close(student.forward(np.array([300.0, 100.0]), np.array([-2.0, 5.0]), 200.0), 1)
    close(student.forward(np.array([300.0, 100.0]), np.array([-2.0, 5.0]), 50.0), 0)
    for _ in range(4):
        x, w, b = both_sides(rng, 2)
        close(student.forward(x, -np.abs(w), b), right_forward(x, -np.abs(w), b))


@pytest.mark.check(
    "test_forward", points=0.5, hint="What is step of exactly 0, when the sum falls on the boundary?"
)
def test_counts_the_boundary_as_one(student):
    """forward of samples that lie exactly on the boundary"""
    close(student.forward(np.array([0.5, 0.25]), np.array([1.0, -2.0]), 0.0), 1)
    close(student.forward(np.array([1.0, 1.0]), np.array([0.5, 0.5]), -1.0), 1)
    on_and_beside = np.array([[1.0, 1.0], [1.0, 0.0], [2.0, 0.0]])
    close(student.forward(on_and_beside, np.array([0.5, 0.5]), -1.0), [1, 0, 1])
