"""autograder unpack: Brightspace's dates in any order and language. Whose a file is does not hang on them."""

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol
from tests.lms.unpacked import handed_in, notebook, reasons, unpack

READ = ["5 January, 2026 304 PM", "5 Jan 2026 1504", "Jan 5, 2026 3_04 PM"]
UNREAD = [
    "5 janv. 2026 15 h 04",
    "2026-01-05 1504",
    "5. Januar 2026 15_04",
    "2026年1月5日 1504",
    "05.01.2026 15.04",
    "5 de enero de 2026 1504",
]


@pytest.mark.parametrize("form", ["{}/ps1.ipynb", "{} - ps1.ipynb"])
@pytest.mark.parametrize("day", [*READ, *UNREAD])
def test_a_date_in_any_order_and_language(course: World, day: str, form: str) -> None:
    members = {form.format(f"901-90210 - Zoë Älvarez - {day}"): notebook(course), "index.html": "x"}
    status, said = unpack(course, members)
    assert status == 0, said
    time = {"timestamp.txt": b"2026-01-05 14:04:00.000000 UTC\n"} if day in READ else {}
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course), **time}
    assert (f"nothing is taken off for lateness: {day}" in said) == (day in UNREAD)


@pytest.mark.parametrize("day", ["5 janv. 2026 15 h 04", "5 January, 2026 304 PM"])
@pytest.mark.parametrize("own", ["902-1 - Bo - Jan 9, 2026 100 AM - x.ipynb", "Jan 9, 2026 100 AM - x.ipynb"])
def test_a_later_date_in_a_flat_name_is_the_students(course: World, day: str, own: str) -> None:
    """Nobody hands in at another time by naming a file so."""
    assert unpack(course, {f"901-90210 - Zoë Älvarez - {day} - {own}": notebook(course)})[0] == 0
    time = handed_in(course, "s01").get("timestamp.txt", b"")
    assert time == (b"2026-01-05 14:04:00.000000 UTC\n" if "January" in day else b"")
    assert course.course.students(course.assignment) == ["s01"]


def test_attempts_whose_order_is_not_known_wait_for_a_person(course: World) -> None:
    name = "901-90210 - Zoë Älvarez - {} févr. 2026 15 h 04/ps1.ipynb"
    members = {name.format(day): notebook(course, str(day)) for day in (5, 6)}
    assert unpack(course, members)[0] == 1
    assert not course.folder("s01").exists()
    assert "these times cannot be read" in reasons(course)[name.format(5)]


@pytest.mark.parametrize(
    "name", ["901 - Zoë - 5 janv. 2026 15 h 04/x.ipynb", "901-9 - Zoë - version 2/x.ipynb"]
)
def test_what_only_resembles_brightspaces_names(course: World, name: str) -> None:
    assert unpack(course, {name: notebook(course)}, "--lms", "brightspace")[0] == 1
    assert "names no file like this" in reasons(course)[name]


@pytest.mark.parametrize("other", ["Zoë Älvarez", "Zoë María Älvarez"])
def test_two_of_one_name_are_told_apart_by_what_is_written_in_only(course: World, other: str) -> None:
    """What the class is known by may be another kind of number, and one's be the other's by chance."""
    enrol(course, Person("s03", *other.rsplit(" ", 1), lms_user_id="903"))
    name = "{}-90210 - Zoë Älvarez - Jan 5, 2026 304 PM/x.ipynb"
    bos = "902-90210 - Bo O'Neil - Jan 5, 2026 304 PM/x.ipynb"
    members = {name.format(number): notebook(course, number) for number in ("901", "903")}
    status, said = unpack(course, members | {bos: notebook(course)})
    assert status == 1
    assert course.course.students(course.assignment) == ["s02"]
    assert "write the student's id" in said
    if other == "Zoë Älvarez":
        assert reasons(course)[name.format("901")] == (
            "its number is an id of s01, but may be of another kind, and several may be called Zoë Älvarez: s01; s03"
        )
    table = course.root / "who.csv"
    table.write_text("student,lms_id,name,member,reason,file\ns01,903,,,,\ns03,901,,,,\n")
    assert unpack(course, members, "--who", str(table))[0] == 0
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "903")
    assert handed_in(course, "s03")[f"{ID}.ipynb"] == notebook(course, "901")


def test_canvas_does_not_tell_them_apart_by_the_classs_own_numbers(course: World) -> None:
    """Canvas's numbers are others, which happen to be the same the other way round."""
    enrol(course, Person("1504", "Jay", "Doe"), Person("1505", "Jay", "Doe"))
    members = {f"doejay_{number}_{number}1_x.ipynb": notebook(course) for number in ("1504", "1505")}
    assert unpack(course, members)[0] == 1
    assert not (course.root / "submitted").exists()
