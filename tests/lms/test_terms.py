"""A term with each LMS: class list in, submissions in, grade, grades back, feedback back."""

import shutil
import zipfile
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from tests.conftest import ID, UNTOUCHED, World
from tests.lms.files import sample
from tests.lms.zips import zipped

FIRST = Sample(about="", cells={"step": "def step(z):\n    return np.where(z > 0, 1, 0)"})
WRITTEN = {"s01": FIRST, "s02": UNTOUCHED}


@pytest.fixture(scope="module")
def graded(registered_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same submissions, judged once: later runs find the verdicts and only write them."""
    root = tmp_path_factory.mktemp("terms") / "course"
    shutil.copytree(registered_course, root)
    world = World.__new__(World)
    world.root, world.course = root, Course(root)
    for student, written in WRITTEN.items():
        world.hand_in(student, written)
    assert world.command("grade", ID, "--quiet").wait() == 0
    return root


@pytest.fixture
def term(world: World, graded: Path) -> World:
    """A course where nobody has handed in, with the kept verdicts of the same notebooks."""
    shutil.copytree(graded / ".autograder", world.root / ".autograder", dirs_exist_ok=True)
    return world


def handed(world: World, student: str) -> bytes:
    return nb.to_text(answer_notebook(world.assignment, WRITTEN[student])).encode()


def play(
    world: World, export: str, members: dict[str, bytes], scores: dict[str, float], *who: str, key: str = ""
) -> tuple[bytes, dict[str, bytes]]:
    """Play a term, and give the filled file and the feedback's zip."""
    lms_file, download = world.root / export, zipped(world.root / "download.zip", members)
    lms_file.write_bytes(sample(export))
    if not who:
        ran = world.run("roster", str(lms_file), *(["--id", key] if key else []))
        assert ran.status == 0, ran.err
    ran = world.run("unpack", ID, str(download), *who, "--timezone", "UTC")
    assert ran.status == 0, ran.out
    assert {student: row["score"] for student, row in world.grade().items()} == scores
    filled, zip_out = world.root / "filled", world.root / "feedback.zip"
    ran = world.run("export", ID, "--into", str(lms_file), "-o", str(filled), "--comments", "--provisional")
    assert ran.status == 0, ran.err
    ran = world.run("feedback", ID, "--return", str(download), "-o", str(zip_out), *who, "--provisional")
    pages = {}
    if zip_out.exists():
        with zipfile.ZipFile(zip_out) as file:
            pages = {name: file.read(name) for name in file.namelist()}
    return filled.read_bytes(), pages


SCORES = {"s01": 12.0, "s02": 0.0}
