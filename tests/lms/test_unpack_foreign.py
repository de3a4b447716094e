"""autograder unpack: notebooks that are not the assignment's replace no work that is."""

import json

import pytest

from autograder import notebook as nb
from tests.conftest import ID, World
from tests.lms.unpacked import handed_in, notebook, reasons, unpack

ZOES, BOS = "älvarezzoë_901_{}_{}", "oneiljrbo_902_{}_{}"
ASKED = "Is it the download of another assignment?"
MOVE = f"move submitted/STUDENT/{ID} away"
MOVE_ONE = "move what is in submitted/ of the student away before"


def foreign(mark: str = "") -> bytes:
    """Another assignment's notebook."""
    cell = {"cell_type": "code", "source": mark, "metadata": {"nbgrader": {"grade_id": "other"}}}
    whole = cell | {"id": "a", "outputs": [], "execution_count": None}
    return json.dumps({"cells": [whole], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def canvas(zoes: bytes, bos: bytes, number: int) -> dict[str, bytes]:
    return {ZOES.format(number, f"{ID}.ipynb"): zoes, BOS.format(number + 1, "homework1.ipynb"): bos}


def everything(world: World) -> dict[str, bytes]:
    return {
        path.relative_to(world.root).as_posix(): path.read_bytes()
        for place in ("submitted", "unpacked")
        for path in (world.root / place).rglob("*")
        if path.is_file()
    }


def test_another_assignments_download_replaces_nothing(course: World) -> None:
    assert unpack(course, canvas(notebook(course, "1"), notebook(course, "2"), 10))[0] == 0
    before = everything(course)
    status, said = unpack(course, canvas(foreign("1"), foreign("2"), 20))
    assert (status, everything(course) == before) == (2, True)
    assert f"none of the notebooks of 2 students has a cell of {ID}" in said
    assert f"work that has some lies in submitted/ for s01; s02. {ASKED} Nothing was changed." in said
    assert MOVE in said


def test_nor_does_it_add_anything_where_only_some_have_work(course: World) -> None:
    course.hand_in_text("s01", notebook(course).decode())
    before = everything(course)
    status, said = unpack(course, canvas(foreign(), foreign(), 20))
    assert (status, everything(course) == before) == (2, True)
    assert "lies in submitted/ for s01. " in said


def test_it_is_taken_where_the_work_was_moved_away(course: World) -> None:
    assert unpack(course, canvas(notebook(course), notebook(course), 10))[0] == 0
    for student in ("s01", "s02"):
        course.folder(student).rename(course.root / f"away-{student}")
    status, said = unpack(course, canvas(foreign("1"), foreign("2"), 20))
    assert status == 0, said
    assert handed_in(course, "s02") == {f"{ID}.ipynb": foreign("2")}


def test_it_is_taken_where_no_work_has_cells_either(course: World) -> None:
    assert unpack(course, canvas(foreign("1"), foreign("2"), 10))[0] == 0
    status, said = unpack(course, canvas(foreign("3"), foreign("4"), 20))
    assert (status, "2 changed" in said) == (0, True), said


@pytest.mark.parametrize("last", [foreign(), b"{", b""])
def test_one_students_wrong_notebook_does_not_replace_their_work(course: World, last: bytes) -> None:
    assert unpack(course, canvas(notebook(course, "1"), notebook(course, "2"), 10))[0] == 0
    changed = canvas(notebook(course, "3"), last, 20) | {BOS.format(22, "data.csv"): b"x"}
    for state in ("1 changed, 1 kept", "1 same, 1 kept"):
        status, said = unpack(course, changed)
        assert (status, state in said) == (1, True), said
        note = (
            "what was handed in last has no cells of the assignment, or cannot be read: the work that is in"
        )
        assert f"s02: {note} submitted/ stays\n" in said
        assert "was renamed" not in said
        assert MOVE_ONE in said
        assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course, "3")}
        assert handed_in(course, "s02") == {f"{ID}.ipynb": notebook(course, "2")}
        assert set(reasons(course)) == {BOS.format(21, "homework1.ipynb"), BOS.format(22, "data.csv")}
        kept = {path.read_bytes() for path in (course.root / "unpacked" / ID / "unplaced").iterdir()}
        assert kept == {last, b"x"}


@pytest.mark.parametrize("number", [1, 2])
def test_a_download_of_one_students_wrong_notebooks(course: World, number: int) -> None:
    """Which says nothing of the download: they may have handed in the wrong ones."""
    course.hand_in_text("s01", notebook(course).decode())
    names = [ZOES.format(at, f"x{at}.ipynb") for at in range(20, 20 + number)]
    status, said = unpack(course, dict.fromkeys(names, foreign()))
    assert (status, set(reasons(course))) == (1, set(names)), said
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course)}
    assert "Is the download another assignment's?" in said


def test_the_right_notebook_comes_after_the_wrong_one(course: World) -> None:
    for number, last in ((10, notebook(course, "1")), (20, foreign()), (30, notebook(course, "2"))):
        unpack(course, canvas(notebook(course), last, number))
    assert handed_in(course, "s02") == {f"{ID}.ipynb": notebook(course, "2")}
    assert reasons(course) == {}


def test_a_wrong_one_is_taken_once_the_work_was_moved_away(course: World) -> None:
    for number, last in ((10, notebook(course, "1")), (20, foreign())):
        unpack(course, canvas(notebook(course), last, number))
    course.folder("s02").rename(course.root / "away")
    assert unpack(course, canvas(notebook(course), foreign(), 20))[0] == 0
    assert handed_in(course, "s02") == {f"{ID}.ipynb": foreign()}


def test_work_with_a_single_cell_of_the_assignment_is_the_assignments(course: World) -> None:
    """Whatever else has become of it."""
    assert unpack(course, canvas(notebook(course, "1"), notebook(course, "2"), 10))[0] == 0
    torn = nb.parse(notebook(course), "it")
    torn.cells[:] = [next(cell for cell in torn.cells if nb.grade_id(cell))]
    status, said = unpack(course, canvas(nb.to_text(torn).encode(), foreign(), 20))
    assert (status, "1 changed, 1 kept" in said) == (1, True), said
