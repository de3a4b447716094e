"""Time stock `nbgrader autograde` against `autograder grade` on the same class, in one run, and print the ratio.

    python benchmarks/compare_with_stock.py [STUDENTS]

Both work on copies of this repository's course with a gradebook that knows the assignment. Stock executes the same
notebooks; they hold no hidden checks, since stock would need these inside the notebook. Times are of whole commands,
start-up included.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook, read_sample
from autograder.configure import find_programs
from autograder.course import Course
from autograder.gradebook.opening import registered

REPOSITORY = Path(__file__).parents[1]
ID = "perceptron"
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "perceptron"\n'


def make_course(root: Path, students: int) -> None:
    """Make a course with a class: right answers in many styles, and each tenth with a mistake."""
    for part in ("source", "release", "assignments"):
        shutil.copytree(REPOSITORY / part / ID, root / part / ID)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    course = Course(root)
    assignment = course.assignment(ID)
    registered(course, assignment, nb.read(assignment.release)).close()
    samples = sorted(assignment.samples.glob("*.toml"))[:9]
    for number in range(students):
        folder = course.submission(assignment, f"s{number:04}")
        folder.mkdir(parents=True)
        sample = read_sample(samples[number % len(samples)])
        (folder / f"{ID}.ipynb").write_text(nb.to_text(answer_notebook(assignment, sample)))


def seconds(command: list[str], root: Path) -> float:
    """Run a command in a course, and give its wall time."""
    start = time.perf_counter()
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Run both, in turn."""
    students = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    find_programs()
    with tempfile.TemporaryDirectory() as scratch:
        ours, stock = Path(scratch, "ours"), Path(scratch, "stock")
        make_course(ours, students)
        shutil.copytree(ours, stock)
        (stock / "nbgrader_config.py").write_text(STOCK)
        stock_time = seconds([sys.executable, "-m", "nbgrader", "autograde", ID], stock)
        our_time = seconds([sys.executable, "-m", "autograder", "grade", ID], ours)
        again = seconds([sys.executable, "-m", "autograder", "grade", ID], ours)
    print(f"{students} submissions   {'seconds':>8} {'each':>8}")
    for name, time_taken in (
        ("nbgrader autograde, stock", stock_time),
        ("autograder grade", our_time),
        ("autograder grade, a second run", again),
    ):
        print(f"{name:<31}{time_taken:8.2f} {time_taken / students:8.3f}")
    print(f"ratio stock / kit: {stock_time / our_time:.1f}")


if __name__ == "__main__":
    main()
