"""autograder unpack: an older download of Canvas's, which has no times, does not replace what a newer one gave."""

import csv

import pytest

from tests.conftest import ID, World
from tests.lms.unpacked import handed_in, notebook, unpack

NAME = "älvarezzoë{}_901_{}_perceptron.ipynb"
BOS = "oneiljrbo_902_880020_x.ipynb"


def members(world: World, number: int, *, late: str = "", **more: bytes) -> dict[str, bytes]:
    files = {NAME.format(late, number): notebook(world, str(number)), BOS: notebook(world, "bo")}
    return files | {f"älvarezzoë_901_{name}": data for name, data in more.items()}


def placed(world: World) -> str:
    with (world.root / "unpacked" / ID / "placed.csv").open(newline="") as file:
        return {row["student"]: row["member"] for row in csv.DictReader(file)}["s01"]


@pytest.mark.parametrize("late", ["", "_LATE"])
def test_the_newer_work_stays(course: World, late: str) -> None:
    assert unpack(course, members(course, 880150))[0] == 0
    for _ in range(2):  # what lies there is known as before
        status, said = unpack(course, members(course, 880011, late=late))
        assert status == 0, said
        assert (
            "s01: what is in submitted/ was handed in later, and stays (Canvas's number of its file is"
            in said
        )
        assert "is 880150, and 880011 in this download)" in said
        assert f"move submitted/s01/{ID} away before" in said
        assert "1 same, 1 kept" in said
        assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course, "880150")}
        assert placed(course) == NAME.format("", 880150)
    assert not (course.root / "unpacked" / ID / "replaced").exists()


def test_the_newer_download_replaces_the_older(course: World) -> None:
    assert unpack(course, members(course, 880011))[0] == 0
    _, said = unpack(course, members(course, 880150))
    assert "1 changed, 1 same" in said
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course, "880150")}


def test_the_older_one_is_taken_where_nothing_lies_there(course: World) -> None:
    assert unpack(course, members(course, 880150))[0] == 0
    course.folder("s01").rename(course.root / "away")
    assert unpack(course, members(course, 880011))[0] == 0
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course, "880011")}
    assert placed(course) == NAME.format("", 880011)


def test_where_the_numbers_prove_nothing(course: World) -> None:
    """A file of the download is newer than what lies there; so nothing is lost by taking it."""
    assert unpack(course, members(course, 880150))[0] == 0
    assert "1 changed" in unpack(course, members(course, 880011, **{"880200_plot.png": b"x"}))[1]


def test_where_it_is_not_known_what_lies_there(course: World) -> None:
    assert unpack(course, members(course, 880150))[0] == 0
    (course.root / "unpacked" / ID / "placed.csv").write_text("broken")
    assert "1 changed" in unpack(course, members(course, 880011))[1]


def test_a_number_that_no_canvas_gives(course: World) -> None:
    assert unpack(course, members(course, int("9" * 30)))[0] == 0
    assert "1 changed" in unpack(course, members(course, 880011))[1]
