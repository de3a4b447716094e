"""What a spreadsheet leaves of an id when it opens and saves an LMS's file."""

import re

_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!)")
_SHORTENED = re.compile(r"\d+(?:[.,]\d+)?E\+\d+", re.IGNORECASE)


def is_damaged(value: str) -> bool:
    """Tell whether a cell holds an error of a spreadsheet's, or a long number in short, instead of an id."""
    return bool(_ERROR.fullmatch(value.strip()) or _SHORTENED.fullmatch(value.strip().removeprefix("#")))


def are_equal_but_for_zeros(one: str, other: str) -> bool:
    """Tell whether two numbers differ by leading zeros only, which a spreadsheet takes away."""
    return one != other and one.isdecimal() and other.isdecimal() and one.lstrip("0") == other.lstrip("0")
