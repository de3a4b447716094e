"""autograder roster: what a spreadsheet has taken from a list is not taken from the gradebook, and names are not doubled."""

import pytest

from autograder.gradebook.people import Person
from tests.conftest import World
from tests.lms.class_of import enrol
from tests.lms.test_roster import people, roster
from tests.lms.unpacked import handed_in, notebook, unpack

HEADER = "Last Name,First Name,Username,Student ID\n"


def test_lost_zeros_do_not_replace_the_known_ids(world: World) -> None:
    enrol(world, Person("s01", "A", "B", lms_user_id="00120045"), Person("s02", "C", "D", lms_user_id="7"))
    data = f"{HEADER}B,A,s01,120045\nD,C,s02,0007\nF,E,s03,120046\n"
    status, said = roster(world, data.encode())
    assert status == 0, said
    assert "the known ones stay: s01 ('120045' for '00120045')." in said
    assert "Those of new people may have lost theirs, and are taken as they are: s03: let the LMS" in said
    # One that the list has with more zeros is better than the known one.
    ids = {each.id: each.lms_user_id for each in people(world).values()}
    assert ids == {"s01": "00120045", "s02": "0007", "s03": "120046"}
    assert "0 added, 0 changed, 3 as before" in roster(world, data.encode())[1]


def test_an_id_that_has_changed_is_taken(world: World) -> None:
    enrol(world, Person("s01", lms_user_id="00120045"))
    status, said = roster(world, f"{HEADER}B,A,s01,120046\n".encode())
    assert (status, "zeros" in said) == (0, False)
    assert people(world)["s01"].lms_user_id == "120046"


def test_a_lost_zero_makes_nobody_anothers(world: World) -> None:
    """What is left of it may be another one's."""
    enrol(world, Person("s01", lms_user_id="00417"), Person("s02", lms_user_id="417"))
    status, said = roster(world, f"{HEADER}B,A,s01,417\nD,C,s02,417\n".encode())
    assert status == 0, said
    assert {each.lms_user_id for each in people(world).values()} == {"00417", "417"}


@pytest.mark.parametrize(
    ("known", "listed"),
    [
        (("Zofia", "Łukasiewicz"), ("Zofia", "?ukasiewicz")),
        (("小明", "王"), ("??", "?")),
        (("Thị Hà", "Nguyễn"), ("Th? Hà", "Nguy?n")),
        (("Ma\U0001f642x", "Y"), ("Ma??x", "Y")),
    ],
)
def test_question_marks_do_not_replace_letters(
    world: World, known: tuple[str, str], listed: tuple[str, str]
) -> None:
    enrol(world, Person("s01", *known))
    data = f'Student,ID,SIS User ID,SIS Login ID,Section\n"{listed[1]}, {listed[0]}",901,,s01,S\n'
    status, said = roster(world, data.encode("cp1252"))
    assert status == 0, said
    assert "Names have question marks for letters, and the known ones stay: s01 ('" in said
    assert people(world)["s01"] == Person("s01", *known, lms_user_id="901")


@pytest.mark.parametrize("known", [(), (Person("s01"),), (Person("s01", "Thi", "Nguyen"),)])
def test_question_marks_that_nothing_is_known_of_are_taken_and_told(
    world: World, known: tuple[Person, ...]
) -> None:
    enrol(world, *known)
    data = f"{HEADER}Nguy?n,Thi,s01,\n".encode()
    status, said = roster(world, data)
    assert status == 0, said
    assert "are taken as they are: s01 ('Nguy?n'). If they do, let the LMS" in said
    assert people(world)["s01"].last_name == "Nguy?n"
    # The right name takes its place, and is not lost again.
    roster(world, data.replace(b"?", "ễ".encode()))
    assert "the known ones stay" in roster(world, data)[1]
    assert people(world)["s01"].last_name == "Nguyễn"


@pytest.mark.parametrize(
    ("whole", "now"),
    [
        ("Eli Roy", ("Eli", "Roy")),
        ("Roy Eli", ("Eli", "Roy")),
        ("Eli Royce", ("Eli", "Royce")),
        ("Elias Roy", ("Elias", "Roy")),
        ('"Roy, Elias"', ("Elias", "Roy")),
        ("Roy", ("Eli", "Roy")),
    ],
)
def test_a_name_in_one_piece_does_not_double_a_known_one(
    world: World, whole: str, now: tuple[str, str]
) -> None:
    enrol(world, Person("s01", "Eli", "Roy"))
    data = f"Student,ID,SIS User ID,SIS Login ID,Section\n{whole},901,,s01,S\n"
    status, said = roster(world, data.encode())
    assert status == 0, said
    assert people(world)["s01"] == Person("s01", *now, lms_user_id="901")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Khan, Aisha", ("Aisha", "Khan")),
        ("Aisha Khan", ("Aisha", "Khan")),
        ("O'Neil, Jr., Bo", ("Bo", "O'Neil, Jr.")),
        ("Bo O'Neil, Jr.", ("Bo", "O'Neil, Jr.")),
        ("Aisha", ("", "Aisha")),
    ],
)
def test_gradescopes_whole_name(world: World, name: str, parts: tuple[str, str]) -> None:
    status, said = roster(world, f'Name,Email,SID\n"{name}",a@uni.example,s01\n'.encode())
    assert status == 0, said
    assert people(world)["s01"] == Person("s01", *parts, "a@uni.example")


GRADES = (
    b"OrgDefinedId,Username,Last Name,First Name,ps1 Points Grade,End-of-Line Indicator\n"
    b"#71,#s01,A,Zo,,#\n#72,#s02,B,Bo,,#\n"
)
NAMES = (1, "Zo A"), (2, "Bo B")
NUMBERS = b"id,lms_user_id\ns01,5501\ns02,5502\n"


def test_ids_of_another_kind_are_told(world: World) -> None:
    """Brightspace has two: downloads go by one, and its gradebook has the other."""
    assert "keeps one kind" not in roster(world, GRADES)[1]
    status, said = roster(world, NUMBERS)
    assert (status, "keeps one kind: s01 ('71' → '5501'); s02 ('72' → '5502')" in said) == (0, True), said
    status, said = roster(world, GRADES)
    assert (status, "keeps one kind: s01 ('5501' → '71'); s02 ('5502' → '72')" in said) == (0, True), said
    assert "keeps one kind" not in roster(world, GRADES)[1]
    assert "keeps one kind" not in roster(world, GRADES.replace(b"#72", b"#73"))[1]
    # What is advised then does it, and leaves the other kind where it is.
    members = {
        f"550{at}-9 - {name} - Nov 3, 2026 1105 PM/ps1.ipynb": notebook(world, name) for at, name in NAMES
    }
    assert unpack(world, members)[0] == 1
    table = world.root / "numbers.csv"
    table.write_bytes(NUMBERS)
    status, said = unpack(world, members, "--who", str(table))
    assert status == 0, said
    assert notebook(world, "Bo B") in handed_in(world, "s02").values()
    assert {each.lms_user_id for each in people(world).values()} == {"71", "73"}
