"""One mistake is paid for once: what is right over a right function below keeps its points, and no more than that."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder.authoring.samples import Sample, answer_notebook, read_sample
from autograder.course import Course
from autograder.judge.trace import Made, explains
from autograder.pipeline import Grading, grade, prepare
from autograder.results import CellResult
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Sandbox
from autograder.sandbox.standins import StandIns
from tests.conftest import REPOSITORY, SAMPLES

Judge = Callable[..., dict[str, CellResult]]

STRICT = "def step(z):\n    return np.where(z > 0, 1, 0)"
ZERO = "def step(z):\n    return np.zeros(np.shape(z))"
UNWRITTEN = "def step(z):\n    raise NotImplementedError"
NO_BIAS = "def forward(x, w, b):\n    return step(x @ w)"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    course = Course(REPOSITORY)
    grading: Grading = prepare(course, course.assignment("perceptron"))

    def judged(before: dict[str, str] | None = None, **cells: str) -> dict[str, CellResult]:
        sample = Sample(about="", cells=cells, before=before or {})
        return grade(grading, "s01", answer_notebook(grading.assignment, sample), sandbox).result.cells

    with open_sandbox(grading.assignment.file.limits, warmup=grading.warmup) as sandbox:
        yield judged


def lost(cells: dict[str, CellResult]) -> set[str]:
    return {name for name, cell in cells.items() if cell.checks and cell.score != cell.max_score}


def carried(cells: dict[str, CellResult], name: str) -> list[str]:
    return [check.message for check in cells[name].checks if check.carried]


@pytest.mark.parametrize("step", [STRICT, ZERO, UNWRITTEN, "def step(z) return 1", "step = None"])
def test_a_wrong_step_costs_its_own_points_only(judge: Judge, step: str) -> None:
    cells = judge(step=step)
    assert lost(cells) == {"test_step"}
    assert set(carried(cells, "test_forward")) == {"Right, once your step is mended."}


RIGHT_USES = {
    "by keyword": ({}, "def forward(x, w, b):\n    return step(z=x @ w + b)"),
    "under another name": (
        {"forward": "activation = step"},
        "def forward(x, w, b):\n    return activation(x @ w + b)",
    ),
    "as a default": ({}, "def forward(x, w, b, act=step):\n    return act(x @ w + b)"),
    "vectorized": (
        {"forward": "each = np.vectorize(step)"},
        "def forward(x, w, b):\n    return each(x @ w + b)",
    ),
    "number by number": (
        {},
        "def forward(x, w, b):\n    z = x @ w + b\n    return step(float(z)) if np.ndim(z) == 0 else [step(each) for each in z]",
    ),
    "with a list": (
        {},
        "def forward(x, w, b):\n    z = x @ w + b\n    return step(z) if np.ndim(z) == 0 else step(list(z))",
    ),
}


@pytest.mark.parametrize(("before", "forward"), RIGHT_USES.values(), ids=RIGHT_USES)
def test_however_forward_uses_it(judge: Judge, before: dict[str, str], forward: str) -> None:
    assert lost(judge(before, step="def step(z):\n    return 0 * np.asarray(z)", forward=forward)) == {
        "test_step"
    }


def test_one_process_serves_the_second_tries_of_all_cells(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(Sandbox, "open", lambda self, really=Sandbox.open: opened.append(1) or really(self))
    cells = judge(step=ZERO)
    assert all(carried(cells, name) for name in ("test_forward", "test_update", "test_and"))
    assert len(opened) == 2


def test_a_wrong_forward_over_a_wrong_step(judge: Judge) -> None:
    cells = judge(step=STRICT, forward=NO_BIAS)
    assert lost(cells) == {"test_step", "test_forward"}
    assert any("Over a right step: " in check.message for check in cells["test_forward"].checks)
    assert "Right, once your forward is mended." in carried(judge(forward=NO_BIAS), "test_update")


def test_a_wrong_update_is_seen_in_both_of_its_cells(judge: Judge) -> None:
    cells = judge(
        update="def update(w, b, x, y, lr):\n    error = forward(x, w, b) - y\n    return w + lr * error * x, b + lr * error"
    )
    assert lost(cells) == {"test_update", "test_and"}
    assert not carried(cells, "test_update")


INLINED_FORWARD = "def forward(x, w, b):\n    return np.where(x @ w + b > 0, 1, 0)"
INLINED_UPDATE = """
def update(w, b, x, y, lr):
    error = y - (1 if x @ w + b > 0 else 0)
    return w + lr * error * x, b + lr * error
"""


def test_the_arithmetic_of_a_wrong_step_written_into_others(judge: Judge) -> None:
    assert lost(judge(step=STRICT, forward=INLINED_FORWARD)) == {"test_step"}
    assert lost(judge(step=STRICT, forward=INLINED_FORWARD, update=INLINED_UPDATE)) == {"test_step"}


def test_beside_a_right_step_it_is_a_mistake_of_forward(judge: Judge) -> None:
    assert lost(judge(forward=INLINED_FORWARD)) == {"test_forward"}


def test_another_mistake_written_into_forward_is_its_own(judge: Judge) -> None:
    cells = judge(step=STRICT, forward="def forward(x, w, b):\n    return np.where(x @ w - b > 0, 1, 0)")
    assert lost(cells) == {"test_step", "test_forward"}


def test_two_mistakes_that_cancel_out_are_two_mistakes(judge: Judge) -> None:
    turned = "def step(z):\n    return np.where(np.asarray(z) >= 0, 0, 1)"
    cells = judge(step=turned, forward="def forward(x, w, b):\n    return 1 - step(x @ w + b)")
    assert lost(cells) == {"test_step", "test_forward"}
    assert cells["test_forward"].score == 0


@pytest.mark.parametrize("value", ["0", "1"])
def test_two_constants_earn_nothing_together(judge: Judge, value: str) -> None:
    step = f"def step(z):\n    return np.full(np.shape(z), {value})"
    forward = f"def forward(x, w, b):\n    return np.full(np.shape(x)[:-1], {value})"
    alone, together = judge(forward=forward), judge(step=step, forward=forward)
    assert together["test_forward"].score == alone["test_forward"].score < 3


ASKS_FOR_ITSELF = """
def find(function):
    for cell in function.__closure__ or ():
        if hasattr(cell.cell_contents, "_asked"):
            return cell.cell_contents

def update(w, b, x, y, lr):
    return find(forward)._asked("update", (w, b, x, y, lr))
"""
ASKS_WITHOUT_END = """
def update(w, b, x, y, lr):
    for number in range(10 ** 9):
        forward(x, w + number, b)
"""
ASKS_WITH_NONSENSE = """
def update(w, b, x, y, lr):
    for strange in (None, "text", [[1], [1, 2]], np.zeros((3, 3, 3)), {}, 10 ** 400, object()):
        try:
            forward(strange, strange, strange)
        except TypeError:
            pass
    error = y - forward(x, w, b)
    return w + lr * error * x, b + lr * error
"""


@pytest.mark.parametrize("update", [ASKS_FOR_ITSELF, ASKS_WITHOUT_END], ids=["itself", "without end"])
def test_nobody_is_told_what_is_being_checked(judge: Judge, update: str) -> None:
    cells = judge(forward=NO_BIAS, update=update)
    assert cells["test_update"].score == cells["test_and"].score == 0


def test_nonsense_is_refused_without_harm(judge: Judge) -> None:
    assert lost(judge(forward=NO_BIAS, update=ASKS_WITH_NONSENSE)) == {"test_forward"}


HALF = "def step(z):\n    return np.where(np.asarray(z) >= 0, 0.5, 0)"
WAITS = """
def update(w, b, x, y, lr):
    error = y - forward(x, w, b)
    while error not in (-1, 0, 1):
        pass
    return w + lr * error * x, b + lr * error
"""


def test_a_function_that_ran_out_of_time_gets_another_chance(judge: Judge) -> None:
    assert lost(judge(step=HALF, update=WAITS)) == {"test_step"}


def test_no_more_than_one(judge: Judge) -> None:
    """A training run of it would take as long as a whole class."""
    cells = judge(step=ZERO, update="def update(w, b, x, y, lr):\n    while True:\n        pass")
    assert all("was not tried again" in check.message for check in cells["test_and"].checks)


# None that keeps a memory: what such a function does depends on what was called before.
OTHERS = sorted(
    [*(SAMPLES / "wrong").glob("forward_[b-m]*.toml"), *(SAMPLES / "wrong").glob("update_[b-d]*.toml")]
)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_never_more_points_than_over_a_right_step(judge: Judge, path: Path) -> None:
    sample = read_sample(path)
    right, wrong = (
        judge(sample.before, **sample.cells),
        judge(sample.before, **{**sample.cells, "step": STRICT}),
    )
    for name in ("test_forward", "test_update", "test_and"):
        assert wrong[name].score == right[name].score


# Of the right functions these differ only over a right step, or only in what a wrong one never shows.
SLOPPY = {
    "the error without its sign": (
        ZERO,
        {"update": "def update(w, b, x, y, lr):\n    error = abs(y - forward(x, w, b))\n    return w + lr * error * x, b + lr * error"},
    ),
    "learns in one direction": (
        ZERO,
        {"update": "def update(w, b, x, y, lr):\n    error = max(0, y - forward(x, w, b))\n    return w + lr * error * x, b + lr * error"},
    ),
    "the target for the error": (
        ZERO,
        {"update": "def update(w, b, x, y, lr):\n    return w + lr * y * x, b + lr * y"},
    ),
    "a batch of one without its axis": (
        "def step(z):\n    return 1 if z >= 0 else 0",
        {"forward": "def forward(x, w, b):\n    return np.squeeze(step(x @ w + b))"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("step", "cells"), SLOPPY.values(), ids=SLOPPY)
def test_a_mistake_that_a_wrong_step_hides_is_paid_for(
    judge: Judge, step: str, cells: dict[str, str]
) -> None:
    alone, together = judge(**cells), judge(step=step, **cells)
    assert lost(together) == lost(alone) | {"test_step"}
    for name in ("test_forward", "test_update", "test_and"):
        assert together[name].score <= alone[name].score


def test_a_forward_that_never_ends_is_paid_for_once(judge: Judge) -> None:
    cells = judge(step=STRICT, forward="def forward(x, w, b):\n    while True:\n        pass")
    assert lost(cells) == {"test_step", "test_forward"}


def test_where_step_was_never_defined_its_keyword_counts_all_the_same(judge: Judge) -> None:
    cells = judge(step="def step(z) return 1", forward="def forward(x, w, b):\n    return step(z=x @ w + b)")
    assert lost(cells) == {"test_step"}


ASKS_FOR_MUCH = """
def update(w, b, x, y, lr):
    for i in range(10 ** 9):
        try:
            forward(np.ones((1500, 1), np.uint8), np.ones((1, 1500), np.uint8), np.int8(i % 100))
        except TypeError:
            break
    error = y - forward(x, w, b)
    return w + lr * error * x, b + lr * error
"""


def test_what_is_asked_for_is_no_burden_to_the_grader(judge: Judge) -> None:
    assert lost(judge(forward=NO_BIAS, update=ASKS_FOR_MUCH)) == {"test_forward"}


def test_what_was_sent_may_be_anything() -> None:
    """A forged reply is compared, and is no reason to fail."""
    assert not explains(lambda _: 1, [Made((1.0,), 10**400)])
    large = (np.ones((20_000, 1)), np.ones((1, 20_000)))
    assert not explains(lambda one, other: one @ other, [Made(large, 1.0)])


def test_a_parameter_of_ones_own_costs_what_builds_on_it_nothing(judge: Judge) -> None:
    """The right function in its place does without: as written, forward has points by it."""
    cells = judge(
        step="def step(z, at=0):\n    return np.where(z > at, 1, 0)",
        forward="def forward(x, w, b):\n    return step(x @ w + b, 0)",
    )
    assert lost(cells) == {"test_step"}


def test_a_forged_question_is_no_answer_to_another() -> None:
    """JSON has no infinities; what a process sends may have, and must not count for what others ask."""
    known: dict[bytes, dict] = {}
    functions = StandIns({"step": lambda z: z >= 0}, known)
    for number in (math.inf, math.nan):
        functions.answer(["step", {"t": [number]}])
    assert "raised" in functions.answer(["step", {"t": [None]}])
    one = functions.answer(["step", {"t": [0.5]}])
    assert functions.answer(["step", {"t": [0.5]}]) is one
    assert len(known) == 1


def test_what_is_kept_of_answers_is_small() -> None:
    known: dict[bytes, dict] = {}
    functions = StandIns({"wide": np.zeros}, known)
    for size in (10, 100_000):
        assert "value" in functions.answer(["wide", {"t": [size]}])
    assert len(known) == 1
