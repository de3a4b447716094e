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


THREE = (Person("s01", lms_user_id="71"), Person("s02", lms_user_id="72"), Person("s03", lms_user_id="73"))


@pytest.mark.parametrize(
    ("data", "key", "row"),
    [
        (
            b'Student,ID,SIS Login ID,Section\n"A, Zo",72,s01,1\n"B, Bo",73,s02,1\n"C, Cy",71,s03,1\n',
            "SIS Login ID",
            "row 2 (s01, 72, Zo A)",
        ),
        (b"id,lms_user_id\ns01,72\ns02,73\ns03,71\n", "id", "row 2 (s01, 72)"),
    ],
)
def test_a_column_of_the_lmss_ids_that_was_sorted_alone(
    world: World, data: bytes, key: str, row: str
) -> None:
    enrol(world, *THREE)
    for _ in range(2):
        status, said = roster(world, data)
        assert status == 2
        assert f"{row} is s01, and its id of the LMS's, '72', is s02's" in said
        assert "Was that column sorted alone?" in said
        assert f"--id '{key}'" in said
        assert tuple(people(world).values()) == THREE
    status, said = roster(world, data, "--id", key)
    assert status == 0, said
    assert "Ids of the LMS's pass from one to another, as --id says: s01 ('72', which was s02's)" in said
    assert [each.lms_user_id for each in people(world).values()] == ["72", "73", "71"]
    status, said = roster(world, data)
    assert (status, "3 as before" in said, "pass from one" in said) == (0, True, False)


def test_an_id_of_the_lmss_that_another_one_had(world: World) -> None:
    """Who had it has a new one in the list, and who gets it had none."""
    class_ = (Person("s01", lms_user_id="77"), Person("s02"))
    enrol(world, *class_)
    data = b"id,lms_user_id\ns01,78\ns02,77\n"
    assert roster(world, data)[0] == 2
    assert tuple(people(world).values()) == class_
    assert roster(world, data, "--id", "id")[0] == 0
    status, said = roster(world, b"id,lms_user_id\ns01,77\n", "--id", "id")
    assert status == 2
    assert "has the LMS's id '77', and so has s02" in said


def test_new_ids_of_the_lmss_are_no_doubt(world: World) -> None:
    """As of another LMS, or where one was made known too late."""
    enrol(world, *THREE)
    assert roster(world, b"id,lms_user_id\ns01,81\ns02,82\ns03,73\ns04,84\n")[0] == 0


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
