"""autograder unpack and feedback --return: the forms that Sakai's Download All may have."""

import csv

import pytest

from tests.conftest import ID, World
from tests.lms.class_of import give
from tests.lms.test_zeros import zeros
from tests.lms.unpacked import fill_in, handed_in, notebook, reasons, unpack
from tests.lms.zips import zipped

ZOE, BO = "Älvarez, Zoë(s01)", "O'Neil, Jr., Bo (Bobby)(s02)"
GRADES = (
    '"ps1","Points"\r\n""\r\n'
    '"Display ID","ID","Last Name","First Name","grade","Submission date","Late submission"\r\n'
    '"s01","u-1","Älvarez","Zoë","","2026-01-05","Late"\r\n"s02","u-2","O\'Neil","Bo","","2026-01-05","On time"\r\n'
)


def download(world: World, root: str, table: dict[str, str]) -> dict[str, bytes | str]:
    """A download in `root`, with a table of grades."""
    members: dict[str, bytes | str] = {f"{root}{name}": text for name, text in table.items()}
    for who in (ZOE, BO):
        members[f"{root}{who}/Submission attachment(s)/{ID}.ipynb"] = notebook(world, who)
        members[f"{root}{who}/timestamp.txt"] = "2026-01-05T15:04:59Z"
    return members


def late(world: World) -> dict[str, str]:
    with (world.root / "unpacked" / ID / "placed.csv").open(newline="") as file:
        return {row["student"]: row["late"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("root", ["", "My ps1/", "submissions/My ps1/", "a/b/c/My ps1 (2)/"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lateness_by_the_table_of_grades(course: World, root: str, delimiter: str) -> None:
    table = "\ufeff" + GRADES.replace('","', f'"{delimiter}"')
    status, said = unpack(course, download(course, root, {"grades.csv": table}))
    assert status == 0, said
    assert late(course) == {"s01": "late", "s02": ""}


def test_a_students_own_table_makes_nobody_late(course: World) -> None:
    members = download(course, "My ps1/", {"grades.csv": GRADES.replace('"Late"', '"On time"')})
    members[f"My ps1/{BO}/Submission attachment(s)/grades.csv"] = GRADES
    members[f"My ps1/{BO}/Submission attachment(s)/{ZOE}/Submission attachment(s)/grades.csv"] = GRADES
    assert unpack(course, members)[0] == 0
    assert late(course) == {"s01": "", "s02": ""}


@pytest.mark.parametrize("name", ["grades.xls", "grades.xlsx"])
def test_a_table_for_excel_is_told(course: World, name: str) -> None:
    status, said = unpack(course, download(course, "My ps1/", {name: "PK"}))
    assert status == 0
    assert f"Only grades.csv says who is late, and there is {name}" in said
    assert "Only grades.csv" not in unpack(course, download(course, "My ps1/", {"grades.csv": GRADES}))[1]


def without_folders(world: World) -> dict[str, bytes | str]:
    members: dict[str, bytes | str] = {"My ps1/grades.csv": GRADES}
    for who in (ZOE, BO):
        front = f"My ps1/{who}_"
        members[f"{front}Submission attachment(s)_{ID}+1.ipynb"] = notebook(world, who)
        members[f"{front}_submissionText.html"] = "<p>x</p>"
        members[f"{front}feedbackText.html"] = members[f"{front}comments.txt"] = ""
        members[f"{front}Feedback Attachment(s)page.html"] = ""
    return members


def test_a_download_without_the_students_folders(course: World) -> None:
    status, said = unpack(course, without_folders(course))
    assert status == 0, said
    assert {who: handed_in(course, who) for who in ("s01", "s02")} == {
        "s01": {f"{ID}.ipynb": notebook(course, ZOE)},
        "s02": {f"{ID}.ipynb": notebook(course, BO)},
    }
    assert late(course) == {"s01": "late", "s02": ""}
    assert "It was downloaded without the students' folders, so nothing says when they handed in" in said


@pytest.mark.parametrize(
    "name",
    [
        "My ps1/X, Y(s77)_Submission attachment(s)_O'Neil, Bo(s02)_Submission attachment(s)_x.ipynb",
        "My ps1/ab12 Anonymous_Submission attachment(s)_O'Neil, Bo(s02)_Submission attachment(s)_x.ipynb",
        "My ps1/X, Y(s77)_Anhänge_O'Neil, Bo(s02)_Submission attachment(s)_x.ipynb",
        "My ps1/X, Y(s77)/Submission attachment(s)/O'Neil, Bo(s02)_Submission attachment(s)_x.ipynb",
        "My ps1/ab12 Anonymous/Submission attachment(s)/O'Neil, Bo(s02)_Submission attachment(s)_x.ipynb",
        "My ps1/X, Y(s77)/Anhänge/O'Neil, Bo(s02)_Submission attachment(s)_x.ipynb",
    ],
)
def test_no_file_name_makes_it_another_students(course: World, name: str) -> None:
    members = {name: notebook(course), f"My ps1/{ZOE}_Submission attachment(s)_x.ipynb": notebook(course)}
    assert unpack(course, members)[0] == 1
    assert course.course.students(course.assignment) == ["s01"]


def test_no_page_goes_back_without_the_folders(course: World) -> None:
    give(course, {"s01": 1.0, "s02": 2.0})
    path, out = zipped(course.root / "download.zip", without_folders(course)), course.root / "out.zip"
    folder = course.course.autograded(course.assignment, "s01")
    folder.mkdir(parents=True)
    (folder / f"{ID}.ipynb").write_bytes(notebook(course))
    ran = course.run("feedback", ID, "--student", "s01", "--return", str(path), "-o", str(out))
    assert (ran.status, out.exists()) == (2, False)
    assert "Sakai takes feedback back by the students' folders" in ran.err
    assert "download it anew" in ran.err


@pytest.mark.parametrize(
    "form", ["{}/Submission attachment(s)/x.ipynb", "{}_Submission attachment(s)_x.ipynb"]
)
def test_a_folder_of_several_students_is_nobodys(course: World, form: str) -> None:
    name = "My ps1/" + form.format("Älvarez, Zoë(s01); O'Neil, Jr., Bo (Bobby)(s02)")
    assert unpack(course, {name: notebook(course)})[0] == 1
    assert not (course.root / "submitted").exists()
    assert reasons(course)[name] == (
        "Sakai names several students for it, and nothing says whose it is: s01; s02"
    )
    give(course, {"s01": 1.0})
    assert "s02 may have handed in, and gets no 0" in zeros(course)[1]
    table = fill_in(course, {"My ps1": "s02"})
    assert unpack(course, {name: notebook(course)}, "--who", str(table))[0] == 0
    assert course.course.students(course.assignment) == ["s02"]


GROUP = "My ps1/Team A (9f1c-22)/"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            f"{GROUP}members.txt",
            "Älvarez, Zoë (s01)\nO'Neil, Bo (s02)\n",
            "Älvarez, Zoë (s01); O'Neil, Bo (s02) (members.txt)",
        ),
        (
            "My ps1/grades.csv",
            '"Group","ID","Members","grade","Submission date","Late submission"\n'
            '"Team A","9f1c-22","Zoë Älvarez; Bo O\'Neil","","",""\n',
            "Zoë Älvarez; Bo O'Neil",
        ),
    ],
)
def test_a_groups_folder_says_who_its_members_are(course: World, name: str, text: str, said: str) -> None:
    file = f"{GROUP}Submission attachment(s)/x.ipynb"
    members = {file: notebook(course), name: text}
    status, told = unpack(course, members)
    assert status == 1
    assert (
        reasons(course)[file]
        == f"it is a group's, and is placed for the members who are written in, a row for each: {said}"
    )
    assert "teaches them to the class" not in told
    both = course.root / "both.csv"
    both.write_text("student,lms_id,name,member,reason,file\ns01,9f1c-22,,,,\ns02,9f1c-22,,,,\n")
    assert unpack(course, members, "--who", str(both))[0] == 1
    assert "or one row whose it is" in reasons(course)[file]
    table = fill_in(course, {"My ps1": "s02"})
    assert unpack(course, members, "--who", str(table))[0] == 0
    assert course.course.students(course.assignment) == ["s02"]
    both.write_text(f"student,lms_id,name,member,reason,file\ns01,,,{file},,\ns02,,,{file},,\n")
    assert unpack(course, members, "--who", str(both))[0] == 0
    assert course.course.students(course.assignment) == ["s01", "s02"]


def test_a_table_names_the_notebook_that_was_taken(course: World) -> None:
    """Not the first of a student's files."""
    folder = f"My ps1/{ZOE}/Submission attachment(s)"
    names = [f"{folder}/{name}" for name in ("aaa.ipynb", "mine (final).ipynb")]
    assert unpack(course, {names[0]: "{}", names[1]: notebook(course)})[0] == 0
    with (course.root / "unpacked" / ID / "placed.csv").open(newline="") as file:
        assert [row["member"] for row in csv.DictReader(file)] == [names[1]]
