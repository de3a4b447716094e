"""autograder unpack and feedback --return with Moodle's downloads: dates, plugins, teams, and worksheets of others."""

import csv
import zipfile
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook
from autograder.gradebook.people import Person
from tests.conftest import ID, RIGHT, World
from tests.lms.class_of import enrol, give
from tests.lms.unpacked import fill_in, handed_in, notebook, reasons, run, unpack
from tests.lms.zips import zipped

NAMES = {"s01": "Ada One", "s02": "Bo Two", "s03": "Cy Three"}
NUMBERS = {"s01": 701, "s02": 702, "s03": 703}
FILE = "{} {}_{}_assignsubmission_file/x.ipynb"


@pytest.fixture
def course(world: World) -> World:
    enrol(world, *(Person(who, *name.split(), f"{who}@uni.example") for who, name in NAMES.items()))
    return world


def worksheet(world: World, numbers: dict[str, int] = NUMBERS, times: dict[str, str] | None = None) -> Path:
    header = 'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Last modified (submission)","Last modified (grade)"'
    lines = [
        f'"Participant {number}","{NAMES[who]}",{who}@uni.example,,,20.00,"{(times or {}).get(who, "5 January 2026, 15:04")}",-'
        for who, number in numbers.items()
    ]
    path = world.root / "worksheet.csv"
    path.write_text("\n".join([header, *lines, ""]))
    return path


def folder(who: str, plugin: str = "file") -> str:
    return f"{NAMES[who]}_{NUMBERS[who]}_assignsubmission_{plugin}"


def times_of(world: World) -> dict[str, str]:
    found = {}
    for who in NAMES:
        path = world.folder(who) / "timestamp.txt"
        found[who] = path.read_text()[:10] if path.exists() else ""
    return found


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            ("05/01/2026, 15:04", "5/01/26, 3:04 PM", "13/01/2026, 15:04"),
            ("2026-01-05", "2026-01-05", "2026-01-13"),
        ),
        (("05/01/2026, 15:04", "06/01/2026, 15:04", "7 January 2026, 15:04"), ("", "", "2026-01-07")),
        (("13/01/2026, 15:04", "01/13/2026, 15:04", "05/01/2026, 15:04"), ("", "", "")),
    ],
)
def test_numeric_dates(course: World, written: tuple[str, ...], read: tuple[str, ...]) -> None:
    """Whether 05/01 is in January or in May, another row may say; else nobody loses points for a guess."""
    who = worksheet(course, times=dict(zip(NAMES, written, strict=True)))
    members = {f"{folder(each)}/x.ipynb": notebook(course) for each in NAMES}
    status, said = unpack(course, members, "--who", str(who))
    assert status == 0, said
    assert times_of(course) == dict(zip(NAMES, read, strict=True))
    for each, time in zip(NAMES, read, strict=True):
        assert (f"{each}: the LMS's time could not be read" in said) == (not time), said


def test_a_worksheet_that_was_downloaded_before_work_was_handed_in(course: World) -> None:
    """It has no time of it, so nothing would be taken off, and nobody would know."""
    who = worksheet(course, times={"s01": "-"})
    members = {f"{folder(each)}/x.ipynb": notebook(course) for each in ("s01", "s02")}
    status, said = unpack(course, members, "--who", str(who))
    assert status == 0, said
    assert "s01: the file given with --who has no time for it" in said
    assert "s02:" not in said.replace("s02: x.ipynb was renamed", "")


def test_the_gradebook_does_not_say_whose_participants_numbers_are(course: World) -> None:
    """What helps is the worksheet, which is said as if nothing had been named."""
    gradebook = course.root / "gradebook.csv"
    gradebook.write_text(
        "First name,Last name,ID number,Email address,Assignment: ps1 (Real)\n"
        "Ada,One,s01,s01@uni.example,-\nBo,Two,702,s02@uni.example,-\n"
    )
    members = {f"{folder(each)}/x.ipynb": notebook(course) for each in ("s01", "s02")}
    status, said = unpack(course, members, "--who", str(gradebook))
    assert status == 1
    assert "In gradebook.csv:\n  It has no numbers of participants" in said
    assert "offline grading worksheet too" in said
    assert "has no id of the LMS" not in said
    # An id number that is the same as a participant's number says nothing either.
    assert not (course.root / "submitted").exists()


def test_a_draft_that_was_not_submitted_is_told(course: World) -> None:
    who = worksheet(course)
    who.write_text(
        who.read_text().replace("s01@uni.example,", 's01@uni.example,"Draft (not submitted) - Not graded"')
    )
    members = {f"{folder(each)}/x.ipynb": notebook(course) for each in ("s01", "s02")}
    status, said = unpack(course, members, "--who", str(who))
    assert status == 0, said
    assert "s01: by the file given with --who it is a draft, which was not submitted" in said.replace(
        "; ", "\ns01: "
    )
    assert "s02: by the file" not in said


@pytest.mark.parametrize(
    "form", ["{}/x.ipynb", "{}/onlinetext_files/x.ipynb", "{}_x.ipynb", "{}_/x.ipynb", "{}/x.json"]
)
@pytest.mark.parametrize("plugin", ["onlinetext", "mahara"])
def test_a_notebook_in_another_plugins_folder(course: World, form: str, plugin: str) -> None:
    """As where it was put into the editor of the online text."""
    text = f"{folder('s01', 'onlinetext')}/onlinetext.html"
    members = {form.format(folder("s01", plugin)): notebook(course, "1"), text: "<p>x</p>"}
    status, said = unpack(course, members, "--who", str(worksheet(course)))
    assert status == 0, said
    assert set(handed_in(course, "s01")) == {f"{ID}.ipynb", "timestamp.txt"}
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "1")


def test_the_notebook_among_the_files_counts_rather(course: World) -> None:
    members = {
        f"{folder('s01', 'onlinetext')}/a.ipynb": notebook(course, "text"),
        f"{folder('s01')}/x.ipynb": notebook(course, "file"),
        f"{folder('s02', 'onlinetext')}/a.ipynb": notebook(course, "text"),
        f"{folder('s02')}/data.csv": "1,2",
        f"{folder('s02')}/.ipynb_checkpoints/a-checkpoint.ipynb": "{}",
    }
    status, said = unpack(course, members, "--who", str(worksheet(course)))
    assert status == 0, said
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "file")
    assert "s01: a notebook beside the files that were handed in was not taken: a.ipynb" in said
    assert handed_in(course, "s02")[f"{ID}.ipynb"] == notebook(course, "text")
    assert handed_in(course, "s02")["data.csv"] == b"1,2"
    assert "s02: a notebook beside" not in said


def test_no_notebook_anywhere_is_kept(course: World) -> None:
    members = {f"{folder('s01', 'onlinetext')}/a.png": "x", f"{folder('s01')}/hw.pdf": "%PDF"}
    status, said = unpack(course, members, "--who", str(worksheet(course)))
    assert status == 1
    assert set(reasons(course)) == set(members), said


def spread(world: World, *students: str) -> Path:
    """Write a row for each of these students for every file without a place."""
    table = world.root / "unpacked" / ID / "unplaced.csv"
    with table.open(newline="") as file:
        header, *lines = list(csv.reader(file))
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([header, *([who, *line[1:]] for line in lines for who in students)])
    return table


TEAM = "Team A_55_assignsubmission_file/{}"


def test_a_teams_files_are_given_to_all_who_are_written_in(course: World) -> None:
    members = {TEAM.format("x.ipynb"): notebook(course), TEAM.format("data.csv"): "1,2"}
    who = worksheet(course)
    assert unpack(course, members, "--who", str(who))[0] == 1
    table = spread(course, "s01", "s02")
    for _ in range(2):
        status, said = unpack(course, members, "--who", str(who), "--who", str(table))
        assert status == 0, said
        for student in ("s01", "s02"):
            assert set(handed_in(course, student)) == {f"{ID}.ipynb", "data.csv", "timestamp.txt"}
        with table.open(newline="") as file:
            rows = [(row["student"], row["member"]) for row in csv.DictReader(file)]
        assert sorted(rows) == sorted((each, member) for member in members for each in ("s01", "s02"))
    with (course.root / "unpacked" / ID / "placed.csv").open(newline="") as file:
        assert {row["student"]: row["lms_id"] for row in csv.DictReader(file)} == {"s01": "701", "s02": "702"}
    assert not course.folder("s03").exists()


def test_rows_for_one_file_of_a_team_are_for_all_of_its_files(course: World) -> None:
    members = {TEAM.format("x.ipynb"): notebook(course), TEAM.format("data.csv"): "1,2"}
    unpack(course, members, "--who", str(worksheet(course)))
    table = spread(course, "s01", "s02")
    table.write_text(
        "".join(line for line in table.read_text().splitlines(keepends=True) if "data.csv" not in line)
    )
    status, said = unpack(course, members, "--who", str(table))
    assert status == 0, said
    assert {"data.csv", f"{ID}.ipynb"} <= set(handed_in(course, "s02"))


def test_what_is_written_in_for_several_stays_where_it_cannot_be_placed(course: World) -> None:
    members = {TEAM.format("hw.pdf"): "%PDF"}
    unpack(course, members, "--who", str(worksheet(course)))
    table = spread(course, "s01", "s02", "s99")
    for _ in range(2):
        assert unpack(course, members, "--who", str(table))[0] == 1
        with table.open(newline="") as file:
            assert [row["student"] for row in csv.DictReader(file)] == ["s01", "s02", "s99"]


def test_who_is_in_no_group_is_named_without_a_number(course: World) -> None:
    name = "Default group_assignsubmission_file/x.ipynb"
    status, said = unpack(course, {name: notebook(course)}, "--who", str(worksheet(course)))
    assert status == 1, said
    assert reasons(course)[name] == (
        "'Default group' has no number: so Moodle names what is of students who are in no group"
    )
    status, said = unpack(course, {name: notebook(course)}, "--who", str(fill_in(course, {"Default": "s02"})))
    assert status == 0, said
    assert f"{ID}.ipynb" in handed_in(course, "s02")


def test_a_worksheet_whose_names_are_at_other_numbers_is_another_assignments(course: World) -> None:
    """The number of one of two who have the same name would fit by chance."""
    enrol(course, Person("s04", "Cy", "Three", "s04@uni.example"))
    who = worksheet(course, {"s02": 701, "s01": 702, "s03": 704})
    members = {f"{folder(each)}/x.ipynb": notebook(course) for each in ("s01", "s02")}
    members["Cy Three_704_assignsubmission_file/x.ipynb"] = notebook(course)
    status, said = unpack(course, members, "--who", str(who))
    assert (status, "Traceback" in said) == (2, False), said
    assert (
        "of 3 numbers in the download that worksheet.csv has, 2 have another participant's name there" in said
    )
    assert "download the worksheet of this assignment" in said
    assert not (course.root / "submitted").exists()
    # One who is odd among many is left out alone.
    who = worksheet(course, {"s01": 701, "s02": 702, "s03": 704})
    members["Ada One_702_assignsubmission_file/x.ipynb"] = members.pop(f"{folder('s02')}/x.ipynb")
    assert unpack(course, members, "--who", str(who))[0] == 1
    assert course.course.students(course.assignment) == ["s01", "s03"]


@pytest.fixture
def graded(course: World) -> World:
    give(course, dict.fromkeys(NAMES, 3.0))
    text = nb.to_text(answer_notebook(course.assignment, RIGHT))
    for student in NAMES:
        place = course.course.autograded(course.assignment, student)
        place.mkdir(parents=True)
        (place / f"{ID}.ipynb").write_text(text.replace("def step", f"# by {student}\\ndef step"))
    return course


def give_back(world: World, members: dict[str, str]) -> tuple[int, str, dict[str, bytes]]:
    download, out = world.root / "download.zip", world.root / "out.zip"
    zipped(download, members)
    ran = world.run("feedback", ID, "--return", str(download), "-o", str(out), "--who", str(worksheet(world)))
    pages = {}
    if out.exists():
        with zipfile.ZipFile(out) as file:
            pages = {name: file.read(name) for name in file.namelist()}
    return ran.status, ran.out + ran.err, pages


def test_who_is_not_in_the_download_is_named(graded: World) -> None:
    """As where it is one group's only."""
    status, said, pages = give_back(graded, {f"{folder('s01')}/x.ipynb": "{}"})
    assert (status, list(pages)) == (0, [f"{folder('s01')}/{ID}.html"])
    assert "No page for:\n  s02; s03: nothing in the download is known to be theirs\n" in said


def test_the_page_for_a_notebook_in_another_plugins_folder(graded: World) -> None:
    status, said, pages = give_back(graded, {f"{folder('s02', 'onlinetext')}/x.ipynb": "{}"})
    assert (status, list(pages)) == (0, [f"{folder('s02')}/{ID}.html"]), said
    assert b"# by s02" in pages[f"{folder('s02')}/{ID}.html"]


def test_the_page_for_files_that_cannot_be_taken_but_say_whose_they_are(graded: World) -> None:
    """Two names that differ in case only; but not a path that leads elsewhere."""
    members = dict.fromkeys([f"{folder('s01')}/x.ipynb", f"{folder('s01')}/X.ipynb"], "{}")
    members["../Bo Two_702_assignsubmission_file/x.ipynb"] = "{}"
    members[f"{folder('s03')}/a.pdf"] = members[f"{folder('s03')}/A.pdf"] = "x"
    status, said, pages = give_back(graded, members)
    assert (status, list(pages)) == (0, [f"{folder('s01')}/{ID}.html"]), said
    assert b"# by s01" in pages[f"{folder('s01')}/{ID}.html"]
    assert f"{folder('s01')}/x.ipynb" not in said
    assert "s02: nothing in the download is known to be theirs" in said
    assert "s03: there is no notebook in what was handed in" in said


def test_files_that_cannot_be_taken_keep_their_number(course: World) -> None:
    members = dict.fromkeys([f"{folder('s01')}/x.ipynb", f"{folder('s01')}/X.ipynb"], "{}")
    zipped(course.root / "download.zip", members)
    assert run(course, course.root / "download.zip", "--who", str(worksheet(course)))[0] == 1
    with (course.root / "unpacked" / ID / "unplaced.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["lms_id"], row["name"], row["reason"]) for row in rows} == {
        ("701", "Ada One", "there are two files of this name")
    }
