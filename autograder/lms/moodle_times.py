"""Times as Moodle writes them, or as a site's own format or a spreadsheet has left them."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from dateutil import parser

_USUAL = "%A, %d %B %Y, %I:%M %p"
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)\d{4}([./-])\d{1,2}\1\d{1,2}(?!\d)")
_MONTHS = 12


class _Date(NamedTuple):
    """A date in numbers, of which one is the day and one the month, and what stands around it."""

    before: str
    one: int
    other: int
    year: int
    behind: str


def read_times(texts: Iterable[str]) -> dict[str, datetime]:
    """Read the times of a column. What cannot be read for certain is left out.

    `05/01/2026` may be in January or in May: a number above 12 in the same column says which is the day.
    """
    found: dict[str, datetime | None] = {}
    dates: dict[str, _Date] = {}
    for text in set(texts):
        if date := _numeric(text):
            dates[text] = date
        else:
            found[text] = _time(text)
    day_first = all(date.other <= _MONTHS for date in dates.values())
    month_first = all(date.one <= _MONTHS for date in dates.values())
    if day_first != month_first:
        found |= {text: _in_order(date, day_first=day_first) for text, date in dates.items()}
    return {text: time for text, time in found.items() if time is not None}


def _numeric(text: str) -> _Date | None:
    found = _NUMERIC.search(text)
    if found is None:
        return None
    year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
    return _Date(text[: found.start()], int(found[1]), int(found[3]), year, text[found.end() :])


def _in_order(date: _Date, *, day_first: bool) -> datetime | None:
    day, month = (date.one, date.other) if day_first else (date.other, date.one)
    if _MONTH.search(date.before + date.behind):  # it would be a second month
        return None
    return _parsed(f"{date.before}{date.year}-{month:02}-{day:02}{date.behind}")


def _time(text: str) -> datetime | None:
    """Read a time that leaves nothing open: with the name of a month, or the year in front."""
    with suppress(ValueError):  # ten times as fast as the parser, which a large class would notice
        return datetime.strptime(text, _USUAL)
    return _parsed(text) if _MONTH.search(text) or _YEAR_FIRST.search(text) else None


def _parsed(text: str) -> datetime | None:
    with suppress(ValueError):  # the same, for what is usual in numbers
        return datetime.fromisoformat(text.replace(", ", " ", 1))
    time: datetime | None = None
    with suppress(ValueError, OverflowError):
        time = parser.parse(text)
    return time
