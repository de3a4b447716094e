"""autograder unpack: the names in a download are of one kind, the class's own ids or the LMS's."""

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol
from tests.lms.unpacked import fill_in, handed_in, notebook, reasons, unpack

TIME = "2026-01-05-15-04-59"


def blackboard(world: World, people: dict[str, str], *, texts: bool = True) -> dict[str, bytes | str]:
    """Give a download of these usernames, with what each is called in the text beside."""
    members: dict[str, bytes | str] = {}
    for username, name in people.items():
        members[f"ps1_{username}_attempt_{TIME}_x.ipynb"] = notebook(world, username)
        if texts:
            members[f"ps1_{username}_attempt_{TIME}.txt"] = f"Name: {name} ({username})\nAssignment: ps1\n"
    return members


def placed(world: World) -> dict[str, str]:
    """Give whose username is in each student's notebook."""
    found = {}
    for student in world.course.students(world.assignment):
        text = handed_in(world, student)[f"{ID}.ipynb"].decode()
        found[student] = text.split('"mark": "')[1].split('"')[0]
    return found


@pytest.mark.parametrize("texts", [True, False])
def test_a_username_is_not_a_classmates_student_id(course: World, texts: bool) -> None:
    """417 is the username of somebody who is not in the class, and the Student ID of 903."""
    enrol(course, Person("903", "Ann", "Smith", lms_user_id="417"))
    members = blackboard(course, {"417": "Un Known", "903": "Ann Smith", "s01": "Zoë Älvarez"}, texts=texts)
    status, said = unpack(course, members)
    assert (status, placed(course)) == (1, {"903": "903", "s01": "s01"}), said
    assert set(reasons(course).values()) == {"nobody in the class has this id"}


def test_the_same_for_usernames_where_the_class_goes_by_student_ids(course: World) -> None:
    enrol(course, Person("417", lms_user_id="asmith"), Person("418", lms_user_id="cyoung"))
    status, said = unpack(course, blackboard(course, {"417": "X", "asmith": "Y", "cyoung": "Z"}, texts=False))
    assert (status, placed(course)) == (1, {"417": "asmith", "418": "cyoung"}), said


def test_what_people_are_called_decides_where_there_are_too_few_names(course: World) -> None:
    enrol(course, Person("903", "Ann", "Smith", lms_user_id="417"))
    members = blackboard(course, {"417": "Un Known", "s01": "Zoë Älvarez"})
    status, said = unpack(course, members)
    assert (status, placed(course)) == (1, {"s01": "s01"}), said
    assert set(reasons(course).values()) == {"nobody in the class has this id"}


def test_where_nothing_decides_the_kind_none_is_placed_until_a_person_does(course: World) -> None:
    enrol(course, Person("903", "Ann", "Smith", lms_user_id="417"))
    members = blackboard(course, {"417": "", "s01": ""}, texts=False)
    assert unpack(course, members)[0] == 1
    assert placed(course) == {}
    assert (
        "it may be of 903: nothing says which kind of id the names in the download are"
        in reasons(course).values()
    )
    table = fill_in(course, {"ps1_417": "s02", "ps1_s01": "s01"})
    status, said = unpack(course, members, "--who", str(table))
    assert (status, placed(course)) == (0, {"s01": "s01", "s02": "417"}), said


@pytest.mark.parametrize("texts", [True, False])
def test_usernames_and_student_ids_that_are_the_same_for_others(course: World, texts: bool) -> None:
    ids = {"1001": ("1002", "Al"), "1002": ("1003", "Bo"), "1003": ("1001", "Cy")}
    enrol(course, *(Person(own, name, "X", lms_user_id=lms) for own, (lms, name) in ids.items()))
    members = blackboard(course, {own: f"{name} X" for own, (_, name) in ids.items()}, texts=texts)
    status, said = unpack(course, members)
    if texts:
        assert (status, placed(course)) == (0, {each: each for each in ids}), said
        return
    assert (status, placed(course)) == (1, {})
    assert any("it may be of 1001 or 1003" in reason for reason in reasons(course).values())
    table = fill_in(course, {f"ps1_{each}": each for each in ids})
    assert unpack(course, members, "--who", str(table))[0] == 0
    assert placed(course) == {each: each for each in ids}


def test_all_names_are_usernames_where_one_is_a_classmates_student_id_too(course: World) -> None:
    enrol(course, Person("903", lms_user_id="417"), Person("j_doe", lms_user_id="903"))
    status, said = unpack(course, blackboard(course, dict.fromkeys(("903", "j_doe", "s01"), ""), texts=False))
    assert (status, placed(course)) == (0, {each: each for each in ("903", "j_doe", "s01")}), said


def test_two_names_are_not_two_attempts_of_one_student(course: World) -> None:
    """One is an id of the class, the other one's is the address that the class knows of the same student."""
    members = blackboard(course, dict.fromkeys(("s01", "s01@uni.example", "s02"), ""), texts=False)
    status, said = unpack(course, members)
    assert (status, placed(course)) == (1, {"s02": "s02"}), said
    assert set(reasons(course).values()) == {
        "it may be of s01, whose the download has several names of: 's01' and 's01@uni.example'"
    }
