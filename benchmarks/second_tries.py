"""What second tries and the naming of mistakes cost: classes judged with them and without, in turn, in one process.

    python benchmarks/second_tries.py [--rounds 3]

One class has two wrong submissions in ten, the other one none that is right: each known mistake once, alone.
"""

import argparse
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace

from classes import ID, REPOSITORY

from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from autograder.notebook import Notebook
from autograder.pipeline import Grading, grade, prepare
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Sandbox


def judged(grading: Grading, notebooks: Sequence[Notebook], sandbox: Sandbox) -> float:
    """Judge a class and give the seconds that it took."""
    start = time.perf_counter()
    for notebook in notebooks:
        grade(grading, "s01", notebook, sandbox)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often each class is judged in each way")
    rounds = parser.parse_args().rounds
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # as a worker and its zygote
    course = Course(REPOSITORY)
    assignment = course.assignment(ID)
    grading = prepare(course, assignment)
    plain = replace(grading, rules=replace(grading.rules, tests={}))
    wrong = [
        answer_notebook(assignment, Sample(about="", cells={mistake.function: mistake.cell}))
        for mistake in grading.rules.mistakes
    ]
    right = answer_notebook(assignment, Sample(about=""))
    mixed = [notebook for each in wrong[::2] for notebook in (each, right, right, right, right)]
    with open_sandbox(assignment.file.limits, warmup=grading.warmup) as sandbox:
        judged(grading, mixed[:10], sandbox)
        for name, notebooks in (("two wrong in ten", mixed), ("none right", wrong)):
            times = [
                (judged(plain, notebooks, sandbox), judged(grading, notebooks, sandbox))
                for _ in range(rounds)
            ]
            without, with_them = (
                1000 * statistics.median(way) / len(notebooks) for way in zip(*times, strict=True)
            )
            print(
                f"{name:<18} {len(notebooks):4} submissions  without {without:6.1f} ms each  "
                f"with {with_them:6.1f} ms each  ratio {with_them / without:.2f}"
            )


if __name__ == "__main__":
    main()
