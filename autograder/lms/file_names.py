"""The names of a student's files, made such as any file system takes."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from autograder.gradebook.files import TIMESTAMP

_RESERVED = (TIMESTAMP, "submission_secret.txt")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]|^\.+|[. ]+$')
_LONGEST = 120


class Names:
    """The names in one student's folder: none twice, in whatever case, and no file where a folder is."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def take(self, name: str) -> Path:
        """Give a path for a student's file: inside its folder, no name of nbgrader's, and free."""
        parts = [safe_name(part) for part in name.split("/") if part not in ("", ".", "..")][-8:] or ["file"]
        if parts[0].casefold() in _RESERVED:
            parts[0] = f"theirs-{parts[0]}"
        folder = Path()
        for part in parts[:-1]:
            folder = free(folder / part, self._is_file)
            self._folders.add(_seen(folder))
        path = free(folder / parts[-1], self._is_taken)
        self._files.add(_seen(path))
        return path

    def _is_file(self, path: Path) -> bool:
        return _seen(path) in self._files

    def _is_taken(self, path: Path) -> bool:
        return self._is_file(path) or _seen(path) in self._folders


def is_hidden(name: str) -> bool:
    """Tell whether a file lies in a hidden folder, as Jupyter's own copies do, or is hidden itself."""
    return any(part.startswith(".") and part.strip(".") for part in name.split("/"))


def _seen(path: Path) -> str:
    """Give a path as a file system may see it that knows no case and one composition."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def free(path: Path, is_taken: Callable[[Path], bool]) -> Path:
    """Give this path, or the first with a number behind its name that is not taken."""
    found, number = path, 1
    while is_taken(found):
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def safe_name(name: str) -> str:
    """Give a name that any file system takes: no separators, controls or leading dots, and not too long."""
    clean = _UNSAFE.sub("_", name.encode("utf-8", "replace").decode()) or "_"
    stem, dot, extension = clean.rpartition(".")
    if not dot or len(extension) > 16:
        stem, dot, extension = clean, "", ""
    room = _LONGEST - len(extension.encode()) - 1
    return f"{stem.encode()[:room].decode(errors='ignore')}{dot}{extension}"
