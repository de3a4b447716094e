"""The opening cells: run once for all submissions that begin with them, and nobody can tell."""

import signal
from collections.abc import Iterator, Sequence

import pytest

from autograder.course import Limits
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Cell, Sandbox, Warmup
from autograder.sandbox.replies import Gone
from autograder.sandbox.run import NotebookRun
from tests.calling import Returned, call

LIMITS = Limits(call_seconds=0.5, cell_seconds=0.5, submission_seconds=20)
COUNTS = "import os\nran = [os.getpid()]\nprint('opening')\n\n\ndef fail():\n    return 1 / 0"
DRAWS = (
    "import random\nimport numpy as np\n\nrng = np.random.default_rng(7)\ndrawn = random.random()\n'shown'"
)
OPENING = (Cell(2, COUNTS), Cell(4, DRAWS))
REST = (
    Cell(5, "print(sorted(name for name in globals() if not name.startswith('_')), _)"),
    Cell(6, "print(rng.integers(1000), random.random(), np.random.random())"),
    Cell(7, "fail()"),
    Cell(8, "ran.append(1)\nprint(len(ran))"),
)


@pytest.fixture(scope="module", params=["namespaces", "landlock", "none"])
def opened(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with open_sandbox(LIMITS, request.param, Warmup(opening=OPENING)) as sandbox:
        yield sandbox


def outputs(sandbox: Sandbox, cells: Sequence[Cell], *, planned: bool = True) -> list[object]:
    with NotebookRun(sandbox, LIMITS, cells if planned else ()) as run:
        return [run.run_cell(cell) for cell in cells]


def ran_in(sandbox: Sandbox, cells: Sequence[Cell]) -> tuple[object, object]:
    """Give in which process the first cell was run, and in which one the functions are called."""
    with NotebookRun(sandbox, LIMITS, cells) as run:
        for cell in [
            *cells,
            Cell(99, "def told(x):\n    return ran[0]\n\n\ndef here(x):\n    return os.getpid()"),
        ]:
            run.run_cell(cell)
        first, now = call(run, "told", [0.0]), call(run, "here", [0.0])
    assert isinstance(first, Returned)
    assert isinstance(now, Returned)
    return first.result, now.result


def test_nobody_can_tell(opened: Sandbox) -> None:
    """Outputs, names, random draws, tracebacks and `_` are as if each submission had run the cells itself."""
    cells = [*OPENING, *REST]
    apart = outputs(opened, cells, planned=False)
    assert outputs(opened, cells) == apart
    assert outputs(opened, cells) == apart, "what one submission does, the next one does not see"
    assert apart[0][0]["text"] == "opening\n"
    assert "cell 2" in str(apart[4])


def test_is_run_once() -> None:
    """Only where it can be told: without namespaces, processes have numbers of their own."""
    with open_sandbox(LIMITS, "none", Warmup(opening=OPENING)) as sandbox:
        first, here = ran_in(sandbox, OPENING)
        again, there = ran_in(sandbox, OPENING)
    assert first == again
    assert len({first, here, there}) == 3


@pytest.mark.parametrize(
    "cells",
    [
        (Cell(2, COUNTS + "\nextra = 1"), Cell(4, DRAWS)),
        (Cell(3, COUNTS), Cell(4, DRAWS)),
        (Cell(1, "mine = 1"), Cell(2, COUNTS), Cell(4, DRAWS)),
        (Cell(2, COUNTS),),
    ],
)
def test_who_begins_otherwise_runs_their_own(cells: Sequence[Cell]) -> None:
    with open_sandbox(LIMITS, "none", Warmup(opening=OPENING)) as sandbox:
        first, here = ran_in(sandbox, cells)
        assert first == here


@pytest.mark.parametrize(
    "source",
    [
        "1 / 0",
        "def broken(:",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(30,), daemon=True).start()",
        "kept = open(os.devnull)",
        "import asyncio\n\n\nasync def nothing():\n    pass\n\n\nawait nothing()",
        "open('left-behind', 'w').close()",
        "while True:\n    pass",
        "print('x' * 60_000)",
        "import sys\nsys.exit()",
        "os._exit(0)",
        "import signal\nprocess = os.fork() or signal.pause()",
    ],
)
def test_cells_that_leave_more_than_a_fork_takes_over(source: str) -> None:
    """They are run in each child, as before."""
    limits = Limits(call_seconds=0.5, cell_seconds=0.1, submission_seconds=20, output_characters=100_000)
    opening = (Cell(1, "import os"), Cell(2, source))
    cells = [*opening, Cell(3, "print('goes on')")]
    with open_sandbox(limits, "none", Warmup(opening=opening)) as sandbox:
        assert sandbox.opening_of(cells) == ()
        with NotebookRun(sandbox, limits, cells) as run:
            after = [run.run_cell(cell) for cell in cells]
    assert after[2][0]["text"] == "goes on\n"


def test_after_a_crash_it_is_still_there(opened: Sandbox) -> None:
    with NotebookRun(opened, LIMITS, OPENING) as run:
        for cell in OPENING:
            run.run_cell(cell)
        run.run_cell(Cell(9, "def f(x):\n    return os._exit(0) if x else len(ran)"))
        assert isinstance(call(run, "f", [1.0]), Gone)
        assert call(run, "f", [0.0]).result == 1


@pytest.mark.parametrize("which", ["_opened", "_zygote"])
def test_killed_between_two_submissions(which: str) -> None:
    """It is made again, and costs nobody anything."""
    cells = [*OPENING, *REST]
    with open_sandbox(LIMITS, "none", Warmup(opening=OPENING)) as sandbox:
        before = outputs(sandbox, cells)
        signal.pidfd_send_signal(getattr(sandbox, which)._pidfd, signal.SIGKILL)
        assert outputs(sandbox, cells) == before


def test_killed_while_a_submission_runs() -> None:
    with (
        open_sandbox(LIMITS, "none", Warmup(opening=OPENING)) as sandbox,
        NotebookRun(sandbox, LIMITS, OPENING) as run,
    ):
        for cell in OPENING:
            run.run_cell(cell)
        run.run_cell(Cell(9, "def f(x):\n    return len(ran)"))
        signal.pidfd_send_signal(sandbox._opened._pidfd, signal.SIGKILL)
        assert call(run, "f", [0.0]).result == 1
