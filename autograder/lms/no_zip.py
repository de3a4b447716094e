"""What a file is that was given for a download and cannot be read as a zip."""

from pathlib import Path

from autograder.errors import InstructorError
from autograder.lms.encoding import decode

_ZIP = b"PK"
_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_PAGES = ("<!doctype html", "<html")
_LOOKED_AT = 1 << 16
_WANTED = "Name the zip of all submissions that the LMS gives, or the folder into which it was unpacked."


def why_no_zip(path: Path, error: Exception) -> str:
    """Say what a file is, by what it begins with, and what helps."""
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
    if not start:
        return f"{path} is empty. Download it anew."
    if start.startswith(_ZIP):
        return f"{path} is no whole zip file ({error}). Was the download cut off? Download it anew."
    if start.startswith(_ARCHIVES):
        return f"{path} is an archive, but no zip. Unpack it, and name the folder."
    text = _text(start)
    if text.lstrip().casefold().startswith(_PAGES):
        return f"{path} is no zip file, but a web page. Was it downloaded without being logged in? {_WANTED}"
    return f"{path} is no zip file, but {'a text or a table' if text else 'another kind of file'}. {_WANTED}"


def _text(start: bytes) -> str:
    """Give a beginning as text; '' where it is none."""
    try:
        return decode(start, "it").text
    except InstructorError:
        return ""
