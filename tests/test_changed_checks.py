"""Before a changed check is let loose on a graded class, and when a faulty one is taken back."""

import hashlib
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from autograder.judge.deadline import Deadline
from tests.conftest import EXPLAINED, ID, World

WRONG_STEP = Sample(about="", cells={"step": "def step(z):\n    return np.where(z > 0, 1, 0)"})
NO_BIAS = Sample(about="", cells={"forward": "def forward(x, w, b):\n    return step(x @ w)"})
WAIVED = '\n[waived]\ntest_fires_at_zero = "the page did not say it"\n'


def edit(world: World, name: str, old: str, new: str) -> None:
    path = world.root / "assignments" / ID / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def add_settings(world: World, text: str) -> None:
    path = world.root / "assignments" / ID / "assignment.toml"
    path.write_text(path.read_text() + text)


def state(root: Path) -> dict[str, str]:
    """Give what every file of the course holds, but for what belongs to Python."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def graded_course(registered_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded class of three: made once, since that takes seconds."""
    root = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(registered_course, root)
    assignment = Course(root).assignment(ID)
    for student, sample in {"s01": EXPLAINED, "s02": WRONG_STEP, "s03": NO_BIAS}.items():
        folder = Course(root).submission(assignment, student)
        folder.mkdir(parents=True)
        (folder / f"{ID}.ipynb").write_text(nb.to_text(answer_notebook(assignment, sample)))
    command = [sys.executable, "-m", "autograder", "--course", str(root), "grade", ID, "--quiet"]
    subprocess.run(command, check=True)
    return root


@pytest.fixture
def graded(world: World, graded_course: Path) -> World:
    shutil.copytree(graded_course, world.root, dirs_exist_ok=True)
    return world


def test_a_dry_run_tells_what_would_change_and_writes_nothing(graded: World) -> None:
    edit(graded, "checks/test_step.py", "examples([0.0])", "Examples([(0.0,)], [0])")
    before = state(graded.root)
    ran = graded.run("grade", ID, "--dry-run")
    assert ran.status == 0, ran.err
    assert state(graded.root) == before
    assert "s01  test_step: 3 → 2.5 (-0.5)" in ran.out
    assert "s02  test_step: 2.25 → 2.75 (+0.5)" in ran.out
    assert "test_fires_at_zero 0.5 → 0: The answer is not right." in ran.out
    assert "3 submissions judged, nothing written: 1 would gain, 2 would lose, 0 would stay" in ran.out


def test_a_dry_run_with_nothing_changed(graded: World) -> None:
    ran = graded.run("grade", ID, "--dry-run")
    assert "0 would gain, 0 would lose, 3 would stay" in ran.out


def test_a_persons_score_would_stay(graded: World) -> None:
    graded.sql("UPDATE grade SET manual_score = 1.25 WHERE auto_score = 2.0")
    add_settings(graded, WAIVED)
    ran = graded.run("grade", ID, "--dry-run")
    assert "s02  test_step: 2.25 → 2.75 (+0.5); the 1.25 that a person gave would stay" in ran.out
    assert "0 would gain, 0 would lose" in ran.out


def test_a_submission_that_has_come_since(graded: World) -> None:
    graded.hand_in("s04", NO_BIAS)
    ran = graded.run("grade", ID, "--dry-run")
    assert "s04  test_update: none → 6 (+6)" in ran.out
    assert "1 would gain" in ran.out


def test_a_dry_run_before_any_grading(world: World) -> None:
    world.hand_in("s01")
    ran = world.run("grade", ID, "--dry-run")
    assert ran.status == 2 or "s01  test_step: none → 3" in ran.out


def test_a_waived_check_is_given_to_everybody(graded: World) -> None:
    add_settings(graded, WAIVED)
    results = graded.grade()
    assert [results[student]["score"] for student in ("s01", "s02")] == [16, 15.5]
    (check,) = (
        check
        for check in results["s02"]["cells"]["test_step"]["checks"]
        if check["id"] == "test_fires_at_zero"
    )
    assert (check["outcome"], check["points"]) == ("skipped", 0.5)
    graded.run("feedback", ID, "--provisional")
    for student in ("s01", "s02"):
        page = (graded.root / "feedback" / student / ID / f"{ID}.html").read_text()
        assert "Not counted, and given to everybody: the page did not say it" in page


def test_the_feedback_says_what_is_right_once_a_mistake_is_mended(graded: World) -> None:
    graded.run("feedback", ID, "--provisional")
    page = (graded.root / "feedback" / "s02" / ID / f"{ID}.html").read_text()
    assert "Right, once your step is mended." in page
    assert "Which side of" in page


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('forward = ["step"]', 'forward = ["step"]\nstep = ["update"]', "builds on itself"),
        ('forward = ["step"]', 'forward = ["stop"]', "builds_on names 'stop'"),
        ('test_step = "step"', 'test_stop = "step"', "tests names 'test_stop'"),
        ('test_step = "step"', 'test_step = "stop"', "tests.test_step names 'stop'"),
        ("[late]", WAIVED.replace("zero", "one") + "\n[late]", "waived names 'test_fires_at_one'"),
        ("[late]", '[waived]\ntest_fires_at_zero = " "\n[late]', "needs the reason"),
    ],
)
def test_what_assignment_toml_cannot_mean(world: World, old: str, new: str, said: str) -> None:
    world.hand_in("s01")
    edit(world, "assignment.toml", old, new)
    ran = world.run("grade", ID)
    assert ran.status == 2
    assert said in ran.err
    line = int(ran.err.partition("assignment.toml:")[2].partition(":")[0])
    lines = (world.root / "assignments" / ID / "assignment.toml").read_text().splitlines()
    assert any(word in lines[line - 1] for word in new.split('"')[1:2] + new.split()[:1])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("import numpy as np", "import numpy as np\n1 / 0", "ZeroDivisionError"),
        ("import numpy as np", "import numpy as np\ndef", "SyntaxError"),
        (
            '@mistake(\n    "step"',
            '@mistake(\n    "stop"',
            "is in 'stop', which assignment.toml does not declare",
        ),
    ],
)
def test_mistakes_that_cannot_be_read(world: World, old: str, new: str, said: str) -> None:
    world.hand_in("s01")
    path = world.root / "assignments" / ID / "mistakes.py"
    path.write_text(path.read_text().replace(old, new, 1))
    ran = world.run("grade", ID)
    assert ran.status == 2
    assert "mistakes.py:" in ran.err
    assert said in ran.err


ENDLESS = """

@mistake("step", student="Does it end?", instructor="Goes on until z is three quarters.")
def never_ends(z):
    while {when}:
        z = z * 1.0
    return np.where(np.asarray(z) >= 0.125, 1, 0)
"""
LATE = {
    "step": "def step(z):\n    return np.where(z >= 0.125, 1, 0)",
    "forward": "def forward(x, w, b):\n    return np.where(x @ w + b >= 0.125, 1, 0)",
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("when", ["np.any(z != 0.75)", "np.size(z) == 7"], ids=["for step", "within forward"])
def test_a_mistake_that_never_ends_holds_nobody(world: World, when: str) -> None:
    """It is tried on what a student's function was asked, in the grader itself; also within what builds on it."""
    world.hand_in("s01", Sample(about="", cells=LATE))
    path = world.root / "assignments" / ID / "mistakes.py"
    path.write_text(path.read_text() + ENDLESS.format(when=when))
    ran = world.run("grade", ID)
    assert ran.status == 2
    assert re.search(
        r"mistakes\.py:\d+: mistake never_ends does not end for what a student's function",
        ran.err,
    )


def test_the_time_of_another_thread_does_not_count() -> None:
    with Deadline(0.3):
        busy = threading.Thread(target=lambda: sum(range(20_000_000)))
        busy.start()
        busy.join()


@pytest.mark.timeout(20)
def test_a_deadline_holds_in_any_thread() -> None:
    ended: list[str] = []

    def work() -> None:
        try:
            with Deadline(0.1):
                while True:
                    pass
        except TimeoutError as error:
            ended.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == ["took more than 0.1 seconds"]


def test_why(graded: World) -> None:
    ran = graded.run("why", ID, "--student", "s02")
    assert ran.status == 0, ran.err
    for said in (
        "test_step: 2 of 3 points",
        "Uses > in place of",
        "the numbers due are [1.0, 0.0, 1.0]",
        "tried twice: as written, and over a right step",
        "passed (carried)  test_counts_the_boundary_as_one",
    ):
        assert said in ran.out
    only = graded.run("why", ID, "--student", "s02", "--cell", "test_and")
    assert "test_step" not in only.out
    assert graded.run("why", ID, "--student", "s02", "--cell", "nothing").status == 2
    assert graded.run("why", ID, "--student", "s09").status == 2


def test_students_never_see_what_was_due(graded: World) -> None:
    graded.run("feedback", ID, "--provisional")
    for path in (*(graded.root / "autograded").rglob("*.ipynb"), *(graded.root / "feedback").rglob("*.html")):
        assert "due are" not in path.read_text()


@pytest.mark.parametrize("file", ["test_step.py", "test_explanation.py"])
def test_a_check_that_skips_itself_costs_nothing(world: World, file: str) -> None:
    """Also one that does so before it asks for anything."""
    path = world.assignment.checks / file
    ask, instead = {
        "test_step.py": ("    student.step.agrees(inputs)", '    pytest.skip("later")'),
        "test_explanation.py": ('    answer.holds("data")', '    pytest.skip("later")'),
    }[file]
    assert ask in path.read_text()
    path.write_text(path.read_text().replace(ask, instead, 1))
    world.hand_in("s01", EXPLAINED)
    cells = world.grade()["s01"]["cells"]
    checks = [check for cell in cells.values() for check in cell["checks"] if check["message"] == "later"]
    assert [(check["outcome"], check["points"] > 0) for check in checks] == [("skipped", True)]
