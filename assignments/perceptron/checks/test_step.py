"""Activation outputs: step is 1 where z ≥ 0 and 0 elsewhere, for a number and for arrays."""

import numpy as np
import pytest

from autograder.judge import Examples

BOUNDARY = "Which side does z = 0 belong to? Read the definition of step once more."
SHAPES = "step takes a number or a whole array. What does your comparison give for an array?"


def right_step(z):
    return np.where(np.asarray(z) >= 0, 1.0, 0.0)


LONG = 1500  # elements


def examples(values):
    return Examples.of(right_step, [(z,) for z in values])


def far_from_zero(rng):
    floats = (2.0, 0.5, 1000.0, 1e100, 1e300, *rng.uniform(0.01, 50.0, size=6))
    return examples([*(side for size in floats for side in (size, -size)), 3, -2])


@pytest.mark.check(
    "test_step", points=0.5, hint="Try step(2.0) and step(-2.0) by hand.", inputs=far_from_zero
)
def test_tells_positive_from_negative(student, inputs):
    """step tells positive numbers from negative ones"""
    student.step.agrees(inputs)


def zero(rng):  # noqa: ARG001  # nothing is drawn
    return examples([0.0])


@pytest.mark.check("test_step", points=0.5, hint=BOUNDARY, inputs=zero)
def test_fires_at_zero(student, inputs):
    """step of exactly 0"""
    student.step.agrees(inputs)


def single_numbers(rng):  # noqa: ARG001  # nothing is drawn
    return examples([0.5, -0.5])


@pytest.mark.check(
    "test_step",
    points=0.25,
    hint="What does np.shape say of your answer for a single number?",
    inputs=single_numbers,
)
def test_gives_a_number_for_a_number(student, inputs):
    """step of a number is a number, and not an array of one"""
    student.step.each(inputs).assert_numbers()


def close_to_zero(rng):  # noqa: ARG001  # nothing is drawn
    sizes = (0.25, 1e-3, 1e-6, 1e-9, 1e-12, 1e-20, 1e-100, 1e-300)
    return examples([side for size in sizes for side in (size, -size)])


@pytest.mark.check(
    "test_step",
    points=0.5,
    hint="There is no grey zone: only z = 0 itself is on the line.",
    inputs=close_to_zero,
)
def test_is_sharp_around_zero(student, inputs):
    """step close to 0, on both sides"""
    student.step.agrees(inputs)


def one_dimensional(rng):
    values = [-3.0, -1.0, -0.25, 0.25, 0.5, 40.0]
    # The long ones look alike when they are printed: numpy leaves out all but the ends.
    long = rng.choice(values, size=LONG)
    unlike = np.concatenate([long[:10], -long[10:-10], long[-10:]])
    return examples([*(rng.choice(values, size=size) for size in (3, 1, 2, 8)), long, unlike])


@pytest.mark.check("test_step", points=0.5, hint=SHAPES, inputs=one_dimensional)
def test_takes_one_dimensional_arrays(student, inputs):
    """step of arrays with one dimension, short ones and long ones, element by element"""
    student.step.agrees(inputs)


def with_zeros(rng):
    few = map(
        np.array, ([0.0, -1.0, 1.0], [-0.5, 0.0], [0.0, 0.0, 0.0], [[0.0, -2.0, 0.5], [-0.25, 0.0, -0.0]])
    )
    values = [-3.0, -0.5, 0.0, 0.5]
    more = (rng.choice(values, size=shape) for shape in (100, (3, 4, 2), (2, 3, 2, 3)))
    return examples([*few, *more, 0, -0.0])


@pytest.mark.check("test_step", points=0.25, hint=BOUNDARY, inputs=with_zeros)
def test_takes_arrays_with_zeros(student, inputs):
    """step of arrays that hold 0 among other numbers, and of other zeros"""
    student.step.agrees(inputs)


def more_dimensional(rng):
    values = [-2.0, -0.5, 0.25, 0.5, 7.0]
    shapes = ((2, 3), (1, 4), (4, 1), (1, 1), (2, 1, 3), (3, 2, 2), (2, 1, 2, 3))
    transposed = rng.choice(values, size=(2, 4)).T
    return examples([*(rng.choice(values, size=shape) for shape in shapes), transposed])


@pytest.mark.check("test_step", points=0.25, hint=SHAPES, inputs=more_dimensional)
def test_takes_arrays_of_more_dimensions(student, inputs):
    """step of arrays with two, three and four dimensions keeps their shape"""
    student.step.agrees(inputs)


ROUNDS = 60


def the_same_again(rng):  # noqa: ARG001  # nothing is drawn
    table = np.array([[-1.5, 0.25, -0.5], [3.0, -0.125, 1.0], [0.5, 2.0, -7.0]])
    # In a row are some that have much in common: their shape, their sum, their numbers in another order.
    alike = [
        table[0],
        table[0][::-1],
        table[1],
        -table[1],
        table.ravel(),
        table,
        table.T,
        -table,
        0.75,
        -0.75,
    ]
    return Examples.of(right_step, [(z,) for z in ROUNDS * alike], in_place=True)


@pytest.mark.check(
    "test_step",
    points=0.25,
    hint="What comes out may depend on z only, and z itself stays as it is: its owner still needs it.",
    inputs=the_same_again,
)
def test_has_no_memory_in_step(student, inputs):
    """step gives the same for the same z, and leaves z as it is"""
    student.step.agrees(inputs)
    student.assert_arrays_untouched()
