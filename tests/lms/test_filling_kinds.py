"""autograder export --into: each column is held against one kind of id, its own, or the one it was enrolled by."""

from pathlib import Path

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol, give

CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (12)\n    Points Possible,,,,,20.00\n"
BLACKBOARD = '"Last Name","First Name","Username","Student ID","ps1 [Total Pts: 20 Score] |12"\n'
NAMES = {"A": "Al", "B": "Bo", "C": "Cy", "D": "Di"}


def exported(world: World, data: str, *arguments: str) -> tuple[int, str, dict[str, str]]:
    """Give the status, what was said, and the points by the first cell of each row."""
    original, filled = world.root / "grades.csv", world.root / "filled.csv"
    original.write_text(data)
    filled.unlink(missing_ok=True)
    ran = world.run("export", ID, "--into", str(original), "-o", str(filled), *arguments)
    return ran.status, ran.out + ran.err, points(filled) if filled.exists() else {}


def points(filled: Path) -> dict[str, str]:
    rows = [line.replace('"', "").split(",") for line in filled.read_text().splitlines()[1:]]
    return {row[0]: row[-1] for row in rows if row[0] in NAMES}


def enrolled(world: World, data: str, *arguments: str) -> None:
    path = world.root / "class.csv"
    path.write_text(data)
    ran = world.run("roster", str(path), *arguments)
    assert ran.status == 0, ran.err


def canvas(*rows: tuple[str, str, str]) -> str:
    return CANVAS + "".join(f"{name},{number},,{login},S,\n" for name, number, login in rows)


def blackboard(*rows: tuple[str, str, str]) -> str:
    lines = [f'"{name}","{NAMES[name]}","{user}","{number}",""\n' for name, user, number in rows]
    return BLACKBOARD + "".join(lines)


CLASH = canvas(("A", "901", "s01"), ("B", "903", "s02"), ("C", "905", "903"))


@pytest.mark.parametrize("chosen", [(), ("--id", "SIS Login ID"), ("--id", "ID")])
def test_a_login_that_is_a_classmates_number_in_canvas(world: World, chosen: tuple[str, ...]) -> None:
    enrolled(world, CLASH)
    give(world, {"s01": 1.0, "s02": 2.0, "903": 3.0})
    status, said, filled = exported(world, CLASH, *chosen)
    assert status == 0, said
    assert filled == {"A": "1.00", "B": "2.00", "C": "3.00"}


@pytest.mark.parametrize("chosen", [(), ("--id", "SIS Login ID"), ("--id", "ID")])
def test_canvas_numbers_and_logins_that_are_the_same_for_others(
    world: World, chosen: tuple[str, ...]
) -> None:
    data = canvas(("A", "1001", "1002"), ("B", "1002", "1003"), ("C", "1003", "1001"))
    enrolled(world, data)
    give(world, {"1002": 1.0, "1003": 2.0, "1001": 3.0})
    status, said, filled = exported(world, data, *chosen)
    assert status == 0, said
    assert filled == {"A": "1.00", "B": "2.00", "C": "3.00"}


@pytest.mark.parametrize("chosen", [(), ("--id", "Username"), ("--id", "Student ID")])
@pytest.mark.parametrize("key", ["Username", "Student ID"])
@pytest.mark.parametrize(
    "ids",
    [
        (("A", "1001", "1002"), ("B", "1002", "1003"), ("C", "1003", "1001")),
        (("A", "1001", "1002"), ("B", "1002", "1001"), ("C", "s03", "1003")),
        (("A", "s01", "100001"), ("B", "s02", "903"), ("C", "903", "417")),
    ],
)
def test_blackboards_two_keys(world: World, ids: tuple, key: str, chosen: tuple[str, ...]) -> None:
    """Whichever of them the class was enrolled by, and though the one is somebody else's other one."""
    data = blackboard(*ids)
    enrolled(world, data, "--id", key)
    at = 1 if key == "Username" else 2
    give(world, {row[at]: float(number) for number, row in enumerate(ids, 1)})
    status, said, filled = exported(world, data, *chosen)
    assert status == 0, said
    assert filled == {"A": "1.00", "B": "2.00", "C": "3.00"}


def test_a_class_that_goes_by_its_sis_ids(world: World) -> None:
    """A login that is somebody else's SIS id is in doubt, and the column that counts leads out."""
    rows = [("A", "901", "u1", "s01"), ("B", "902", "u2", "u1"), ("C", "903", "u3", "s03")]
    data = CANVAS + "".join(f"{name},{number},{sis},{login},S,\n" for name, number, sis, login in rows)
    enrolled(world, data, "--id", "SIS User ID")
    give(world, {"u1": 1.0, "u2": 2.0, "u3": 3.0})
    status, said, filled = exported(world, data)
    assert (status, filled) == (2, {})
    assert "may be u1 or u2; name the column that counts with --id" in said
    status, said, filled = exported(world, data, "--id", "SIS User ID")
    assert filled == {"A": "1.00", "B": "2.00", "C": "3.00"}, said


def test_nobody_of_the_class_is_found_by_a_classmates_other_id(world: World) -> None:
    """Username 417 is a stranger's, and Student ID 417 is C's, who is not in this file."""
    rows = (("A", "s01", "100001"), ("B", "s02", "100002"), ("C", "903", "417"))
    enrolled(world, blackboard(*rows))
    give(world, {"s01": 1.0, "s02": 2.0, "903": 3.0})
    _, said, filled = exported(world, blackboard(*rows[:2], ("D", "417", "")), "--force")
    assert filled == {"A": "1.00", "B": "2.00", "D": ""}, said
    assert "graded, but not found in the file: 903" in said


def test_the_lmss_key_is_a_classmates_by_its_own_kind(world: World) -> None:
    """A's row has A's Student ID for a username too, which is B's, and Blackboard would give B the points."""
    enrolled(world, blackboard(("A", "1001", "1002"), ("B", "1002", "1003"), ("C", "1003", "1001")))
    give(world, {"1001": 1.0, "1003": 3.0})
    data = blackboard(("A", "1002", "1002"), ("C", "1003", "1001"))
    status, said, _ = exported(world, data)
    assert status == 2
    assert "the LMS goes by 'Username', which is another's than the rest of the row" in said
    status, said, filled = exported(world, data, "--id", "Student ID", "--force")
    assert "1001 has '1002' in 'Username', by which the LMS goes, and which is 1002's" in said
    assert filled == {"A": "", "C": "3.00"}


SAKAI = '"Student ID","Student Name","ps1 [20]"\n"1","A",""\n"2","B",""\n'


def test_one_column_that_may_be_of_either_kind_is_in_doubt(world: World) -> None:
    """Nothing else says which: no second key, and no names in the gradebook. --id does."""
    enrol(world, Person("1", lms_user_id="2"), Person("2", lms_user_id="1"))
    give(world, {"1": 1.0, "2": 2.0})
    status, said, _ = exported(world, SAKAI)
    assert status == 2
    assert "for no row it is clear who is meant" in said
    status, said, _ = exported(world, SAKAI, "--id", "Student ID")
    assert status == 0, said
    assert '"1","A","1"' in (world.root / "filled.csv").read_text()


def test_whose_id_in_the_lms_is_not_known_is_found_by_their_own(world: World) -> None:
    """Where the class does not know it, the one that it has may stand in the LMS's column."""
    rows = (("A", "s01", "100001"), ("B", "s02", "100002"))
    enrolled(world, blackboard(*rows))
    enrol(world, Person("100003", "Cy", "C"))
    give(world, {"s01": 1.0, "s02": 2.0, "100003": 3.0})
    status, said, filled = exported(world, blackboard(*rows, ("C", "s03", "100003")))
    assert status == 0, said
    assert filled == {"A": "1.00", "B": "2.00", "C": "3.00"}
