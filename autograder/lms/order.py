"""Whether an attempt in a download is the one that was unpacked before, a later or an earlier one."""

from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from autograder.gradebook.files import submission_time
from autograder.lms.attempts import Attempt
from autograder.lms.older import serials
from autograder.lms.placed import Placed
from autograder.lms.sorting import Sorted

# A time without a zone may be read in another one than when it was unpacked.
_ZONES = timedelta(hours=14)


class Order(Enum):
    """How an attempt is to the one that was unpacked."""

    SAME = auto()
    LATER = auto()
    EARLIER = auto()
    UNKNOWN = auto()


class Finding(NamedTuple):
    """How an attempt is to the one that was unpacked, and whether that is proven; else its contents decide."""

    order: Order
    is_proven: bool = False


def order(found: Sorted, student: str, attempt: Attempt, before: Placed | None, there: Path) -> Finding:
    """Hold an attempt against the one `before` it, which lies `there`: by its name, its files' numbers or its time."""
    if before is not None and before.lms != found.download.name:
        before = None
    if before is not None and _has_same_name(found, attempt, before):
        return Finding(Order.SAME, is_proven=True)
    if numbers := serials(found.download, attempt, before):
        if set(numbers.there) & set(numbers.now):
            return Finding(Order.SAME, is_proven=True)
        if max(numbers.now) < min(numbers.there):
            return Finding(Order.EARLIER, is_proven=True)
        is_later = min(numbers.now) > max(numbers.there)
        return Finding(Order.LATER, is_proven=True) if is_later else Finding(Order.UNKNOWN)
    then = (_time(before) if before else None) or submission_time(there)[0]
    if attempt.time is None or then is None:
        return Finding(Order.UNKNOWN)
    now = attempt.time.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return _by_times(now - then.replace(microsecond=0), found, student, is_local=attempt.is_local)


def _by_times(since: timedelta, found: Sorted, student: str, *, is_local: bool) -> Finding:
    """Judge by how much later an attempt is. Where a file beside the download says its time, that may be an older one
    than the download: then only a later time proves anything.
    """
    if not since:
        return Finding(Order.SAME, is_proven=student not in found.known.facts)
    if since > timedelta():
        return Finding(Order.LATER, is_proven=not is_local or since > _ZONES)
    return Finding(Order.EARLIER)


def _has_same_name(found: Sorted, attempt: Attempt, before: Placed) -> bool:
    """Tell whether the LMS's own name for an attempt, if it has one, is what it was."""
    names = {piece.attempt for piece in found.download.read(before.member)}
    return any(piece.attempt and piece.attempt in names for _, piece in attempt.files)


def _time(before: Placed) -> datetime | None:
    try:
        return datetime.fromisoformat(before.time_utc)
    except ValueError:
        return None
