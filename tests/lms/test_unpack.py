"""autograder unpack: what is placed, replaced and renamed."""

import errno
import os
import time
from pathlib import Path

import pytest

from tests.conftest import ID, World
from tests.lms.unpacked import handed_in, notebook, reasons, run, unpack


def test_a_second_run_changes_nothing_and_a_newer_download_replaces(course: World) -> None:
    name = "ps1_s01_attempt_2026-01-0{}-15-04-59_x.ipynb"
    members = {name.format(2): notebook(course, "2")}
    assert "(1 new)" in unpack(course, members)[1]
    path = course.folder("s01") / f"{ID}.ipynb"
    before = path.stat().st_mtime_ns
    time.sleep(0.01)
    assert "(1 same)" in unpack(course, members)[1]
    assert path.stat().st_mtime_ns == before
    assert "(1 changed)" in unpack(course, {name.format(3): notebook(course, "3")})[1]
    assert path.read_bytes() == notebook(course, "3")
    assert (course.root / "unpacked" / ID / "replaced" / "s01" / f"{ID}.ipynb").read_bytes() == notebook(
        course, "2"
    )
    assert "(1 kept)" in unpack(course, {name.format(1): notebook(course, "1")})[1]
    assert path.read_bytes() == notebook(course, "3")


def test_a_folder_is_taken_like_a_zip(course: World) -> None:
    folder = course.root / "download"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "älvarezzoë_901_55501_ps1.ipynb").write_bytes(notebook(course))
    (folder / "oneiljrbo_902_55503_ps1.ipynb").symlink_to(course.root / "nbgrader_config.py")
    os.mkfifo(folder / "oneiljrbo_902_55504_ps1.ipynb")
    status, _ = run(course, folder)
    assert status == 1
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert not course.folder("s02").exists()
    assert set(reasons(course).values()) == {"it is a link or a device, not a file"}


def test_which_notebook_is_meant(course: World) -> None:
    """A renamed notebook is known by its cells; others beside it stay what they are."""
    other = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    status, said = unpack(
        course,
        {
            "a_901_1_My final version.ipynb": notebook(course),
            f"a_901_2_{ID}.ipynb": other,
            "b_902_3_broken.ipynb": b"{",
        },
    )
    assert status == 0, said
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course), f"other-{ID}.ipynb": other}
    assert handed_in(course, "s02") == {f"{ID}.ipynb": b"{"}
    assert "cannot be read" in said


def test_a_notebook_in_capitals(course: World) -> None:
    assert unpack(course, {"a_901_1_PERCEPTRON.IPYNB": notebook(course)})[0] == 0
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course)}


def test_two_notebooks_with_the_assignments_cells_are_told(course: World) -> None:
    """The one of the right name is taken; the other may be the one that was worked on."""
    members = {f"a_901_1_{ID}.ipynb": notebook(course, "1"), "a_901_2_final.ipynb": notebook(course, "2")}
    status, said = unpack(course, members)
    assert status == 0
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "1")
    assert f"s01: {ID}.ipynb is taken; final.ipynb has cells of the assignment, too" in said


@pytest.mark.parametrize(
    ("lms", "copy", "right"),
    [
        ("b_902_{}_{}", "{}-1.ipynb", "{}.ipynb"),
        ("b_902_{}_{}", "{}-0b0f4c1e-7a44-4c39-9d0a-3a4d5e6f7a8b.ipynb", "{}.ipynb"),
        ("ps1/O'Neil, Bo(s02)/Submission attachment(s)/{1}", "{}+1.ipynb", "{}.ipynb"),
    ],
)
def test_the_exact_name_is_the_notebooks(course: World, lms: str, copy: str, right: str) -> None:
    """Browsers number copies as LMSs do; what an LMS added is only taken away where nothing else has the name."""
    copy, right = copy.format(ID), right.format(ID)
    members = {lms.format(7, copy): notebook(course, "copy"), lms.format(8, right): notebook(course, "final")}
    status, said = unpack(course, members)
    assert status == 0, said
    assert handed_in(course, "s02") == {right: notebook(course, "final"), copy: notebook(course, "copy")}
    assert f"s02: {right} is taken; {copy} has cells of the assignment, too" in said
    assert unpack(course, {lms.format(9, copy): notebook(course, "copy")})[0] == 0
    assert handed_in(course, "s02") == {right: notebook(course, "copy")}


def test_names_are_told_as_they_were_handed_in(course: World) -> None:
    members = {f"b_902_7_{name}": notebook(course, name) for name in ("week-1.ipynb", "week-2.ipynb")}
    _, said = unpack(course, members)
    assert "s02: it is not clear which notebook is meant: week-1.ipynb, week-2.ipynb" in said
    assert set(handed_in(course, "s02")) == {"week-1.ipynb", "week-2.ipynb"}


@pytest.mark.parametrize(
    "name", [f"{ID}.ipynb.txt", f"{ID}.json", "x.ipynb.json", "X.IPYNB.TXT", "sub/mine.txt"]
)
def test_a_notebook_under_another_name_is_known_by_its_cells(course: World, name: str) -> None:
    """Browsers and mail programs add to names."""
    folder = "ps1/Älvarez, Zoë(s01)/Submission attachment(s)"
    members = {f"{folder}/{name}": b"\xef\xbb\xbf" + notebook(course), f"{folder}/data.json": b'{"a": 1}'}
    status, said = unpack(course, members)
    assert status == 0, said
    assert set(handed_in(course, "s01")) == {f"{ID}.ipynb", "data.json"}
    assert f"{name} is a notebook by its cells, and was taken for one" in said
    assert "(1 same)" in unpack(course, members)[1]


def test_another_name_counts_only_where_there_is_no_notebook(course: World) -> None:
    members = {f"a_901_1_{ID}.json": notebook(course, "1"), "a_901_2_mine.ipynb": notebook(course, "2")}
    assert unpack(course, members)[0] == 0
    assert handed_in(course, "s01") == {
        f"{ID}.ipynb": notebook(course, "2"),
        f"{ID}.json": notebook(course, "1"),
    }


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        (
            "hw.ipynb.txt",
            b"{",
            "hw.ipynb.txt: the name does not end in .ipynb, and none of the assignment's cells",
        ),
        (f"{ID}.json", b"{}", f"{ID}.json: the name does not end in .ipynb"),
        ("hw.zip", b"PK", "hw.zip: archives in an archive are not opened, so look into it yourself"),
        ("hw.json", b'{"a": 1}', ""),
        ("hw.json", b'{"cells": [], "nbformat": 4}', ""),
    ],
)
def test_why_there_is_no_notebook(course: World, name: str, data: bytes, told: str) -> None:
    status, said = unpack(course, {f"älvarezzoë_901_1_{name}": data})
    assert status == 1
    (reason,) = reasons(course).values()
    begin = "there is no notebook in what s01 handed in"
    assert reason.startswith(f"{begin}: {told}" if told else begin)
    assert f"s01: {reason.replace('s01 handed in', 'was handed in')}" in said


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        ({"a/solution.ipynb": "1", "a/.ipynb_checkpoints/solution-checkpoint.ipynb": "2"}, "1"),
        ({".ipynb_checkpoints/x-checkpoint.ipynb": "2", ".hidden.ipynb": "3", "x.ipynb": "1"}, "1"),
        ({".ipynb_checkpoints/x-checkpoint.ipynb": "2", "data.csv": "3"}, "2"),
        ({".ipynb_checkpoints/x-checkpoint.ipynb": "2", "other.ipynb": ""}, "2"),
    ],
)
def test_jupyters_own_copy_is_not_the_notebook_that_is_meant(
    course: World, names: dict[str, str], meant: str
) -> None:
    """But it is better than none with the assignment's cells."""
    other = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    folder = "ps1/Älvarez, Zoë(s01)/Submission attachment(s)/"
    members = {folder + name: notebook(course, mark) if mark else other for name, mark in names.items()}
    status, said = unpack(course, members)
    assert status == 0, said
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, meant)
    assert "too" not in said
    assert "not clear" not in said


@pytest.mark.parametrize(
    ("names", "placed"),
    [
        (["x.", "x_/y.ipynb"], {"x_", f"{ID}.ipynb"}),
        (["x", "x/y.ipynb"], {"x", f"{ID}.ipynb"}),
        (["A/x", "a/X/deep/y.ipynb", "a/X/z.csv"], {"A/x", "a/X-2/z.csv", f"{ID}.ipynb"}),
        (["x/z.csv", "x?", "x./y.ipynb"], {"x/z.csv", "x_-2", f"{ID}.ipynb"}),
        ([f"{ID}.ipynb/y.ipynb"], {f"{ID}.ipynb"}),
        (
            [f"{ID}.ipynb/y.ipynb", f"{ID}.ipynb/z.csv", f"other-{ID}.ipynb/a.csv"],
            {f"{ID}.ipynb", f"other-{ID}-2.ipynb/z.csv", f"other-{ID}.ipynb/a.csv"},
        ),
        (["timestamp.txt/a.csv", "theirs-timestamp.txt", "y.ipynb"], None),
    ],
)
def test_a_students_names_never_stop_the_run(
    course: World, names: list[str], placed: set[str] | None
) -> None:
    """A folder where a file is, and folders that are called as the notebook should be."""
    folder = "ps1/Älvarez, Zoë(s01)/Submission attachment(s)"
    members = {f"{folder}/{name}": notebook(course) if name.endswith("y.ipynb") else b"x" for name in names}
    members["ps1/O'Neil, Jr., Bo(s02)/Submission attachment(s)/ps1.ipynb"] = notebook(course)
    status, said = unpack(course, members)
    assert status == 0, said
    assert placed is None or set(handed_in(course, "s01")) == placed
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course)
    assert len(handed_in(course, "s01")) == len(names)
    assert f"{ID}.ipynb" in handed_in(course, "s02")
    assert "(2 same)" in unpack(course, members)[1]


def test_a_folder_that_is_called_a_notebook_is_none(course: World) -> None:
    status, said = unpack(
        course,
        {
            f"ps1/Älvarez, Zoë(s01)/Submission attachment(s)/{ID}.ipynb/data.csv": b"1",
            "ps1/O'Neil, Jr., Bo(s02)/Submission attachment(s)/ps1.ipynb": notebook(course),
        },
    )
    assert status == 1, said
    assert list(reasons(course).values()) == ["there is no notebook in what s01 handed in"]
    assert f"{ID}.ipynb" in handed_in(course, "s02")


def test_names_that_the_file_system_refuses_cost_one_student(
    course: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.mkdir

    def mkdir(self: Path, *arguments: object, **more: object) -> None:
        if self.name == "odd":
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(self))
        real(self, *arguments, **more)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    members = {
        "ps1/Älvarez, Zoë(s01)/Submission attachment(s)/odd/ps1.ipynb": notebook(course),
        "ps1/O'Neil, Jr., Bo(s02)/Submission attachment(s)/ps1.ipynb": notebook(course),
    }
    status, said = unpack(course, members)
    assert status == 1, said
    assert "cannot be used: File name too long" in next(iter(reasons(course).values()))
    assert not course.folder("s01").exists()
    assert f"{ID}.ipynb" in handed_in(course, "s02")
