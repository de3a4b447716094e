"""Whose files a download has: what `unpack` and `feedback --return` share."""

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
from autograder.lms.known import Known, read_known
from autograder.lms.matching import People
from autograder.lms.sorting import Sorted, sort


def sorted_download(
    course: Course, archive: Archive, lms: str | None, who_file: Path | None, zone: tzinfo
) -> Sorted:
    """Sort a download by the class in the gradebook, and say what in `who_file` is of no use.

    Raises InstructorError where there is no class yet.
    """
    download = recognise_download(archive, known_downloads(), lms)
    with open_database(course) as gradebook:
        people = People(read_people(gradebook))
    if not people.by_id:
        raise InstructorError("There is nobody in the gradebook yet; first: autograder roster FILE")
    known = Known()
    if who_file is not None:
        known = read_known(read_document(who_file, None), people, user_numbers=download.user_numbers)
        tell(f"In {who_file.name}:", known.told)
    return sort(archive, download, people, known, zone)
