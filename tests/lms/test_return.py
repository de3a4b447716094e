"""autograder feedback --return: the zip that the LMS takes back, read by the LMS's own rules."""

import re
import zipfile
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook
from autograder.gradebook.people import Person
from tests.conftest import ID, RIGHT, World
from tests.lms.class_of import enrol, give
from tests.lms.files import sample
from tests.lms.unpacked import BO, ZOE
from tests.lms.zips import zipped

MIXED_UP = Person("s03", "Zoë", "Älvarez", "s03@uni.example", "903")
"""Somebody of the same name as another student."""


@pytest.fixture
def course(world: World) -> World:
    """Three graded students; each page has its student's id in it."""
    enrol(world, ZOE, BO, MIXED_UP)
    give(world, {"s01": 16.0, "s02": 3.0, "s03": 0.0})
    text = nb.to_text(answer_notebook(world.assignment, RIGHT))
    for student in ("s01", "s02", "s03"):
        folder = world.course.autograded(world.assignment, student)
        folder.mkdir(parents=True)
        (folder / f"{ID}.ipynb").write_text(text.replace("def step", f"# by {student}\\ndef step"))
    return world


def give_back(world: World, members: list[str], *arguments: str) -> dict[str, bytes]:
    download, out = world.root / "download.zip", world.root / "feedback.zip"
    zipped(download, dict.fromkeys(members, b"{}"))
    ran = world.run("feedback", ID, "--return", str(download), "-o", str(out), *arguments)
    assert ran.status == 0, ran.err
    again = out.read_bytes()
    world.run("feedback", ID, "--return", str(download), "-o", str(out), *arguments)
    assert out.read_bytes() == again, "a second run gives another zip"
    with zipfile.ZipFile(out) as file:
        return {name: file.read(name) for name in file.namelist()}


def whose(page: bytes) -> str:
    (student,) = set(re.findall(rb"# by (s\d\d)", page))
    return student.decode()


def test_moodle(course: World, tmp_path: Path) -> None:
    """importziplib: the 2nd of at least four parts is the participant, the 3rd and 4th an existing plugin."""
    worksheet = tmp_path / "worksheet.csv"
    line = b'"Participant 703","Zo\xc3\xab \xc3\x84lvarez",s03@uni.example,"",,20.00,Yes,-,-,\n'
    worksheet.write_bytes(sample("moodle-worksheet-before.csv") + line)
    names = [
        "Zoë Älvarez_703_assignsubmission_file/ps1.ipynb",
        "Bo O'Neil, Jr._702_assignsubmission_file_/src/ps1.ipynb",
        "Zoë Älvarez_701_assignsubmission_file/ps1.ipynb",
    ]
    pages = give_back(course, names, "--who", str(worksheet))
    found = {}
    for name, page in pages.items():
        folder, file = name.split("/")
        _, participant, *plugin = folder.split("_")
        assert plugin == ["assignsubmission", "file"]
        assert file == "ps1.html"
        found[participant] = whose(page)
    assert found == {"701": "s01", "702": "s02", "703": "s03"}


def test_canvas(course: World) -> None:
    """generate_comments_from_files: the base name's first two numbers are user and attachment."""
    names = [
        "älvarezzoë_903_55503_ps1-1.ipynb",
        "oneiljrbo_LATE_902_55502_ps1.ipynb",
        "team_1_901_55501_ps1.ipynb",
    ]
    pages = give_back(course, names)
    found = {}
    for name, page in pages.items():
        assert "/" not in name
        assert name.endswith(".html")
        user, attachment = [word for word in name.split("_") if word.isdecimal()][:2]
        found[user, attachment] = whose(page)
    assert found == {("901", "55501"): "s01", ("902", "55502"): "s02", ("903", "55503"): "s03"}


def test_brightspace_keeps_the_names_of_folders(course: World) -> None:
    names = [
        "903-9 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb",
        "901-9 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb",
        "901-9 - Zoë Älvarez - Jan 6, 2026 304 PM/sub/ps1.ipynb",
        "index.html",
    ]
    pages = give_back(course, names)
    assert {name: whose(page) for name, page in pages.items()} == {
        "903-9 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.html": "s03",
        "901-9 - Zoë Älvarez - Jan 6, 2026 304 PM/ps1.html": "s01",
    }


def test_sakai_puts_them_among_the_feedback_attachments(course: World) -> None:
    names = [
        "My ps1/Älvarez, Zoë(s03)/Submission attachment(s)/ps1.ipynb",
        "My ps1/Älvarez, Zoë(s01)/Submission attachment(s)/ps1+1.ipynb",
        "My ps1/Älvarez, Zoë(s01)/timestamp.txt",
        "My ps1/grades.csv",
    ]
    pages = give_back(course, names)
    assert {name: whose(page) for name, page in pages.items()} == {
        "My ps1/Älvarez, Zoë(s03)/Feedback Attachment(s)/ps1.html": "s03",
        "My ps1/Älvarez, Zoë(s01)/Feedback Attachment(s)/ps1.html": "s01",
    }


def test_never_another_students_page(course: World) -> None:
    """Strangers, files named by other students' numbers, and one name for two: nobody gets what is not theirs."""
    names = [
        "älvarezzoë_901_55501_902_55502_ps1.ipynb",
        "stranger_777_55507_902_55502_ps1.ipynb",
        "älvarezzoë_903_55503_ps1.ipynb",
        "LATE_anon_902_55509_ps1.ipynb",
        "notes_902.ipynb",
    ]
    pages = give_back(course, names)
    assert {name: whose(page) for name, page in pages.items()} == {
        "älvarezzoë_901_55501_902_55502_ps1.html": "s01",
        "älvarezzoë_903_55503_ps1.html": "s03",
    }


def test_the_page_takes_the_place_of_the_notebook_that_was_due(course: World) -> None:
    """Not that of another one beside it, under whose name an LMS would show it."""
    names = ["a_901_1_aaa_helper.ipynb", f"a_901_2_{ID}.ipynb", "b_902_3_aaa.ipynb", "b_902_4_bbb.ipynb"]
    assert set(give_back(course, names)) == {f"a_901_2_{ID}.html", "b_902_3_aaa.html"}


def test_the_page_does_not_take_the_place_of_jupyters_own_copy(course: World) -> None:
    folder = "My ps1/Älvarez, Zoë(s01)/Submission attachment(s)"
    pages = give_back(course, [f"{folder}/.ipynb_checkpoints/a-checkpoint.ipynb", f"{folder}/b.ipynb"])
    assert list(pages) == ["My ps1/Älvarez, Zoë(s01)/Feedback Attachment(s)/b.html"]


def test_only_those_who_are_asked_for(course: World) -> None:
    pages = give_back(course, ["a_901_1_x.ipynb", "b_902_2_x.ipynb"], "--student", "s02")
    assert [whose(page) for page in pages.values()] == ["s02"]


def test_what_cannot_be_given_back(course: World) -> None:
    download, out = course.root / "download.zip", course.root / "out.zip"
    zipped(download, {"ps1_s01_attempt_2026-01-05-15-04-59_ps1.ipynb": "{}"})
    ran = course.run("feedback", ID, "--return", str(download), "-o", str(out))
    assert ran.status == 2
    assert "--comments" in ran.err
    zipped(download, {"stranger_777_1_ps1.ipynb": "{}"})
    ran = course.run("feedback", ID, "--return", str(download), "-o", str(out))
    assert ran.status == 2
    assert "no zip was made" in ran.err
    assert "stranger_777_1_ps1.ipynb: nobody in the class has this id" in ran.out
    for arguments in (
        ["--return", str(download)],
        ["-o", str(out)],
        ["--return", str(download), "-o", str(download)],
    ):
        assert course.run("feedback", ID, *arguments).status == 2
    assert not out.exists()
    assert not [path for path in course.root.iterdir() if path.suffix == ".new"]
