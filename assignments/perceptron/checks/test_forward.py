"""The prediction: forward is step(x·w + b), for one sample and for a batch.

All products and sums are exact in any order of adding: the numbers are multiples of a quarter, or have few digits
beside a very small one. On the boundary itself no rounding can decide.
"""

import numpy as np
import pytest

from autograder.judge import Examples

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


def examples(calls):
    return Examples.of(right_forward, calls)


def single_samples(rng):
    calls = []
    for _ in range(6):
        x, w, b = both_sides(rng, 2)
        calls += [(sample, w, b) for sample in x]
    return examples(calls)


@pytest.mark.check("test_forward", points=0.25, hint=SUM, inputs=single_samples)
def test_predicts_one_sample(student, inputs):
    """forward of one sample with two features"""
    student.forward.agrees(inputs)


FEATURES = (1, 2, 3, 4, 5, 7, 10, 300)


def samples_of_all_sizes(rng):
    calls = []
    for features in FEATURES:
        x, w, b = both_sides(rng, features)
        calls += [(sample, w, b) for sample in x]
    return examples(calls)


@pytest.mark.check(
    "test_forward",
    points=0.25,
    hint="What does np.shape say of your prediction for a single sample?",
    inputs=samples_of_all_sizes,
)
def test_gives_a_number_for_a_sample(student, inputs):
    """forward of one sample is a number, and not an array of one"""
    student.forward.agrees(inputs).assert_numbers()


def batches(rng):
    calls = []
    for samples in (4, 2, 7, 700):
        _, w, b = both_sides(rng, 2)
        calls.append((quarters(rng, samples, 2), w, b))
    # The notebook's own four rows, with other answers than its gates have there.
    rows = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    calls += [(rows, np.array([-1.0, 1.0]), -0.5), (rows, np.array([1.0, -1.0]), -0.5)]
    x, w, b = both_sides(rng, 2)
    repeated = [(x[rows], w, b) for rows in ([0, 1, 0, 0, 1], [0, 0, 0], [1, 1])]
    return examples([*calls, *repeated, (quarters(rng, 2, 5).T, w, b)])


@pytest.mark.check("test_forward", points=0.5, hint=BATCH, inputs=batches)
def test_predicts_a_batch(student, inputs):
    """forward of a batch: one prediction for each row"""
    student.forward.agrees(inputs)


def batches_of_one(rng):
    calls = []
    for features in FEATURES:
        x, w, b = both_sides(rng, features)
        # Beside each the sample by itself, which has the same numbers.
        calls += [call for sample in x for call in ((sample, w, b), (sample[np.newaxis], w, b))]
    return examples(calls)


@pytest.mark.check(
    "test_forward",
    points=0.5,
    hint="A batch of one row is still a batch: its answer is an array.",
    inputs=batches_of_one,
)
def test_predicts_a_batch_of_one(student, inputs):
    """forward of a batch that holds one sample"""
    student.forward.agrees(inputs)


def any_number_of_features(rng):
    single, batches = [], []
    for features in FEATURES:
        for _ in range(3 if features < 10 else 1):
            x, w, b = both_sides(rng, features)
            single += [(sample, w, b) for sample in x]
            batches.append((x, w, b))
        batches.append((quarters(rng, min(features, 5), features), w, b))  # as many rows as features, mostly
    return examples([*single, *batches])


@pytest.mark.check(
    "test_forward",
    points=0.25,
    hint="Nothing in forward depends on there being two features.",
    inputs=any_number_of_features,
)
def test_takes_any_number_of_features(student, inputs):
    """forward with one to three hundred features, one sample and a batch"""
    student.forward.agrees(inputs)


def signs_and_bias(rng):
    nothing = np.zeros(2)
    calls = [
        (nothing, np.array([3.0, -5.0]), 0.25),
        (nothing, np.array([3.0, -5.0]), -0.25),
        (np.array([4.0, 9.0]), nothing, 0.5),
        (np.array([4.0, 9.0]), nothing, -0.5),
        (np.array([4.0, 9.0]), nothing, np.float64(0.75)),
        (np.array([4.0, 9.0]), nothing, np.float64(-0.75)),
        (np.array([300.0, 100.0]), np.array([-2.0, 5.0]), 200.0),
        (np.array([300.0, 100.0]), np.array([-2.0, 5.0]), 50.0),
        (np.array([1.0, 2.0]), np.array([300.0, -120.0]), 0.0),
        (np.array([2.0, 2.0]), np.array([50.0, 50.0]), -250.0),
        (np.array([1.0, 2.0]), np.array([0.25, -0.25]), 0.0),
        (np.array([2.0, 1.0]), np.array([0.25, -0.25]), 0.0),
    ]
    for _ in range(4):
        x, w, b = both_sides(rng, 2)
        calls.append((x, -np.abs(w), b))
    # All small, and all large: the sum is as well.
    for scale in (2.0**-20, 2.0**20):
        x, w, b = both_sides(rng, 2)
        calls += [(x * scale, w, b * scale), (x, w * scale, b * scale), (np.zeros(2), w, -scale)]
    return examples(calls)


@pytest.mark.check(
    "test_forward",
    points=0.5,
    hint="Where do the signs of the weights and of the bias come in?",
    inputs=signs_and_bias,
)
def test_minds_signs_and_bias(student, inputs):
    """forward with negative weights, with large numbers, and with the bias alone"""
    student.forward.agrees(inputs)


HAIRS = (2.0**-10, 2.0**-20, 2.0**-44)  # the last one can still be told from 0 beside 3


def beside_the_boundary(hair):
    """Give samples on the boundary and below it by a hair. In some, w or x looks the same when it is printed."""
    plain, fine, finer = np.array([1.0, 0.5]), np.array([2.5 + hair, 1.0]), np.array([2.5 + 2 * hair, 1.0])
    cases = [(fine, -3.0 - hair), (finer, -3.0 - 2 * hair), (fine, -3.0 - 2 * hair)]
    return [*((other, plain, b) for other, b in cases), *((plain, other, b) for other, b in cases)]


def on_the_boundary(rng):
    """Give samples on the boundary, and some so close to it that whoever rounds a number gets on the other side."""
    calls = [
        (np.array([0.5, 0.25]), np.array([1.0, -2.0]), 0.0),
        (np.array([1.0, 1.0]), np.array([0.5, 0.5]), -1.0),
        (np.array([[1.0, 1.0], [1.0, 0.0], [2.0, 0.0]]), np.array([0.5, 0.5]), -1.0),
        (quarters(rng, 3), np.zeros(3), 0.0),
        (quarters(rng, 4, 2), np.zeros(2), 0.0),
        (np.zeros(2), np.array([-1.0, -2.0]), 0.0),
        (np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]), np.array([-1.0, 2.0]), 0.0),
        (np.zeros((3, 2)), np.array([-1.0, 2.0]), 0.0),
    ]
    close = [call for hair in HAIRS for call in beside_the_boundary(hair)]
    due = [1, 1, [1, 0, 1], 1, [1, 1, 1, 1], 1, [1, 0, 1], [1, 1, 1]]
    return Examples([*calls, *close], [*due, *(len(HAIRS) * [1, 1, 0, 1, 1, 0])])


@pytest.mark.check(
    "test_forward",
    points=0.5,
    hint="What is step of exactly 0, when the sum falls on the boundary?",
    inputs=on_the_boundary,
)
def test_counts_the_boundary_as_one(student, inputs):
    """forward of samples on the boundary, and just beside it"""
    student.forward.agrees(inputs)


ROUNDS = 5


def nearly_the_same(rng):
    """Give calls in a row that differ in one argument only: in the order of its numbers, or in its sign.

    The answer to every second one is 1, to those between them it is 0.
    """
    while True:
        x, w, b = quarters(rng, 3), quarters(rng, 3), float(quarters(rng, 1)[0])
        if x @ w + b > 0 > x @ w - b and x[::-1] @ w + b < 0:
            calls = [(x, w, b), (x[::-1], w, b), (x, w, b), (x, w[::-1], b), (x, w, b), (x, w, -b)]
            return [*calls, *of_equal_hash()]


def of_equal_hash():
    """Give calls that differ in a -1 in place of a -2 only, which have the same hash."""
    one, two, other = np.array([-1.0, 1.0]), np.array([-2.0, 1.0]), np.array([2.0, 3.0])
    by_b = [(np.array([1.0, 1.0]), np.array([0.5, 1.0]), b) for b in (-1.0, -2.0)]
    return [(one, other, 0.0), (two, other, 0.0), (other, one, 0.0), (other, two, 0.0), *by_b]


def the_same_again(rng):
    x, w, b = both_sides(rng, 2)
    again = ROUNDS * [(x, w, b), (x[::-1], w, b), (x[0], w, b), (x[1], w, b)]
    return Examples.of(right_forward, [*again, *nearly_the_same(rng)], in_place=True)


@pytest.mark.check(
    "test_forward",
    points=0.25,
    hint="What comes out may depend on the arguments only, and their arrays stay as they are.",
    inputs=the_same_again,
)
def test_has_no_memory_in_forward(student, inputs):
    """forward gives the same for the same call, and leaves its arrays as they are"""
    student.forward.agrees(inputs)
    student.assert_arrays_untouched()
