"""What judging costs: each check of a right submission, on one core, in milliseconds.

    python benchmarks/calls.py [ROUNDS]

`wall` is all; `grader` is the grader's own processor time, the rest is the student's process and the way between.
Medians over rounds, each with a fresh process. Cells that run between the checks are not counted.
"""

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from autograder.judge.student import Student
from autograder.judge.trial import try_check
from autograder.pipeline import Grading, prepare
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Cell, Sandbox
from autograder.sandbox.run import NotebookRun

Times = dict[str, list[tuple[float, float]]]


def measure(grading: Grading, notebook: nb.Notebook, sandbox: Sandbox, times: Times) -> None:
    """Run a submission once, and note wall and processor time of each check."""
    with NotebookRun(sandbox, grading.assignment.file.limits) as run:
        for number, cell in enumerate(notebook.cells, 1):
            if cell["cell_type"] != "code":
                continue
            run.run_cell(Cell(number, cell["source"]))
            for check in grading.checks.get(nb.grade_id(cell) or "", ()):
                student = Student(run, grading.rules.forms, grading.rules.given)
                wall, own = time.perf_counter(), time.process_time()
                result = try_check(check, student, grading.rules.secret)
                took = time.perf_counter() - wall, time.process_time() - own
                if result.outcome != "passed":
                    raise SystemExit(f"{check.id}: {result.message}")
                times.setdefault(check.id, []).append(took)


def main() -> None:
    """Measure, and print a line for each check."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    course = Course(Path(__file__).parents[1])
    grading = prepare(course, course.assignment("perceptron"))
    notebook = answer_notebook(grading.assignment, Sample(about=""))
    times: Times = {}
    with open_sandbox(grading.assignment.file.limits, warmup=grading.warmup) as sandbox:
        measure(grading, notebook, sandbox, {})  # what is made once is made here
        for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 20):
            measure(grading, notebook, sandbox, times)
    print(f"{'':45}   wall  grader")
    for check, took in times.items():
        print(f"{check:45} {_ms(wall for wall, _ in took)} {_ms(own for _, own in took)}")
    rounds = list(zip(*times.values(), strict=True))
    walls = (sum(wall for wall, _ in one) for one in rounds)
    print(f"{'all checks':45} {_ms(walls)} {_ms(sum(own for _, own in one) for one in rounds)}")


def _ms(seconds: Iterable[float]) -> str:
    return f"{1000 * median(seconds):7.2f}"


if __name__ == "__main__":
    main()
