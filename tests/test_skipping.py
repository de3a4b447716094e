"""Cells that only draw are not run while grading, and no verdict differs for it."""

import copy
import dataclasses
import json
from collections.abc import Iterator

import pytest

from autograder.authoring.samples import Sample, answer_notebook, read_sample
from autograder.course import Course, Limits
from autograder.notebook import Notebook, grade_id
from autograder.pipeline import Graded, Grading, grade, prepare
from autograder.results import SubmissionResult
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Cell, Sandbox
from autograder.sandbox.requests import Batch
from autograder.sandbox.run import NotebookRun
from autograder.sandbox.standins import StandIns
from autograder.skipping import skippable
from autograder.warming import warming
from tests.conftest import REPOSITORY, RIGHT, SAMPLES

DRAWS = {"plot_step", "plots", "plot_and", "plot_xor", "train_xor"}
NOT_RUN = "Not run while grading: this cell only draws.\n"


@pytest.fixture(scope="module")
def grading() -> Grading:
    course = Course(REPOSITORY)
    return prepare(course, course.assignment("perceptron"))


@pytest.fixture(scope="module")
def running_all(grading: Grading) -> Grading:
    """The same assignment, without the tags."""
    release = copy.deepcopy(grading.release)
    for cell in release.cells:
        cell["metadata"].pop("tags", None)
    draws = skippable(release)
    return dataclasses.replace(grading, release=release, skippable=draws, warming=warming(release, draws))


@pytest.fixture(scope="module")
def sandbox(grading: Grading) -> Iterator[Sandbox]:
    limits = grading.assignment.file.limits
    with open_sandbox(limits, warmup=grading.warmup) as the_sandbox:
        yield the_sandbox


def graded(grading: Grading, sandbox: Sandbox, sample: Sample) -> Graded:
    return grade(grading, "s01", answer_notebook(grading.assignment, sample), sandbox)


def outputs(notebook: Notebook) -> dict[str | None, list]:
    return {grade_id(cell): cell["outputs"] for cell in notebook.cells if cell["cell_type"] == "code"}


def outcomes(result: SubmissionResult) -> dict[str, list]:
    """All of a verdict but what came back, which noise or an address in memory may change from run to run."""
    return {
        name: [cell.score, *(check.outcome for check in cell.checks)] for name, cell in result.cells.items()
    }


def not_run(notebook: Notebook) -> set[str | None]:
    found = outputs(notebook).items()
    return {name for name, given in found if any(output.get("text") == NOT_RUN for output in given)}


def test_drawing_cells_are_not_run_and_say_so(
    grading: Grading, running_all: Grading, sandbox: Sandbox
) -> None:
    skipping, all_run = (outputs(graded(each, sandbox, RIGHT).notebook) for each in (grading, running_all))
    for name, given in skipping.items():
        if name in DRAWS:
            assert given == [{"output_type": "stream", "name": "stdout", "text": NOT_RUN}]
        else:
            assert given == all_run[name]
    assert "Figure: Left" in json.dumps(all_run["plot_and"])


@pytest.mark.parametrize(
    "path", sorted(SAMPLES.glob("*/*.toml"))[::9], ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_no_verdict_differs(path, grading: Grading, running_all: Grading, sandbox: Sandbox) -> None:
    sample = read_sample(path)
    skipping, all_run = (graded(each, sandbox, sample).result for each in (grading, running_all))
    assert outcomes(skipping) == outcomes(all_run)


@pytest.mark.parametrize(
    "own",
    [
        "print(xor_w)",
        "draw_points",
        "%time mistakes([])",
        "rng.random()",
        "print(sorted(globals()))",
        "%whos",
        "this is no Python, but speaks of history and lines_of",
    ],
)
def test_students_code_that_could_tell_has_all_cells_run(
    own: str, grading: Grading, sandbox: Sandbox
) -> None:
    sample = Sample(about="", before={"xor_explanation": own})
    assert not not_run(graded(grading, sandbox, sample).notebook)


@pytest.mark.parametrize("own", ["for _ in range(3):\n    plt.plot()", "print(y_pred, w, b)", ""])
def test_students_code_that_could_not_tell(own: str, grading: Grading, sandbox: Sandbox) -> None:
    sample = Sample(about="", before={"xor_explanation": own})
    assert not_run(graded(grading, sandbox, sample).notebook) == DRAWS


def test_solution_cell_that_uses_a_drawing_cells_name(grading: Grading, sandbox: Sandbox) -> None:
    text = "def step(z):\n    return 1 * (np.asarray(z) >= 0 * len(MARKERS))"
    result = graded(grading, sandbox, Sample(about="", cells={"step": text}))
    assert not not_run(result.notebook)


def test_cells_in_another_order_are_all_run(grading: Grading, sandbox: Sandbox) -> None:
    submitted = answer_notebook(grading.assignment, RIGHT)
    names = [grade_id(cell) for cell in submitted.cells]
    submitted.cells.insert(names.index("test_and"), submitted.cells.pop(names.index("train_xor")))
    assert not not_run(grade(grading, "s01", submitted, sandbox).notebook)


def test_students_tags_decide_nothing(grading: Grading, sandbox: Sandbox) -> None:
    """The tag counts where the author set it, and nowhere else."""
    submitted = answer_notebook(grading.assignment, RIGHT)
    for cell in submitted.cells:
        tagged = grade_id(cell) in DRAWS
        cell["metadata"]["tags"] = [] if tagged else ["skip-while-grading"]
    result = grade(grading, "s01", submitted, sandbox)
    assert not_run(result.notebook) == DRAWS
    assert result.result.score == 16


def test_deleted_drawing_cell_comes_back_unrun(grading: Grading, sandbox: Sandbox) -> None:
    submitted = answer_notebook(grading.assignment, RIGHT)
    submitted.cells = [cell for cell in submitted.cells if grade_id(cell) != "plots"]
    assert not_run(grade(grading, "s01", submitted, sandbox).notebook) == DRAWS


def test_drawing_cell_pasted_twice_is_the_students_own(grading: Grading, sandbox: Sandbox) -> None:
    submitted = answer_notebook(grading.assignment, RIGHT)
    submitted.cells.append(next(cell for cell in submitted.cells if grade_id(cell) == "plot_and"))
    assert not not_run(grade(grading, "s01", submitted, sandbox).notebook)


def test_the_given_cells_imports_are_known(grading: Grading) -> None:
    assert {"numpy", "IPython.display", "base64"} <= set(grading.warmup.modules)
    assert "matplotlib.pyplot" in grading.warmup.with_all().modules


VISIBLE_TESTS = {"test_step", "test_forward", "test_update", "test_and"}


def test_visible_tests_are_not_run_a_second_time(grading: Grading) -> None:
    assert grading.skippable.tests == VISIBLE_TESTS
    assert grading.skippable.in_second_run(answer_notebook(grading.assignment, RIGHT)) == VISIBLE_TESTS


@pytest.mark.parametrize(
    "step",
    [
        "def step(z):\n    return new_w",  # what a test cell binds
        "def step(z):\n    return rng.integers(2)",  # what one changes
        "del new_w\ndef step(z):\n    return z >= 0",
        "def step(z):\n    return globals()['z']",
        "from __main__ import new_w",
        "text = 'globals'",
        f"x = {'+'.join(['1'] * 5000)}  # z",
        "def step(z):\n    return step.__globals__",
        "%time z",
    ],
)
def test_who_may_depend_on_a_visible_test_has_it_run_a_second_time(grading: Grading, step: str) -> None:
    submitted = answer_notebook(grading.assignment, Sample(about="", cells={"step": step}))
    assert not grading.skippable.in_second_run(submitted)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("train", "print(new_w)"),
        ("data", "def looks_at_it():\n    return new_w"),  # whoever calls it may stand behind the test
        ("test_update", "np.random.seed(3)"),
        ("test_update", "train(X, y, lr, [])"),  # what it is given it may change, and it is used later
    ],
)
def test_a_test_that_other_cells_build_on_is_run_a_second_time(
    grading: Grading, name: str, more: str
) -> None:
    release = copy.deepcopy(grading.release)
    (changed,) = [cell for cell in release.cells if grade_id(cell) == name]
    changed["source"] += f"\n{more}"
    assert skippable(release).tests == VISIBLE_TESTS - {"test_update"}


def test_spare_cells_are_run_once_only(sandbox: Sandbox) -> None:
    def functions(name: str) -> StandIns:
        return StandIns({name: lambda z: z})

    with NotebookRun(sandbox, Limits(), spare=lambda: {2}) as run:
        cells = ["seen = []", "seen.append(2)", "def count(z):\n    return len(seen)", "seen.append(4)"]
        for number, source in enumerate(cells, 1):
            run.run_cell(Cell(number, source))
        for each, due in ((run, 2), (run.again(functions("other")), 1)):
            answers = each.calls("count", Batch([(0.0,)]))
            assert [column.value(0) for column in answers.results] == [due]


def test_what_visible_tests_show_of_a_second_run_is_never_seen(grading: Grading, sandbox: Sandbox) -> None:
    """A wrong step has a second run for what builds on it; the notebook has the outputs of the first."""
    wrong = Sample(about="", cells={"step": "def step(z):\n    return np.where(np.asarray(z) > 0, 1, 0)"})
    verdict = graded(grading, sandbox, wrong)
    assert [verdict.result.cells[name].score for name in sorted(VISIBLE_TESTS)] == [4, 3, 2.25, 6]
    (test,) = [cell for cell in verdict.notebook.cells if grade_id(cell) == "test_forward"]
    assert "AssertionError: the sum is exactly 0" in json.dumps(test["outputs"], ensure_ascii=False)
