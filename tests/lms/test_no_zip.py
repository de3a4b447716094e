"""What is no zip and was given for a download: it is said what it is, and what helps."""

import gzip

import pytest

from tests.conftest import ID, World
from tests.lms.class_of import give
from tests.lms.files import sample
from tests.lms.zips import zip_bytes

CUT_OFF = "Was the download cut off? Download it anew."
WANTED = "Name the zip of all submissions that the LMS gives, or the folder"


@pytest.mark.parametrize(
    "command", [["unpack", ID, "{}"], ["feedback", ID, "--return", "{}", "-o", "out.zip"]]
)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (sample("canvas-before.csv"), f"is no zip file, but a text or a table. {WANTED}"),
        ("Last Name\tÄ\n".encode("utf-16"), f"is no zip file, but a text or a table. {WANTED}"),
        (b"\n<!DOCTYPE html><html>", "a web page. Was it downloaded without being logged in?"),
        (b"%PDF-1.7\n\x00\x81\xff", f"is no zip file, but another kind of file. {WANTED}"),
        (gzip.compress(b"x", mtime=0), "is an archive, but no zip. Unpack it, and name the folder."),
        (b"", "is empty. Download it anew."),
        (zip_bytes({"a_901_1_x.ipynb": "x" * 5000})[:-30], CUT_OFF),
        (b"PK\x03\x04", CUT_OFF),
    ],
)
def test_what_is_no_zip_is_said_to_be_what_it_is(
    course: World, command: list[str], data: bytes, said: str
) -> None:
    give(course, {"s01": 3.0})
    path = course.root / "download"
    path.write_bytes(data)
    arguments = [each.format(path).replace("out.zip", str(course.root / "out.zip")) for each in command]
    ran = course.run(*arguments)
    assert (ran.status, (course.root / "out.zip").exists()) == (2, False)
    assert said in ran.err
    assert (CUT_OFF in ran.err) == (said == CUT_OFF)
