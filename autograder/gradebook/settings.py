"""The course's settings, read as nbgrader reads them, but without importing nbgrader, which takes seconds."""

import os
from dataclasses import dataclass

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.configure import DATABASE
from autograder.course import CONFIG_FILE, Course
from autograder.errors import InstructorError

_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Address:
    """Where a course's gradebook is: the database's URL, and the course's id in it."""

    url: str
    course_id: str


def load_config(course: Course) -> Config:
    """Read the course's `nbgrader_config.py`. Raises InstructorError where it cannot be run."""
    try:
        config = PyFileConfigLoader(CONFIG_FILE, path=str(course.root)).load_config()
    except Exception as error:
        raise InstructorError(f"{course.root / CONFIG_FILE}: {type(error).__name__}: {error}") from error
    config.CourseDirectory.root = str(course.root)
    return config


def gradebook_address(course: Course) -> Address:
    """Find the course's gradebook, as nbgrader does. Raises InstructorError where the settings cannot be read."""
    settings = load_config(course).CourseDirectory
    url = str(settings.get("db_url") or f"{_SQLITE}{course.root / 'gradebook.db'}")
    if os.environ.get(DATABASE, url) != url:
        # nbgrader's own commands would use the one, and the kit's the other.
        raise InstructorError(
            f"{DATABASE} names a gradebook, but {CONFIG_FILE} takes another one: let configure(c) be its last line."
        )
    if url.startswith(_SQLITE):
        # nbgrader takes a relative path from where it is run, which is the course's folder.
        url = f"{_SQLITE}{course.root / url.removeprefix(_SQLITE)}"
    return Address(url, str(settings.get("course_id") or "default_course").strip())
