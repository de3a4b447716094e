"""A class of sample students in a copy of the course: what the kit does, from source notebook to grade file."""

import shutil
from pathlib import Path

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook, read_sample
from autograder.course import CONFIG_FILE, Assignment, Course
from autograder.errors import InstructorError

_MARKER = ".made-by-autograder-demo"


def make_course(course: Course, assignment: Assignment, folder: Path) -> tuple[Course, Assignment]:
    """Copy what an instructor writes into a fresh folder. An earlier demo there is replaced, nothing else."""
    if folder.exists():
        if not (folder / _MARKER).is_file():
            raise InstructorError(f"{folder} is there already and is no earlier demo; name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARKER).touch()
    shutil.copy(course.root / CONFIG_FILE, folder)
    without_caches = shutil.ignore_patterns("__pycache__")
    for part in ("source", "assignments"):
        shutil.copytree(
            course.root / part / assignment.id, folder / part / assignment.id, ignore=without_caches
        )
    copy = Course(folder)
    return copy, copy.assignment(assignment.id)


def hand_in(course: Course, assignment: Assignment) -> dict[str, Sample]:
    """Let each sample student hand in: a file in `samples/` is one, named by the student's id."""
    samples = {path.stem: read_sample(path) for path in sorted(assignment.samples.glob("*.toml"))}
    if not samples:
        raise InstructorError(f"there are no sample answers in {assignment.samples}")
    for student, sample in samples.items():
        folder = course.submission(assignment, student)
        folder.mkdir(parents=True)
        text = nb.to_text(answer_notebook(assignment, sample))
        (folder / f"{assignment.id}.ipynb").write_text(text, encoding="utf-8")
    return samples
