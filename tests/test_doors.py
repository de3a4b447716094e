"""Two doors, one engine: nbgrader's own autograde, and the kit's class run."""

import copy
import json
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from autograder.authoring.samples import Sample
from autograder.course import Course
from tests.conftest import EXPLAINED, ID, UNTOUCHED, World, both_databases, cell_of, source_of

WARNS = "import warnings\n\n\ndef step(z):\n    warnings.warn('slow')\n    return np.where(z >= 0, 1, 0)"
ENDLESS = "def update(w, b, x, y, lr):\n    while True:\n        pass"


EMPTIES = """
import ast


class Empty(ast.NodeTransformer):
    def visit_Module(self, node):
        return ast.Module(body=[], type_ignores=[])


get_ipython().ast_transformers.append(Empty())
print("3.0")
"""
LIAR = """
class Yes:
    __hash__ = None

    def __eq__(self, other):
        return True


np.testing.assert_allclose = np.allclose = np.array_equal = lambda *args, **kwargs: True
step = forward = lambda *args: Yes()
update = lambda *args: (Yes(), Yes())
"""


ROWS = (
    "select sa.student_id, c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade "
    "from grade g join base_cell c on c.id = g.cell_id "
    "join submitted_notebook sn on sn.id = g.notebook_id join submitted_assignment sa on sa.id = sn.assignment_id",
    "select sa.student_id, c.name, k.auto_comment, k.manual_comment from comment k "
    "join base_cell c on c.id = k.cell_id join submitted_notebook sn on sn.id = k.notebook_id "
    "join submitted_assignment sa on sa.id = sn.assignment_id",
    "select sa.student_id, sa.timestamp, sn.late_submission_penalty from submitted_notebook sn "
    "join submitted_assignment sa on sa.id = sn.assignment_id",
)


def rows(world: World) -> list[tuple]:
    """Give what the gradebook holds, but for database ids and times."""
    return sorted([row for query in ROWS for row in world.sql(query)], key=repr)


def rows_in(root: Path) -> list[tuple]:
    """Give the same of a course whose gradebook is SQLite's."""
    with sqlite3.connect(root / "gradebook.db") as database:
        return sorted([row for query in ROWS for row in database.execute(query)], key=repr)


@both_databases
def test_both_doors_leave_the_same(world: World, tmp_path: Path) -> None:
    for student, sample in {
        "s01": EXPLAINED,
        "s02": UNTOUCHED,
        "s03": Sample(about="", cells={"step": WARNS, "forward": "1 / 0"}),
        "s04": Sample(
            about="",
            before={"step": "print('<b>x</b>')\n3"},
            cells={"step": "def step(z):\n    return z > 0"},
        ),
    }.items():
        world.hand_in(student, sample)
    world.change(
        "s05", lambda data: data["cells"].append({**copy.deepcopy(cell_of(data, "step")), "id": "pasted"})
    )
    world.change("s06", lambda data: data["cells"].remove(cell_of(data, "test_update")))
    (world.folder("s01") / "timestamp.txt").write_text("2026-11-20 10:00:00 America/Los_Angeles")
    other = (
        World(tmp_path / "other", world._capsys) if shutil.copytree(world.root, tmp_path / "other") else world
    )
    world.grade()
    ran = other.nbgrader("autograde", ID)
    assert ran.status == 0, ran.err
    assert rows(world) == rows(other)
    for student in world.course.students(world.assignment):
        ours, theirs = world.graded_notebook(student), other.graded_notebook(student)
        assert ours == theirs, student
        folders = [w.course.autograded(w.assignment, student) for w in (world, other)]
        assert (
            len(
                {
                    frozenset((path.name, path.stat().st_mode) for path in folder.iterdir())
                    for folder in folders
                }
            )
            == 1
        )


def test_what_stock_gets_wrong_at_nbgraders_door(world: World) -> None:
    """Each row of the table of stock's verdicts, graded by `nbgrader autograde`."""
    liar = Sample(about="", start="release", before={"step": LIAR})
    empties = Sample(about="", start="release", before={"step": EMPTIES})
    history = Sample(
        about="", start="release", before={"test_step": "print(_ih, In, get_ipython().history_manager)"}
    )
    world.hand_in("empties", empties)
    world.hand_in("liar", liar)
    world.hand_in("warns", Sample(about="", cells={"step": WARNS}))
    world.hand_in("endless", Sample(about="", cells={"update": ENDLESS}))
    world.hand_in("history", history)
    world.hand_in("zero", UNTOUCHED)
    world.change("pasted", lambda data: data["cells"].append(copy.deepcopy(cell_of(data, "step"))))
    ran = world.nbgrader("autograde", ID)
    assert ran.status == 0, ran.err
    scores = {student: row.score for student, row in world.standings().items()}
    assert scores == {
        "liar": 0,
        "empties": 0,
        "warns": 16,
        "endless": 6,
        "history": 0,
        "zero": 0,
        "pasted": 16,
    }
    own = next(cell for cell in world.graded_notebook("history")["cells"] if cell["id"] == "before-test_step")
    printed = json.dumps(own["outputs"])
    assert not [name for name in ("close", "student.", "test_fires_at_zero", "pytest") if name in printed]


@both_databases
def test_formgraders_button(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formgrader grades through nbgrader's API, in the server's process."""
    from nbgrader.apps import NbGraderAPI

    from autograder.gradebook.connection import load_config

    world.hand_in("s01")
    world.hand_in("s02", UNTOUCHED)
    monkeypatch.chdir(world.root)
    api = NbGraderAPI(config=load_config(world.course))
    for student, score in {"s01": 16, "s02": 0}.items():
        done = api.autograde(ID, student)
        assert done["success"], done
        assert world.standings()[student].score == score


@both_databases
def test_nbgraders_own_feedback_shows_no_check(world: World) -> None:
    """nbgrader #917, #1363, #869: its stock page has title, call and hint, and no source of a hidden check."""
    world.hand_in("s01", Sample(about="", cells={"step": "def step(z):\n    return z + 7"}))
    world.grade()
    ran = world.nbgrader("generate_feedback", ID)
    assert ran.status == 0, ran.err
    page = (world.course.feedback(world.assignment, "s01") / f"{ID}.html").read_text()
    for shown in ("step of exactly 0", "step(0.0)", "Which side does z = 0 belong to?"):
        assert shown in page
    for secret in ("close(student", "right_step", "pytest.mark", "rng."):
        assert secret not in page


def test_what_nbgrader_rejects_is_explained(world: World) -> None:
    """Not JSON, and renamed: nbgrader's error, and the kit's reason beside it. The others are graded."""
    world.hand_in_text("s01", "{")
    world.hand_in("s02").rename(world.folder("s02") / "mine.ipynb")
    world.hand_in("s03")
    ran = world.nbgrader("autograde", ID)
    assert ran.status == 1
    assert "s01: perceptron.ipynb is not a notebook: it is not JSON" in ran.err
    assert (
        "s02: nbgrader grades only perceptron.ipynb; rename mine.ipynb, or run: autograder grade perceptron"
        in ran.err
    )
    assert world.standings()["s03"].score == 16


def test_no_execute_gives_no_free_points(world: World) -> None:
    world.hand_in("s01", UNTOUCHED)
    assert world.nbgrader("autograde", ID, "--no-execute").status == 0
    assert world.standings()["s01"].score == 0


def test_a_broken_check_costs_nobody_points(world: World) -> None:
    """The grader's own failure is loud, and leaves no score, at either door."""
    check = world.assignment.checks / "test_step.py"
    check.write_text(
        check.read_text().replace("    student.step.agrees(inputs)", "    raise RuntimeError('ours')")
    )
    world.hand_in("s01")
    result = world.grade()["s01"]
    assert result["status"] == "failed"
    assert "not the student's fault" in result["error"]
    assert "test_step.py:" in result["error"]
    assert world.graded.status == 1
    assert "s01" not in world.standings()
    ran = world.nbgrader("autograde", ID)
    assert ran.status == 1
    assert "raised RuntimeError: ours" in ran.err
    assert world.standings()["s01"].score is None


def test_other_assignments_are_nbgraders_own(world: World) -> None:
    """The course that `nbgrader quickstart` makes, with the kit's settings, is graded by stock Execute."""
    assert world.nbgrader("quickstart", "course101").status == 0
    course = World.__new__(World)
    course.root = world.root / "course101"
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\nfrom autograder.configure import configure\nconfigure(c)\n")
    assert course.nbgrader("generate_assignment", "ps1").status == 0
    submitted = course.root / "submitted" / "bitdiddle" / "ps1"
    shutil.copytree(course.root / "source" / "ps1", submitted)
    ran = course.nbgrader("autograde", "ps1")
    assert ran.status == 0, ran.err
    notebook = json.loads((course.root / "autograded/bitdiddle/ps1/problem1.ipynb").read_text())
    assert any(cell.get("execution_count") for cell in notebook["cells"]), "a kernel ran it, as stock does"
    course.course = Course(course.root)
    scores = [row[0] for row in course.sql("select auto_score from grade where auto_score is not null")]
    assert scores
    assert sum(scores) > 0


def test_gradebook_and_registration_are_made(world: World) -> None:
    (world.root / "gradebook.db").unlink()
    world.hand_in("s01")
    assert world.grade()["s01"]["score"] == 16
    assert world.standings()["s01"].score == 16


@both_databases
@pytest.mark.parametrize("door", ["kit", "nbgrader"])
def test_late_penalty_follows_an_extension(world: World, door: str) -> None:
    """nbgrader #723: a penalty is taken back on the next run, once there is an extension."""
    toml = world.assignment.folder / "assignment.toml"
    text = toml.read_text().replace("points_per_day = 0.0", "points_per_day = 2.0")
    toml.write_text("due = 2026-11-10T12:00:00Z\n" + text)
    world.hand_in("s01")
    (world.folder("s01") / "timestamp.txt").write_text("2026-11-11 13:00:00 UTC")

    def grade() -> float:
        if door == "kit":
            world.grade()
        else:
            assert world.nbgrader("autograde", ID, "--force").status == 0
        return world.standings()["s01"].late_penalty

    world.grade()
    assert grade() == 4
    from autograder.gradebook.connection import open_gradebook

    with open_gradebook(world.course) as gradebook:
        gradebook.grant_extension(ID, "s01", days=3)
    assert grade() == 0


def test_notebook_of_the_release_is_what_is_restored(world: World) -> None:
    """The visible examples that run are the released ones, at nbgrader's door too."""
    world.change("s01", lambda data: cell_of(data, "test_step").update(source="3.0"))
    assert world.nbgrader("autograde", ID).status == 0
    assert "your_turn(step" in source_of(world.graded_notebook("s01"), "test_step")
    assert sys.executable
