"""A term with each LMS: class list in, submissions in, grade, grades back, feedback back."""

import shutil
import zipfile
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course
from tests.conftest import ID, UNTOUCHED, World
from tests.lms import importers
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


class Played:
    """A term that was played: what students got, the filled file, and the zip of feedback."""

    def __init__(self, world: World, export: str, members: dict[str, bytes]) -> None:
        lms_file, download = world.root / export, zipped(world.root / "download.zip", members)
        lms_file.write_bytes(sample(export))
        names = ("--who", str(lms_file)) if "worksheet" in export else ()
        ran = world.run("unpack", ID, str(download), "--timezone", "UTC", *names)
        assert ran.status == 0, ran.out + ran.err
        self.scores = {student: row["score"] for student, row in world.grade().items()}
        assert self.scores["s02"] == 0
        assert 0 < self.scores["s01"] < 16
        filled, feedback = world.root / "filled", world.root / "feedback.zip"
        into = ["--into", str(lms_file), "-o", str(filled)]
        column = [] if "worksheet" in export else ["--column", "ps1"]
        self.exported = world.run("export", ID, *into, *column, "--comments", "--provisional")
        assert self.exported.status == 0, self.exported.err
        self.filled = filled.read_bytes()
        back = ["--return", str(download), "-o", str(feedback)]
        self.returned = world.run("feedback", ID, *back, *names, "--provisional")
        self.pages = {}
        if feedback.exists():
            with zipfile.ZipFile(feedback) as file:
                self.pages = {name: file.read(name).decode() for name in file.namelist()}
        self.world = world

    def same(self, taken: dict[str, str]) -> bool:
        """Tell whether these are the students' scores, as text."""
        return {student: float(text) for student, text in taken.items()} == self.scores

    def pages_of(self, student: str) -> list[str]:
        """Give the places in the zip of this student's page."""
        path = self.world.course.feedback(self.world.assignment, student) / f"{ID}.html"
        return [name for name, page in self.pages.items() if page == path.read_text()]


def enrolled(world: World, export: str, *arguments: str) -> None:
    path = world.root / f"class-{export}"
    path.write_bytes(sample(export))
    ran = world.run("roster", str(path), *arguments)
    assert ran.status == 0, ran.err


def test_a_term_with_canvas(term: World) -> None:
    enrolled(term, "canvas-before.csv")
    names = {"s01": "älvarezzoë_901_55501_ps1.ipynb", "s02": "oneiljrbo_LATE_902_55502_ps1-1.ipynb"}
    played = Played(
        term, "canvas-before.csv", {name: handed(term, student) for student, name in names.items()}
    )
    taken = importers.canvas(played.filled)
    assert taken.pop("999") == ""  # Canvas's test student
    assert played.same({"s01": taken["901"], "s02": taken["902"]})
    assert "7f3a" in played.exported.out
    for student, name in names.items():
        assert played.pages_of(student) == [f"{name.rpartition('_')[0]}_{ID}.html"]


def test_a_term_with_moodle(term: World) -> None:
    """The class list from the gradebook; the worksheet says who the participants are, and takes the grades."""
    enrolled(term, "moodle-gradebook-before.csv")
    members = {
        "Zoë Älvarez_701_assignsubmission_file/ps1.ipynb": handed(term, "s01"),
        "Bo O'Neil, Jr._702_assignsubmission_file/ps1.ipynb": handed(term, "s02"),
    }
    played = Played(term, "moodle-worksheet-before.csv", members)
    taken = importers.moodle_worksheet(played.filled)
    assert played.same({"s01": taken["701"][0], "s02": taken["702"][0]})
    assert taken["701"][1].startswith("<p>test_step: ")
    assert played.pages_of("s01") == [f"Zoë Älvarez_701_assignsubmission_file/{ID}.html"]
    assert played.pages_of("s02") == [f"Bo O'Neil, Jr._702_assignsubmission_file/{ID}.html"]
    assert (term.folder("s01") / "timestamp.txt").read_text() == "2026-01-05 15:04:00.000000 UTC\n"
    # The same grades by the gradebook's import.
    path, out = term.root / "gradebook.csv", term.root / "gradebook-filled.csv"
    path.write_bytes(sample("moodle-gradebook-before.csv"))
    ran = term.run("export", ID, "--into", str(path), "-o", str(out), "--provisional", "--force")
    assert ran.status == 0, ran.err
    assert played.same(importers.moodle_gradebook(out.read_bytes(), "ID number", "Assignment: ps1 (Real)"))


def test_a_term_with_blackboard(term: World) -> None:
    enrolled(term, "blackboard-before.xls")
    name = "ps1_{}_attempt_2026-01-0{}-15-04-59{}"
    members = {
        name.format("s01", 4, "_old.ipynb"): handed(term, "s02"),
        name.format("s01", 5, "_ps1.ipynb"): handed(term, "s01"),
        name.format("s01", 5, ".txt"): b"Name: Zo\xc3\xab (s01)",
        name.format("s02", 5, "_ps1.ipynb"): handed(term, "s02"),
    }
    played = Played(term, "blackboard-before.xls", members)
    assert played.same(importers.blackboard(played.filled))
    assert played.returned.status == 2
    assert "takes no feedback files back" in played.returned.err
    assert not played.pages


def test_a_term_with_brightspace(term: World) -> None:
    enrolled(term, "brightspace-before.csv", "--id", "OrgDefinedId")
    places = {
        "s01": "1501-90210 - Zoë Älvarez - Jan 5, 2026 304 PM",
        "s02": "1502-90210 - Bo O'Neil, Jr. - Jan 5, 2026 1104 AM",
    }
    # Its exports do not have the ids of its downloads: an instructor writes them down once.
    ids = term.root / "ids.csv"
    ids.write_text("id,lms_user_id\ns01,1501\ns02,1502\n")
    assert term.run("roster", str(ids)).status == 0
    members = {f"{place}/ps1.ipynb": handed(term, student) for student, place in places.items()}
    played = Played(term, "brightspace-before.csv", members | {"index.html": b""})
    assert played.same(importers.brightspace(played.filled, "ps1"))
    for student, place in places.items():
        assert played.pages_of(student) == [f"{place}/{ID}.html"]


def test_a_term_with_sakai(term: World) -> None:
    enrolled(term, "sakai-before.csv")
    folders = {"s01": "ps1/Älvarez, Zoë(s01)", "s02": "ps1/O'Neil, Jr., Bo(s02)"}
    members = {
        f"{folder}/Submission attachment(s)/ps1.ipynb": handed(term, student)
        for student, folder in folders.items()
    }
    members |= {f"{folder}/timestamp.txt": b"2026-01-05T15:04:59Z" for folder in folders.values()}
    played = Played(term, "sakai-before.csv", members)
    taken = importers.sakai(played.filled, "ps1")
    assert played.same({student: grade for student, (grade, _) in taken.items()})
    assert taken["s01"][1].startswith("test_step: ")
    for student, folder in folders.items():
        assert played.pages_of(student) == [f"{folder}/Feedback Attachment(s)/{ID}.html"]
