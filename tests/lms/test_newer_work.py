"""What was handed in again after the grading: no points and no page of the older work go out for the newer one."""

import os
import zipfile

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook
from tests.conftest import ID, RIGHT, UNTOUCHED, World
from tests.lms.class_of import enrol
from tests.lms.files import sample
from tests.lms.test_export import into
from tests.lms.unpacked import BO, ZOE, notebook
from tests.lms.zips import zipped

AGAIN = "s02 has handed in again since it was graded"


@pytest.fixture
def course(world: World) -> World:
    """Two students, graded by the command."""
    enrol(world, ZOE, BO)
    world.hand_in("s01")
    world.hand_in("s02")
    (world.folder("s01") / "timestamp.txt").write_text("2026-01-05 14:04:00 UTC\n")
    assert {result["status"] for result in world.grade().values()} == {"graded"}
    assert export(world) == (0, "")
    return world


def export(world: World) -> tuple[int, str]:
    """Give the status, and what is said of s02's work."""
    arguments = ["--column", "ps1", "--rescale", "--provisional"]
    status, said, out = into(world, sample("canvas-before.csv"), *arguments)
    assert out.exists() == (status == 0), said
    out.unlink(missing_ok=True)
    return status, next((line.strip() for line in said.splitlines() if "handed in again" in line), "")


def other_work(world: World) -> None:
    world.hand_in("s02", UNTOUCHED)


def an_older_copy_of_other_work(world: World) -> None:
    """As `cp -p` leaves it, and nbgrader's collecting: its own time is before the grading."""
    path = world.hand_in("s02", UNTOUCHED)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def another_time(world: World) -> None:
    (world.folder("s02") / "timestamp.txt").write_text("2026-01-07 14:04:00 UTC\n")


def what_cannot_be_read(world: World) -> None:
    world.hand_in_text("s02", "{")


def nothing_that_counts(world: World) -> None:
    world.folder("s02").joinpath("notes.txt").write_text("x")
    world.folder("s02").joinpath(".ipynb_checkpoints").mkdir()


def the_same_run_once_more(world: World) -> None:
    """Outputs are no work."""
    answer = answer_notebook(world.assignment, RIGHT)
    for cell in answer.cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    world.hand_in_text("s02", nb.to_text(answer))


def touched(world: World) -> None:
    for path in (world.root / "submitted").rglob("*"):
        os.utime(path)


def touched_and_other_checks(world: World) -> None:
    """The kept verdict's key is another one, and the work is not."""
    touched(world)
    (world.assignment.checks / "test_step.py").open("a").write("\n")


@pytest.mark.parametrize(
    "change", [other_work, an_older_copy_of_other_work, another_time, what_cannot_be_read]
)
def test_in_doubt_is_who_handed_in_again(course: World, change) -> None:
    change(course)
    status, said = export(course)
    assert status == 2
    assert said.startswith(AGAIN)
    course.hand_in("s02")
    (course.folder("s02") / "timestamp.txt").unlink(missing_ok=True)
    assert export(course) == (0, "")


@pytest.mark.parametrize(
    "change", [nothing_that_counts, the_same_run_once_more, touched, touched_and_other_checks]
)
def test_no_doubt_is_there_of_equal_work(course: World, change) -> None:
    change(course)
    assert export(course) == (0, "")


def test_once_it_is_graded_again_it_goes_out(course: World) -> None:
    other_work(course)
    course.grade()
    assert export(course) == (0, "")


def test_what_was_certain_goes_out_by_force(course: World) -> None:
    other_work(course)
    arguments = ["--column", "ps1", "--rescale", "--provisional", "--force"]
    status, said, out = into(course, sample("canvas-before.csv"), *arguments)
    assert status == 0, said
    assert b"s02,Sec 1,,,,,\n" in out.read_bytes()


def test_a_file_made_from_nothing_leaves_them_out(course: World) -> None:
    other_work(course)
    out = course.root / "fresh.csv"
    ran = course.run("export", ID, "--format", "blackboard", "-o", str(out), "--provisional")
    assert ran.status == 0, ran.err
    assert "handed in again since they were graded, so grade again: s02" in ran.out
    assert (b"s01" in out.read_bytes(), b"s02" in out.read_bytes()) == (True, False)


def test_no_page_of_older_work_is_put_beside_the_newer(course: World) -> None:
    other_work(course)
    others = (course.folder("s02") / f"{ID}.ipynb").read_bytes()
    names = {"a_901_1_x.ipynb": notebook(course), "b_902_2_x.ipynb": others}
    download, out = zipped(course.root / "download.zip", names), course.root / "back.zip"
    ran = course.run("feedback", ID, "--provisional", "--return", str(download), "-o", str(out))
    assert ran.status == 0, ran.err
    assert "No page for:\n  s02: they have handed in again since" in ran.out
    with zipfile.ZipFile(out) as pages:
        assert [name.split("_")[1] for name in pages.namelist()] == ["901"]
    course.grade()
    assert course.run("feedback", ID, "--provisional", "--return", str(download), "-o", str(out)).status == 0
    with zipfile.ZipFile(out) as pages:
        assert [name.split("_")[1] for name in pages.namelist()] == ["901", "902"]
