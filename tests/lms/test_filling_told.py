"""autograder export --into: what a file says of newer work, and what a spreadsheet has made of the file."""

import pytest

from autograder.gradebook.people import Person
from tests.conftest import World
from tests.lms.class_of import enrol, give
from tests.lms.files import sample
from tests.lms.test_export import into

HEADER = '"Last Name"\t"First Name"\t"Username"\t"ps1 [Total Pts: 20 Score] |12"\n'


@pytest.fixture
def course(world: World) -> World:
    enrol(world, Person("s01", email="s01@uni.example"), Person("s02", email="s02@uni.example"))
    give(world, {"s01": 6.0})
    return world


def blackboard(first: str, second: str = "") -> bytes:
    return f'{HEADER}"A"\t"B"\t"s01"\t"{first}"\n"C"\t"D"\t"s02"\t"{second}"\n'.encode("utf-16")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_blackboard_reads_no_semicolons(course: World, delimiter: str) -> None:
    data = blackboard("").decode("utf-16").replace("\t", delimiter).encode()
    status, said, out = into(course, data)
    assert (status, out.exists()) == ((2, False) if delimiter == ";" else (0, True)), said
    assert ("semicolons between its cells" in said) == (delimiter == ";")
    assert into(course, data, "--force")[0] == 0


@pytest.mark.parametrize("cell", ["Needs Grading(6.00)", "In Progress(6.00)"])
def test_the_same_points_as_those_of_older_work(course: World, cell: str) -> None:
    """Blackboard has new work, and the points of the older."""
    data = blackboard(cell)
    status, said, out = into(course, data)
    assert (status, out.exists()) == (2, False)
    assert f"s01 has '{cell}' in the file, and the same points here: they may be those of older work" in said
    status, said, out = into(course, data, "--force")
    assert status == 0, said
    assert out.read_bytes() == blackboard("6.00")


def test_work_that_waits_for_its_first_points_is_no_doubt(course: World) -> None:
    status, said, out = into(course, blackboard("Needs Grading"))
    assert status == 0, said
    assert out.read_bytes() == blackboard("6.00")


@pytest.mark.parametrize("sign", ["Needs Grading", "In Progress", "Needs Grading(5.00)"])
def test_who_has_no_score_and_has_handed_in(course: World, sign: str) -> None:
    status, said, out = into(course, blackboard("", sign))
    assert status == 0, said
    assert f"though the file says that they may have handed in: s02 ('{sign}')" in said
    assert out.read_bytes() == blackboard("6.00", sign)
    assert "may have handed in" not in into(course, blackboard("", "3.00"))[1]


def test_who_has_no_score_and_a_status_in_moodle(course: World) -> None:
    data = sample("moodle-worksheet-before.csv").replace(b"No submission - ", b"Submitted for grading - ")
    status, said, _ = into(course, data)
    assert status == 0, said
    assert "they may have handed in: s02 ('Submitted for grading -')" in said


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (12345),ps0 (12344)\n"
    + "".join(f'"A, B",90{n},,s0{n},Sec,,\n' for n in range(1, 9))
    + "    Points Possible,,,,,{},(read only)\n"
)


def test_canvas_maximum_in_a_file_that_was_sorted(course: World) -> None:
    """What Canvas does not take is known by the same row."""
    status, said, _ = into(course, CANVAS.format("20.00").encode(), "--column", "ps1")
    assert status == 0, said
    assert "'Points Possible' stands below students" in said
    assert "does not say the maximum" not in said
    status, said, _ = into(course, CANVAS.format("10.00").encode(), "--column", "ps1")
    assert status == 2
    assert "wants at most 10 points" in said
    status, said, _ = into(course, CANVAS.format("20.00").encode(), "--column", "ps0")
    assert status == 2
    assert "is read only" in said


@pytest.mark.parametrize("posting", ["", ",,,,,Manual Posting,\n"])
def test_canvas_maximum_where_canvas_writes_it(course: World, posting: str) -> None:
    lines = CANVAS.format("20.00").splitlines(keepends=True)
    data = "".join([lines[0], posting, lines[-1], *lines[1:-1]])
    status, said, _ = into(course, data.encode(), "--column", "ps1")
    assert status == 0, said
    assert "Points Possible" not in said


BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,ps1 {} <Numeric MaxPoints:20>,End-of-Line Indicator\n"
    "#1,#s01,Älvarez,Zoë,,#\n#2,#s02,B,Bo,,#\n"
)


@pytest.mark.parametrize(
    ("delimiter", "encoding", "told"),
    [
        (",", "utf-8", ""),
        (",", "utf-8-sig", ""),
        (";", "utf-8", "semicolons and UTF-8"),
        (";", "cp1252", "semicolons and Windows-1252"),
        (",", "cp1252", "commas and Windows-1252"),
        ("\t", "utf-16", "tabs and UTF-16"),
    ],
)
def test_brightspaces_file_that_a_spreadsheet_has_saved(
    course: World, delimiter: str, encoding: str, told: str
) -> None:
    data = BRIGHTSPACE.format("Points Grade").replace(",", delimiter).encode(encoding)
    status, said, out = into(course, data, "--column", "ps1")
    assert status == 0, said
    assert out.read_bytes() == data.decode(encoding).replace(f"Zoë{delimiter}", f"Zoë{delimiter}6").encode(
        encoding
    )
    assert ("as a spreadsheet saves it" in said) == bool(told)
    assert f"The file has {told}" in said or not told


def test_brightspaces_columns_in_another_language(course: World) -> None:
    """Keys are the same in any."""
    status, said, out = into(course, BRIGHTSPACE.format("Note en points").encode())
    assert (status, out.exists()) == (2, False)
    assert "It has no column for points at all." in said
    assert "switch its user interface to English, and export the file anew" in said
    said = into(course, BRIGHTSPACE.format("Text Grade").encode())[1]
    assert "holds a text grade" in said
    assert "English" not in said


@pytest.mark.parametrize(
    ("people", "cells", "there"),
    [
        ("Student,ID,SIS Login ID", '"A, B",901,{}', ""),
        ("LastName,FirstName,ID,SIS Login ID", "A,B,901,{}", ""),
        ("Student,SIS User ID,SIS Login ID", '"A, B",901,{}', "SIS User ID"),
        ("Student,SIS User ID,SIS Login ID,Integration ID", '"A, B",901,{},', "SIS User ID"),
        ("Student,SIS Login ID,ID", '"A, B",{},901', "SIS Login ID"),
    ],
)
def test_canvas_without_its_ids(course: World, people: str, cells: str, there: str) -> None:
    """It would take other numbers for these."""
    data = f"{people},Section,ps1 (12)\n    Points Possible{',' * (people.count(',') + 2)}20\n{cells.format('s01')},1,\n"
    status, said, out = into(course, data.encode())
    assert (status, out.exists()) == ((2, False) if there else (0, True)), said
    assert ("there is no column 'ID' behind the names" in said) == bool(there)
    assert f"'{there}', for its own numbers" in said or not there
    assert into(course, data.encode(), "--force")[0] == 0
