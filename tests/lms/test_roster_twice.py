"""autograder roster: nobody is in the gradebook twice, and one who has no id keeps nobody else out."""

import json

import pytest

from autograder.gradebook.people import Person
from tests.conftest import World
from tests.lms.class_of import enrol
from tests.lms.files import sample
from tests.lms.test_roster import people, roster
from tests.lms.unpacked import notebook, unpack

BLACKBOARD = (
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\n"Älvarez"\t"Zoë"\t"zalv"\t"100001"\n'
    '"O\'Neil, Jr."\t"Bo"\t"boneil"\t"100002"\n'
).encode("utf-16")
BY_STUDENT_ID = (Person("100001", "Zoë", "Älvarez"), Person("100002", "Bo", "O'Neil, Jr."))


def test_blackboards_username_is_kept_where_the_class_goes_by_student_id(world: World) -> None:
    """Its downloads go by the username."""
    status, said = roster(world, BLACKBOARD, "--id", "Student ID")
    assert status == 0, said
    assert {each.id: each.lms_user_id for each in people(world).values()} == {
        "100001": "zalv",
        "100002": "boneil",
    }
    time = "2026-01-05-15-04-59"
    members = {
        f"ps1_zalv_attempt_{time}_ps1.ipynb": notebook(world),
        f"ps1_zalv_attempt_{time}.txt": b"(zalv)",
    }
    status, said = unpack(world, members)
    assert status == 0, said
    assert world.folder("100001").is_dir()


def test_brightspaces_username_is_kept_where_the_class_goes_by_the_other_key(world: World) -> None:
    roster(world, sample("brightspace-before.csv"), "--id", "OrgDefinedId")
    assert {each.id: each.lms_user_id for each in people(world).values()} == {
        "s01": "zalvarez",
        "s02": "boneil",
    }


def test_canvas_number_stays_the_lmss_own_id(world: World) -> None:
    """Its downloads go by it, whatever the class goes by."""
    roster(world, sample("canvas-before.csv"), "--id", "ID")
    assert {each.id: each.lms_user_id for each in people(world).values()} == {"901": "901", "902": "902"}


@pytest.mark.parametrize("chosen", [(), ("--id", "Username")])
def test_a_class_known_by_one_key_is_not_added_by_another(world: World, chosen: tuple[str, ...]) -> None:
    enrol(world, *BY_STUDENT_ID)
    before = people(world)
    status, said = roster(world, BLACKBOARD, *chosen)
    assert status == 2
    assert "zalv" in said
    assert "is 100001 by 'Student ID'" in said
    assert "--id 'Student ID'" in said
    assert people(world) == before
    assert roster(world, BLACKBOARD, "--id", "Student ID")[0] == 0
    # Now the username is known, too.
    assert roster(world, BLACKBOARD, "--id", "Username")[0] == 2
    assert set(people(world)) == set(before)


@pytest.mark.parametrize("chosen", [(), ("--id", "SID")])
@pytest.mark.parametrize("emails", [True, False])
def test_ids_that_lost_their_leading_zeros(world: World, chosen: tuple[str, ...], emails: bool) -> None:
    enrol(
        world,
        Person("00123", email="z@u.example" if emails else ""),
        Person("00124", email="b@u.example" if emails else ""),
    )
    data = b"First Name,Last Name,SID,Email\nZo,A,123,z@u.example\nBo,B,124,b@u.example\n"
    status, said = roster(world, data, *chosen)
    assert status == 2
    assert "00123" in said
    assert "00124" in said
    assert "leading zeros" in said
    assert set(people(world)) == {"00123", "00124"}


def test_lost_zeros_are_told_before_another_ones_id_in_the_lms(world: World) -> None:
    """417 is another one's Student ID, and what a spreadsheet leaves of 00417."""
    enrol(world, Person("00417", lms_user_id="00417"), Person("903", lms_user_id="417"))
    data = '"Last Name","First Name","Username","Student ID"\n"O","Bo","417","417"\n"S","Ann","903","417"\n'
    status, said = roster(world, data.encode())
    assert status == 2
    assert "would be new as '417', and is 00417 but for leading zeros" in said
    assert "is 903" not in said


def test_ids_that_differ_by_zeros_only_are_two_where_the_list_has_both(world: World) -> None:
    enrol(world, Person("0123"))
    status, said = roster(world, b"First Name,Last Name,SID\nA,B,0123\nC,D,123\n")
    assert status == 0, said
    assert set(people(world)) == {"0123", "123"}


@pytest.mark.parametrize(
    ("known", "row"),
    [
        (Person("s01", email="z@u.example"), "s77,A,B,z@u.example,"),
        (Person("s01", lms_user_id="901"), "s77,A,B,,901"),
        (Person("s01"), "S01,A,B,,"),
        (Person("z@u.example"), "s77,A,B,Z@u.example,"),
    ],
)
def test_one_who_is_known_under_another_id(world: World, known: Person, row: str) -> None:
    """By any key of the row."""
    enrol(world, known, Person("s02"))
    status, said = roster(world, f"id,first_name,last_name,email,lms_user_id\n{row}\ns02,C,D,,\n".encode())
    assert status == 2
    assert f"is {known.id} by" in said
    assert set(people(world)) == {known.id, "s02"}
    # Who really is somebody else is added by what is theirs alone.
    if not row.startswith("S01"):
        assert roster(world, b"id,first_name,last_name\ns77,A,B\n")[0] == 0


def test_canvas_number_that_is_another_students_id_by_chance(world: World) -> None:
    enrol(world, Person("s01"), Person("905"))
    header = "Student,ID,SIS User ID,SIS Login ID,Section\n"
    status, said = roster(world, f'{header}"A, B",901,,s01,S\n"C, D",905,,s05,S\n'.encode())
    assert status == 0, said
    assert set(people(world)) == {"s01", "s05", "905"}


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section\n"
    '"Älvarez, Zoë",901,,s01,S\n"O\'Neil, Bo",902,,s02,S\n"D, C",950,,,S\n'
)


@pytest.mark.parametrize("chosen", [(), ("--id", "SIS Login ID")])
def test_one_without_an_id_is_left_out_and_named(world: World, chosen: tuple[str, ...]) -> None:
    """Else the whole class would get other ids for one person's sake, or nobody any."""
    status, said = roster(world, CANVAS.encode(), *chosen)
    assert status == 0, said
    assert "ids from 'SIS Login ID'" in said
    assert "'SIS Login ID' is empty in row 4 (950, C D)" in said
    assert set(people(world)) == {"s01", "s02"}
    # Once known by any key, they are found by it.
    enrol(world, Person("s03", lms_user_id="950"))
    status, said = roster(world, CANVAS.encode(), *chosen)
    assert (status, "is empty in" in said) == (0, False), said
    assert people(world)["s03"].first_name == "C"


def test_nobody_has_an_id_in_the_chosen_column(world: World) -> None:
    status, said = roster(world, CANVAS.encode(), "--id", "SIS User ID")
    assert status == 2
    assert "'SIS User ID' is empty in every row" in said
    assert people(world) == {}


def test_a_whole_column_of_ids_is_better_than_one_with_gaps(world: World) -> None:
    data = CANVAS.replace(",901,,", ",901,u1,").replace(",902,,", ",902,u2,").replace(",950,,", ",950,u3,")
    status, said = roster(world, data.encode())
    assert status == 0, said
    assert set(people(world)) == {"u1", "u2", "u3"}
    assert "'SIS Login ID' is empty in row 4" in said


ROLE = "http://purl.imsglobal.org/vocab/lis/v2/"


@pytest.mark.parametrize(
    ("roles", "is_student"),
    [
        ([f"{ROLE}membership#Learner"], True),
        ([f"{ROLE}membership/Learner#NonCreditLearner"], True),
        (["Learner"], True),
        (["urn:lti:role:ims/lis/Learner"], True),
        ([f"{ROLE}institution/person#Faculty", "membership#Learner"], True),
        ([], True),
        ([f"{ROLE}membership#Instructor", f"{ROLE}institution/person#Student"], False),
        ([f"{ROLE}institution/person#Student"], False),
        ([f"{ROLE}membership#Mentor", f"{ROLE}institution/person#Learner"], False),
        ([f"{ROLE}membership/Instructor#LearnerAssistant"], False),
        (["StudentAssistant"], False),
        ([f"{ROLE}membership#Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"], False),
    ],
)
def test_what_an_lti_platform_calls_a_learner(world: World, roles: list[str], is_student: bool) -> None:
    """Somebody's role in the course counts, not in the institution; a test user is nobody."""
    members = [{"user_id": "u1", "lis_person_sourcedid": "s01", "roles": ["Learner"]}]
    members += [{"user_id": "u2", "lis_person_sourcedid": "s02", "roles": roles}]
    status, said = roster(world, json.dumps({"members": members}).encode())
    assert status == 0, said
    assert set(people(world)) == ({"s01", "s02"} if is_student else {"s01"})


def test_canvas_test_student_where_names_have_two_columns(world: World) -> None:
    data = (
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,ps1 (12345)\n"
        "    Points Possible,,,,,,20.00\nÄlvarez,Zoë,901,s01,s01,S,\nStudent,Test,999,,7f3a,S,\n"
    )
    status, said = roster(world, data.encode())
    assert status == 0, said
    assert set(people(world)) == {"s01"}
    assert "1 row of others left out" in said
