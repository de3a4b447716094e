"""Known mistakes: what students really write, and what to say of it."""

import numpy as np

from autograder.judge import mistake


def step(z):
    return np.where(np.asarray(z) >= 0, 1, 0)


def forward(x, w, b):
    return step(x @ w + b)


@mistake(
    "step",
    student="Which side of the boundary does z = 0 belong to?",
    instructor="Uses > in place of ≥: 0 itself gives 0.",
)
def fires_above_zero_only(z):
    return np.where(z > 0, 1, 0)
