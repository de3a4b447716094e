"""autograder feedback --return: the zip that the LMS takes back, read by the LMS's own rules."""

import csv
import os
import re
import time
import zipfile
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook
from autograder.gradebook.people import Person
from tests.conftest import ID, RIGHT, World
from tests.lms.class_of import enrol, give
from tests.lms.files import sample
from tests.lms.unpacked import BO, ZOE, fill_in, run
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


def grade_again(world: World) -> None:
    """Let what was unpacked since be what was graded."""
    later = time.time() + 1
    for path in (world.root / "autograded").rglob("*.ipynb"):
        os.utime(path, (later, later))


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
        assert file == f"{ID}.html"
        found[participant] = whose(page)
    assert found == {"701": "s01", "702": "s02", "703": "s03"}


def read_by_moodle(name: str, participants: set[str]) -> tuple[str, str]:
    """importziplib: give the participant and the file's name that the first part of a path says which it takes."""
    parts = name.split("/")
    if parts[-1].startswith((".", "~")):
        return "", ""
    while parts:
        words = parts.pop(0).split("_", 4)
        if len(words) >= 4 and words[1] in participants and words[2:4] == ["assignsubmission", "file"]:
            return words[1], "/".join([*filter(None, words[4:]), *parts])
    return "", ""


@pytest.mark.parametrize(
    "own", ["~x.ipynb", ".x.ipynb", "x_702_assignsubmission_file_ps1.ipynb", "PS1.IPYNB", "sub/.x.ipynb"]
)
def test_no_name_of_a_students_sends_moodle_a_page_elsewhere(course: World, tmp_path: Path, own: str) -> None:
    """Moodle reads names of files as participants', and passes over some in silence."""
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_bytes(sample("moodle-worksheet-before.csv"))
    names = [f"Zoë Älvarez_701_assignsubmission_file/{own}", f"Zoë Älvarez_701_assignsubmission_file_{own}"]
    for name in names:
        (place,) = give_back(course, [name], "--who", str(worksheet))
        assert read_by_moodle(place, {"701", "702"}) == ("701", f"{ID}.html")
        assert read_by_moodle(place, {"702"}) == ("", "")


def test_a_number_that_a_worksheet_has_twice_is_nobodys(course: World, tmp_path: Path) -> None:
    worksheet = tmp_path / "worksheet.csv"
    line = b'"Participant 702","Zo\xc3\xab \xc3\x84lvarez",s03@uni.example,"",,20.00,Yes,-,-,\n'
    worksheet.write_bytes(sample("moodle-worksheet-before.csv") + line)
    table = tmp_path / "unplaced.csv"
    team = "Team A_5_assignsubmission_file/x.ipynb"
    table.write_text(f"student,lms_id,name,member,reason,file\ns03,5,Team A,{team},,\n")
    names = [team, "Zoë Älvarez_701_assignsubmission_file/x.ipynb"]
    pages = give_back(course, names, "--who", str(worksheet), "--who", str(table))
    assert [whose(page) for page in pages.values()] == ["s01"]


@pytest.mark.parametrize("number", ["702", "33"])
def test_a_teams_page_goes_to_the_member_who_was_written_in(course: World, number: str) -> None:
    """By their own number: a team's may be another participant's."""
    worksheet = course.root / "worksheet.csv"
    line = b'"Participant 703","Zo\xc3\xab \xc3\x84lvarez",s03@uni.example,"",,20.00,Yes,-,-,\n'
    worksheet.write_bytes(sample("moodle-worksheet-before.csv") + line)
    team = f"Team A_{number}_assignsubmission_file/ps1.ipynb"
    name = "Zoë Älvarez_701_assignsubmission_file/ps1.ipynb"
    zipped(course.root / "download.zip", {team: "{}", name: "{}"})
    status, _ = run(course, course.root / "download.zip", "--who", str(worksheet))
    assert status == 1
    table = fill_in(course, {"Team A": "s03"})
    both = ["--who", str(worksheet), "--who", str(table)]
    status, said = run(course, course.root / "download.zip", *both)
    assert (status, "which counts" in said) == (0, False), said
    with (course.root / "unpacked" / ID / "placed.csv").open(newline="") as file:
        assert {row["student"]: row["lms_id"] for row in csv.DictReader(file)} == {"s01": "701", "s03": "703"}
    grade_again(course)
    pages = give_back(course, [team, name], *both)
    assert {place.split("/")[0]: whose(page) for place, page in pages.items()} == {
        "Participant_703_assignsubmission_file": "s03",
        "Zoë Älvarez_701_assignsubmission_file": "s01",
    }
    # Without the worksheet nothing says what the member's own number is.
    out = course.root / "without.zip"
    back = ["--return", str(course.root / "download.zip"), "-o", str(out), "--who", str(table)]
    ran = course.run("feedback", ID, *back)
    assert (ran.status, out.exists()) == (2, False)
    assert "s03: their own number in Moodle is not known" in ran.err


@pytest.mark.parametrize(
    ("odd", "other"),
    [
        ("901-9 - Zoë Älvarez/x.ipynb", "902-9 - Bo O'Neil - Jan 5, 2026 304 PM/x.ipynb"),
        ("anon_901_5_x.ipynb", "oneil_902_6_x.ipynb"),
        ("Zoe.ipynb", "X, Bo(s02)/Submission attachment(s)/x.ipynb"),
    ],
)
def test_what_has_no_place_of_the_lmss_gets_no_page(course: World, odd: str, other: str) -> None:
    """Also where somebody has written whose it is."""
    download = zipped(course.root / "download.zip", {odd: "{}", other: "{}"})
    assert run(course, download)[0] == 1
    table = fill_in(course, {odd: "s01"})
    assert run(course, download, "--who", str(table))[0] == 0
    grade_again(course)
    back = ["--return", str(download), "-o", str(course.root / "out.zip"), "--who", str(table)]
    ran = course.run("feedback", ID, *back)
    assert (ran.status, "1 page in" in ran.out) == (0, True), ran.out
    assert "No page for:\n  s01: their files are in no place of the LMS's" in ran.out


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


def written_in(world: World, numbers: dict[str, str]) -> str:
    """Say whose numbers of Brightspace's are, as two of one name need it."""
    path = world.root / "who.csv"
    rows = [f"{student},{number},,,,\n" for number, student in numbers.items()]
    path.write_text("student,lms_id,name,member,reason,file\n" + "".join(rows))
    return str(path)


@pytest.mark.parametrize("day", ["5 janv. 2026 15 h 04", "5 January, 2026 304 PM", "2026-01-05 1504"])
def test_brightspace_in_another_language(course: World, day: str) -> None:
    """The folder is Brightspace's, whatever its date is."""
    folder = f"902-9 - Bo O'Neil - {day}"
    pages = give_back(course, [f"{folder}/x.ipynb"], "--who", written_in(course, {"902": "s02"}))
    assert {name: whose(page) for name, page in pages.items()} == {f"{folder}/{ID}.html": "s02"}


def test_brightspace_keeps_the_names_of_folders(course: World) -> None:
    names = [
        "903-9 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb",
        "901-9 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb",
        "901-9 - Zoë Älvarez - Jan 6, 2026 304 PM/sub/ps1.ipynb",
        "index.html",
    ]
    pages = give_back(course, names, "--who", written_in(course, {"901": "s01", "903": "s03"}))
    assert {name: whose(page) for name, page in pages.items()} == {
        f"903-9 - Zoë Älvarez - Jan 5, 2026 304 PM/{ID}.html": "s03",
        f"901-9 - Zoë Älvarez - Jan 6, 2026 304 PM/{ID}.html": "s01",
    }


def test_nobody_gets_the_page_of_whose_id_their_number_is_by_chance(course: World) -> None:
    """What the class is known by at Brightspace may be another kind of number than a download's."""
    place = "{}-9 - {} - Jan 5, 2026 304 PM/x.ipynb"
    names = [
        place.format(901, "Cy Young"),
        place.format(902, "Bo O'Neil"),
        place.format(903, "Zoë Älvarez"),
    ]
    pages = give_back(course, names)
    assert [(name[:3], whose(page)) for name, page in pages.items()] == [("902", "s02")]
    who = written_in(course, {"901": "s03", "903": "s01"})
    pages = give_back(course, names, "--who", who)
    assert {name[:3]: whose(page) for name, page in pages.items()} == {
        "901": "s03",
        "902": "s02",
        "903": "s01",
    }


def test_of_two_with_one_place_neither_gets_it_and_the_others_do(course: World) -> None:
    """A group's folder, whose files a person has given to two of it."""
    folder = "1777-90210 - Team A - Jan 5, 2026 304 PM"
    names = [
        f"{folder}/a.ipynb",
        f"{folder}/b.ipynb",
        "903-90210 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb",
    ]
    download = course.root / "download.zip"
    zipped(download, dict.fromkeys(names, "{}"))
    run(course, download)
    grade_again(course)
    table = fill_in(course, {names[0]: "s01", names[1]: "s02", names[2]: "s03"})
    table.write_text(re.sub(r"\b1777,", ",", table.read_text()))
    out = course.root / "back.zip"
    ran = course.run("feedback", ID, "--return", str(download), "-o", str(out), "--who", str(table))
    assert ran.status in (0, 1), ran.err
    assert "s01: the download has one place for the pages of s01; s02" in ran.out + ran.err
    with zipfile.ZipFile(out) as pages:
        assert [name.split("-")[0] for name in pages.namelist()] == ["903"]


def test_sakai_puts_them_among_the_feedback_attachments(course: World) -> None:
    names = [
        "My ps1/Älvarez, Zoë(s03)/Submission attachment(s)/ps1.ipynb",
        "My ps1/Älvarez, Zoë(s01)/Submission attachment(s)/ps1+1.ipynb",
        "My ps1/Älvarez, Zoë(s01)/timestamp.txt",
        "My ps1/grades.csv",
    ]
    pages = give_back(course, names)
    assert {name: whose(page) for name, page in pages.items()} == {
        f"My ps1/Älvarez, Zoë(s03)/Feedback Attachment(s)/{ID}.html": "s03",
        f"My ps1/Älvarez, Zoë(s01)/Feedback Attachment(s)/{ID}.html": "s01",
    }


@pytest.mark.parametrize("folder", ["", "My ps1 (1)/My ps1/", "Desktop/a/b/My ps1/"])
def test_sakai_finds_the_students_in_the_second_part_of_a_path(course: World, folder: str) -> None:
    """As its Upload All does: a download that was zipped again may have more folders around it, or none."""
    whose_folder = "Älvarez, Zoë(s03)"
    pages = give_back(course, [f"{folder}{whose_folder}/Submission attachment(s)/ps1.ipynb"])
    title = "My ps1" if folder else ID
    assert {name: whose(page) for name, page in pages.items()} == {
        f"{title}/{whose_folder}/Feedback Attachment(s)/{ID}.html": "s03"
    }


def test_never_another_students_page(course: World) -> None:
    """Strangers, files named by other students' numbers, and one name for two: nobody gets what is not theirs."""
    names = [
        "älvarezzoë_901_55501_902_55502_ps1.ipynb",
        "stranger_777_55507_902_55502_ps1.ipynb",
        "room_901_2_902_55502_ps1.ipynb",
        "älvarezzoë_903_55503_ps1.ipynb",
        "LATE_anon_902_55509_ps1.ipynb",
        "notes_902.ipynb",
    ]
    pages = give_back(course, names)
    assert {name: whose(page) for name, page in pages.items()} == {
        f"älvarezzoë_901_55501_{ID}.html": "s01",
        f"älvarezzoë_903_55503_{ID}.html": "s03",
    }


def test_the_page_takes_the_place_of_the_notebook_that_was_due(course: World) -> None:
    """Not that of another one beside it, under whose name an LMS would show it."""
    names = ["a_901_1_aaa_helper.ipynb", f"a_901_2_{ID}.ipynb", "b_902_3_aaa.ipynb", "b_902_4_bbb.ipynb"]
    assert set(give_back(course, names)) == {f"a_901_2_{ID}.html", f"b_902_3_{ID}.html"}


@pytest.mark.parametrize("name", ["b.ipynb", "PS1.IPYNB", "sub/~a.ipynb", "x+1.ipynb"])
def test_the_page_is_called_as_the_assignment(course: World, name: str) -> None:
    """Not as the notebook, whose name is the student's."""
    folder = "My ps1/Älvarez, Zoë(s01)/Submission attachment(s)"
    pages = give_back(course, [f"{folder}/.ipynb_checkpoints/a-checkpoint.ipynb", f"{folder}/{name}"])
    assert list(pages) == [f"My ps1/Älvarez, Zoë(s01)/Feedback Attachment(s)/{ID}.html"]


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
