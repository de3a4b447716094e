"""`autograder calibrate`: on a miniature assignment of another subject, so that nothing of it knows perceptrons."""

import json
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Ran, World
from tests.processes import PATIENCE_SECONDS, ended, wait_until, workers

MINI = "mini"
TOML = """
title = "Halves"

[functions]
half = ["half(x) -> y"]

[tests]
test_half = "half"

[limits]
call_seconds = 0.1
cell_seconds = 0.1
"""
SOLUTION = "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"
CHECK = '''
import pytest

from autograder.judge import Examples

VALUES = (8.0, 3.0, -5.0, 0.5, 1 / 1024, 1234.5, 8.0)


@pytest.mark.check(
    "test_half",
    points=2,
    hint="Two halves make a whole.",
    inputs=lambda rng: Examples([(value,) for value in VALUES], [value / 2 for value in VALUES]),
)
def test_halves(student, inputs):
    """half of several numbers"""
    student.half.agrees(inputs)
'''
VALUES = "(8.0, 3.0, -5.0, 0.5, 1 / 1024, 1234.5, 8.0)"
MISTAKES = """
import numpy as np

from autograder.judge import mistake

FACTOR = 3


@mistake("half", student="Is the half more or less than the whole?", instructor="Doubles.")
def doubles(x):
    return 2 * x
"""
TRIPLES = """

@mistake("half", student="Is it?", instructor="Multiplies by the factor.")
def by_the_factor(x):
    return FACTOR * x


@mistake("half", student="Is it?", instructor="Multiplies by five.")
def by_five(x):
    return 5 * x
"""
WAITS = """

def wait():
    end = time.process_time() + 0.6
    while time.process_time() < end:
        pass
"""
VARIANT = '''
about = "{about}"

[cells]
half = """
def half(x):
    return {value}
"""
'''


def cell(name: str, source: str, **marks: bool | float) -> dict:
    marks = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, **marks}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name.replace("_", "-"),
        "metadata": {"nbgrader": {"grade_id": name, **marks}},
        "outputs": [],
        "source": source,
    }


def write_notebook(path: Path, half: str) -> None:
    cells = [
        cell("setup", "import numpy as np\n\nFACTOR = 5", locked=True),
        cell("half", half, solution=True),
        cell("test_half", "assert half(4.0) == 2.0", grade=True, locked=True, points=2.0),
    ]
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


class Mini(World):
    """A course with the miniature assignment."""

    @property
    def folder_of_it(self) -> Path:
        return self.root / "assignments" / MINI

    def put(self, name: str, text: str) -> None:
        path = self.folder_of_it / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def line_of(self, name: str, text: str) -> str:
        """Give the place of a text in a file as messages name it."""
        lines = (self.folder_of_it / name).read_text().splitlines()
        number = next(number for number, line in enumerate(lines, 1) if text in line)
        return f"{self.folder_of_it / name}:{number}"

    def calibrate(self, *arguments: str) -> Ran:
        return self.run("calibrate", MINI, "--jobs", "1", *arguments)

    def found(self) -> dict:
        return json.loads((self.root / ".autograder" / "calibration" / f"{MINI}.json").read_text())


@pytest.fixture
def mini(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Mini:
    (tmp_path / "nbgrader_config.py").write_text("")
    write_notebook(tmp_path / "source" / MINI / f"{MINI}.ipynb", SOLUTION)
    write_notebook(
        tmp_path / "release" / MINI / f"{MINI}.ipynb", "def half(x):\n    raise NotImplementedError"
    )
    mini = Mini(tmp_path, capsys)
    mini.put("assignment.toml", TOML)
    mini.put("checks/test_half.py", CHECK)
    mini.put("mistakes.py", MISTAKES)
    mini.put("variants/by_multiplying.toml", VARIANT.format(about="Multiplies.", value="0.5 * x"))
    return mini


def test_good_checks_are_found_good(mini: Mini) -> None:
    mini.put("variants/hostile.toml", VARIANT.format(about="<script>alert(1)</script>", value="x / 2"))
    ran = mini.calibrate()
    assert ran.status == 0, ran.out + ran.err
    assert "Every verdict is as it must be." in ran.out
    found = mini.found()
    assert found["findings"] == found["notes"] == []
    assert {each["kind"] for each in found["answers"]} == {"solution", "variant", "stub", "mistake", "mutant"}
    assert {each["how"] for each in found["answers"]} > {"operator", "constant", "sign", "return", "memory"}
    (check,) = found["checks"]
    wrong = [answer for answer in found["answers"] if answer["function"]]
    assert set(check["caught"]) == set(check["alone"]) == {answer["id"] for answer in wrong}
    assert [answer["mistakes"] for answer in wrong if answer["kind"] == "mistake"] == [["doubles"]]
    stands_alone(Path(re.search(r"Page: (.*)", ran.out).group(1)).read_text())


def test_inputs_that_take_long_to_make_are_noticed(mini: Mini) -> None:
    check = CHECK.replace("import pytest", "import time\n\nimport pytest", 1)
    mini.put("checks/test_half.py", check.replace("rng: Ex", "rng: wait() or Ex") + WAITS)
    ran = mini.calibrate()
    assert ran.status == 0, ran.err
    (note,) = mini.found()["notes"]
    assert re.search(r"test_half\.py:\d+.* takes 0\.[67] seconds to make its inputs", note)


def stands_alone(page: str) -> None:
    """Nothing runs in it and nothing is loaded, and the picture is told in words."""
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=|url\(|@import", page)
    picture = page[page.index("<svg") : page.index("</svg>")]
    title, text = re.search(r'role="img" aria-labelledby="(\S+) (\S+)"', picture).groups()
    assert f'<title id="{title}">' in picture
    assert "half of several numbers: " in picture[picture.index(f'<desc id="{text}">') :]


def test_wrong_verdicts_are_told(mini: Mini) -> None:
    mini.put("checks/test_half.py", CHECK.replace(VALUES, "(8.0,)"))
    mini.put("variants/less.toml", VARIANT.format(about="Halves less.", value="0.5 * x - 1e-3"))
    by_the_clock = "x / 2 + __import__('time').time()"
    mini.put("variants/clock.toml", VARIANT.format(about="Goes by the clock.", value=by_the_clock))
    # The factor is 3 in the file of mistakes, and 5 in the notebook, where it does what the other one does.
    mini.put("mistakes.py", MISTAKES + TRIPLES)
    ran = mini.calibrate()
    assert ran.status == 1
    assert "a right answer loses points: variant-less (Halves less.)" in ran.out
    assert "two runs differ: variant-clock (Goes by the clock.)" in ran.out
    assert "taken for another mistake: mistake-by_the_factor" in ran.out
    assert "by_five, and it is another one" in ran.out
    assert re.search(
        r"a wrong answer gets full points: mutant-\d+ \(half: operator: return x // 2\)", ran.out
    )
    kinds = Counter(finding["kind"] for finding in mini.found()["findings"])
    survivors = kinds.pop("a wrong answer gets full points")
    assert survivors > 3
    assert kinds == {"a right answer loses points": 2, "two runs differ": 1, "taken for another mistake": 1}


def test_equivalent_mutant_is_declared_with_a_reason(mini: Mini) -> None:
    """x // 2 is x / 2 for these numbers."""
    mini.put("checks/test_half.py", CHECK.replace(VALUES, "(8.0, 2.0, 4.0, 8.0, 2.0, 4.0, 8.0)"))
    values = "[values.half]\nx = [2, 4, 8]\ny = [1, 2, 4]\n"
    lines = ["[[equivalent]]", 'function = "half"', 'change = "return x // 2"', 'reason = "x is even."']
    mini.put("calibration.toml", values + "\n".join(lines))
    ran = mini.calibrate("--output", str(mini.root / "reports"))
    assert ran.status == 0, ran.out + ran.err
    assert "half: return x // 2" in ran.out
    assert "x is even." in (mini.root / "reports" / f"{MINI}.html").read_text()


def test_equivalent_that_can_be_told_apart_is_refused(mini: Mini) -> None:
    text = '[[equivalent]]\nfunction = "half"\nchange = "return x // 2"\nreason = "Because."\n'
    mini.put("calibration.toml", text)
    ran = mini.calibrate()
    assert ran.status == 2
    assert mini.line_of("calibration.toml", "return x // 2") in ran.err
    assert "returned" in ran.err


@pytest.mark.parametrize(
    ("file", "text", "at", "reason"),
    [
        ("mistakes.py", MISTAKES.replace("2 * x", "twice(x)"), "def doubles", "raises NameError whatever"),
        (
            "mistakes.py",
            MISTAKES.replace("return 2 * x", "while True: pass"),
            "def doubles",
            "does not end in time",
        ),
        ("mistakes.py", MISTAKES + "\n1 / 0\n", "1 / 0", "ZeroDivisionError"),
        ("mistakes.py", MISTAKES.replace('"half", s', '"third", s'), "def doubles", "does not declare"),
        ("checks/test_half.py", CHECK.replace('"Two halves make a whole."', '""'), "@pytest", "needs a hint"),
        ("checks/test_half.py", CHECK.replace("points=2", "points=0"), "@pytest", "needs points"),
        (
            "checks/test_half.py",
            CHECK.replace("student.half.agrees(inputs)", "pass"),
            "@pytest",
            "for nothing",
        ),
        (
            "calibration.toml",
            '[[equivalent]]\nfunction="half"\nchange="x"\nreason=""',
            "change",
            "no mutant of half",
        ),
        ("calibration.toml", "[valuse]\n", "valuse", "unknown field"),
        ("variants/broken.toml", 'about = "x"\n[cells]\nthird = ""', "", "which the notebook has not"),
    ],
)
def test_bad_input_names_file_and_line(mini: Mini, file: str, text: str, at: str, reason: str) -> None:
    mini.put(file, text)
    ran = mini.calibrate()
    assert ran.status == 2
    assert reason in ran.err
    # Where the line is another library's to know, the file is named.
    line = mini.line_of(file, at) if at and not file.endswith(".toml") else str(mini.folder_of_it / file)
    assert line.rpartition(":")[0] in ran.err
    if at.startswith(("def", "1 / 0")):
        assert re.search(
            rf"mistakes\.py:{int(line.rpartition(':')[2]) - ('def' in at)}\b|{re.escape(line)}\b", ran.err
        )


def test_mutant_that_never_ends_is_ended(mini: Mini) -> None:
    body = "n = 0\n    while n > 0:\n        n = n - 1\n    return x / 2"
    path = mini.root / "source" / MINI / f"{MINI}.ipynb"
    path.write_text(path.read_text().replace("return x / 2", json.dumps(body)[1:-1]))
    mini.put("checks/test_half.py", CHECK.replace(VALUES, "(8.0,)"))
    mini.calibrate()
    endless = [answer for answer in mini.found()["answers"] if answer["about"] == "while n <= 0:"]
    assert [answer["scores"] for answer in endless] == [{"test_half": 0.0}]


def test_stopped_says_no_more_than_that(mini: Mini) -> None:
    """A class run goes on from where it was stopped, and says so; a calibration begins anew."""
    with ended(mini.command("calibrate", MINI)) as process:
        wait_until(lambda: workers(process))
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert process.returncode == 130, said
    assert said.endswith("autograder: stopped.\n")


def test_submissions_are_not_judged_by_the_authors_answers(mini: Mini) -> None:
    """Else a new one would make a whole class be judged anew."""
    mini.put("samples/s01.toml", 'about = "x"')
    mini.put("calibration.toml", "")
    assignment = mini.course.assignment(MINI)
    assert [path.name for path in assignment.judged_by()] == [
        "assignment.toml",
        "test_half.py",
        "mistakes.py",
    ]
