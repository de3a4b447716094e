"""Points as an LMS writes and reads them."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

_NUMBER = re.compile(r"-?(?:\d[\d.,'\u00a0\u202f]*|[.,]\d+)")
_COMMA = re.compile(r"-?\d+,\d+")
_POINT = re.compile(r"-?\d*\.\d+")
# `1,250` may be a thousand and more in one language, and a little more than one in another.
_GROUPED = re.compile(r"-?\d{1,3}(?:(?:,\d{3})+|(?:\.\d{3})+)")


def read_number(text: str) -> Decimal | None:
    """Read points; the last separator is the decimal point, as LMSs have it. None for what is no number."""
    text = text.strip().removesuffix("%").rstrip()
    if _NUMBER.fullmatch(text) is None:
        return None
    whole, separator, part = re.sub(r"['\u00a0\u202f]", "", text), "", ""
    if cut := max(whole.rfind("."), whole.rfind(",")) + 1:
        whole, separator, part = whole[: cut - 1], ".", whole[cut:]
    return Decimal(f"{re.sub('[.,]', '', whole) or '0'}{separator}{part or '0'}" if separator else whole)


def uses_comma(values: Iterable[str]) -> bool | None:
    """Tell from numbers of the file whether it writes a decimal comma; None where they do not say.

    What may be whole thousands says nothing.
    """
    points = commas = 0
    for value in map(str.strip, values):
        if _GROUPED.fullmatch(value) is None:
            points += _POINT.fullmatch(value) is not None
            commas += _COMMA.fullmatch(value) is not None
    return None if points == commas else commas > points


def rounded(number: Decimal, places: int) -> Decimal:
    """Round to so many places, halves away from zero, as people do."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def write_number(number: Decimal, *, least: int, most: int, comma: bool = False) -> str:
    """Write points with at least and at most so many decimal places, and never a separator of thousands."""
    whole, _, part = f"{rounded(number, most):f}".partition(".")
    part = part.rstrip("0").ljust(least, "0")
    text = f"{whole}.{part}" if part else whole
    return text.replace(".", ",") if comma else text
