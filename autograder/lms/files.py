"""Files of LMSs on disk: read whole, written whole or not at all, and never over the one they were made from."""

import contextlib
import fcntl
import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from autograder.errors import InstructorError
from autograder.lms.document import Document, recognise
from autograder.lms.encoding import MAX_BYTES, decode
from autograder.lms.formats import choose, known_formats
from autograder.lms.rosters import as_table


def read_document(path: Path, lms: str | None) -> Document:
    """Read and recognise an LMS's file. Raises InstructorError where it cannot be read, or is of no known kind."""
    formats = choose(known_formats(), lms)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InstructorError(f"{path} cannot be read: {error.strerror}") from error
    return recognise(path.name, as_table(decode(data, path.name), path.name), formats)


def is_there(path: Path) -> bool:
    """Tell whether a file is there. Raises InstructorError where that may not be looked at."""
    try:
        return path.is_file()
    except OSError as error:
        raise InstructorError(f"{path} cannot be read: {error.strerror}") from error


def refuse_same(original: Path, output: Path) -> None:
    """Raise InstructorError where a file would be written over the one that it is made from."""
    with contextlib.suppress(FileNotFoundError):
        if original.samefile(output):
            raise InstructorError(
                f"{output} is the original, which is never written to; give -o another name"
            )


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes its name only when all is written. Raises InstructorError if it cannot."""
    if path.is_dir():
        raise InstructorError(f"{path} is a folder, not a file")
    prefix = f".{path.name[:40]}."
    _tidy(path.parent, prefix)
    try:
        descriptor, beside = tempfile.mkstemp(prefix=prefix, suffix=".new", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            try:
                with contextlib.suppress(OSError):  # not every file system has locks
                    fcntl.flock(file, fcntl.LOCK_EX)
                yield file
                file.flush()
                os.fsync(descriptor)
                Path(beside).chmod(0o666 & ~_umask())
                Path(beside).replace(path)
            except BaseException:
                Path(beside).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise InstructorError(f"{path} could not be written: {error.strerror or error}") from error


def _tidy(folder: Path, prefix: str) -> None:
    """Remove what runs that were killed have left beside a file. One that still writes has its own locked."""
    for left in folder.glob(f"{glob.escape(prefix)}????????.new"):
        with contextlib.suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises InstructorError where it cannot be written."""
    with written_whole(path) as file:
        file.write(data)


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
