"""How often verdicts are wrong, on answers that were written by people who knew the notebook and nothing of the checks.

    python benchmarks/verdicts.py [--draws N] [SET …]

Prints for each set of `benchmarks/answers/` how many functions that are wrong kept all points of their cells (false
full), how many that are right lost any (false loss), and how often a known mistake was named; whether a name was
right was judged by reading what the answer's writer says of it (`named.json`).
"""

import argparse
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from autograder.pipeline import Grading, grade, prepare
from autograder.results import SubmissionResult
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Sandbox

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT / "benchmarks" / "answers"
SETS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
]


def sample_of(answer: dict[str, Any]) -> Sample:
    """Give an answer as a sample: its functions, and what cells it puts before them."""
    extra = "\n".join(answer.get("extra") or [])
    return Sample(about="", start="release", cells=answer["cells"], before={"step": extra} if extra else {})


def main() -> None:
    """Judge the sets, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=SETS, metavar="SET")
    parser.add_argument("--draws", type=int, default=0, metavar="N")
    asked = parser.parse_args()
    if not asked.draws:
        judge(Course(ROOT), asked.sets)
    for number in range(asked.draws):
        print(f"draw {number + 1}", flush=True)
        with TemporaryDirectory() as folder:
            judge(new_course(Path(folder)), asked.sets)


def new_course(folder: Path) -> Course:
    """Give a course with the same assignment, which has not drawn its inputs yet."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for part in ("source", "release", "assignments"):
        shutil.copytree(ROOT / part, folder / part)
    return Course(folder)


def judge(course: Course, names: list[str]) -> None:
    """Judge sets in a course, and print how each came out."""
    grading = prepare(course, course.assignment("perceptron"))
    judged = json.loads((ANSWERS / "named.json").read_text())
    with open_sandbox(grading.assignment.file.limits, warmup=grading.warmup) as sandbox:
        for name in names:
            text = (ANSWERS / f"{name}.jsonl").read_text(encoding="utf-8")
            answers = [json.loads(line) for line in text.splitlines()]
            print(report(name, answers, grading, sandbox, judged.get(name, {})), flush=True)


def report(
    name: str, answers: list[dict[str, Any]], grading: Grading, sandbox: Sandbox, judged: dict[str, str]
) -> str:
    """Judge a set of answers, and say how that came out."""
    tests = grading.assignment.file.tests
    wrong, false, named = 0, [], []
    for answer in answers:
        result = grade(
            grading, answer["id"], answer_notebook(grading.assignment, sample_of(answer)), sandbox
        ).result
        for function in answer["cells"]:
            cells = [cell for cell, tested in tests.items() if tested == function]
            full = all(result.cells[cell].score == result.cells[cell].max_score for cell in cells)
            is_wrong = function in answer["wrong"]
            wrong += is_wrong
            if full == is_wrong:
                false.append(
                    f"  {answer['id']} {answer['kind']}: {function}, {'false full' if full else 'false loss'}"
                )
            if is_wrong and answer["kind"] != "hostile":
                named += [f"{answer['id']} {function} {mistake}" for mistake in names(result, cells)]
    right = [each for each in named if judged.get(each) == "right"]
    unread = [f"  {each}: not judged yet" for each in named if each not in judged]
    head = (
        f"{name}: {len(answers)} answers, {wrong} wrong functions; {sum('full' in each for each in false)} false full, "
        f"{sum('loss' in each for each in false)} false loss; {len(named)} mistakes named, {len(right)} rightly, "
        f"{len(unread)} not judged"
    )
    return "\n".join([head, *false, *unread])


def names(result: SubmissionResult, cells: list[str]) -> set[str]:
    """Give the mistakes named in these cells."""
    return {check.mistake for cell in cells for check in result.cells[cell].checks if check.mistake}


if __name__ == "__main__":
    main()
