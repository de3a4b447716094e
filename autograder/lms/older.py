"""Whether a download is older than what was unpacked before, by numbers that rise, where it has no times."""

from typing import NamedTuple

from autograder.lms.attempts import Attempt
from autograder.lms.downloads.base import Download
from autograder.lms.placed import Placed


class Serials(NamedTuple):
    """The LMS's numbers of the files that were placed before, and of those in a download. All are known, or none."""

    there: list[int]
    now: list[int]


def serials(download: Download, attempt: Attempt, before: Placed | None) -> Serials | None:
    """Give the numbers by which an attempt and the one from `before` can be compared, None where they cannot."""
    if before is None or before.lms != download.name or attempt.time is not None:
        return None
    there = [piece.serial for piece in download.read(before.member) if piece.owner == before.lms_id]
    now = [piece.serial for _, piece in attempt.handed_in]
    return Serials(there, now) if there and now and all([*there, *now]) else None


def why_older(download: Download, attempt: Attempt, before: Placed | None) -> str:
    """Say by which numbers an attempt is older than the one from `before`, '' where they do not prove it."""
    found = serials(download, attempt, before)
    if found is None or max(found.now) >= min(found.there):
        return ""
    return (
        f"{download.title}'s number of its file is {min(found.there)}, and {max(found.now)} in this download"
    )
