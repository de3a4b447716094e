"""A download from an LMS, zip or folder, read as the hostile thing that it may be."""

import contextlib
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from autograder.errors import InstructorError, SubmissionError
from autograder.lms.no_zip import why_no_zip

MAX_MEMBERS = 100_000
"""The most files that a download may have."""
MAX_MEMBER = 256_000_000
"""The most bytes that a file may have, unpacked."""
MAX_TOTAL = 20_000_000_000
"""The most bytes that a download may have, unpacked."""
MAX_RATIO = 200
"""How many times its packed size a file may have, if it is larger than `FREE_RATIO`."""
FREE_RATIO = 10_000_000

_CHUNK = 1 << 20
_DRIVE = re.compile(r"[A-Za-z]:")
_SYSTEM = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED = 0x1
_UTF8 = 0x800


@dataclass(frozen=True)
class Member:
    """A file in a download: its path, with `/`, its size unpacked, and why it cannot be taken, if so."""

    name: str
    size: int
    refused: str = ""
    origin: object = field(default=None, compare=False, repr=False)


class Archive(Protocol):
    """A download's files, some of them refused, and a way to read one. Names are unique, in whatever case."""

    name: str
    members: list[Member]

    def copy(self, member: Member, target: IO[bytes]) -> None:
        """Write a file's bytes. Raises SubmissionError where it cannot be read or is too large."""


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip or a folder. Raises InstructorError where it is neither, or is larger than anybody's class."""
    with contextlib.ExitStack() as opened:
        yield _opened(path, opened)


def _opened(path: Path, opened: contextlib.ExitStack) -> Archive:
    """Open a download until `opened` ends. What is done with it fails in other ways, which are told elsewhere."""
    try:
        if path.is_dir():
            return _Folder(path)
        _refuse_crowds(path)
        return _Zip(path, opened.enter_context(zipfile.ZipFile(path)))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, struct.error) as error:
        raise InstructorError(why_no_zip(path, error)) from error
    except OSError as error:
        raise InstructorError(
            f"{error.filename or path} cannot be read: {error.strerror or error}"
        ) from error


class _Zip:
    """A zip file. What a member unpacks to is counted as it comes: its header may lie."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self.name = path.name
        self._file = file
        self._left = MAX_TOTAL
        infos = [info for info in file.infolist() if not info.is_dir()]
        found = [_zip_member(info) for info in infos]
        self.members = _without_twins([member for member in found if not _is_systems(member.name)])
        if sum(member.size for member in self.members if not member.refused) > MAX_TOTAL:
            raise InstructorError(
                f"{path} would unpack to more than {MAX_TOTAL // 10**9} GB; is it a download?"
            )

    def copy(self, member: Member, target: IO[bytes]) -> None:
        """Write a file's bytes, so many at a time. Raises InstructorError where the zip itself cannot be read."""
        if member.refused:
            raise SubmissionError(member.refused)
        info = member.origin
        assert isinstance(info, zipfile.ZipInfo)  # noqa: S101  # made above
        try:
            for chunk in self._unpacked(info):
                target.write(chunk)
                self._count(len(chunk))
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise SubmissionError(f"it cannot be unpacked: {error}") from error

    def _unpacked(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with self._file.open(info) as source:
                yield from _chunks(source, _most(info))
        except OSError as error:
            raise InstructorError(
                f"{self.name} cannot be read: {error.strerror or error}\n"
                "What was done before stays. Mend this, or copy the download anew, and run the same command again."
            ) from error

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise InstructorError(
                f"{self.name} unpacks to more than {MAX_TOTAL // 10**9} GB; is it a download?"
            )


class _Folder:
    """A folder into which somebody has unpacked a download. Links are refused: they could point anywhere."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        found = []
        for where, _, names in os.walk(path, onerror=_raise):
            found += [_file_member(path, Path(where, name)) for name in names]
            if len(found) > MAX_MEMBERS:
                raise InstructorError(
                    f"{path} has more than {MAX_MEMBERS:,} files; is it a download of submissions?"
                )
        found.sort(key=lambda member: member.name)
        self.members = _without_twins([member for member in found if not _is_systems(member.name)])

    def copy(self, member: Member, target: IO[bytes]) -> None:
        """Write a file's bytes, so many at a time."""
        if member.refused:
            raise SubmissionError(member.refused)
        assert isinstance(member.origin, Path)  # noqa: S101  # made above
        for chunk in self._read(member.origin):
            target.write(chunk)

    def _read(self, path: Path) -> Iterator[bytes]:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as source:
                yield from _chunks(source, MAX_MEMBER)
        except OSError as error:
            raise SubmissionError(f"it cannot be read: {error.strerror}") from error


def _raise(error: OSError) -> None:
    """Let nobody's folder be passed over in silence."""
    raise error


def _refuse_crowds(path: Path) -> None:
    """Refuse a zip of too many members before its list is read, which alone would take the memory."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - (1 << 16) - 42))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        raise zipfile.BadZipFile("it has no list of its files")
    count, listed = struct.unpack_from("<HL", end, at + 10)
    if count == 0xFFFF or listed == 0xFFFFFFFF:
        with contextlib.suppress(struct.error):
            wide = end.rfind(b"PK\x06\x06", 0, at)
            count = struct.unpack_from("<Q", end, wide + 32)[0] if wide >= 0 else MAX_MEMBERS + 1
            listed = 0
    # The list itself takes at least 46 bytes a member, whatever number is given.
    if count > MAX_MEMBERS or listed > MAX_MEMBERS * 600:
        raise InstructorError(f"{path} has more than {MAX_MEMBERS:,} files; is it a download of submissions?")


def _zip_member(info: zipfile.ZipInfo) -> Member:
    name = _decoded(info)
    mode = info.external_attr >> 16
    refused = refusal(name)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        refused = "it is a link or a device, not a file"
    elif info.flag_bits & _ENCRYPTED:
        refused = "it is encrypted"
    elif info.file_size > _most(info):
        refused = f"it would unpack to {info.file_size:,} bytes, out of {info.compress_size:,}"
    return Member(name, info.file_size, refused, info)


def _file_member(root: Path, path: Path) -> Member:
    name = path.relative_to(root).as_posix()
    status = path.lstat()
    refused = refusal(name)
    if not stat.S_ISREG(status.st_mode):
        refused = "it is a link or a device, not a file"
    elif status.st_size > MAX_MEMBER:
        refused = f"it has {status.st_size:,} bytes"
    return Member(os.fsencode(name).decode("utf-8", "replace"), status.st_size, refused, path)


def _most(info: zipfile.ZipInfo) -> int:
    """Give the most bytes that a member may unpack to."""
    return min(MAX_MEMBER, max(FREE_RATIO, info.compress_size * MAX_RATIO))


def _chunks(source: IO[bytes], most: int) -> Iterator[bytes]:
    size = 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > most:
            raise SubmissionError(f"it unpacks to more than {most:,} bytes")
        yield chunk


def _decoded(info: zipfile.ZipInfo) -> str:
    """Give a member's name: zips without the mark for UTF-8 have it all the same, or the old IBM characters."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def refusal(name: str) -> str:
    """Say why no file may have this name, if so."""
    if name.startswith("/") or _DRIVE.match(name):
        return "its path is absolute"
    if "\\" in name:
        return "its path has a backslash"
    if any(part in ("..", ".", "") for part in name.split("/")):
        return "its path leads out of its folder"
    if any(unicodedata.category(character) == "Cc" for character in name):
        return "its name has control characters"
    return ""


def _is_systems(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part in _SYSTEM for part in parts) or (bool(parts) and parts[-1].startswith("._"))


def _without_twins(members: list[Member]) -> list[Member]:
    """Refuse all members of which there are two by name, as a file system may see names."""
    keys = [unicodedata.normalize("NFC", member.name).casefold() for member in members]
    count = Counter(keys)
    return [
        replace(member, refused="there are two files of this name") if count[key] > 1 else member
        for key, member in zip(keys, members, strict=True)
    ]
