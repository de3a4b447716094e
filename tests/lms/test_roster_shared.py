"""autograder roster: no student gets what is another's, and nothing that a spreadsheet has damaged is an id."""

import pytest

from autograder.gradebook.people import Person
from tests.conftest import World
from tests.lms.class_of import enrol
from tests.lms.test_roster import people, roster

HEADER = b"First Name,Last Name,Email,SID\n"
TWO = (Person("s01", email="z@u.example"), Person("s02", email="b@u.example"))


def test_an_address_that_is_another_students(world: World) -> None:
    """The keys of the row mean two students."""
    enrol(world, *TWO)
    status, said = roster(world, HEADER + b"Bo,B,z@u.example,s02\n")
    assert status == 2
    assert "row 2 (s02, z@u.example, Bo B) is s02, and its address is s01's" in said
    assert "--id" in said
    assert tuple(people(world).values()) == TWO
    # Where the id is said to count, the address would still be both's.
    status, said = roster(world, HEADER + b"Bo,B,z@u.example,s02\n", "--id", "SID")
    assert status == 2
    assert "--id" not in said
    assert tuple(people(world).values()) == TWO


def test_an_address_that_passes_on(world: World) -> None:
    enrol(world, *TWO)
    data = HEADER + b"Zo,A,new@u.example,s01\nBo,B,z@u.example,s02\n"
    assert roster(world, data)[0] == 2
    assert roster(world, data, "--id", "SID")[0] == 0
    assert {each.id: each.email for each in people(world).values()} == {
        "s01": "new@u.example",
        "s02": "z@u.example",
    }


def test_an_address_that_two_have_from_the_beginning(world: World) -> None:
    """As a placeholder; a second run changes nothing."""
    data = HEADER + b"Zo,A,none@u.example,s01\nBo,B,none@u.example,s02\n"
    assert roster(world, data)[0] == 0
    assert roster(world, data)[0] == 0


@pytest.mark.parametrize("rows", [b"s01,77\ns02,77\n", b"s02,77\n"])
def test_an_id_of_the_lmss_that_two_would_have(world: World, rows: bytes) -> None:
    """Files of its downloads would be either's."""
    class_ = (Person("s01", lms_user_id="77"), Person("s02"))
    enrol(world, *class_)
    status, said = roster(world, b"id,lms_user_id\n" + rows)
    assert status == 2
    assert "row " in said
    assert "(s02, 77) has the LMS's id '77', and so has s01" in said
    assert tuple(people(world).values()) == class_


def test_two_who_are_new_with_one_id_of_the_lmss(world: World) -> None:
    status, said = roster(world, b"id,lms_user_id\ns01,77\ns02,77\n")
    assert status == 2
    assert "and so has s02" in said
    assert people(world) == {}


def test_ids_of_the_lmss_may_change_places(world: World) -> None:
    enrol(world, Person("s01", lms_user_id="77"), Person("s02", lms_user_id="78"))
    assert roster(world, b"id,lms_user_id\ns01,78\ns02,77\n")[0] == 0
    assert {each.id: each.lms_user_id for each in people(world).values()} == {"s01": "78", "s02": "77"}
    status, said = roster(world, b"id,lms_user_id\ns01,77\n")
    assert status == 2
    assert "has the LMS's id '77', and so has s02" in said


BRIGHTSPACE = (
    "OrgDefinedId;Username;Last Name;First Name;x Points Grade <Numeric MaxPoints:20>;End-of-Line Indicator\n"
)


@pytest.mark.parametrize(
    ("data", "arguments", "where"),
    [
        (
            HEADER + b"Zo,A,z@u.example,1.23457E+11\nBo,B,b@u.example,123\n",
            (),
            "row 2: '1.23457E+11' in 'SID'",
        ),
        (HEADER + b"Zo,A,z@u.example,1.2E+11\nBo,B,b@u.example,1.2E+11\n", (), "row 2: '1.2E+11' in 'SID'"),
        (HEADER + b"Zo,A,z@u.example,122\nBo,B,b@u.example,#REF!\n", (), "row 3: '#REF!' in 'SID'"),
        (f"{BRIGHTSPACE}1,23457E+11;za;A;Zo;;#\n".encode(), (), "row 2: '1,23457E+11' in 'OrgDefinedId'"),
        (
            f"{BRIGHTSPACE}1,23457E+11;za;A;Zo;;#\n".encode(),
            ("--id", "OrgDefinedId"),
            "row 2: '1,23457E+11' in 'OrgDefinedId'",
        ),
    ],
)
def test_what_a_spreadsheet_leaves_of_an_id(
    world: World, data: bytes, arguments: tuple[str, ...], where: str
) -> None:
    """As the class's id, and as the LMS's that is kept beside it."""
    status, said = roster(world, data, *arguments)
    assert status == 2
    assert where in said
    assert "let the lms export the file anew" in said.lower()
    assert people(world) == {}


def test_roles_that_a_list_does_not_have_are_told(world: World) -> None:
    header = "sourcedId,status,username,givenName,familyName"
    status, said = roster(world, f"{header}\nu1,active,s01,Zo,A\n".encode())
    assert status == 0
    assert "There is no column 'role', so everybody was taken for a student" in said
    assert "column 'role'" not in roster(world, f"{header},role\nu1,active,s01,Zo,A,student\n".encode())[1]


@pytest.mark.parametrize("data", [HEADER, HEADER + b"Zo,A,z@u.example,s01\nBo,B,b@u.example,S01\n"])
def test_a_list_that_is_refused_leaves_no_gradebook(world: World, data: bytes) -> None:
    (world.root / "gradebook.db").unlink()
    assert roster(world, data)[0] == 2
    assert not (world.root / "gradebook.db").exists()
    assert roster(world, HEADER + b"Zo,A,z@u.example,s01\n")[0] == 0
    assert set(people(world)) == {"s01"}
