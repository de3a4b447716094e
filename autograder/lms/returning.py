"""Feedback pages in a zip that an LMS takes back: each under the place of the notebook that its student handed in."""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.errors import GraderError
from autograder.lms.files import written_whole
from autograder.lms.sorting import Sorted

# A fixed time, so that the same pages give the same zip.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


@dataclass(frozen=True)
class Returned:
    """A page's place in the zip, or '' for a student whose last attempt has no notebook."""

    student: str
    place: str


def places(found: Sorted, due: str) -> Iterator[Returned]:
    """Give the place of each student's page: that of the notebook called `due`, else of the first.

    Raises InstructorError where the LMS takes none back.
    """
    for student in found.attempts:
        attempt, _ = found.last(student)
        notebooks = attempt.notebooks
        if not notebooks:
            yield Returned(student, "")
            continue
        of_name = (
            each for each in notebooks if PurePosixPath(each[1].filename).stem.casefold() == due.casefold()
        )
        member, piece = next(of_name, notebooks[0])
        yield Returned(student, found.download.feedback_place(member.name, piece))


def write_zip(
    output: Path, found: Sorted, pages: Mapping[str, Path], assignment: str
) -> tuple[int, list[str]]:
    """Write the zip, whole or not at all. Gives how many pages it has, and who of the download got none.

    Raises GraderError if two students would get the same place; then nothing is written.
    """
    taken: dict[str, str] = {}
    without = []
    with written_whole(output) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for returned in places(found, assignment):
            page = pages.get(returned.student)
            if page is None or not returned.place:
                without.append(returned.student)
                continue
            other = taken.setdefault(returned.place.casefold(), returned.student)
            if other != returned.student:
                raise GraderError(f"the pages of {other} and {returned.student} would have the same place")
            info = zipfile.ZipInfo(PurePosixPath(returned.place).as_posix(), _TIME)
            info.external_attr = _MODE
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, page.read_bytes())
    return len(taken), without
