"""autograder unpack: names, archives and files that nobody should unpack."""

import stat
import zipfile

import pytest

from autograder.lms import archive
from tests.conftest import ID, World
from tests.lms.unpacked import handed_in, notebook, reasons, run, unpack
from tests.lms.zips import zip_bytes, zipped


def test_a_student_cannot_set_the_time(course: World) -> None:
    name = "ps1_s01_attempt_2026-01-05-15-04-59_{}"
    members = {
        name.format("ps1.ipynb"): notebook(course),
        name.format("timestamp.txt"): "2020-01-01 00:00:00 UTC",
        name.format("submission_secret.txt"): "x",
    }
    unpack(course, members)
    files = handed_in(course, "s01")
    assert files["timestamp.txt"] == b"2026-01-05 14:04:59.000000 UTC\n"
    assert set(files) == {
        f"{ID}.ipynb",
        "timestamp.txt",
        "theirs-timestamp.txt",
        "theirs-submission_secret.txt",
    }


def test_an_archive_in_the_archive_is_not_opened(course: World) -> None:
    inner = zip_bytes({"ps1.ipynb": notebook(course)})
    status, _ = unpack(course, {"a_901_1_ps1.zip": inner, "b_902_2_ps1.ipynb": notebook(course)})
    assert status == 1
    assert "no notebook" in reasons(course)["a_901_1_ps1.zip"]
    assert not course.folder("s01").exists()


HOSTILE = {
    "../../a_901_1_up.ipynb": "out of its folder",
    "/tmp/a_901_2_absolute.ipynb": "absolute",
    "C:/a_901_3_drive.ipynb": "absolute",
    "x\\..\\a_901_4_windows.ipynb": "backslash",
    "./a_901_5_here.ipynb": "out of its folder",
    "a_901_6_\x1b[2J.ipynb": "control characters",
}


def test_hostile_names(course: World) -> None:
    outside = set(course.root.parent.rglob("*.ipynb"))
    members = {name: notebook(course) for name in HOSTILE} | {"b_902_9_ps1.ipynb": notebook(course)}
    status, said = unpack(course, members)
    assert status == 1
    assert not course.folder("s01").exists()
    assert f"{ID}.ipynb" in handed_in(course, "s02")
    found = sorted(reasons(course).values())
    assert len(found) == len(HOSTILE)
    assert all(any(reason in each for each in found) for reason in HOSTILE.values())
    assert "\x1b" not in said
    new = set(course.root.parent.rglob("*.ipynb")) - outside
    assert new == {course.folder("s02") / f"{ID}.ipynb"}


def test_names_that_are_one_to_a_file_system(course: World) -> None:
    twins = ["a_901_1_PS.ipynb", "A_901_1_ps.ipynb", "zoe\u0308_902_2_x.ipynb", "zoë_902_2_x.ipynb"]
    status, _ = unpack(
        course, {name: notebook(course, name) for name in twins} | {"a_901_4_y.ipynb": notebook(course)}
    )
    assert status == 1
    assert set(reasons(course).values()) == {"there are two files of this name"}
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert not course.folder("s02").exists()


def test_links_and_encrypted_members(course: World) -> None:
    path = course.root / "download.zip"
    with zipfile.ZipFile(path, "w") as file:
        link = zipfile.ZipInfo("a_901_1_link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        file.writestr("b_902_2_secret.ipynb", notebook(course))
    data = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(signature) + at] |= 1
    path.write_bytes(data)
    status, _ = run(course, path, "--lms", "canvas")
    assert status == 1
    assert set(reasons(course).values()) == {"it is a link or a device, not a file", "it is encrypted"}
    assert not (course.root / "submitted").exists()


def test_bombs(course: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By ratio, by what the header hides, by size of all and by count."""
    zeros = bytes(archive.FREE_RATIO + 1)
    good = {"b_902_2_ps1.ipynb": notebook(course)}
    assert unpack(course, {"a_901_1_bomb.ipynb": zeros} | good)[0] == 1
    assert "would unpack to 10,000,001 bytes" in next(iter(reasons(course).values()))
    assert f"{ID}.ipynb" in handed_in(course, "s02")

    path = zipped(course.root / "lying.zip", {"a_901_1_lie.ipynb": zeros})
    path.write_bytes(path.read_bytes().replace(len(zeros).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert run(course, path)[0] == 1
    assert not course.folder("s01").exists()

    with monkeypatch.context() as patched:
        patched.setattr(archive, "MAX_TOTAL", 1000)
        status, said = unpack(course, good)
        assert (status, "unpack to more than" in said) == (2, True)
    with monkeypatch.context() as patched:
        patched.setattr(archive, "MAX_MEMBERS", 3)
        status, said = unpack(course, {f"b_902_{number}_x.ipynb": "" for number in range(4)})
        assert (status, "more than 3 files" in said) == (2, True)


def test_broken_and_foreign_zips(course: World) -> None:
    whole = zip_bytes({"b_902_2_ps1.ipynb": notebook(course)})
    for data in (b"", b"no zip", whole[: len(whole) // 2], whole[:-10]):
        path = course.root / "download.zip"
        path.write_bytes(data)
        status, said = run(course, path)
        assert status == 2
        assert "zip" in said
    status, said = unpack(course, {"whatever.ipynb": notebook(course)})
    assert status == 2
    assert "no file named as by one of these" in said
    assert unpack(course, {"b_902_2_ps1.ipynb": "{"}, "--lms", "ilias")[0] == 2
    assert not (course.root / "submitted").exists()
    # A member whose bytes are damaged costs nobody else.
    members = zip_bytes({"a_901_1_ps1.ipynb": notebook(course), "b_902_2_ps1.ipynb": notebook(course, "2")})
    damaged = bytearray(members)
    damaged[200:220] = bytes(20)
    path.write_bytes(damaged)
    assert run(course, path)[0] == 1
    assert not course.folder("s01").exists()
    assert f"{ID}.ipynb" in handed_in(course, "s02")


def test_names_in_other_encodings_and_a_macs_own_files(course: World) -> None:
    path = course.root / "download.zip"
    name = "älvarezzoë_901_55501_ps1.ipynb"
    with zipfile.ZipFile(path, "w") as file:
        # UTF-8 without the mark that says so, as several LMSs write it.
        file.writestr("x" * len(name.encode()), notebook(course))
        file.writestr("__MACOSX/._b_902_2_ps1.ipynb", b"x")
        file.writestr("._b_902_2_ps1.ipynb", b"x")
    path.write_bytes(path.read_bytes().replace(b"x" * len(name.encode()), name.encode()))
    status, said = run(course, path)
    assert status == 0, said
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert name in (course.root / "unpacked" / ID / "placed.csv").read_text()


def test_hostile_file_names_of_students(course: World) -> None:
    """They become names that any file system takes, in the student's own folder."""
    long = "n" * 200
    members = {
        f"ps1_s01_attempt_2026-01-05-15-04-59_{name}": b"x"
        for name in (".bashrc", "CON?.txt", f"{long}.txt", "=cmd|x.csv", "a b .", "tab-name.ipynb")
    }
    members["ps1_s01_attempt_2026-01-05-15-04-59_ps1.ipynb"] = notebook(course)
    status, said = unpack(course, members)
    assert status == 0, said
    names = set(handed_in(course, "s01"))
    assert f"{ID}.ipynb" in names
    assert not [name for name in names if name.startswith(".") or len(name) > 125 or "?" in name]
