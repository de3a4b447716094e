"""Activation outputs: step is 1 where z ≥ 0 and 0 elsewhere, for a number and for arrays."""

import numpy as np
import pytest

from autograder.judge import close

BOUNDARY = "Which side does z = 0 belong to? Read the definition of step once more."
SHAPES = "step takes a number or a whole array. What does your comparison give for an array?"


def right_step(z):
    return np.where(np.asarray(z) >= 0, 1.0, 0.0)


@pytest.mark.check("test_step", points=0.5, hint="Try step(2.0) and step(-2.0) by hand.")
def test_tells_positive_from_negative(student, rng):
    """step tells positive numbers from negative ones"""
    for size in (2.0, 0.5, 1000.0, *rng.uniform(0.01, 50.0, size=6)):
        close(student.step(float(size)), 1)
        close(student.step(-float(size)), 0)


@pytest.mark.check("test_step", points=0.5, hint=BOUNDARY)
def test_fires_at_zero(student):
    """step of exactly 0"""
    close(student.step(0.0), 1)


@pytest.mark.check("test_step", points=0.5, hint="There is no grey zone: only z = 0 itself is on the line.")
def test_is_sharp_around_zero(student):
    """step close to 0, on both sides"""
    for size in (0.25, 1e-3, 1e-6, 1e-9, 1e-12):
        close(student.step(size), 1)
        close(student.step(-size), 0)


@pytest.mark.check("test_step", points=0.5, hint=SHAPES)
def test_takes_one_dimensional_arrays(student, rng):
    """step of arrays with one dimension, element by element"""
    for size in (3, 1, 2, 8):
        z = rng.choice([-3.0, -1.0, -0.25, 0.25, 0.5, 40.0], size=size)
        close(student.step(z), right_step(z))


@pytest.mark.check("test_step", points=0.5, hint=BOUNDARY)
def test_takes_arrays_with_zeros(student):
    """step of arrays that hold 0 among other numbers"""
    for z in ([0.0, -1.0, 1.0], [-0.5, 0.0], [0.0, 0.0, 0.0]):
        close(student.step(np.array(z)), right_step(z))


@pytest.mark.check("test_step", points=0.5, hint=SHAPES)
def test_takes_two_dimensional_arrays(student, rng):
    """step of arrays with two dimensions keeps their shape"""
    for shape in ((2, 3), (1, 4), (4, 1), (1, 1)):
        z = rng.choice([-2.0, -0.5, 0.25, 0.5, 7.0], size=shape)
        close(student.step(z), right_step(z))
