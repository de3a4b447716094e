"""Whether a download is older than what was unpacked before, by numbers that rise, where it has no times."""

from autograder.lms.attempts import Attempt
from autograder.lms.downloads.base import Download
from autograder.lms.placed import Placed


def why_older(download: Download, attempt: Attempt, before: Placed | None) -> str:
    """Say by which numbers an attempt is older than the one from `before`, '' where they do not prove it."""
    if before is None or before.lms != download.name or attempt.time is not None:
        return ""
    there = [piece.serial for piece in download.read(before.member) if piece.owner == before.lms_id]
    now = [piece.serial for _, piece in attempt.handed_in]
    if not there or not now or not all([*there, *now]) or max(now) >= min(there):
        return ""
    return f"{download.title}'s number of its file is {min(there)}, and {max(now)} in this download"
