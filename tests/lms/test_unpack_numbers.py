"""autograder unpack: a number that is an id of another kind makes nobody somebody else."""

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol
from tests.lms.unpacked import handed_in, notebook, reasons, unpack

GRADES = (
    "OrgDefinedId,Username,Last Name,First Name,ps1 Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator\n"
    '#1501,#zalvarez,Älvarez,Zoë,,#\n#1502,#boneil,"O\'Neil, Jr.",Bo,,#\n'
)
FOLDER = "{}-90210 - {} - Nov 3, 2026 1105 PM/ps1.ipynb"
ZOES, BOS = FOLDER.format(1502, "Zoë Älvarez"), FOLDER.format(1777, "Bo O'Neil, Jr.")


def listed(world: World, *arguments: str, grades: str = GRADES) -> str:
    path = world.root / "grades.csv"
    path.write_text(grades)
    assert world.run("roster", str(path), *arguments).status == 0
    return str(path)


@pytest.mark.parametrize("key", [[], ["--id", "OrgDefinedId"]])
@pytest.mark.parametrize("bos", [True, False], ids=["two", "one"])
def test_an_org_defined_id_is_no_number_of_brightspaces(world: World, key: list[str], *, bos: bool) -> None:
    """Zoë's number of a user is the id that the university gave to Bo, also where hers is the only submission."""
    listed(world, *key)
    members = {ZOES: notebook(world)} | ({BOS: notebook(world)} if bos else {})
    assert unpack(world, members)[0] == 1
    assert not (world.root / "submitted").exists()
    as_lms_id = "its number is an id of boneil, but its name, Zoë Älvarez, is another one: the number may be of another kind"
    assert reasons(world)[ZOES] == ("nobody in the class has this id" if key else as_lms_id)


def test_brightspaces_grades_do_not_say_whose_its_numbers_are(world: World) -> None:
    grades = listed(world)
    status, said = unpack(world, {ZOES: notebook(world)}, "--who", grades)
    assert (status, (world.root / "submitted").exists()) == (1, False)
    assert "row 3 (boneil, 1502, Bo O'Neil, Jr.) has no id of the LMS, so it places nothing" in said


def test_a_number_of_somebody_without_a_name_proves_nothing_alone(world: World) -> None:
    """Grades may be exported without names; all of a class's numbers are not the same by chance."""
    keys = "OrgDefinedId,Username,End-of-Line Indicator\n#1501,#zalvarez,#\n#1502,#boneil,#\n"
    listed(world, grades=keys)
    assert unpack(world, {ZOES: notebook(world)})[0] == 1
    assert "exports no numbers of users" in reasons(world)[ZOES]
    both = {FOLDER.format(number, "X"): notebook(world, number) for number in ("1501", "1502")}
    assert unpack(world, both)[0] == 0
    assert handed_in(world, "boneil")[f"{ID}.ipynb"] == notebook(world, "1502")


@pytest.mark.parametrize("name", ["Zoe Alvarez", "Älvarez, Zoë", "Zoë María Älvarez", "ZOË ÄLVAREZ-SMITH"])
def test_a_name_that_may_be_the_same_contradicts_nobody(course: World, name: str) -> None:
    assert unpack(course, {FOLDER.format(901, name): notebook(course)})[0] == 0
    assert f"{ID}.ipynb" in handed_in(course, "s01")


def test_a_number_of_canvass_that_is_another_kind_of_id(course: World) -> None:
    """A classmate's name beside it says so; a group's name does not, nor a nickname."""
    members = {"älvarezzoë_902_1_x.ipynb": notebook(course), "zoeälvarez_901_2_x.ipynb": notebook(course)}
    assert unpack(course, members)[0] == 1
    assert course.course.students(course.assignment) == ["s01"]
    assert "the number may be of another kind" in reasons(course)["älvarezzoë_902_1_x.ipynb"]
    # The university's numbers are nobody's in Canvas whose number in Canvas is known.
    enrol(course, Person("1502", "Cy", "Young", lms_user_id="903"), Person("1503", "Dan", "Day"))
    for name in ("stranger_1502_1_x.ipynb", "stranger_1503_1_x.ipynb"):
        assert unpack(course, {name: notebook(course)})[0] == 1
    enrol(course, Person("1504", "Eve María", "O'Hara, Jr."))
    for name in ("daydan_1503_1_x.ipynb", "oharaeve_1504_1_x.ipynb", "oharajrevemaríaana_1504_1_x.ipynb"):
        assert unpack(course, {name: notebook(course)})[0] == 0


def test_a_classmates_whole_name_is_a_doubt_whatever_is_in_it(course: World) -> None:
    """All letters of a short name may also be in another one."""
    enrol(
        course,
        Person("s05", "Li", "An", lms_user_id="4711"),
        Person("s06", "Olivia", "Hanson", lms_user_id="5000"),
    )
    name = "hansonolivia_4711_1_x.ipynb"
    assert unpack(course, {name: notebook(course)})[0] == 1
    assert "the number may be of another kind" in reasons(course)[name]
    assert unpack(course, {"anli_4711_1_x.ipynb": notebook(course)})[0] == 0


@pytest.mark.parametrize(
    "class_",
    [
        [Person("u1", lms_user_id="11"), Person("u2", lms_user_id="12")],
        [Person("11"), Person("12")],
        [Person("u1", "Ann", "Lee", lms_user_id="11"), Person("u2", "Ann", "Lee", lms_user_id="12")],
    ],
    ids=["numbers", "ids", "namesakes"],
)
def test_numbers_of_one_assignment_are_nobodys_though_all_are_the_classs(
    world: World, class_: list[Person]
) -> None:
    """Moodle counts users and participants, both from 1; only the worksheet says whose a participant's number is."""
    enrol(world, *class_)
    members = {f"Ann Lee_{number}_assignsubmission_file/x.ipynb": notebook(world) for number in (11, 12)}
    status, said = unpack(world, members)
    assert (status, (world.root / "submitted").exists()) == (1, False)
    assert set(reasons(world).values()) == {
        "its participant number holds for this assignment only, so it does not say whose it is: give the worksheet "
        "with --who"
    }
    assert "offline grading worksheet too" in said


def test_a_moodle_download_in_a_course_of_another_lms_replaces_nobodys_work(world: World) -> None:
    enrol(world, Person("u1", lms_user_id="501"), Person("u2", lms_user_id="502"))
    own = {FOLDER.format(number, "X"): notebook(world, str(number)) for number in (501, 502)}
    assert unpack(world, own)[0] == 0
    assert unpack(world, {"X_502_assignsubmission_file/x.ipynb": notebook(world)})[0] == 1
    assert handed_in(world, "u2")[f"{ID}.ipynb"] == notebook(world, "502")


@pytest.mark.parametrize("names", [("", ""), ("Zoë", "Älvarez")])
def test_canvass_numbers_in_a_course_of_another_lms(world: World, names: tuple[str, str]) -> None:
    """One of them is a student's in the other LMS by chance, and the others are nobody's."""
    enrol(world, Person("u1", *names, "", "11"), Person("u2", lms_user_id="12"))
    chance = {"daydan_11_1_x.ipynb": notebook(world)}
    others = {f"other_{number}_{number}_x.ipynb": notebook(world) for number in (77, 78)}
    assert unpack(world, chance | others)[0] == 1
    assert not (world.root / "submitted").exists()
    assert "the class may be known by another LMS's numbers" in reasons(world)["daydan_11_1_x.ipynb"]
    # A group has another name, and may be taken for one of the class, where they mostly are.
    assert unpack(world, {"team_12_3_x.ipynb": notebook(world), **chance})[0] == 0


def test_one_number_of_canvass_that_is_a_nameless_students_own_id_proves_nothing(world: World) -> None:
    enrol(world, Person("1502"), Person("1503"))
    assert unpack(world, {"x_1502_1_x.ipynb": notebook(world)})[0] == 1
    assert not (world.root / "submitted").exists()
    assert "no number of the LMS's is known of them" in " ".join(reasons(world).values())
