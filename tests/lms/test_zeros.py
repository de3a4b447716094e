"""autograder export --zeros: a zero for those who handed in nothing, and for nobody of whom something says otherwise."""

from pathlib import Path

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol, give
from tests.lms.files import classmates, planned, sample
from tests.lms.test_export import into
from tests.lms.unpacked import notebook, unpack

HEADER = "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (12345)\n    Points Possible,,,,,20.00\n"
CANVAS = (HEADER + "".join(f'"A, B",90{n},s0{n},s0{n},Sec,\n' for n in range(1, 4))).encode()


def blackboard(cell: str) -> bytes:
    return (
        '"Last Name"\t"First Name"\t"Username"\t"ps1 [Total Pts: 20 Score] |12"\n'
        f'"A"\t"B"\t"s01"\t""\n"C"\t"D"\t"s02"\t"{cell}"\n'
    ).encode()


def worksheet(status: str, time: str) -> bytes:
    data = sample("moodle-worksheet-before.csv").decode("utf-8-sig")
    return data.replace('"No submission - ",,20.00,Yes,-,', f'"{status}",,20.00,Yes,{time},').encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (blackboard("Needs Grading"), "'Needs Grading'"),
        (blackboard("In Progress"), "'In Progress'"),
        (worksheet("Submitted for grading - ", "-"), "'Submitted for grading -'"),
        (worksheet("Submitted for grading - Graded", "-"), "'Submitted for grading - Graded'"),
        (
            worksheet("No submission - ", '"Monday, 5 January 2026, 3:04 PM"'),
            "'Monday, 5 January 2026, 3:04 PM'",
        ),
        (worksheet("Keine Abgabe", '"Montag, 5. Januar 2026"'), "'Montag, 5. Januar 2026'"),
        (worksheet("Draft (not submitted)", "-"), "'Draft (not submitted)'"),
    ],
)
def test_the_file_says_that_something_was_handed_in(data: bytes, said: str) -> None:
    people = classmates(Person("s01", email="s01@uni.example"), Person("s02", email="s02@uni.example"))
    made = planned(data, {"s01": 5.0, "s02": None}, people, missing_is_zero=True)
    (doubt,) = made.doubts
    assert doubt.startswith("s02 ")
    assert said in doubt
    assert [change.student for change in made.changes] == ["s01"]
    assert not planned(data, {"s01": 5.0, "s02": None}, people).doubts


@pytest.mark.parametrize(
    "data",
    [blackboard(""), worksheet("No submission - ", "-"), worksheet("No submission - 3 days late", "-")],
)
def test_who_gets_a_zero_is_listed(data: bytes) -> None:
    people = classmates(Person("s01", email="s01@uni.example"), Person("s02", email="s02@uni.example"))
    made = planned(data, {"s01": 5.0, "s02": None}, people, missing_is_zero=True)
    assert made.doubts == []
    assert "Handed in nothing, and get 0 points (1): s02." in made.told
    assert [(change.student, change.new) for change in made.changes] == [("s01", "5.00"), ("s02", "0.00")]


@pytest.fixture
def course(world: World) -> World:
    enrol(
        world, *(Person(f"s0{n}", "Zoë", f"Älvarez {n}", f"s0{n}@uni.example", f"90{n}") for n in range(1, 4))
    )
    give(world, {"s01": 5.0})
    return world


def zeros(course: World, *arguments: str) -> tuple[int, str, Path]:
    return into(course, CANVAS, "--column", "ps1", "--zeros", *arguments)


def test_a_zero_for_who_handed_in_nothing(course: World) -> None:
    status, said, out = zeros(course)
    assert status == 0, said
    assert "get 0 points (2): s02; s03" in said
    assert out.read_bytes().count(b"0.00\n") == 3  # with the maximum


def expect_doubt(course: World, reason: str, left: bytes = b",s03,Sec,0.00") -> None:
    """In doubt of s02, nothing is written; --force leaves that cell alone."""
    status, said, out = zeros(course)
    assert (status, out.exists()) == (2, False), said
    assert "s02 " in said
    assert reason in said
    status, said, out = zeros(course, "--force")
    assert status == 0, said
    assert b",s02,Sec,\n" in out.read_bytes()
    assert left in out.read_bytes()
    status, said, _ = into(course, CANVAS, "--column", "ps1")
    assert status == 0, said


def test_a_file_that_is_no_notebook(course: World) -> None:
    assert unpack(course, {"älvarez_902_55_ps1.pdf": b"%PDF"})[0] == 1
    expect_doubt(course, "there is no notebook in what s02 handed in")


def test_a_file_whose_student_was_not_clear(course: World) -> None:
    """`team_902_903_…` may be of s02 or s03."""
    assert unpack(course, {"team_902_903_55_ps1.ipynb": notebook(course)})[0] == 1
    expect_doubt(course, "ps1.ipynb", left=b",s03,Sec,\n")


def test_a_file_with_a_students_name_and_an_id_that_nobody_has(course: World) -> None:
    assert unpack(course, {"Zoë Älvarez 2_77_assignsubmission_file/ps1.ipynb": notebook(course)})[0] == 1
    expect_doubt(course, "ps1.ipynb")


def test_a_file_that_somebody_has_typed_in(course: World) -> None:
    assert unpack(course, {"x_77_55_ps1.ipynb": notebook(course)})[0] == 1
    table = course.root / "unpacked" / ID / "unplaced.csv"
    table.write_text(table.read_text().replace("\n,77,", "\ns02,77,"))
    expect_doubt(course, "ps1.ipynb")


def test_work_that_is_not_graded_yet(course: World) -> None:
    assert unpack(course, {"x_902_55_ps1.ipynb": notebook(course)})[0] == 0
    expect_doubt(course, f"autograder grade {ID}")


def test_files_that_are_nobodys(course: World) -> None:
    """They may be of anybody who would get a zero."""
    members = {f"x_{n}_55_ps1.ipynb": notebook(course) for n in (77, 78)}
    assert unpack(course, members)[0] == 1
    status, said, out = zeros(course)
    assert (status, out.exists()) == (2, False)
    assert "2 files of the download have no place" in said
    assert f"unpacked/{ID}/unplaced.csv" in said
    status, said, out = zeros(course, "--force")
    assert status == 0, said
    assert b",s02,Sec,0.00" in out.read_bytes()
    # Where nobody gets a zero, they are nobody's concern.
    give(course, {"s02": 1.0, "s03": 1.0})
    assert zeros(course)[0] == 0


def test_a_table_that_cannot_be_read(course: World) -> None:
    assert unpack(course, {"x_77_55_ps1.ipynb": notebook(course)})[0] == 1
    (course.root / "unpacked" / ID / "unplaced.csv").write_text("broken\n")
    status, said, out = zeros(course, "--force")
    assert (status, out.exists()) == (2, False)
    assert "unplaced.csv" in said
