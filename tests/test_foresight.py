"""Calls made ahead of the checks that ask for them: the same calls, with the same verdicts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Limits
from autograder.judge.checks import Check, collect
from autograder.judge.foresight import Foresight
from autograder.judge.rules import Rules
from autograder.judge.verdict import Bench
from autograder.results import CellResult
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Cell, Sandbox
from autograder.sandbox.run import NotebookRun
from autograder.signatures import parse_form
from tests.calling import call

LIMITS = Limits(call_seconds=2, cell_seconds=2, submission_seconds=20)
FORMS = {name: (parse_form(f"{name}(z) -> a"),) for name in ("half", "twice")}

CHECKS = '''
import pytest

from autograder.judge import Examples


def halves(*values):
    return lambda rng: Examples.of(lambda z: z / 2, [(float(value),) for value in values])


@pytest.mark.check("cell", points=1, inputs=halves(1, 2))
def test_a(student, inputs):
    """a"""
    student.half.agrees(inputs)


@pytest.mark.check("cell", points=1, inputs=halves(3, 4, 5))
def test_b(student, inputs):
    """b asks twice"""
    first = student.half.each(inputs)
    first.raise_trouble()
    student.half.each(inputs).agree(list(first))


@pytest.mark.check("cell", points=1)
def test_c(student):
    """c is not known beforehand"""
    assert student.half(6.0) == 3.0


@pytest.mark.check("cell", points=1, inputs=halves(7, 8))
def test_d(student, inputs):
    """d"""
    student.half.agrees(inputs)


@pytest.mark.check("cell", points=1, inputs=halves(9))
def test_e(student, inputs):
    """e catches what it can"""
    try:
        student.half.agrees(inputs)
    except Exception:
        raise AssertionError
'''

HALF = "def half(z):\n    calls.append(z)\n    return z / 2"
FUNCTIONS = {
    "right": HALF,
    "wrong at one value": "def half(z):\n    calls.append(z)\n    return 0 if z == 4 else z / 2",
    "raises at one value": "def half(z):\n    calls.append(z)\n    return 1 / 0 if z == 4 else z / 2",
    "counts its calls": "def half(z):\n    calls.append(z)\n    return z / 2 if len(calls) < 6 else 0",
    "missing": "",
    "no function": "half = 3",
    "too long to send": "def half(z):\n    calls.append(z)\n    return [0] * 100_000",
    "writes a lot": "def half(z):\n    calls.append(z)\n    print('x' * 10**6)\n    return z / 2",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(LIMITS) as the_sandbox:
        yield the_sandbox


@pytest.fixture
def checks(tmp_path: Path) -> list[Check]:
    (tmp_path / "test_checks.py").write_text(CHECKS)
    return collect(tmp_path)


def judged(
    sandbox: Sandbox, checks: list[Check], source: str, *, ahead: bool
) -> tuple[CellResult, int, object]:
    """Give the verdict, how many messages it took to ask for batches ahead, and the calls that were made."""
    asked = []
    with NotebookRun(sandbox, LIMITS) as run:
        run.run_cell(Cell(1, f"import os\ncalls = []\n{source}\n\n\ndef twice(z):\n    return calls"))

        together = run.together

        def ask(requests: list) -> object:
            asked.append(len(requests))
            return together(requests)

        run.together = ask
        foresight = Foresight(checks if ahead else [], FORMS, b"secret")
        verdict = Bench(Rules(FORMS, {}, foresight, b"secret"), run).judge_cell("cell", checks, 5)
        return verdict, len(asked), call(run, "twice", [0.0])


@pytest.mark.parametrize("source", FUNCTIONS.values(), ids=FUNCTIONS)
def test_nothing_changes(sandbox: Sandbox, checks: list[Check], source: str) -> None:
    plain, ahead = (judged(sandbox, checks, source, ahead=ahead) for ahead in (False, True))
    assert plain[0] == ahead[0]
    assert plain[1] == 0
    assert ahead[1] > 0


def test_the_same_calls_are_made(sandbox: Sandbox, checks: list[Check]) -> None:
    plain, ahead = (judged(sandbox, checks, HALF, ahead=ahead) for ahead in (False, True))
    called = plain[2].result
    assert sorted(called) == [1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9], "who asks twice is answered twice"
    assert sorted(ahead[2].result) == sorted(called)


@pytest.mark.parametrize("fault", ["os._exit(0)", "while True: pass"])
def test_a_crash_costs_its_own_check_only(sandbox: Sandbox, checks: list[Check], fault: str) -> None:
    source = f"def half(z):\n    if z == 8:\n        {fault}\n    return z / 2"
    verdict, asked, _ = judged(sandbox, checks, source, ahead=True)
    assert asked
    assert [check.id for check in verdict.checks if check.outcome == "failed"] == ["test_d"]
    assert verdict.score == 4


def test_a_check_that_is_at_fault_is_told_of_where_it_is_run(tmp_path: Path, sandbox: Sandbox) -> None:
    """Looking ahead raises nothing: what is wrong is said as before, with file and line."""
    broken = CHECKS.replace("    student.half.agrees(inputs)\n", "    raise RuntimeError('ours')\n", 1)
    (tmp_path / "test_checks.py").write_text(broken)
    checks = collect(tmp_path)
    Foresight(checks, FORMS, b"secret")
    with pytest.raises(Exception, match=r"test_checks.py:\d+: check test_a raised RuntimeError: ours"):
        judged(sandbox, checks, HALF, ahead=True)
