"""Whatever is killed at whatever moment: no finished result is lost, and none is invented."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from autograder.results import to_json_line
from autograder.store import Kept
from tests.conftest import EXPLAINED, ID, RIGHT, UNTOUCHED, World
from tests.processes import (
    PATIENCE_SECONDS,
    Seen,
    assert_nothing_left,
    ended,
    family,
    seconds_used,
    start,
    students,
    wait_until,
    workers,
)
from tests.test_doors import rows_in

BUSY = "import time\nbegin = time.process_time()\nwhile time.process_time() - begin < 0.2:\n    pass"
WRONG_STEP = "def step(z):\n    return z > 0"
CLASS = {
    "s01": RIGHT,
    "s02": Sample(about="", cells={"step": WRONG_STEP}),
    "s03": UNTOUCHED,
    "s05": EXPLAINED,
    "s07": Sample(about="", cells={"forward": "1 / 0"}),
    "s08": Sample(about="", cells={"step": WRONG_STEP}, before={"forward": BUSY}),
    "s09": Sample(about="", cells={"update": "def update(w, b, x, y, lr):\n    return w, b"}),
    "s11": Sample(about="", before={"update": BUSY}, cells={"forward": "import os\nos.abort()"}),
    "s12": Sample(about="", cells={"xor_explanation": "It needs two lines."}),
}
BROKEN = "s04"
CHAINS = 6
KILLS = 5


@dataclass
class Reference:
    """A class that nobody has graded yet, and what undisturbed grading makes of it."""

    fresh: Path
    graded: Path
    results: dict[str, dict]
    seconds: float


@pytest.fixture(scope="session")
def reference(registered_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    fresh = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(registered_course, fresh)
    course = Course(fresh)
    assignment = course.assignment(ID)
    for student, sample in CLASS.items():
        folder = course.submission(assignment, student)
        folder.mkdir(parents=True)
        (folder / f"{ID}.ipynb").write_text(nb.to_text(answer_notebook(assignment, sample)))
    course.submission(assignment, BROKEN).mkdir(parents=True)
    (course.submission(assignment, BROKEN) / f"{ID}.ipynb").write_text("{")
    graded = fresh.with_name("graded")
    shutil.copytree(fresh, graded)
    begin = time.monotonic()
    results = finish(graded)
    return Reference(fresh, graded, results, time.monotonic() - begin)


def finish(root: Path, *arguments: str) -> dict[str, dict]:
    """Grade without a disturbance, and give the results without what differs from run to run."""
    file = root / "results.jsonl"
    with ended(start(root, "--jobs", "2", "--json", str(file), *arguments)) as grader:
        _, said = grader.communicate(timeout=PATIENCE_SECONDS)
    assert grader.returncode == 1, said  # BROKEN cannot be graded
    assert "Traceback" not in said
    return read_results(file)


def read_results(file: Path) -> dict[str, dict]:
    results = [json.loads(line) for line in file.read_text().splitlines()]
    return {result["student"]: settled(result) for result in results}


def settled(result: dict) -> dict:
    return {name: value for name, value in result.items() if name not in {"seconds", "sandbox"}}


def kept_files(root: Path) -> dict[Path, int]:
    """Give the verdicts that are kept, each with the time of its writing."""
    folder = Course(root).state / "results" / ID
    return {path: path.stat().st_mtime_ns for path in folder.glob("*.json")}


def notebooks(root: Path) -> dict[str, str]:
    """Give the graded notebooks by student."""
    found = (root / "autograded").glob(f"*/{ID}/{ID}.ipynb")
    return {path.parts[-3]: path.read_text() for path in found}


def assert_nothing_invented(root: Path, reference: Reference) -> None:
    """Assert that what is kept and what is in the gradebook is as an undisturbed run has it, as far as it is there."""
    for path in kept_files(root):
        verdict = msgspec.json.decode(path.read_bytes().partition(b"\n")[2], type=Kept)
        result = settled(json.loads(to_json_line(verdict.result)))
        expected = reference.results[result["student"]]
        assert {**result, "warnings": expected["warnings"]} == expected
    assert set(rows_in(root)) <= set(rows_in(reference.graded))


def assert_repaired(root: Path, reference: Reference) -> None:
    """Assert that the next run does what is missing and nothing else, and leaves all as an undisturbed run does."""
    before = kept_files(root)
    results = finish(root)
    assert results == reference.results
    after = kept_files(root)
    assert {path: after.get(path) for path in before} == before
    assert rows_in(root) == rows_in(reference.graded)
    assert notebooks(root) == notebooks(reference.graded)


def victim(grader: subprocess.Popen[str], chance: random.Random) -> Seen | None:
    """Choose a process of the run: the grader itself (None), or one of some depth below it, but for a student's own."""
    by_depth: dict[int, list[Seen | None]] = {0: [None]}
    of_students = set(students(grader))
    for process in family(grader.pid):
        if process not in of_students:
            by_depth.setdefault(process.depth, []).append(process)
    return chance.choice(by_depth[chance.choice(sorted(by_depth))])


def kill_at(root: Path, seconds: float, chance: random.Random, temporary: Path, *arguments: str) -> int:
    """Grade, and kill something after so many seconds. Gives the grader's exit status."""
    file = root / "results.jsonl"
    file.unlink(missing_ok=True)
    with ended(start(root, "--jobs", "2", "--json", str(file), *arguments, temporary=temporary)) as grader:
        try:
            grader.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            chosen = victim(grader, chance)
            if chosen is None:
                grader.kill()
            else:
                chosen.kill()
        said = grader.communicate(timeout=PATIENCE_SECONDS)[1]
    if grader.returncode != -signal.SIGKILL:
        assert grader.returncode == 1, said
        assert "Traceback" not in said, said
        assert list(temporary.iterdir()) == []
    assert_nothing_left()
    return grader.returncode


def assert_right_or_ours(root: Path, reference: Reference) -> None:
    """Assert that a grader that went on told the truth, or said that the fault is ours."""
    results = read_results(root / "results.jsonl")
    assert set(results) == set(reference.results)
    for student, result in results.items():
        if result != reference.results[student]:
            assert result["status"] == "failed"
            assert "was not graded, and it is not the student's fault" in result["error"]


@pytest.mark.parametrize("chain", range(CHAINS))
def test_killed_at_random_moments(reference: Reference, tmp_path: Path, chain: int) -> None:
    """Thirty moments in all: in each chain one run is killed, then four that do all anew, then one goes on."""
    root, chance = tmp_path / "course", random.Random(chain)
    shutil.copytree(reference.fresh, root)
    for number in range(KILLS):
        arguments = ("--fresh",) if number else ()
        part = (KILLS * chain + number + chance.random()) / (KILLS * CHAINS)
        # Not one for all: what a grader that was killed has left there is its workers' to remove.
        temporary = tmp_path / f"temporary-{number}"
        status = kill_at(root, part * reference.seconds, chance, temporary, *arguments)
        assert_nothing_invented(root, reference)
        if status != -signal.SIGKILL:
            assert_right_or_ours(root, reference)
    assert_repaired(root, reference)


LONG = Sample(about="", before={"step": f"{BUSY}\n# {'long ' * 100_000}"})


def test_killed_in_the_middle_of_its_answer(world: World) -> None:
    """A worker's answer may not fit into a pipe: who waits for the rest of it must notice the death."""
    size = 24
    for number in range(size):
        world.hand_in(f"s{number:02}", LONG)
    with ended(start(world.root, "--jobs", "1")) as grader:
        (worker,) = wait_until(lambda: workers(grader))
        wait_until(lambda: any(kept_files(world.root)))
        stop_when_it_is_answered(grader, worker)
        worker.kill()
        grader.send_signal(signal.SIGCONT)
        said = grader.communicate(timeout=PATIENCE_SECONDS)[1]
    assert grader.returncode == 0, said
    assert len(kept_files(world.root)) == size


def stop_when_it_is_answered(grader: subprocess.Popen[str], worker: Seen) -> None:
    """Stop a grader whose worker cannot get rid of its answer."""
    while True:
        wait_until(lambda: students(grader), "a submission that is judged")
        grader.send_signal(signal.SIGSTOP)
        for _ in range(100):
            if is_stuck_sending(worker):
                return
            time.sleep(0.05)
        grader.send_signal(signal.SIGCONT)  # it had the answer already, and the worker nothing to do


def is_stuck_sending(worker: Seen) -> bool:
    """Tell whether a process waits for its reader."""
    threads = Path(f"/proc/{worker.pid}/task").iterdir()
    waits = [(thread / "wchan").read_text() for thread in threads]
    return any("pipe_write" in wait or "sock_alloc" in wait or "unix_stream_send" in wait for wait in waits)


ENDLESS = Sample(about="", before={"step": "while True:\n    pass"})


def test_a_submission_that_costs_every_worker_its_life(world: World) -> None:
    """It is given up after three workers, without points lost; the others are graded, and the next run grades it."""
    for student in ("s01", "s02", "s04", "s05", "s06"):
        world.hand_in(student)
    world.hand_in("s03", ENDLESS)
    file = world.root / "results.jsonl"
    killed = set()
    with ended(start(world.root, "--jobs", "2", "--json", str(file))) as grader:
        while grader.poll() is None:
            if any(seconds_used(child) > 0.9 for child in students(grader)):
                commands = {process.pid: process for process in family(grader.pid)}
                for child in students(grader):
                    if seconds_used(child) > 0.9:
                        worker = child
                        while worker.depth > 1:
                            worker = commands[worker.parent]
                        worker.kill()
                        killed.add(worker)
            time.sleep(0.02)
        said = grader.communicate()[1]
    assert grader.returncode == 1, said
    assert len(killed) == 3
    results = read_results(file)
    assert "s03 was not graded, and it is not the student's fault" in said
    assert results.pop("s03")["status"] == "failed"
    assert {result["score"] for result in results.values()} == {16}
    assert "s03" not in world.standings() or world.standings()["s03"].score is None
    again = world.grade()
    assert {result["status"] for result in again.values()} == {"graded"}
    assert len(again) == 6


# Grades on a small disk that is nearly full, then once more after room was made.
ON_A_SMALL_DISK = """
import json, os, pathlib, shutil, subprocess, sys
fresh, disk, copy, room, *command = sys.argv[1:]
if copy != "-":
    shutil.copytree(fresh, disk, dirs_exist_ok=True)
state = os.statvfs(disk)
filler = pathlib.Path(disk, "filler")
filler.write_bytes(bytes(state.f_bavail * state.f_frsize - int(room)))
ran = [subprocess.run(command, capture_output=True, text=True)]
filler.unlink()
ran.append(subprocess.run(command, capture_output=True, text=True))
if copy != "-":
    shutil.copytree(disk, copy)
print(json.dumps([[each.returncode, each.stderr] for each in ran]))
"""


def on_a_small_disk(
    fresh: Path, disk: Path, copy: Path | None, room: int, root: Path
) -> list[tuple[int, str]]:
    """Grade twice, with a small file system of its own at `disk`: full at first, then with room."""
    disk.mkdir()
    command = [sys.executable, "-m", "autograder", "--course", str(root), "grade", ID, "--jobs", "2"]
    ran = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", "--size", str(24 << 20), "--tmpfs", str(disk), sys.executable, "-c",
         ON_A_SMALL_DISK, str(fresh), str(disk), str(copy or "-"), str(room), *command],
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, env={**os.environ, **({} if copy else {"TMPDIR": str(disk)})},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    first, second = json.loads(ran.stdout)
    return [tuple(first), tuple(second)]


@pytest.mark.parametrize("room", [0, 250_000, 500_000])
def test_a_full_disk(reference: Reference, tmp_path: Path, room: int) -> None:
    copy = tmp_path / "copy"
    (status, said), (again, _) = on_a_small_disk(
        reference.fresh, tmp_path / "disk", copy, room, tmp_path / "disk"
    )
    assert status == 2, said
    assert "Traceback" not in said
    assert str(tmp_path / "disk") in said
    assert "No space left on device" in said or "disk is full" in said
    assert again == 1
    assert rows_in(copy) == rows_in(reference.graded)
    assert notebooks(copy) == notebooks(reference.graded)


@pytest.mark.parametrize("room", [0, 40_000])
def test_no_room_for_temporary_files(reference: Reference, tmp_path: Path, room: int) -> None:
    """Where TMPDIR is full from the start, Python takes another folder."""
    root = tmp_path / "course"
    shutil.copytree(reference.fresh, root)
    (status, said), (again, _) = on_a_small_disk(root, tmp_path / "disk", None, room, root)
    assert status in (1, 2), said
    assert "Traceback" not in said
    assert status == 1 or "No space left on device" in said
    assert again == 1
    assert rows_in(root) == rows_in(reference.graded)
    assert notebooks(root) == notebooks(reference.graded)


@pytest.mark.parametrize("year", [1980, 2090])
def test_a_clock_that_jumps(reference: Reference, tmp_path: Path, year: int) -> None:
    """Times of files mean nothing: what has not changed is not judged again, and what has changed is."""
    root = tmp_path / "course"
    shutil.copytree(reference.graded, root)
    seconds = datetime(year, 1, 1, tzinfo=UTC).timestamp()
    for path in sorted(root.rglob("*")):
        os.utime(path, (seconds, seconds), follow_symlinks=False)
    assert_repaired(root, reference)
    path = root / "submitted" / "s01" / ID / f"{ID}.ipynb"
    shutil.copyfile(root / "submitted" / "s03" / ID / f"{ID}.ipynb", path)
    os.utime(path, (seconds, seconds))
    assert finish(root)["s01"]["score"] == reference.results["s03"]["score"]
