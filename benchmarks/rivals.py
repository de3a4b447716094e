"""What others need for the same submissions: stock nbgrader, and otter-grader in an environment of its own."""

import json
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

from classes import ID

from autograder.course import Course

_STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "perceptron"\n'

# The same functions, asked for the same kinds of things as by the hidden checks: 23 cases.
_STEP = (
    "bool(step(2.0) == 1 and step(-2.0) == 0)",
    "int(step(0.0)) == 1",
    "[int(step(z)) for z in (1e-9, -1e-9, 1e-3, -1e-3)] == [1, 0, 1, 0]",
    "np.asarray(step(np.array([-3.0, 0.25, 40.0]))).tolist() == [0, 1, 1]",
    "np.asarray(step(np.array([0.0, -1.0, 1.0]))).tolist() == [1, 0, 1]",
    "np.asarray(step(np.array([[-2.0, 7.0], [0.5, -0.5]]))).tolist() == [[0, 1], [1, 0]]",
)
_FORWARD = (
    "all(int(forward(np.array([x, 1.0]), np.array([0.5, -0.25]), 0.25)) == (x >= 0) for x in range(-5, 6))"
)
_UPDATE = (
    "bool(np.allclose(update(np.array([0.25, -0.5]), -0.25, np.array([1.0, 1.0]), 1, 0.5)[0], [0.75, 0.0]))"
)
_TRAINED = "train(X, np.array({0}), 0.5, np.random.default_rng(1).integers(4, size=100))"
_LEARNS = f"forward(X, *{_TRAINED}[:2]).tolist() == {{0}}"
_GATES = ("[0, 0, 0, 1]", "[0, 0, 0, 1]", "[0, 1, 1, 1]", "[1, 1, 1, 0]")
_CASES = {
    "step": _STEP,
    "forward": 6 * (_FORWARD,),
    "update": 7 * (_UPDATE,),
    "learns": tuple(_LEARNS.format(gate) for gate in _GATES),
}


def seconds(command: list[str], cwd: Path) -> float:
    """Run a command, and give its wall time."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - start


class Stock:
    """Stock nbgrader on copies of a course with its first submissions."""

    def __init__(self, course: Course, scratch: Path, students: int) -> None:
        self._root = scratch / f"stock-{students}"
        skipped = shutil.ignore_patterns("submitted", "autograded", "feedback", ".autograder")
        shutil.copytree(course.root, self._root, ignore=skipped)
        (self._root / "nbgrader_config.py").write_text(_STOCK)
        for folder in sorted((course.root / "submitted").iterdir())[:students]:
            shutil.copytree(folder, self._root / "submitted" / folder.name)
        (self._root / "gradebook.db").unlink()
        self._run("generate_assignment", ID, "--force")

    def autograde(self) -> float:
        """Time grading."""
        return self._run("autograde", ID)

    def feedback(self) -> float:
        """Time feedback."""
        return self._run("generate_feedback", ID)

    def _run(self, *arguments: str) -> float:
        return seconds([sys.executable, "-m", "nbgrader", *arguments], self._root)


class Otter:
    """otter-grader with equivalent tests."""

    def __init__(self, scratch: Path) -> None:
        self._folder = scratch / "otter"
        venv.create(self._folder / "env", with_pip=True)
        self._bin = self._folder / "env" / "bin"
        packages = ["otter-grader", "numpy", "matplotlib", "ipykernel"]
        seconds([str(self._bin / "pip"), "install", "--quiet", *packages], self._folder)
        for name, cases in _CASES.items():
            self._write(name, cases)
        (self._folder / "out").mkdir()
        generate = ["generate", "-t", "tests", "-o", "autograder.zip", "--no-environment", "--no-config"]
        seconds([str(self._bin / "otter"), *generate], self._folder)

    def run(self, notebook: Path) -> float:
        """Time one submission, after seeing that all 23 cases pass."""
        command = [str(self._bin / "otter"), "run", "-a", "autograder.zip", "-o", "out", "--no-logo"]
        taken = seconds([*command, str(notebook)], self._folder)
        tests = json.loads((self._folder / "out" / "results.json").read_text())["tests"]
        passed = sum(test.get("score") or 0 for test in tests)
        if passed != sum(map(len, _CASES.values())):
            raise RuntimeError(f"otter gives {passed} points to a right submission: {tests}")
        return taken

    def _write(self, name: str, cases: tuple[str, ...]) -> None:
        written = [
            {"code": f">>> {case}\nTrue", "hidden": True, "locked": False, "points": 1} for case in cases
        ]
        suite = {"cases": written, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test = {"name": name, "points": len(cases), "suites": [suite]}
        path = self._folder / "tests" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"OK_FORMAT = True\n\ntest = {test!r}\n")
