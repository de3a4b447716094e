"""Whatever is killed at whatever moment: no finished result is lost, and none is invented."""

import json
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from autograder.results import to_json_line
from autograder.store import Kept
from tests.conftest import EXPLAINED, ID, RIGHT, UNTOUCHED, World
from tests.processes import Seen, assert_nothing_left, ended, family, start, wait_until, workers
from tests.test_doors import rows_in

BUSY = "import time\nbegin = time.process_time()\nwhile time.process_time() - begin < 0.3:\n    pass"
WRONG_STEP = "def step(z):\n    return z > 0"
CLASS = {
    "s01": RIGHT,
    "s02": Sample(about="", cells={"step": WRONG_STEP}),
    "s03": UNTOUCHED,
    "s05": EXPLAINED,
    "s06": Sample(about="", before={"step": BUSY}),
    "s07": Sample(about="", cells={"forward": "1 / 0"}),
    "s08": Sample(about="", cells={"step": WRONG_STEP}, before={"forward": BUSY}),
    "s09": Sample(about="", cells={"update": "def update(w, b, x, y, lr):\n    return w, b"}),
    "s10": RIGHT,
    "s11": Sample(about="", before={"update": BUSY}, cells={"forward": "import os\nos.abort()"}),
    "s12": Sample(about="", cells={"xor_explanation": "It needs two lines."}),
}
BROKEN = "s04"
CHAINS = 25
KILLS = 2


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
        _, said = grader.communicate(timeout=120)
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
    """Choose a process of the run: the grader itself (None), or one of some depth below it."""
    by_depth: dict[int, list[Seen | None]] = {0: [None]}
    for process in family(grader.pid):
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
        said = grader.communicate(timeout=120)[1]
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
    """Fifty moments in all: in each chain one run is killed, then one that does all anew, then one goes on."""
    root, chance = tmp_path / "course", random.Random(chain)
    shutil.copytree(reference.fresh, root)
    for number, arguments in enumerate(((), ("--fresh",))[:KILLS]):
        part = (KILLS * chain + number + chance.random()) / (KILLS * CHAINS)
        status = kill_at(root, part * reference.seconds, chance, tmp_path / "temporary", *arguments)
        assert_nothing_invented(root, reference)
        if status != -signal.SIGKILL:
            assert_right_or_ours(root, reference)
    assert_repaired(root, reference)


LONG = Sample(about="", before={"step": f"# {'long ' * 100_000}"})


def test_killed_in_the_middle_of_its_answer(world: World) -> None:
    """A worker's answer may not fit into a pipe: who waits for the rest of it must notice the death."""
    for number in range(8):
        world.hand_in(f"s{number:02}", LONG)
    with ended(start(world.root, "--jobs", "1")) as grader:
        (worker,) = wait_until(lambda: workers(grader))
        wait_until(lambda: any(kept_files(world.root)))
        grader.send_signal(signal.SIGSTOP)
        wait_until(lambda: is_stuck_sending(worker))
        worker.kill()
        grader.send_signal(signal.SIGCONT)
        said = grader.communicate(timeout=120)[1]
    assert grader.returncode == 0, said
    assert len(kept_files(world.root)) == 8


def is_stuck_sending(worker: Seen) -> bool:
    """Tell whether a process waits for its reader."""
    threads = Path(f"/proc/{worker.pid}/task").iterdir()
    waits = [(thread / "wchan").read_text() for thread in threads]
    return any("pipe_write" in wait or "sock_alloc" in wait or "unix_stream_send" in wait for wait in waits)
