"""The student version: what is proved of it, and what the instructor is told where it does not hold."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ID, REPOSITORY, World, cell_of, source_of


def edit_source(world: World, edit: Callable[[dict], object]) -> None:
    data = json.loads(world.assignment.source.read_text())
    edit(data)
    world.assignment.source.write_text(json.dumps(data))


def edit_check(world: World, name: str, old: str, new: str) -> None:
    path = world.assignment.checks / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def refused(world: World, *reasons: str) -> None:
    """Generating must fail with exit status 2 and these words, and leave the release as it was."""
    before = world.assignment.release.read_bytes()
    ran = world.run("generate", ID)
    assert ran.status == 2, ran.out
    for reason in reasons:
        assert reason in ran.err
    assert world.assignment.release.read_bytes() == before


def sources(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]


def test_committed_release_and_solutions_are_what_the_source_gives(world: World) -> None:
    for _ in range(2):
        ran = world.run("generate", ID)
        assert ran.status == 0, ran.err
        assert (
            world.assignment.release.read_bytes()
            == (REPOSITORY / "release" / ID / f"{ID}.ipynb").read_bytes()
        )
    solved = Path("solutions") / ID / f"{ID}.ipynb"
    assert sources(world.root / solved) == sources(REPOSITORY / solved)


def test_nothing_else_lies_in_the_release() -> None:
    assert [path.name for path in (REPOSITORY / "release" / ID).iterdir()] == [f"{ID}.ipynb"]


def test_solution_line_that_leaks(world: World) -> None:
    edit_source(
        world,
        lambda data: data["cells"].append(
            {**data["cells"][0], "source": "    return step(x @ w + b)", "id": "leak"}
        ),
    )

    def move(data: dict) -> None:
        data["cells"][-1]["source"] = "text"
        cell_of(data, "plots")["source"] = "def given(x, w, b):\n    error = y - forward(x, w, b)"

    edit_source(world, move)
    # A line that stands outside solutions too is no secret; one that a template puts there is caught by the proof.
    from autograder import notebook as nb
    from autograder.authoring.proof import prove
    from autograder.errors import InstructorError
    from autograder.judge.checks import collect

    source = nb.read(REPOSITORY / "source" / ID / f"{ID}.ipynb")
    leaking = json.loads(world.assignment.release.read_text())
    cell_of(leaking, "plots")["source"] = "    return step(x @ w + b)"
    file = world.root / "leaking.ipynb"
    file.write_text(json.dumps(leaking))
    with pytest.raises(
        InstructorError, match="a line of the solution of 'forward' is in the student version, cell"
    ):
        prove(world.assignment, source, file, collect(world.assignment.checks))


def test_solution_without_markers(world: World) -> None:
    edit_source(world, lambda data: cell_of(data, "step").update(source="def step(z):\n    return 1"))
    refused(world, "perceptron.ipynb", "the solution cell 'step' has no '### BEGIN SOLUTION'")


def test_solution_that_never_ends(world: World) -> None:
    edit_source(world, lambda data: cell_of(data, "step").update(source="### BEGIN SOLUTION\npass"))
    refused(world, "no end solution statement")


def test_grade_id_used_twice(world: World) -> None:
    edit_source(world, lambda data: cell_of(data, "plots")["metadata"]["nbgrader"].update(grade_id="data"))
    refused(world, "data")


def test_points_that_do_not_add_up(world: World) -> None:
    edit_source(world, lambda data: cell_of(data, "test_step")["metadata"]["nbgrader"].update(points=5))
    refused(world, "'test_step' has 5 points, its checks have 3")


def test_graded_cell_without_checks(world: World) -> None:
    (world.assignment.checks / "test_and.py").unlink()
    refused(world, "the graded cell 'test_and' has no checks")


def test_check_without_graded_cell(world: World) -> None:
    edit_check(world, "test_and.py", '"test_and"', '"test_nothing"')
    refused(world, "test_and.py:", "is for 'test_nothing', which is no graded cell")


def test_trace_of_the_kit(world: World) -> None:
    edit_source(world, lambda data: cell_of(data, "plots").update(source="import autograder"))
    refused(world, "'autograder' is in the student version, cell")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('@pytest.mark.check("test_step", points=0.5, hint=BOUNDARY, inputs=zero)\ndef test_fires', "def test_fires", "needs @pytest.mark.check"),
        ("points=0.5, hint=BOUNDARY, inputs=zero)\ndef test_fires", "points=0, hint=BOUNDARY, inputs=zero)\ndef test_fires", "a number above 0"),
        ('    """step of exactly 0"""\n', "", "needs a docstring"),
        ("def test_fires_at_zero(student, inputs)", "def test_fires_at_zero(student, tmp_path)", "asks for tmp_path"),
        ("def test_fires_at_zero", "@pytest.mark.skip\ndef test_fires_at_zero", "is marked skip"),
        ("import numpy as np", "import nmpy as np", "nmpy"),
        ("def test_fires_at_zero", "def test_tells_positive_from_negative", "ends"),
    ],
)  # fmt: skip
def test_unfit_check(world: World, old: str, new: str, reason: str) -> None:
    edit_check(world, "test_step.py", old, new)
    if reason == "ends":
        # Python itself drops the first of two functions of one name: the points tell.
        refused(world, "'test_step' has 3 points, its checks have 2.5")
    else:
        refused(world, "test_step.py", reason)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("title =", "titel =", "titel"),
        ("call_seconds = 0.5", "call_seconds = 0", "call_seconds"),
        ('"step(z) -> a"', '"step(z) - a"', "is not a signature"),
        ('"step(z) -> a"', '"stop(z) -> a"', "of another function"),
        ('given = ["train"]', 'given = ["trian"]', "gives 'trian', which is no locked cell"),
        ("[functions]", "[functions", "assignment.toml"),
    ],
)
def test_unfit_assignment_toml(world: World, old: str, new: str, reason: str) -> None:
    world.hand_in_text("s01", "{}")
    path = world.assignment.folder / "assignment.toml"
    path.write_text(path.read_text().replace(old, new))
    ran = world.run("grade", ID)
    assert ran.status == 2
    assert reason in ran.err


def test_wrong_folder_and_wrong_name(world: World, tmp_path: Path) -> None:
    ran = world.run("grade", "perceptorn")
    assert ran.status == 2
    assert "There are: perceptron" in ran.err
    world.root = tmp_path
    ran = world.run("grade", ID)
    assert ran.status == 2
    assert "is not a course: it has no nbgrader_config.py" in ran.err


def test_nothing_handed_in(world: World) -> None:
    ran = world.run("grade", ID)
    assert ran.status == 2
    assert "There are no submissions of perceptron. They are due in" in ran.err


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("start", "w = np.zeros(2)\nb = 0.0\nlr = 0.5\naxes.plot(0, 0)", "'start' uses 'axes' of the cell 'plot_step'"),
        ("train", "def train(X, y, lr, picks):\n    return mistakes(picks)", "'train' uses 'mistakes' of the cell 'plots'"),
        ("plot_step", "plt.plot(rng.random(3))", "or stores into it, and the cell 'train_and' after it uses 'rng'"),
        ("plot_step", "X[0] = 1", "stores into it, and the cell 'test_forward' after it uses 'X' too"),
        ("plot_step", "%matplotlib inline\nplt.plot()", "'plot_step' is tagged 'skip-while-grading' and is not plain Python"),
        ("plot_step", "from numpy import *", "with 'import *' it cannot be told what it binds"),
    ],
)  # fmt: skip
def test_tagged_cell_that_others_could_miss(world: World, name: str, text: str, reason: str) -> None:
    edit_source(world, lambda data: cell_of(data, name).update(source=text))
    refused(world, "perceptron.ipynb: the cell", reason)


@pytest.mark.parametrize("name", ["step", "test_step"])
def test_tag_is_for_given_cells(world: World, name: str) -> None:
    edit_source(world, lambda data: cell_of(data, name)["metadata"].update(tags=["skip-while-grading"]))
    refused(world, f"the cell '{name}' is tagged 'skip-while-grading'; that is for locked code cells")


def test_tagged_cell_that_runs_the_students_code_too_early(world: World) -> None:
    """It could change what a graded cell finds; `train` calls `update`, if not in so many words."""

    def tag_train_and(data: dict) -> None:
        cell = cell_of(data, "train_and")
        cell["source"] = "_, _, early = train(X, y, lr, [0, 1])"
        cell["metadata"]["tags"] = ["skip-while-grading"]
        cell_of(data, "test_and")["source"] = "pass"
        cell_of(data, "plot_and")["source"] = cell_of(data, "plot_xor")["source"] = "pass"

    edit_source(world, tag_train_and)
    refused(
        world, "'train_and' is tagged 'skip-while-grading' and uses", "students write", "'test_and' follows"
    )


def test_every_kind_of_argument_is_shown(world: World) -> None:
    """Hidden checks use only kinds of argument that a visible example shows."""
    notebook = json.loads(world.assignment.release.read_text())
    shown = " ".join(source_of(notebook, name) for name in ("test_step", "test_forward", "test_update"))
    for example in ("step(0.0)", "np.array([-2.0, 0.0, 0.5])", "np.array([[1.0, -1.0], [0.0, -3.0]])",
                    "forward(one_row", "np.array([-2.0])", "forward(five", ", 1, 0.5)", ", 0, 0.5)", ", 1, 0.25)"):  # fmt: skip
        assert example in shown
