"""What a module for an LMS's download says of it. Others can add theirs in the group `autograder.lms.downloads`."""

import io
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from autograder.errors import InstructorError, SubmissionError
from autograder.lms.archive import Archive, Member
from autograder.lms.installed import installed

GROUP = "autograder.lms.downloads"


Kind = Literal["file", "text", "about"]


@dataclass(frozen=True)
class Piece:
    """One way to read a file's place in a download: whose it is, by the LMS's id, and what of theirs.

    `attempt` is the same for all files that were handed in together. A `time` without a zone is the LMS's own. `kind`
    is `file` for what the student handed in as a file, `text` for what was typed in, `about` for the LMS's own words.
    `nobodys` says why the LMS lets nobody know whose it is.
    `later`: other numbers stand before the owner's, so it may be in the student's own words; it only casts a doubt.
    `aside`: it lies where files may come that are no submission, so it counts where nothing else has a notebook.
    `written` is the time as the LMS writes it. `plain` is the file's own name where the LMS may have added to it.
    `serial` is the LMS's number of the file, where such numbers rise with time; 0 where there is none.
    `title` is what must be the same in all names of a download, so that a way to read one fits the others; `whole` is
    what the owner is a part of, where nothing in the name says which part.
    """

    owner: str
    filename: str
    attempt: str = ""
    name: str = ""
    time: datetime | None = None
    late: bool = False
    kind: Kind = "file"
    aside: bool = False
    title: str = ""
    whole: str = ""
    nobodys: str = ""
    later: bool = False
    written: str = ""
    plain: str = ""
    serial: int = 0


@dataclass(frozen=True)
class Fact:
    """What is said of a student's submission in a file beside it; `written` is the time as the LMS writes it.

    `without_time`: the file has a place for the time, and nothing in it. `is_draft`: it was not submitted yet.
    """

    time: datetime | None = None
    late: bool = False
    written: str = ""
    without_time: bool = False
    is_draft: bool = False


class Download(ABC):
    """A kind of download. `local_ids`: its ids hold for one assignment, so they are no ids of the class.

    `user_numbers`: its ids are the LMS's own numbers of users, which may be somebody else's ids in the class by chance.
    `unlisted_numbers`: none of the LMS's exports has these numbers, so the class may be known by another kind of them.
    `vague`: its names may be like another LMS's by chance.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    local_ids: ClassVar[bool] = False
    user_numbers: ClassVar[bool] = False
    unlisted_numbers: ClassVar[bool] = False
    vague: ClassVar[bool] = False
    help: ClassVar[str] = ""
    upload: ClassVar[str] = ""
    unknown_place: ClassVar[str] = (
        "their files are in no place of the LMS's for a student, so no page can be put there"
    )

    @abstractmethod
    def read(self, path: str) -> list[Piece]:
        """Give all ways to read a file's place: none for what is no place that this LMS gives."""

    def is_test(self, piece: Piece) -> bool:
        """Tell whether a file is that of the user as whom a teacher looks at the course as a student does."""
        return False

    def is_about(self, path: str) -> bool:
        """Tell whether a file is the LMS's own, and about all submissions."""
        return False

    def facts(self, archive: Archive) -> Mapping[str, Fact]:
        """Read what the download says beside the submissions, by owner."""
        return {}

    def owners(self, archive: Archive) -> Mapping[str, Collection[str]]:
        """Read who the owners are where names leave that open and the download says it beside: by `Piece.whole`."""
        return {}

    def names(self, archive: Archive) -> Mapping[str, str]:
        """Read how the owners are called where the download says it beside: by `Piece.whole`."""
        return {}

    def groups(self, archive: Archive) -> Mapping[str, str]:
        """Read who the members of groups are, as the LMS writes it: by the group's id, which is no student's."""
        return {}

    def remarks(self, archive: Archive) -> Sequence[str]:
        """Say what a download lacks that others of this LMS have."""
        return []

    @abstractmethod
    def feedback_place(self, path: str, piece: Piece, page: str) -> str:
        """Give the place of a page called `page` in the zip that the LMS takes back, for what was handed in at `path`;
        '' where there is none. `piece.owner` is the student's own id, '' where it is not known.

        Raises InstructorError where this LMS takes no such zip.
        """


def known_downloads() -> list[Download]:
    """Give all kinds of downloads that are installed. Raises GraderError for an entry point that is none."""
    return installed(GROUP, Download)  # type: ignore[type-abstract]  # its subclasses are made


def recognise_download(archive: Archive, downloads: Sequence[Download], lms: str | None) -> Download:
    """Find out whose download it is, by the names in it. Raises InstructorError where it is nobody's or several's."""
    if lms is not None:
        chosen = [each for each in downloads if each.name == lms.partition("-")[0]]
        if not chosen:
            names = ", ".join(each.name for each in downloads)
            raise InstructorError(f"There is no LMS '{lms}' here. There are: {names}.")
        return chosen[0]
    # Where there are no files, as where all typed their answers in, what is beside them says whose download it is.
    counts = _counts(archive, downloads, "file") or _counts(archive, downloads, "text")
    best = max(counts.values(), default=0)
    equal = [each for each, count in counts.items() if count == best]
    found = [each for each in equal if not each.vague] or equal
    if not best:
        titles = ", ".join(each.title for each in downloads)
        raise InstructorError(
            f"{archive.name} has no file named as by one of these: {titles}. Is it the LMS's own download of all "
            "submissions of the assignment, as it came? If it is, say with --lms whose."
        )
    if len(found) > 1:
        raise InstructorError(
            f"{archive.name} may be of several LMSs: say with --lms which, of {', '.join(each.name for each in found)}"
        )
    return found[0]


def _counts(archive: Archive, downloads: Sequence[Download], kind: Kind) -> dict[Download, int]:
    """Give how many files of a kind there are by each LMS's names, where there are any."""
    counts = {
        each: sum(any(piece.kind == kind for piece in each.read(member.name)) for member in archive.members)
        for each in downloads
    }
    return {each: count for each, count in counts.items() if count}


def small_text(archive: Archive, member: Member, most: int = 5_000_000) -> str:
    """Read a small text of the LMS's own; '' where it is none."""
    if member.size > most:
        return ""
    data = io.BytesIO()
    try:
        archive.copy(member, data)
    except SubmissionError:
        return ""
    return data.getvalue().decode("utf-8-sig", "replace")
