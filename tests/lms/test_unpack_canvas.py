"""autograder unpack: which numbers in a name of Canvas's are the user's and the attachment's."""

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol
from tests.lms.unpacked import fill_in, handed_in, notebook, reasons, unpack


@pytest.mark.parametrize(
    "name", ["room_901_2_902_55502_x.ipynb", "x_901_5_902_55502_x.ipynb", "a_1_901_2_b_902_55502_x.ipynb"]
)
@pytest.mark.parametrize("with_own", [True, False])
def test_a_groups_name_with_a_classmates_number_is_a_doubt(course: World, name: str, with_own: bool) -> None:
    """Nobody can put what they hand in on a classmate by the name of their group."""
    own = {"älvarezzoë_901_55501_x.ipynb": notebook(course, "own")} if with_own else {}
    members = {name: notebook(course, "2")} | own
    status, said = unpack(course, members)
    assert (status, course.course.students(course.assignment)) == (1, ["s01"] if with_own else []), said
    assert reasons(course) == {name: "it may be of s01 or s02"}
    table = fill_in(course, {name: "s02"})
    assert unpack(course, members, "--who", str(table))[0] == 0
    assert handed_in(course, "s02")[f"{ID}.ipynb"] == notebook(course, "2")


@pytest.mark.parametrize(
    "name", ["oneiljrbo_902_55502_901_55501_x.ipynb", "oneiljrbo_LATE_902_901_55_1_x.ipynb"]
)
def test_what_follows_the_owners_name_and_numbers_is_their_own(course: World, name: str) -> None:
    status, said = unpack(course, {name: notebook(course)})
    assert (status, course.course.students(course.assignment)) == (0, ["s02"]), said


def test_a_file_of_ones_own_may_be_called_as_what_is_typed_in(course: World) -> None:
    """Its attachment's number is nobody's id, nor, where it is a classmate's by chance, theirs."""
    enrol(
        course,
        Person("s03", "Cy", "Young", lms_user_id="903"),
        Person("s04", "Dan", "Day", lms_user_id="904"),
    )
    members = {
        "älvarezzoë_901_55501_text.html": "<b>own</b>",
        "älvarezzoë_901_text.html": "<p>typed</p>",
        "älvarezzoë_901_55500_x.ipynb": notebook(course),
        "oneiljrbo_902_903_text.html": "own",
        "youngcy_LATE_903_55503_link.html": "own",
        "team_1_904_text.html": "typed",
    }
    status, said = unpack(course, members)
    assert status == 1
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course), "text.html": b"<b>own</b>"}
    none = "there is no notebook in what {} handed in"
    assert reasons(course) == {
        "oneiljrbo_902_903_text.html": none.format("s02"),
        "youngcy_LATE_903_55503_link.html": none.format("s03"),
        "team_1_904_text.html": none.format("s04"),
    }, said


def test_a_file_of_ones_own_does_not_make_the_class_unknown(course: World) -> None:
    """Where the class goes by Canvas's numbers, all of a download are such, whatever the attachments' are."""
    enrol(course, Person("777"), Person("778"))
    members = {
        "x_777_1_x.ipynb": notebook(course),
        "y_778_2_text.html": "own",
        "y_778_3_x.ipynb": notebook(course),
    }
    status, said = unpack(course, members)
    assert (status, course.course.students(course.assignment)) == (0, ["777", "778"]), said


def test_a_teams_number_that_was_written_in_leaves_another_place_of_the_number_in_doubt(
    course: World,
) -> None:
    enrol(course, Person("s03", "Cy", "Young", lms_user_id="903"))
    team, odd = "älvarezzoë_901_55501_x.ipynb", "room_901_2_902_55502_x.ipynb"
    table = course.root / "who.csv"
    rows = [f"{student},901,,{team},,\n" for student in ("s01", "s03")]
    table.write_text("student,lms_id,name,member,reason,file\n" + "".join(rows))
    members = {team: notebook(course, "team"), odd: notebook(course, "odd")}
    status, said = unpack(course, members, "--who", str(table))
    assert (status, course.course.students(course.assignment)) == (1, ["s01", "s03"]), said
    assert all(handed_in(course, each)[f"{ID}.ipynb"] == members[team] for each in ("s01", "s03"))
    assert list(reasons(course)) == [odd]


def test_what_was_typed_in_by_a_group_may_be_two_students(course: World) -> None:
    assert unpack(course, {"team_901_902_text.html": "<p>typed</p>"})[0] == 1
    assert reasons(course) == {"team_901_902_text.html": "it may be of s01 or s02"}


def test_a_name_full_of_numbers_costs_no_time(course: World) -> None:
    name = f"x{'_901' * 10_000}_x.ipynb"
    assert unpack(course, {name: notebook(course)})[0] == 1
    assert "more numbers than" in next(iter(reasons(course).values()))
