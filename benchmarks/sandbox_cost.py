"""What keeping student code in costs: each tier beside a plain fork, part by part, in one run on one core.

    python benchmarks/sandbox_cost.py [ROUNDS]

Every round does the same in each tier in turn, so that what else the machine does meets all alike; printed are
medians in milliseconds, and what each tier adds to its floor, the unprotected fork.
"""

import contextlib
import io
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from autograder.pipeline import Grading, grade, prepare
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Cell, Sandbox
from autograder.sandbox.run import NotebookRun

REPOSITORY = Path(__file__).parents[1]
TIERS = ("none", "landlock", "namespaces")


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep this process, and those it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def milliseconds(work: Callable[[], object]) -> float:
    """Time one piece of work."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def parts(grading: Grading, sandbox: Sandbox) -> dict[str, Callable[[], object]]:
    """Give what is timed, by name."""
    limits = grading.assignment.file.limits
    solved = answer_notebook(grading.assignment, Sample(about="the solution"))
    skipped = grading.skippable.in_submission(solved)
    cells = [
        Cell(number, cell["source"])
        for number, cell in enumerate(solved.cells, 1)
        if cell["cell_type"] == "code" and nb.grade_id(cell) not in skipped
    ]

    def run(*some: Cell) -> None:
        with NotebookRun(sandbox, limits) as started:
            for cell in some:
                started.run_cell(cell)

    checks = sum(map(len, grading.checks.values()))
    return {
        "a child: fork, confine, end": lambda: sandbox.open().close(),
        "the same, with one empty cell": lambda: run(Cell(1, "")),
        f"the same, with the lesson's {len(cells)} cells": lambda: run(*cells),
        f"the same, judged by its {checks} checks": lambda: grade(grading, "s01", solved, sandbox),
    }


def code_alone(grading: Grading) -> float:
    """Time the lesson's cells in this process, without any of the kit: what the student's own code costs."""
    solved = answer_notebook(grading.assignment, Sample(about="the solution"))
    skipped = grading.skippable.in_submission(solved)
    codes = [
        compile(cell["source"], "<cell>", "exec")
        for cell in solved.cells
        if cell["cell_type"] == "code" and nb.grade_id(cell) not in skipped
    ]

    def work() -> None:
        names: dict[str, object] = {}
        with contextlib.redirect_stdout(io.StringIO()):
            for code in codes:
                exec(code, names)  # noqa: S102  # the instructor's own solution

    return statistics.median(milliseconds(work) for _ in range(30))


def main() -> None:
    """Time all parts in all tiers, in turn."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    course = Course(REPOSITORY)
    grading = prepare(course, course.assignment("perceptron"))
    with on_one_core(), ExitStack() as stack:
        limits, warmup = grading.assignment.file.limits, grading.warmup
        works = {
            tier: parts(grading, stack.enter_context(open_sandbox(limits, tier, warmup))) for tier in TIERS
        }
        times: dict[tuple[str, str], list[float]] = {}
        for round_ in range(rounds + 3):
            for tier in TIERS:
                for name, work in works[tier].items():
                    taken = milliseconds(work)
                    if round_ >= 3:  # the first ones warm up
                        times.setdefault((name, tier), []).append(taken)
    print(f"{'median of ' + str(rounds) + ' on one core, ms':<44}" + "".join(f"{tier:>20}" for tier in TIERS))
    print(f"{'the code of these cells, in a plain process':<44}{code_alone(grading):>20.2f}")
    for name in works["none"]:
        floor = statistics.median(times[name, "none"])
        row = [statistics.median(times[name, tier]) for tier in TIERS]
        cells = [f"{value:.2f} ({value - floor:+.2f}, x{value / floor:.2f})" for value in row]
        print(f"{name:<44}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
