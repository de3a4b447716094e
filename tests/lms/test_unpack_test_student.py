"""autograder unpack: what a teacher handed in as the LMS's own test student is left out, and told."""

import csv

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol, give
from tests.lms.test_export import into
from tests.lms.test_zeros import CANVAS
from tests.lms.unpacked import handed_in, notebook, unpack

FRONT = "Lab 2 Perceptron_{}_attempt_2026-01-05-15-04-59"
LEFT_OUT = "Left out, since the LMS's own test student is nobody of the class: "


def canvas(world: World) -> dict[str, bytes]:
    names = (
        "älvarezzoë_901_55501_x.ipynb",
        "studenttest_LATE_999_55502_x.ipynb",
        "studenttest_999_text.html",
    )
    return dict.fromkeys(names, notebook(world))


def blackboard(world: World, *, with_texts: bool) -> dict[str, bytes]:
    files = {}
    for username in ("s01", "s02", "tprof_previewuser"):
        files[f"{FRONT.format(username)}_x.ipynb"] = notebook(world)
        if with_texts:
            files[f"{FRONT.format(username)}.txt"] = f"Name: A B ({username})\n".encode()
    return files


def unplaced(world: World) -> list[dict[str, str]]:
    with (world.root / "unpacked" / ID / "unplaced.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", ["canvas", "texts", "no texts"])
def test_is_left_out_and_told(course: World, kind: str) -> None:
    download = canvas(course) if kind == "canvas" else blackboard(course, with_texts=kind == "texts")
    status, said = unpack(course, download)
    assert status == 0, said
    assert LEFT_OUT in said
    assert {"canvas": "studenttest_LATE_999_55502_x.ipynb; "}.get(kind, "tprof_previewuser_attempt") in said
    assert "What to do next" not in said
    assert unplaced(course) == []


def test_stands_in_nobodys_way(course: World) -> None:
    """Nobody's zero is in doubt for it."""
    enrol(course, *(Person(f"s0{number}", lms_user_id=f"90{number}") for number in range(1, 4)))
    give(course, {"s01": 5.0})
    assert unpack(course, {name: data for name, data in canvas(course).items() if "test" in name})[0] == 0
    status, said, _ = into(course, CANVAS, "--column", "ps1", "--zeros")
    assert status == 0, said


def test_a_student_who_is_called_so(course: World) -> None:
    """Whose id is in the class has a place."""
    enrol(course, Person("s03", "Test", "Student", lms_user_id="999"))
    status, said = unpack(course, canvas(course))
    assert (status, LEFT_OUT in said) == (0, False)
    assert handed_in(course, "s03")[f"{ID}.ipynb"] == notebook(course)


def test_somebody_else_who_is_not_in_the_class(course: World) -> None:
    status, said = unpack(course, {"studenttesta_999_55502_x.ipynb": notebook(course)})
    assert (status, LEFT_OUT in said) == (1, False)
    assert len(unplaced(course)) == 1
