"""Whose files a download has: what `unpack` and `feedback --return` share."""

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path

from autograder.cli.common import tell
from autograder.course import Course
from autograder.errors import InstructorError
from autograder.gradebook.opening import open_database
from autograder.gradebook.people import read_people
from autograder.lms.archive import Archive
from autograder.lms.downloads.base import known_downloads, recognise_download
from autograder.lms.files import read_document
from autograder.lms.known import read_known, together
from autograder.lms.notebooks import Due
from autograder.lms.people import People
from autograder.lms.sorting import Sorted, sort


def sorted_download(
    course: Course,
    archive: Archive,
    lms: str | None,
    who_files: Sequence[Path],
    *,
    zone: tzinfo,
    due: Due,
) -> Sorted:
    """Sort a download by the class in the gradebook, and say what in `who_files` is of no use.

    Raises InstructorError where there is no class yet.
    """
    download = recognise_download(archive, known_downloads(), lms)
    with open_database(course) as gradebook:
        people = People(read_people(gradebook))
    if not people.by_id:
        raise InstructorError("There is nobody in the gradebook yet; first: autograder roster FILE")
    files = []
    for path in who_files:
        files.append(read_known(read_document(path, None), people, download))
        tell(f"In {path.name}:", files[-1].told)
    known = together(files, download)
    tell("The files given with --who:", known.told)
    return sort(archive, download, people, known, zone, due=due)
