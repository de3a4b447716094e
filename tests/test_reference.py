"""The right functions, taken out of a solved notebook with all that they use."""

from pathlib import Path

import pytest

from autograder.errors import InstructorError
from autograder.judge.reference import Reference


def test_values_helpers_and_their_imports_come_along() -> None:
    cells = [
        "import numpy as np\nAT = 0.0\nw = np.zeros(nobody_knows)",
        "def helper(z):\n    return other(z)\n\ndef other(z):\n    return np.where(z >= AT, 1, 0)",
        "def step(z: float, at=AT):\n    w = [z]\n    return helper(w[0])",
    ]
    assert Reference(cells, ["step"], Path("source.ipynb")).functions()["step"](3.0) == 1


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("def step(z):\n    return z >= at", "source.ipynb: step uses at, which is no function"),
        ("at = 1 / 0\n\ndef step(z):\n    return z >= at", "source.ipynb: ZeroDivisionError"),
        ("step = max", "source.ipynb defines no function step"),
    ],
)
def test_what_cannot_be_taken_out_is_told_before_a_class_is_graded(cell: str, said: str) -> None:
    with pytest.raises(InstructorError, match=said):
        Reference([cell], ["step"], Path("source.ipynb"))
