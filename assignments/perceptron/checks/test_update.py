"""Single-update arithmetic: the error, and what it changes.

All numbers are multiples of a power of a quarter, so that the sums are exact and no rounding decides the prediction.
"""

from itertools import product

import numpy as np
import pytest

from autograder.judge import Examples

ERROR = "The error is y minus the prediction: 0, 1 or -1. Work the example in the notebook through once more."
RATE = "How far a step goes is decided by lr, which is an argument."


def right_update(w, b, x, y, lr):
    error = y - (1.0 if x @ w + b >= 0 else 0.0)
    return w + lr * error * x, b + lr * error


QUARTERS, FINE = 4, 4096


def numbers(rng, size, parts=QUARTERS):
    return rng.integers(-3 * parts, 3 * parts + 1, size=size) / parts


def example(rng, features, prediction, parts=QUARTERS):
    """Give weights, bias and sample for which the right prediction is the one wanted, clearly so."""
    while True:
        w, b = numbers(rng, features, parts), float(numbers(rng, 1, parts)[0])
        # Never 0, each by itself: of three hundred that are drawn freely, hardly ever is none.
        x = rng.choice([-1, 1], features) * rng.integers(1, 3 * parts + 1, features) / parts
        if x @ w + b >= 0.5 if prediction else x @ w + b <= -0.5:
            return w, b, x


def examples(calls):
    return Examples.of(right_update, calls)


def already_right(rng):
    return examples([(*example(rng, 2, prediction=y), y, 0.5) for y in (1, 0, 1, 0)])


@pytest.mark.check(
    "test_update",
    points=1,
    hint="Where the prediction is right the error is 0. What changes then?",
    inputs=already_right,
)
def test_leaves_a_right_answer_alone(student, inputs):
    """update changes nothing where the prediction is right"""
    student.update.agrees(inputs)


def missed_positives(rng):
    first = (np.array([0.25, -0.5]), -0.25, np.array([1.0, 1.0]), 1, 0.5)
    return examples([first, *((*example(rng, 2, prediction=0), 1, 0.5) for _ in range(4))])


@pytest.mark.check("test_update", points=1, hint=ERROR, inputs=missed_positives)
def test_raises_after_a_missed_positive(student, inputs):
    """update moves w and b towards a positive that was missed"""
    student.update.agrees(inputs)


def false_positives(rng):
    first = (np.array([0.25, 0.5]), 0.25, np.array([1.0, 1.0]), 0, 0.5)
    return examples([first, *((*example(rng, 2, prediction=1), 0, 0.5) for _ in range(4))])


@pytest.mark.check("test_update", points=1, hint=ERROR, inputs=false_positives)
def test_lowers_after_a_false_positive(student, inputs):
    """update moves w and b away from a false positive"""
    student.update.agrees(inputs)


def learning_rates(rng):
    calls = []
    for lr in (0.25, 2.0, 0.1, 1.5, 1.0, 0.75, 3.125):
        calls.append((*example(rng, 2, prediction=0), 1, lr))
        calls.append((*example(rng, 2, prediction=1), 0, lr))
    return examples(calls)


@pytest.mark.check("test_update", points=1, hint=RATE, inputs=learning_rates)
def test_goes_as_far_as_the_learning_rate(student, inputs):
    """update with other learning rates, for the weights and for the bias"""
    student.update.agrees(inputs)


def nearly_the_same(rng):
    """Give calls in a row that differ in one argument only: in the order of its numbers, its sign, or as it has to."""
    while True:
        w, x = numbers(rng, 3), numbers(rng, 3)
        b = float(numbers(rng, 1)[0])
        if x @ w + b < 0 < x @ w - b and x[::-1] @ w + b > 0:
            base = (w, b, x, 1, 0.5)
            others = [(w[::-1], *base[1:]), (w, -b, *base[2:]), (w, b, x[::-1], 1, 0.5), (w, b, x, 0, 0.5)]
            calls = [call for other in [*others, (w, b, x, 1, 2.0)] for call in (base, other)]
            return [*calls, *of_equal_hash()]


def of_equal_hash():
    """Give calls that differ in a -1 in place of a -2 only, which have the same hash."""
    one, two, other = np.array([-1.0, 1.0]), np.array([-2.0, 1.0]), np.array([2.0, 3.0])
    arrays = [(one, 0.5, other), (two, 0.5, other), (other, 0.5, one), (other, 0.5, two)]
    return [(*three, 0, 0.5) for three in [*arrays, (other, -1.0, other), (other, -2.0, other)]]


def any_example(rng):
    calls = nearly_the_same(rng)
    for features in (1, 2, 3, 4, 5):
        for y, prediction, lr in product((0, 1), (0, 1), (0.25, 0.5, 2.0)):
            calls.append((*example(rng, features, prediction, parts=FINE), y, lr))
    calls += [
        (np.array([200.0, -64.0]), 128.0, np.array([-300.0, 160.0]), 1, 0.5),
        (np.array([200.0, -64.0]), 128.0, np.array([80.0, 16.0]), 0, 4.0),
        (np.array([0.5, 64.0]), -1.0, np.array([0.25, 2.0**-10]), 1, 0.5),
        (np.array([-64.0, 0.5]), 1.0, np.array([-(2.0**-10), 0.25]), 0, 2.0),
        (np.array([2.0**21, 0.0]), -(2.0**22), np.array([2.0**20, 2.0**-20]), 0, 0.5),
        (np.array([-2.0, 2.0**-10]), 1.0, np.array([1.0, 2.0**-10]), 1, 2.0**-10),
        (np.array([-0.5, 0.25]), 0.125, np.array([1.0, -1.0]), 1, 2.0**-14),
        (np.array([0.5, -0.25]), 0.125, np.array([1.0, -1.0]), 0, 2.0**-19),
        (*example(rng, 7, prediction=1), 0, 0.5),
        (*example(rng, 300, prediction=0), 1, 0.5),
        (np.array([0.5, 0.25]), np.float64(-1.0), np.array([1.0, 1.0]), 1, np.float64(0.5)),
        (np.array([0.5, 0.25]), np.float64(-0.5), np.array([1.0, 1.0]), 0, np.float64(0.75)),
        (np.zeros(2), 0.0, np.array([1.0, 0.0]), 0, 0.5),
        (np.array([0.5, 0.5]), -1.0, np.array([1.0, 1.0]), 0, 0.5),
        (np.array([0.5, 0.5]), -1.0, np.array([1.0, 1.0]), 1, 0.5),
    ]
    return Examples.of(right_update, calls, in_place=True)


@pytest.mark.check(
    "test_update",
    points=1,
    hint="Nothing in update depends on two features, or on features 0 and 1.",
    inputs=any_example,
)
def test_takes_any_example(student, inputs):
    """update with one to five features, numbers with many digits and large ones, on the boundary and off it"""
    student.update.agrees(inputs)


def of_all_kinds(rng):
    calls = []
    for features in (1, 2, 3):
        for y, prediction in product((0, 1), (0, 1)):
            calls.append((*example(rng, features, prediction), y, 0.5))
    return examples(calls)


@pytest.mark.check(
    "test_update",
    points=0.25,
    hint="What does np.shape say of your new bias?",
    inputs=of_all_kinds,
)
def test_gives_a_bias_that_is_a_number(student, inputs):
    """update gives a bias that is a number, and not an array of one"""
    student.update.agrees(inputs).assert_numbers()


def that_would_change_arrays(rng):
    calls = []
    for features in (1, 2, 3):
        calls.append((*example(rng, features, prediction=0), 1, 0.5))
        calls.append((*example(rng, features, prediction=1), 0, 0.5))
        calls.append((*example(rng, features, prediction=1), 1, 0.5))
    # Whoever changes w and puts it back loses digits of it beside changes that are so much larger.
    w, x = rng.uniform(-1, 1, size=8), rng.uniform(-1000, 1000, size=8)
    return Examples([*calls, (w, 0.3, x, 0, 0.1), (w, 0.3, x, 1, 0.1)])


@pytest.mark.check(
    "test_update",
    points=0.5,
    hint="w += … writes into the caller's array; w = w + … makes a new one.",
    inputs=that_would_change_arrays,
)
def test_leaves_the_callers_arrays_alone(student, inputs):
    """update does not change the arrays that it is given"""
    student.update.each(inputs).raise_trouble()
    student.assert_arrays_untouched()


ROUNDS = 3


def the_same_again(rng):
    missed, caught = example(rng, 2, prediction=0), example(rng, 2, prediction=1)
    return Examples(ROUNDS * [(*missed, 1, 0.5), (*caught, 0, 0.5), (*missed, 0, 0.25)])


@pytest.mark.check(
    "test_update",
    points=0.25,
    hint="The result may depend on the arguments only, not on earlier calls.",
    inputs=the_same_again,
)
def test_has_no_memory(student, inputs):
    """update gives the same result for the same call, whatever was called before"""
    answers = student.update.each(inputs)
    answers.agree(ROUNDS * list(answers)[:3])
