"""Disks that are full or broken, and files that may not be read: told as such, and nothing is half-written."""

import errno
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.conftest import ID, World
from tests.lms.class_of import enrol, give
from tests.lms.unpacked import BO, ZOE, handed_in, notebook, run, unpack
from tests.lms.zips import zipped


@pytest.fixture
def course(world: World) -> World:
    enrol(world, ZOE, BO)
    return world


class Broken:
    """A file that fails after some bytes, as on a full or a broken disk."""

    def __init__(self, file: BinaryIO, error: int) -> None:
        self._file = file
        self._error = error

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> "Broken":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        self._file.write(data[:10])
        raise OSError(self._error, os.strerror(self._error))

    def read(self, *_: object) -> bytes:
        raise OSError(self._error, os.strerror(self._error))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AbstractContextManager[None]]:
    """Give a disk that is full when a file in a folder of this name is written."""
    real = Path.open

    @contextmanager
    def full(where: str) -> Iterator[None]:
        def opened(self: Path, mode: str = "r", *arguments: object, **more: object) -> object:
            file = real(self, mode, *arguments, **more)
            return Broken(file, errno.ENOSPC) if "x" in mode and where in self.parts else file

        with monkeypatch.context() as patched:
            patched.setattr(Path, "open", opened)
            yield

    return full


def files_below(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_a_full_disk_is_told_and_leaves_what_was_there(
    course: World, full_disk: Callable[[str], AbstractContextManager[None]]
) -> None:
    """Whose files could not be written, and what to do; whoever was placed before stays so, whole."""
    name = "ps1_{}_attempt_2026-01-0{}-15-04-59_x.ipynb"
    unpack(course, {name.format(student, 2): notebook(course, "2") for student in ("s01", "s02")})
    before = files_below(course.root / "submitted" / "s02")
    newer = {name.format(student, 3): notebook(course, "3") for student in ("s01", "s02")}
    with full_disk("s02"):
        status, said = unpack(course, newer)
    assert status == 2
    assert re.search(
        r"handed in by s02, could not be written: No space left on device\n.*run the same command again", said
    )
    assert "cannot be read" not in said
    assert files_below(course.root / "submitted" / "s02") == before
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "3")
    status, said = unpack(course, newer)
    assert (status, "1 changed, 1 same" in said) == (0, True)


def test_a_full_disk_for_what_has_no_place(
    course: World, full_disk: Callable[[str], AbstractContextManager[None]]
) -> None:
    members = {"a_901_1_x.ipynb": notebook(course), "b_777_2_x.ipynb": notebook(course)}
    unpack(course, members)
    before = files_below(course.root / "unpacked")
    with full_disk(".unplaced.new"):
        status, said = unpack(course, members | {"c_778_3_x.ipynb": b"{}"})
    assert status == 2
    assert re.search(r"unpacked/perceptron could not be written: No space left", said)
    assert files_below(course.root / "unpacked") == before


def test_a_submission_that_cannot_be_replaced_stays(course: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ps1_s01_attempt_2026-01-0{}-15-04-59_x.ipynb"
    unpack(course, {name.format(2): notebook(course, "2")})
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.name == f".{ID}.new":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(self))
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        status, said = unpack(course, {name.format(3): notebook(course, "3")})
    assert (status, "Input/output error" in said) == (2, True)
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "2")


def test_a_download_that_cannot_be_read_on_is_told(course: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A share that goes away in the middle is no fault of a place that is written to, nor of a student."""
    real = zipfile.ZipFile.open

    def opened(self: zipfile.ZipFile, *arguments: object, **more: object) -> object:
        return Broken(real(self, *arguments, **more), errno.EIO)

    members = {"a_901_1_x.ipynb": notebook(course)}
    path = zipped(course.root / "download.zip", members)
    with monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "open", opened)
        status, said = run(course, path)
    assert (status, "download.zip cannot be read: Input/output error" in said) == (2, True)
    assert "run the same command again" in said
    assert not course.folder("s01").exists()


WRITER = """
import os, signal, sys
from pathlib import Path
from autograder.lms.files import written_whole
with written_whole(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("written", flush=True)
    os.kill(os.getpid(), int(sys.argv[2]))
"""


def test_what_a_killed_run_left_beside_is_tidied(course: World) -> None:
    """But not what a run that goes on has written so far, nor a person's files."""
    give(course, {"s01": 3.0})
    out, theirs = course.root / "grades.csv", course.root / ".grades.csv.mine.new"
    theirs.write_text("x")
    writers = []
    for how in (signal.SIGSTOP, signal.SIGKILL):
        command = [sys.executable, "-c", WRITER, str(out), str(int(how))]
        writers.append(subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ))
        assert writers[-1].stdout is not None
        assert writers[-1].stdout.readline() == b"written\n"
    writers[1].wait()
    try:
        assert len(list(course.root.glob(".grades.csv.*.new"))) == 3
        assert course.run("export", ID, "-o", str(out)).status == 0
        assert len(list(course.root.glob(".grades.csv.*.new"))) == 2
        assert theirs.exists()
    finally:
        writers[0].kill()
        writers[0].communicate()
    assert course.run("export", ID, "-o", str(out)).status == 0
    assert list(course.root.glob(".grades.csv.*.new")) == [theirs]


def test_what_a_killed_run_left_of_a_student_is_tidied(course: World) -> None:
    """Also where the student is not in the next download."""
    left = course.folder("s02").with_name(f".{ID}.new")
    left.mkdir(parents=True)
    (left / "half.ipynb").write_text("{")
    assert unpack(course, {"a_901_1_x.ipynb": notebook(course)})[0] == 0
    assert not left.parent.exists()


KEPT = f"unpacked/{ID}/"
LOCKED = [
    (f"{KEPT}unplaced.csv", ["unpack", ID, "download.zip"]),
    (KEPT, ["unpack", ID, "download.zip"]),
    (f"{KEPT}placed.csv", ["export", ID, "--format", "moodle-worksheet", "-o", "out.csv"]),
    (KEPT, ["export", ID, "--format", "moodle-worksheet", "-o", "out.csv"]),
    (f"release/{ID}/{ID}.ipynb", ["unpack", ID, "download.zip"]),
    (f"release/{ID}", ["unpack", ID, "download.zip"]),
    (f"submitted/s01/{ID}", ["unpack", ID, "download.zip"]),
    (f"submitted/s01/{ID}/{ID}.ipynb", ["unpack", ID, "download.zip"]),
    (f"assignments/{ID}/assignment.toml", ["export", ID]),
    ("assignments", ["export", ID]),
    ("folder/locked", ["unpack", ID, "folder"]),
]


@pytest.mark.parametrize(("path", "arguments"), LOCKED, ids=[f"{path}-{words[0]}" for path, words in LOCKED])
def test_what_may_not_be_read_is_told(course: World, path: str, arguments: list[str]) -> None:
    """Nothing is taken for absent or empty that only may not be looked at; and no traceback says so."""
    give(course, {"s01": 3.0})
    name = "älvarezzoë_{}_1_x.ipynb"
    unpack(course, {name.format(901): notebook(course), name.format(777): notebook(course)})
    (course.root / "folder" / "locked").mkdir(parents=True)
    (course.root / "folder" / "b_902_1_x.ipynb").write_bytes(notebook(course))
    before = files_below(course.root)
    locked = course.root / path
    mode = locked.stat().st_mode
    locked.chmod(0)
    command = [sys.executable, "-m", "autograder", "--course", ".", *arguments]
    if os.geteuid() == 0:  # who may read all, whatever its mode
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--", *command]
    ran = subprocess.run(
        command, cwd=course.root, capture_output=True, text=True, check=False, env=os.environ
    )
    locked.chmod(mode)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert path.rstrip("/") in ran.stderr
    assert "Permission denied" in ran.stderr
    assert files_below(course.root) == before
