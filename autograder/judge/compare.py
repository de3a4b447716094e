"""How checks compare numbers."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

RTOL = 1e-6
ATOL = 1e-7


def is_close(actual: ArrayLike, expected: ArrayLike) -> bool:
    """Tell whether two numbers or arrays have the same shape and agree to rtol 1e-6 and atol 1e-7.

    Unlike numpy.testing.assert_allclose it does not broadcast: 0.7 is not [0.7, 0.7].
    """
    ours, due = np.asarray(actual), np.asarray(expected)
    if ours.shape != due.shape:
        return False
    return bool(closeness(ours, due).all())


def closeness(actual: NDArray[Any], expected: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell of each number in two arrays of the same shape whether they agree to rtol 1e-6 and atol 1e-7."""
    # Written out: np.isclose takes ten times as long, for the infinities that are never due.
    with np.errstate(
        invalid="ignore"
    ):  # an infinity of a student's, less another one, is no number and not close
        agree: NDArray[np.bool_] = abs(actual - expected) <= ATOL + RTOL * abs(expected)
    return agree


def close(actual: ArrayLike, expected: ArrayLike) -> None:
    """Assert that two numbers or arrays have the same shape and agree to rtol 1e-6 and atol 1e-7."""
    __tracebackhide__ = True
    if not is_close(actual, expected):
        raise AssertionError(f"{actual!r} is not close to {expected!r}")
