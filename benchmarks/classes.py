"""Classes to measure with: courses with a registered gradebook and so many submissions."""

import shutil
from pathlib import Path

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook, read_sample
from autograder.configure import find_programs
from autograder.course import Course
from autograder.gradebook.opening import registered

REPOSITORY = Path(__file__).parents[1]
ID = "perceptron"


def make_course(root: Path) -> Course:
    """Make a course with a gradebook that knows the assignment, and with nobody in it."""
    find_programs()
    for part in ("source", "release", "assignments"):
        shutil.copytree(REPOSITORY / part / ID, root / part / ID)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    course = Course(root)
    assignment = course.assignment(ID)
    registered(course, assignment, nb.read(assignment.release)).close()
    return course


def hand_in(course: Course, students: int) -> None:
    """Let so many students hand in: eight in ten right, in four styles, and two with one mistake each, of five.

    The text of each is its own, so that nothing is saved by equal notebooks or equal answers.
    """
    assignment = course.assignment(ID)
    samples = [read_sample(path) for path in sorted(assignment.samples.glob("*.toml"))[:9]]
    notebooks = [answer_notebook(assignment, sample) for sample in samples]
    right, wrong = notebooks[:4], notebooks[4:]
    for number in range(students):
        notebook = wrong[number // 5 % len(wrong)] if number % 5 == 4 else right[number % len(right)]
        written = next(cell for cell in notebook.cells if nb.grade_id(cell) == "xor_explanation")
        written["source"] = f"Answer {number}: no single line parts the two classes."
        folder = course.submission(assignment, f"s{number:05}")
        folder.mkdir(parents=True)
        (folder / f"{ID}.ipynb").write_text(nb.to_text(notebook))
