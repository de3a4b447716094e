"""The folders of graded submissions, as nbgrader's own autograde leaves them."""

import fcntl
import fnmatch
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dateutil import parser, tz

from autograder.course import Assignment, Course

TIMESTAMP = "timestamp.txt"

_IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")
_READ_ONLY = 0o444


def submission_time(folder: Path) -> tuple[datetime | None, list[str]]:
    """Give when a submission was handed in, in UTC without a zone, as nbgrader keeps it; None if unknown.

    With it come warnings for the instructor: a time that cannot be read counts as unknown, so as not late.
    """
    try:
        return _parse_utc((folder / TIMESTAMP).read_text(encoding="utf-8").strip()), []
    except FileNotFoundError:
        return None, []
    except (OSError, ValueError, OverflowError, TypeError):
        return None, [f"{TIMESTAMP} holds no time that can be read; the submission counts as on time"]


def _parse_utc(text: str) -> datetime:
    """Read a time as nbgrader does: with a zone's name or offset as a third word, with any zone, or in UTC."""
    words = text.split(" ")
    if len(words) == 3:
        zone = words[2]
        known = int(zone) if zone.lstrip("+-").isdecimal() else tz.gettz(zone)
        time: datetime = parser.parse(" ".join([*words[:2], "TZ"]), tzinfos={"TZ": known})
    else:
        time = parser.parse(text)
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo is not None else time


def write_autograded(course: Course, assignment: Assignment, student: str, notebook: str) -> None:
    """Write a student's graded folder: their files, the course's over them, the notebook; all or nothing."""
    target = course.autograded(assignment, student)
    beside = target.with_name(f".{target.name}.new")
    with _alone(course):
        remove(beside)
        beside.mkdir(parents=True)
        for origin in (course.submission(assignment, student), assignment.source.parent):
            _copy_files(origin, beside)
        (beside / f"{assignment.id}.ipynb").write_text(notebook, encoding="utf-8")
        for file in _files(beside):
            file.chmod(_READ_ONLY)
        remove(target)
        beside.rename(target)


def remove_autograded(course: Course, assignment: Assignment, student: str) -> None:
    """Remove a student's graded folder, if it is there."""
    with _alone(course):
        remove(course.autograded(assignment, student))


@contextmanager
def _alone(course: Course) -> Iterator[None]:
    """Keep other graders of the course from its graded folders. The lock ends with its process."""
    course.state.mkdir(exist_ok=True)
    with (course.state / "autograded.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove(folder: Path) -> None:
    """Remove a folder, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def copy_side_files(origin: Path, target: Path) -> None:
    """Copy what lies beside a notebook: the time of submission, the exchange's secret, a student's own files."""
    _copy_files(origin, target)


def _copy_files(origin: Path, target: Path) -> None:
    for file in _files(origin):
        if file.suffix == ".ipynb":
            continue
        copy = target / file.relative_to(origin)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        shutil.copyfile(file, copy)


def _files(folder: Path) -> Iterator[Path]:
    """Give the regular files below a folder. Links are left out: a student's could point anywhere."""
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _ignored(name)]
        for name in names:
            path = Path(where, name)
            if not _ignored(name) and path.is_file() and not path.is_symlink():
                yield path


def _ignored(name: str) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in _IGNORED)
