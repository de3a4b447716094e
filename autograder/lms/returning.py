"""Feedback pages in a zip that an LMS takes back: each under the place of the notebook that its student handed in."""

import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from autograder.errors import InstructorError
from autograder.lms.attempts import Attempt, choose
from autograder.lms.files import written_whole
from autograder.lms.notebooks import Due
from autograder.lms.sorting import Sorted
from autograder.text import some

# A fixed time, so that the same pages give the same zip.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


@dataclass(frozen=True)
class Returned:
    """A page's place in the zip, or '' and why a student has none."""

    student: str
    place: str
    why: str = ""


def places(found: Sorted, due: Due, page: str) -> Iterator[Returned]:
    """Give the place of each student's page: that of the notebook that is due, else of the first.

    Its own name is `page`: a student's could be one that the LMS does not take, or takes for somebody else's.
    Raises InstructorError where the LMS takes none back.
    """
    for student, attempts in found.attempts.items():
        choice = choose(attempts)
        if choice.doubt:
            yield Returned(student, "", choice.doubt)
        else:
            yield _place(found, student, choice.attempt, due, page)
    for student, files in sorted(found.refused.items()):
        if student not in found.attempts:  # for a page, what a file's name says of it is enough
            yield _place(found, student, Attempt("", None, late=False, files=files), due, page)


def _place(found: Sorted, student: str, attempt: Attempt, due: Due, page: str) -> Returned:
    if not attempt.notebooks:
        return Returned(student, "", "there is no notebook in what was handed in")
    member, piece = due.rather(attempt.notebooks)
    own_id = found.own_id(student, piece)
    theirs = piece if own_id == piece.owner else replace(piece, owner=own_id, name="")
    place = found.download.feedback_place(member.name, theirs, page)
    if own_id and place:
        return Returned(student, place)
    return Returned(student, "", found.download.unknown_place)


def write_zip(
    output: Path, found: Sorted, pages: Mapping[str, Path], due: Due, *, withheld: Mapping[str, str]
) -> tuple[int, list[str]]:
    """Write the zip, whole or not at all. Gives how many pages it has, and who got none, and why.

    Of two students with one place, neither gets it: each would see the other's. Nor does who is in `withheld`, for
    the reason there. Raises InstructorError if nobody gets a page; then nothing is written.
    """
    returning = list(places(found, due, f"{PurePosixPath(due.filename).stem}.html"))
    owners: dict[str, set[str]] = {}
    for returned in (each for each in returning if each.student in pages):
        owners.setdefault(returned.place.casefold(), set()).add(returned.student)
    taken: set[str] = set()
    without = []
    with written_whole(output) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for returned in returning:
            page = pages.get(returned.student)
            held = withheld.get(returned.student, "")
            if page is None or held or not returned.place:
                why = held or (returned.why if page else "no page was written")
                without.append(f"{returned.student}: {why}")
                continue
            if len(sharers := owners[returned.place.casefold()]) > 1:
                without.append(f"{returned.student}: {_one_place(sharers)}")
                continue
            taken.add(returned.place)
            info = zipfile.ZipInfo(PurePosixPath(returned.place).as_posix(), _TIME)
            info.external_attr = _MODE
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, page.read_bytes())
        if absent := sorted(set(pages) - {returned.student for returned in returning}):
            without.append(f"{some(absent)}: nothing in the download is known to be theirs")
        if not taken:
            raise InstructorError("\n".join(["No page has a place, so no zip was made:", *without]))
    return len(taken), without


def _one_place(sharers: Collection[str]) -> str:
    return (
        f"the download has one place for the pages of {some(sorted(sharers))}. Whose page is to lie there is named "
        "with --who, by a table that has a row for one of them only"
    )
