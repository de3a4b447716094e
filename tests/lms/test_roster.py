"""autograder roster: class lists of each LMS into the gradebook."""

import json

import pytest

from autograder.gradebook.opening import made_database
from autograder.gradebook.people import Person, read_people
from tests.conftest import World
from tests.lms.class_of import enrol, give
from tests.lms.files import sample

ZOE, BO = ("Zoë", "Älvarez"), ("Bo", "O'Neil, Jr.")
NRPS = {
    "id": "https://lms.example/memberships",
    "members": [
        {
            "status": "Active",
            "user_id": "u1",
            "lis_person_sourcedid": "s01",
            "given_name": "Zoë",
            "family_name": "Älvarez",
            "email": "s01@uni.example",
            "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        },
        {"status": "Active", "user_id": "u2", "lis_person_sourcedid": "s02", "roles": ["Learner"]},
        {"status": "Active", "user_id": "t1", "lis_person_sourcedid": "t1", "roles": ["Instructor"]},
        {"status": "Deleted", "user_id": "u3", "lis_person_sourcedid": "s03", "roles": ["Learner"]},
    ],
}
ONEROSTER = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,role\n"
    "u-1,active,,true,s01,,Zoë,Älvarez,,,s01@uni.example,student\n"
    'u-2,active,,true,s02,,Bo,"O\'Neil, Jr.",,,,student\n'
    "u-3,tobedeleted,,true,s03,,A,B,,,,student\n"
    "u-4,active,,true,t1,,A,B,,,,teacher\n"
).encode()
NBGRADER = b"\xef\xbb\xbfid,first_name,last_name,email,lms_user_id\ns01,Zo\xc3\xab,\xc3\x84lvarez,s01@uni.example,7\ns02,,,,\n"


def roster(world: World, data: bytes, *arguments: str) -> tuple[int, str]:
    path = world.root / "list.csv"
    path.write_bytes(data)
    ran = world.run("roster", str(path), *arguments)
    return ran.status, ran.out + ran.err


def people(world: World) -> dict[str, Person]:
    with made_database(world.course) as gradebook:
        return {person.id: person for person in read_people(gradebook)}


@pytest.mark.parametrize(
    ("data", "first", "second"),
    [
        ("canvas-before.csv", (*ZOE, "", "901"), (*BO, "", "902")),
        ("moodle-gradebook-before.csv", (*ZOE, "s01@uni.example", ""), (*BO, "s02@uni.example", "")),
        ("blackboard-before.xls", (*ZOE, "", "100001"), (*BO, "", "100002")),
        ("sakai-before.csv", (*ZOE, "", ""), (*BO, "", "")),
        ("gradescope-roster.csv", (*ZOE, "s01@uni.example", ""), (*BO, "s02@uni.example", "")),
        (ONEROSTER, (*ZOE, "s01@uni.example", "u-1"), (*BO, "", "u-2")),
        (json.dumps(NRPS).encode(), (*ZOE, "s01@uni.example", "u1"), ("", "", "", "u2")),
        (NBGRADER, (*ZOE, "s01@uni.example", "7"), ("", "", "", "")),
    ],
)
def test_each_kind_of_list(world: World, data: bytes | str, first: tuple, second: tuple) -> None:
    """A second run changes nothing; who is no student of the class is left out."""
    data = sample(data) if isinstance(data, str) else data
    status, said = roster(world, data)
    assert status == 0, said
    assert "2 added, 0 changed" in said
    assert people(world) == {"s01": Person("s01", *first), "s02": Person("s02", *second)}
    assert "0 added, 0 changed, 2 as before" in roster(world, data)[1]


def test_brightspaces_ids(world: World) -> None:
    roster(world, sample("brightspace-before.csv"))
    assert people(world)["zalvarez"] == Person("zalvarez", *ZOE, "s01@uni.example", "s01")
    status, said = roster(world, sample("brightspace-before.csv"), "--id", "OrgDefinedId")
    assert status == 2
    assert "--id 'Username'" in said
    assert {"zalvarez", "boneil"} == set(people(world))


def test_added_changed_gone(world: World) -> None:
    enrol(world, Person("s01", "Zoe", "Alvarez", "own@x.example", "5"), Person("s09", "Gone"))
    status, said = roster(world, sample("canvas-before.csv"), "--dry-run")
    assert status == 0
    assert "nothing was written" in said
    assert people(world)["s01"].first_name == "Zoe"
    _, said = roster(world, sample("canvas-before.csv"))
    assert "1 added, 1 changed" in said
    assert "first_name 'Zoe' → 'Zoë'" in said
    assert "s09 · Gone" in said
    # What the list does not say stays; nobody is removed.
    assert people(world)["s01"] == Person("s01", *ZOE, "own@x.example", "901")
    assert "s09" in people(world)


def test_a_whole_name_replaces_no_better_one(world: World) -> None:
    enrol(world, Person("s01@uni.example", "Zoë", "Älvarez"))
    status, said = roster(world, sample("moodle-worksheet-before.csv"))
    assert status == 0, said
    assert people(world)["s01@uni.example"] == Person("s01@uni.example", *ZOE, "s01@uni.example")


ADDRESSES = (
    "First name,Surname,Email address\n"
    'Zoë,Älvarez,S01@uni.example\nBo,"O\'Neil, Jr.",s02@uni.example\nNew,One,new@uni.example\n'
).encode()


@pytest.mark.parametrize("chosen", [[], ["--id", "Email address"]])
def test_a_list_of_addresses_only_finds_who_is_known(world: World, chosen: list[str]) -> None:
    """The class is not added a second time under its addresses."""
    enrol(world, Person("s01", *ZOE, "s01@uni.example", "901"), Person("s02", email="s02@uni.example"))
    status, said = roster(world, ADDRESSES, *chosen)
    assert status == 0, said
    assert "1 added" in said
    assert set(people(world)) == {"s01", "s02", "new@uni.example"}
    assert people(world)["s02"] == Person("s02", *BO, "s02@uni.example")
    assert people(world)["s01"].lms_user_id == "901"
    assert "0 added, 0 changed, 3 as before" in roster(world, ADDRESSES, *chosen)[1]


def test_an_id_that_one_row_lacks_does_not_double_the_class(world: World) -> None:
    """Where the ids are not whole, each row is known by what it has."""
    enrol(world, Person("s01"), Person("s02", email="s02@uni.example"))
    data = b"First Name,Last Name,Email,SID\nA,B,a@x.example,s01\nC,D,s02@uni.example,\nE,F,e@x.example,\n"
    status, said = roster(world, data)
    assert status == 0, said
    assert set(people(world)) == {"s01", "s02", "e@x.example"}
    assert people(world)["s01"].email == "a@x.example"


def test_a_column_of_ids_that_is_passed_over_is_told(world: World) -> None:
    """One who has no id yet gives the whole class other ids."""
    data = b"First Name,Last Name,Email,SID\nA,B,a@x.example,s01\nC,D,c@x.example,\n"
    status, said = roster(world, data, "--dry-run")
    assert (status, "ids from 'Email'" in said) == (0, True)
    assert "'SID' is empty in row 3 (c@x.example, C D), so its ids were not taken" in said
    assert "not taken" not in roster(world, data.replace(b"c@x.example,", b"c@x.example,s02"))[1]


def test_blackboards_preview_user_is_no_student(world: World) -> None:
    """Whom a teacher is who looks at a course as its students do."""
    header = '"Last Name","First Name","Username","Student ID"\n'
    rows = '"Älvarez","Zoë","s01","007"\n"Müller_PreviewUser","Eva","emueller_previewuser",""\n'
    ran = roster(world, (header + rows).encode())
    assert (ran[0], set(people(world))) == (0, {"s01"}), ran


def test_gradescopes_staff_are_no_students(world: World) -> None:
    data = b"Name,SID,Email,Role\nZoe A,s01,a@x.example,Student\nProf X,9,p@x.example,Instructor\n"
    status, said = roster(world, data)
    assert (status, "1 row of others left out" in said) == (0, True)
    assert set(people(world)) == {"s01"}


def test_the_lmss_own_ids_double_nobody_either(world: World) -> None:
    enrol(world, Person("s01", lms_user_id="u1"))
    members = [{"user_id": "u1", "given_name": "Zoë"}, {"user_id": "u2"}]
    status, said = roster(world, json.dumps({"members": members}).encode())
    assert status == 0, said
    assert set(people(world)) == {"s01", "u2"}


def test_addresses_that_mean_two_or_come_twice(world: World) -> None:
    enrol(world, Person("s01", email="s01@uni.example"), Person("s09", email="S01@uni.example"))
    status, said = roster(world, ADDRESSES)
    assert status == 2
    assert "row 2: it may be of s01 or s09" in said
    enrol(world, Person("s09", email="s09@uni.example"))
    status, said = roster(world, ADDRESSES + b"A,B,s01@uni.example\n")
    assert status == 2
    assert "rows 2 and 5 have the same id 's01'" in said
    assert set(people(world)) == {"s01", "s09"}


def test_another_column_of_ids_is_not_taken_by_mistake(world: World) -> None:
    """Else every student would be there twice."""
    enrol(world, Person("901"), Person("902"))
    status, said = roster(world, sample("canvas-before.csv"))
    assert status == 2
    assert "--id 'ID'" in said
    assert roster(world, sample("canvas-before.csv"), "--id", "ID")[0] == 0
    assert set(people(world)) == {"901", "902"}


@pytest.mark.parametrize(
    ("student", "reason"),
    [
        ("../../etc", "folder"),
        ("a/b", "folder"),
        ("a\\b", "folder"),
        (".hidden", "folder"),
        ("..", "folder"),
        ("a\u202eb", "cannot be seen"),
        ("a\x07b", "cannot be seen"),
        ("x" * 200, "longer"),
        ("S02", "same id"),
        ("", "no column of ids"),
    ],
)
def test_ids_that_name_no_folder_are_refused(world: World, student: str, reason: str) -> None:
    data = f"First Name,Last Name,SID\nA,B,{student}\nC,D,s02\n".encode()
    status, said = roster(world, data)
    assert status == 2
    assert reason in said
    assert people(world) == {}


def test_ids_keep_zeros_and_hostile_names_are_plain_text(world: World) -> None:
    data = 'SID,First Name,Last Name\n"=""007""","=cmd|x!A1","Zoe\u0308 \u202e\nB"\n'.encode()
    assert roster(world, data)[0] == 0
    assert people(world)["007"] == Person("007", "=cmd|x!A1", "Zoë B")


def test_a_missing_gradebook_is_made(world: World) -> None:
    (world.root / "gradebook.db").unlink()
    assert roster(world, sample("canvas-before.csv"))[0] == 0
    assert len(people(world)) == 2


def test_a_class_with_grades_keeps_them(world: World) -> None:
    give(world, {"s01": 17.5})
    assert roster(world, sample("canvas-before.csv"))[0] == 0
    assert world.standings()["s01"].score == 17.5
    assert world.standings()["s01"].last_name == "Älvarez"


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"members": 3}', b"a,b\n1,2\n", b"{broken"])
def test_what_is_no_list(world: World, data: bytes) -> None:
    assert roster(world, data)[0] == 2
    assert world.run("roster", str(world.root / "missing.csv")).status == 2


@pytest.mark.parametrize("members", [[], [{"user_id": "u1", "roles": ["Instructor"]}]])
def test_a_platforms_answer_without_students(world: World, members: list[dict[str, object]]) -> None:
    """It is JSON, which has no header."""
    status, said = roster(world, json.dumps({"id": "x", "members": members}).encode())
    assert status == 2
    assert "lists no students" in said, said
    assert "header" not in said


@pytest.mark.parametrize(
    "header", ["First Name,Last Name,Email", "Name,Email,Role", "First Name;Last Name;Email"]
)
def test_gradescopes_roster_without_ids(world: World, header: str) -> None:
    status, said = roster(world, f"{header}\nZo,A,z@u.example\n".encode())
    assert status == 2
    assert said.count("For Gradescope's roster it lacks the column 'SID'") == 1
    assert "lacks" not in roster(world, b"First Name,Last Name\nZo,A\n")[1]
    assert "lacks" not in roster(world, f"{header}\nZo,A,z@u.example\n".encode(), "--lms", "sakai")[1]
