"""autograder export --format: the usernames in a file that is made from nothing, whatever the class was enrolled by."""

import csv
import io
import shutil

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol, give
from tests.lms.files import document
from tests.lms.test_roster import roster
from tests.lms.unpacked import notebook, unpack

COLUMNS = {
    "blackboard": "Username",
    "brightspace": "Username",
    "sakai": "Student ID",
    "canvas": "SIS Login ID",
}
BLACKBOARD = (
    '"Last Name","First Name","Username","Student ID"\n"Älvarez","Zoë","zalv","0071"\n'
    '"O\'Neil, Jr.","Bo","boneil","0072"\n'
)


def made(world: World, lms: str) -> tuple[str, list[dict[str, str]]]:
    """Give what is said, and the rows of the file by their headers."""
    out = world.root / "new.csv"
    ran = world.run("export", ID, "--format", lms, "-o", str(out))
    assert ran.status == 0, ran.err
    assert document(out.read_bytes()).format.name == lms
    rows = [row for row in csv.DictReader(io.StringIO(out.read_text())) if "Possible" not in str(row)]
    return ran.out, rows


def logins(world: World, lms: str) -> tuple[str, list[str]]:
    said, rows = made(world, lms)
    return said, [row[COLUMNS[lms]].removeprefix("#") for row in rows]


@pytest.mark.parametrize("lms", COLUMNS)
def test_the_username_that_is_kept_beside_is_written(world: World, lms: str) -> None:
    assert roster(world, BLACKBOARD.encode(), "--id", "Student ID")[0] == 0
    give(world, {"0071": 3.0, "0072": 4.0})
    said, written = logins(world, lms)
    assert written == ["zalv", "boneil"]
    assert f"'{COLUMNS[lms]}' has what is kept beside the students' ids, as 'zalv' for 0071" in said
    assert "look whether these are the usernames" in said


@pytest.mark.parametrize("lms", COLUMNS)
@pytest.mark.parametrize(
    ("people", "told"),
    [
        ((Person("zalv", lms_user_id="0071"), Person("boneil", lms_user_id="0072")), "and not what is kept"),
        ((Person("zalv"), Person("boneil")), "as 'boneil': look"),
        ((Person("71"), Person("72")), "as '71': look"),
        ((Person("71", lms_user_id="171"), Person("72", lms_user_id="172")), "beside them, as '171': look"),
        # A program's numbers are no usernames, whatever their letters.
        (
            (
                Person("71", lms_user_id="0b1f5a4e-8a52-4f0e-9f5c-3d4c6f1f0a11"),
                Person("72", lms_user_id="9c2e5a4e-8a52-4f0e-9f5c-3d4c6f1f0a12"),
            ),
            "as '71', and not",
        ),
        ((Person("71", lms_user_id="ab" * 20), Person("72", lms_user_id="cd" * 20)), "as '71', and not"),
    ],
)
def test_the_students_ids_are_written_where_nothing_speaks_against_it(
    world: World, lms: str, people: tuple[Person, ...], told: str
) -> None:
    enrol(world, *people)
    give(world, {person.id: 3.0 for person in people})
    said, written = logins(world, lms)
    assert set(written) == {person.id for person in people}
    assert f"'{COLUMNS[lms]}' has the students' ids" in said
    assert told in said


@pytest.mark.parametrize(("student", "other"), [("zalv", "M0071"), ("M0071", "zalv")])
def test_the_names_in_the_download_prove_which_ids_are_usernames(
    world: World, student: str, other: str
) -> None:
    """By their form, both kinds could be."""
    enrol(world, Person(student, lms_user_id=other), Person("x1", lms_user_id="x2"))
    front = "ps1_zalv_attempt_2026-01-05-15-04-59"
    members = {f"{front}_ps1.ipynb": notebook(world), f"{front}.txt": "Name: Zoë Älvarez (zalv)\n"}
    assert unpack(world, members)[0] == 0
    shutil.rmtree(world.root / "submitted")  # which is newer than the points
    give(world, {student: 3.0})
    said, written = logins(world, "blackboard")
    assert written == ["zalv"]
    assert "which are the usernames in the download that was unpacked" in said


def test_brightspaces_numbers_in_a_download_are_no_usernames(world: World) -> None:
    enrol(world, Person("zalv", "Zoë", "Älvarez", lms_user_id="1501"))
    assert unpack(world, {"1501-90210 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb": notebook(world)})[0] == 0
    shutil.rmtree(world.root / "submitted")  # which is newer than the points
    give(world, {"zalv": 3.0})
    assert logins(world, "brightspace")[1] == ["zalv"]


def test_who_has_no_username_is_left_out_and_told(world: World) -> None:
    assert roster(world, BLACKBOARD.encode(), "--id", "Student ID")[0] == 0
    enrol(world, Person("0073", "New", "One"))
    give(world, {"0071": 3.0, "0072": 4.0, "0073": 5.0})
    said, written = logins(world, "blackboard")
    assert written == ["zalv", "boneil"]
    assert "without a username that is known: 0073" in said


def test_canvas_goes_by_its_number_first(world: World) -> None:
    """A number of another LMS's there could be another student's in Canvas."""
    enrol(world, Person("s01", lms_user_id="901"))
    give(world, {"s01": 3.0})
    said, rows = made(world, "canvas")
    assert [row["ID"] for row in rows] == ["901"]
    assert "'ID', by which it goes first, has what the class is known by in the LMS, as '901' for s01" in said


def test_moodles_id_number_may_be_a_username(world: World) -> None:
    enrol(world, Person("s01"))
    give(world, {"s01": 3.0})
    assert "map it to what they are in Moodle, ID number or username" in made(world, "moodle-gradebook")[0]
