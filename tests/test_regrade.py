"""A second run: what was graded stays, nothing is done twice, and what a person decided survives."""

import os
import shutil
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import Sample
from autograder.gradebook.connection import open_gradebook
from autograder.store import ResultStore
from tests.conftest import EXPLAINED, ID, World, both_databases, cell_of
from tests.processes import PATIENCE_SECONDS

BETTER = Sample(about="", cells={"xor_explanation": "Two lines would be needed."})
SLOW = Sample(about="", cells={"update": "def update(w, b, x, y, lr):\n    while True:\n        pass"})


def mark(world: World, student: str, cell: str, score: float, comment: str = "") -> None:
    """Mark a cell as formgrader does."""
    with open_gradebook(world.course) as gradebook:
        grade = gradebook.find_grade(cell, ID, ID, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        if comment:
            gradebook.find_comment(cell, ID, ID, student).manual_comment = comment
        gradebook.db.commit()


def regrade(world: World, door: str) -> str:
    """Grade all anew, and give what was said."""
    if door == "kit":
        results = world.grade()
        return " ".join(warning for result in results.values() for warning in result["warnings"])
    ran = world.nbgrader("autograde", ID, "--force")
    assert ran.status == 0, ran.err
    return ran.err


@both_databases
@pytest.mark.parametrize("door", ["kit", "nbgrader"])
def test_a_persons_score_and_comment_survive(world: World, door: str) -> None:
    """Nothing changed: nothing is asked again."""
    world.hand_in("s01", EXPLAINED)
    regrade(world, door)
    assert world.standings()["s01"].waiting == ["xor_explanation"]
    mark(world, "s01", "xor_explanation", 3, "Good, but which points?")
    regrade(world, door)
    standing = world.standings()["s01"]
    assert standing.score == 19
    assert standing.waiting == []
    assert standing.comments == {"xor_explanation": "Good, but which points?"}


@pytest.mark.parametrize("door", ["kit", "nbgrader"])
def test_a_persons_score_for_other_work_is_told(world: World, door: str) -> None:
    world.hand_in("s01", EXPLAINED)
    regrade(world, door)
    mark(world, "s01", "xor_explanation", 3)
    world.hand_in("s01", BETTER)
    assert "cell 'xor_explanation' keeps the score that a person gave, 3" in regrade(world, door)
    standing = world.standings()["s01"]
    assert standing.score == 19
    assert standing.waiting == ["xor_explanation"]


@pytest.mark.parametrize("memory", ["there", "lost"])
@pytest.mark.parametrize("door", ["kit", "nbgrader"])
def test_a_persons_score_for_an_answer_that_is_gone_is_asked_for_again(
    world: World, door: str, memory: str
) -> None:
    world.hand_in("s01", EXPLAINED)
    regrade(world, door)
    mark(world, "s01", "xor_explanation", 3)
    world.change("s01", lambda data: data["cells"].remove(cell_of(data, "xor_explanation")))
    if memory == "lost":
        shutil.rmtree(world.course.state / "work")
    assert "cell 'xor_explanation' keeps the score that a person gave, 3" in regrade(world, door)
    assert world.standings()["s01"].waiting == ["xor_explanation"]
    ran = world.run("export", ID, "-o", str(world.root / "grades.csv"))
    assert ran.status == 2, ran.out


@both_databases
def test_a_persons_score_on_code_stays_until_the_code_changes(world: World) -> None:
    world.hand_in("s01")
    world.grade()
    mark(world, "s01", "test_step", 2)
    world.grade()
    assert world.standings()["s01"].score == 15
    assert world.standings()["s01"].waiting == []
    world.hand_in("s01", Sample(about="", cells={"step": "def step(z):\n    return z >= 0"}))
    world.grade()
    assert world.standings()["s01"].waiting == ["test_step"]


@both_databases
def test_nothing_is_graded_twice(world: World) -> None:
    for student in ("s01", "s02"):
        world.hand_in(student)
    first = world.grade()
    path = world.course.autograded(world.assignment, "s01")
    written = path.stat().st_mtime_ns
    assert world.grade() == first
    assert path.stat().st_mtime_ns == written
    world.hand_in("s02", Sample(about="", cells={"step": "def step(z):\n    return z"}))
    assert world.grade()["s02"]["score"] < 16
    assert path.stat().st_mtime_ns == written


def test_a_changed_check_grades_anew(world: World) -> None:
    world.hand_in("s01")
    assert world.grade()["s01"]["score"] == 16
    check = world.assignment.checks / "test_step.py"
    check.write_text(check.read_text().replace("examples([0.0])", "Examples([(0.0,)], [0])"))
    assert world.grade()["s01"]["score"] == 15.5


def test_a_lost_gradebook_is_filled_again(world: World) -> None:
    world.hand_in("s01")
    world.grade()
    (world.root / "gradebook.db").unlink()
    world.grade()
    assert world.standings()["s01"].score == 16


@both_databases
def test_a_submission_that_breaks_loses_its_old_score(world: World) -> None:
    world.hand_in("s01")
    world.grade()
    world.hand_in_text("s01", "{")
    world.grade()
    standing = world.standings()["s01"]
    assert standing.score is None
    assert not world.course.autograded(world.assignment, "s01").exists()


@both_databases
def test_interrupted(world: World) -> None:
    """Ctrl-C keeps what was graded; the next run does the rest."""
    world.hand_in("s01")
    for student in ("s02", "s03", "s04", "s05"):
        world.hand_in(student, SLOW)
    command = [sys.executable, "-m", "autograder", "--course", str(world.root), "grade", ID]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
    )
    done = world.course.state / "results" / ID
    while not (done.is_dir() and any(done.glob("*.json"))):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "What was done is kept" in said
    # In the gradebook it is only where that was open already: Ctrl-C does not wait for a slow database.
    (kept,) = list(done.glob("*.json"))[:1]
    written = kept.stat().st_mtime_ns
    for student in ("s02", "s03", "s04", "s05"):
        world.hand_in(student)
    assert {result["score"] for result in world.grade().values()} == {16}
    assert world.standings()["s01"].score == 16
    assert kept.stat().st_mtime_ns == written


def test_interrupted_while_much_waits_for_a_worker(world: World) -> None:
    """More than a pipe holds: what was on its way to the worker does not keep the run from ending."""
    world.hand_in("s01")
    for number in range(2, 6):
        world.change(f"s{number:02}", lambda data: data["cells"][0].update(source="x" * 500_000), SLOW)
    process = world.command("grade", ID, "--jobs", "1")
    done = world.course.state / "results" / ID
    while not (done.is_dir() and any(done.glob("*.json"))):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()
    assert process.returncode == 130


def test_a_new_version_of_the_kit_grades_anew(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verdict is kept under the kit's own code and under what the notebook imports, too."""
    folder = world.hand_in("s01").parent

    def key(wanted: str = "auto") -> str:
        release = nb.read(world.assignment.release)
        return ResultStore(world.course, world.assignment, release, wanted).key(folder)

    now = key()
    assert key() == now
    assert key("landlock") != now
    version = metadata.version
    with monkeypatch.context() as patched:
        patched.setattr(metadata, "version", lambda name: "0.1" if name == "matplotlib" else version(name))
        assert key() != now
    (tmp_path / "changed.py").write_text("1")
    monkeypatch.setattr("autograder.store._KIT", tmp_path)
    assert key() != now
