"""The run of a class by the command line: what it says, what it does again, and how it is stopped."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.authoring.samples import Sample
from autograder.cli.watch import watching
from autograder.results import SubmissionResult
from tests.conftest import EXPLAINED, ID, RIGHT, UNTOUCHED, World
from tests.processes import (
    PATIENCE_SECONDS,
    assert_nothing_left,
    ended,
    has_loaded,
    start,
    students,
    wait_until,
    workers,
)
from tests.test_doors import rows_in
from tests.test_faults import ENDLESS, kept_files, settled

WRONG = Sample(about="", cells={"step": "def step(z):\n    return z > 0"})


def settled_results(results: dict[str, dict]) -> dict[str, dict]:
    return {student: settled(result) for student, result in results.items()}


def small_class(world: World) -> None:
    for number, sample in enumerate((RIGHT, WRONG, UNTOUCHED, EXPLAINED, RIGHT)):
        world.hand_in(f"s{number}", sample)


def test_as_many_workers_as_one_likes(world: World) -> None:
    """The same results, rows and notebooks; `--fresh` judges all, and finds the same."""
    small_class(world)
    first = settled_results(world.grade("--jobs", "1"))
    rows = rows_in(world.root)
    notebooks = {student: world.graded_notebook(student) for student in first}
    for jobs in ("2", "3"):
        before = kept_files(world.root)
        assert settled_results(world.grade("--jobs", jobs, "--fresh")) == first
        after = kept_files(world.root)
        assert all(after[path] > before[path] for path in before)
        assert rows_in(world.root) == rows
        assert {student: world.graded_notebook(student) for student in first} == notebooks


@pytest.mark.parametrize(
    "lost", [".autograder/results", "autograded", "autograded/s1", f"autograded/s1/{ID}/{ID}.ipynb"]
)
def test_what_was_deleted_is_made_again(world: World, lost: str) -> None:
    small_class(world)
    first = world.grade()
    notebooks = {student: world.graded_notebook(student) for student in first}
    path = world.root / lost
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.chmod(0o644)
        path.unlink()
    assert settled_results(world.grade()) == settled_results(first)
    assert {student: world.graded_notebook(student) for student in first} == notebooks


def test_changed_and_changed_back(world: World) -> None:
    """A kept verdict never stands beside the notebook of another one, also where a run was killed in between."""
    world.hand_in("s1", RIGHT)
    world.grade()
    right = world.graded_notebook("s1")
    world.hand_in("s1", ENDLESS)
    with ended(start(world.root)) as grader:
        wait_until(lambda: students(grader))
        grader.kill()
        grader.communicate()
    world.hand_in("s1", WRONG)
    world.grade()
    assert world.graded_notebook("s1") != right
    world.hand_in("s1", RIGHT)
    assert world.grade()["s1"]["score"] == 16
    assert world.graded_notebook("s1") == right
    assert_nothing_left()


def test_a_notebook_that_nbgrader_left_half_done(world: World) -> None:
    """nbgrader's autograde, killed after it has kept the verdict, leaves a notebook without it."""
    world.hand_in("s1", RIGHT)
    world.grade()
    right = world.graded_notebook("s1")
    path = world.course.autograded(world.assignment, "s1") / f"{ID}.ipynb"
    path.chmod(0o644)
    path.write_bytes((world.folder("s1") / f"{ID}.ipynb").read_bytes())
    world.grade()
    assert world.graded_notebook("s1") == right


def test_one_door_uses_what_the_other_has_kept(world: World) -> None:
    """Without bubblewrap nothing can be judged in the first tier: what is graded then was kept."""
    config = world.root / "nbgrader_config.py"
    config.write_text(config.read_text() + '\nc.RunChecks.sandbox = "namespaces"\n')
    for student in ("s1", "s2"):
        world.hand_in(student)
    if world.run("grade", ID, "--sandbox", "namespaces", "--student", "s1").status == 2:
        pytest.skip("this machine gives no namespaces")
    assert world.nbgrader("autograde", ID, "--student", "s2").status == 0
    environment = {**os.environ, "PATH": str(Path(sys.executable).parent)}
    command = ("autograde", ID, "--force", "--student", "s1")
    theirs = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=world.root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert theirs.returncode == 0, theirs.stderr
    with ended(start(world.root, "--sandbox", "namespaces", env=environment)) as grader:
        said = grader.communicate()[1]
    assert grader.returncode == 0, said
    world.hand_in("s2", WRONG)
    with ended(start(world.root, "--sandbox", "namespaces", env=environment)) as grader:
        said = grader.communicate()[1]
    assert grader.returncode == 2
    assert "bubblewrap is not installed" in said


def test_workers_load_neither_nbgrader_nor_nbformat(world: World) -> None:
    """Not for written answers either."""
    world.hand_in("s1", EXPLAINED)
    seen = world.root / "loaded"
    check = world.assignment.checks / "test_explanation.py"
    tell = f"__import__('pathlib').Path({str(seen)!r}).write_text(' '.join(__import__('sys').modules))"
    check.write_text(check.read_text().replace("    answer.holds", f"    {tell}\n    answer.holds"))
    world.grade("--jobs", "1")
    loaded = set(seen.read_text().split())
    assert {"autograder.klass.worker", "autograder.written.marker", "onnxruntime"} <= loaded
    assert not {"nbgrader", "nbformat", "nbconvert", "sqlalchemy"} & loaded


def test_quiet(world: World) -> None:
    world.hand_in("s1")
    world.grade("--quiet")
    assert (world.graded.out, world.graded.err) == ("", "")
    world.hand_in_text("s2", "{")
    world.grade("--quiet")
    assert world.graded.out == ""
    assert "s2: perceptron.ipynb is not a notebook" in world.graded.err


def test_what_is_said_without_a_terminal(world: World) -> None:
    """The first line names a verdict before the class is done; --json has each as soon as it is written down."""
    for number in range(4):
        world.hand_in(f"s{number}", RIGHT if number == 0 else ENDLESS)
    file = world.root / "results.jsonl"
    with ended(start(world.root, "--jobs", "1", "--json", str(file))) as grader:
        assert grader.stderr is not None
        line = grader.stderr.readline()
        assert line == "Grading perceptron: 1 of 4; s0 16 / 20\n"
        wait_until(lambda: file.exists() and file.read_text().count("\n"))
        assert file.read_text().count("\n") < 4
        out, _ = grader.communicate(timeout=PATIENCE_SECONDS)
    assert len(file.read_text().splitlines()) == 4
    assert out.splitlines()[-1].startswith("4 submissions graded")


def test_rate_and_time_left_do_not_count_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first verdict took ten seconds, most of them for starting workers; the ones after it half a second each."""
    clock = iter([10.0, 10.5, 11.0])
    monkeypatch.setattr("autograder.cli.watch._LINE_SECONDS", 0.0)
    monkeypatch.setattr("autograder.cli.watch.time", SimpleNamespace(monotonic=lambda: next(clock)))
    with watching(5, "Grading", quiet=False) as watch:
        for number in range(3):
            watch.saw(SubmissionResult("perceptron", f"s{number}", "graded", 16.0, 20.0, "none"))
    assert capsys.readouterr().err.splitlines() == [
        "Grading: 1 of 5; s0 16 / 20",
        "Grading: 2 of 5, 2 a second, about 2 s left; s1 16 / 20",
        "Grading: 3 of 5, 2 a second, about 1 s left; s2 16 / 20",
    ]


def test_what_is_seen_on_a_terminal(world: World) -> None:
    small_class(world)
    world.hand_in("s5", ENDLESS)  # a bar is drawn ten times a second: who is judged faster may not be seen
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    with ended(start(world.root, "--jobs", "1", stdout=theirs, stderr=theirs, env=environment)) as grader:
        os.close(theirs)
        shown = read_terminal(ours)
        assert grader.wait(timeout=PATIENCE_SECONDS) == 0
    assert re.search(r"Grading perceptron [^\r]*[1-5]/6[^\r]* \d+/s [^\r]* s[0-4] [\d.]+ / 20", shown), shown
    assert "6 submissions graded" in shown


def read_terminal(descriptor: int) -> str:
    """Give what is shown until the other end is closed, without what steers the terminal."""
    parts = []
    with open(descriptor, "rb", buffering=0) as terminal:
        while True:
            try:
                parts.append(terminal.read(4096) or b"")
            except OSError:
                break
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(parts).decode(errors="replace"))


def test_a_row_for_each_student_or_for_each_task(world: World) -> None:
    """A table of fifty rows is read, one of more is not."""
    for number in range(50):
        world.hand_in_text(f"s{number:02}", "{")
    world.hand_in("s00")
    world.grade()
    assert len([line for line in world.graded.out.splitlines() if re.match(r"s\d\d ", line)]) == 50
    world.hand_in("s50", UNTOUCHED)
    world.grade()
    assert not [line for line in world.graded.out.splitlines() if re.match(r"s\d\d ", line)]
    assert re.search(r"^test_step +3 +1.50 +1 +1 +0 *$", world.graded.out, re.MULTILINE)


def endless_class(world: World) -> None:
    world.hand_in("s00")
    for number in range(1, 12):
        world.hand_in(f"s{number:02}", ENDLESS)


def assert_stopped(world: World, grader: subprocess.Popen[str]) -> None:
    """Assert that a run was stopped as it should: by itself, with what is done kept, and nothing left."""
    said = grader.communicate(timeout=PATIENCE_SECONDS)[1]
    assert grader.returncode == 130, said
    assert "Traceback" not in said, said
    assert "autograder: stopped." in said
    assert_nothing_left()
    assert len(kept_files(world.root)) < 10  # what was under way was not waited for
    for student in world.course.students(world.assignment):
        world.hand_in(student)
    before = kept_files(world.root)
    assert {result["score"] for result in world.grade().values()} == {16}
    assert all(kept_files(world.root)[path] >= time for path, time in before.items())


Moment = Callable[[World, "subprocess.Popen[str]"], object]
MOMENTS: dict[str, Moment] = {
    "the command is being loaded": lambda _, grader: has_loaded(grader, "msgspec"),
    "the course is being read": lambda _, grader: has_loaded(grader, "numpy"),
    "a worker is starting": lambda _, grader: workers(grader),
    "a student's code runs": lambda _, grader: students(grader),
    "a verdict is kept": lambda world, _: kept_files(world.root),
    "a new gradebook is begun": lambda world, _: (world.root / "gradebook.db").exists(),
    "a new gradebook is there": lambda world, _: (
        (world.root / "gradebook.db").exists() and kept_files(world.root)
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_control_c(world: World, tmp_path: Path, moment: str) -> None:
    endless_class(world)
    if "gradebook" in moment:
        (world.root / "gradebook.db").unlink()
    temporary = tmp_path / "temporary"
    with ended(start(world.root, "--jobs", "2", temporary=temporary)) as grader:
        wait_until(lambda: MOMENTS[moment](world, grader))
        os.killpg(grader.pid, signal.SIGINT)
        assert_stopped(world, grader)
    assert [path for path in temporary.iterdir() if path.name.startswith("autograder-")] == []


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_stopped_twice(world: World, second: signal.Signals) -> None:
    endless_class(world)
    with ended(start(world.root, "--jobs", "2")) as grader:
        wait_until(lambda: students(grader))
        os.killpg(grader.pid, signal.SIGINT)
        os.killpg(grader.pid, second)
        assert_stopped(world, grader)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end(world: World, number: signal.Signals) -> None:
    endless_class(world)
    with ended(start(world.root, "--jobs", "2")) as grader:
        wait_until(lambda: students(grader))
        grader.send_signal(number)
        assert_stopped(world, grader)
