"""Points as an LMS writes and reads them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_MARKS = "'\u2019\u00a0\u202f"
"""What stands between thousands in some languages, and nowhere else in a number."""
WRITTEN = rf"\d[\d.,{_MARKS}]*"
"""A number without a sign, as any language may write it."""
_NUMBER = re.compile(rf"-?(?:{WRITTEN}|[.,]\d+)")
_COMMA = re.compile(r"-?(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+),\d+")
_POINT = re.compile(r"-?(?:\d*|[1-9]\d{0,2}(?:,\d{3})+)\.\d+")
# `1,250` may be a thousand and more in one language, and a little more than one in another.
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3})+)")


@dataclass(frozen=True)
class Style:
    """How a file writes numbers: with a decimal comma or not, and what may stand between thousands, if anything."""

    comma: bool = False
    thousands: str = ""


def read_number(text: str, thousands: str = "") -> Decimal | None:
    """Read points; the last separator is the decimal point, as LMSs have it. None for what is no number.

    But one of `thousands` is none where whole groups of three digits follow it.
    """
    text = text.strip().removesuffix("%").rstrip()
    if _NUMBER.fullmatch(text) is None:
        return None
    whole, separator, part = re.sub(f"[{_MARKS}]", "", text), "", ""
    if _GROUPED.fullmatch(whole) and (set(whole) & set(thousands)):
        return Decimal(re.sub("[.,]", "", whole))
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


def style_of(values: Iterable[str], *, else_comma: bool, has_thousands: bool) -> Style:
    """Tell from numbers of a file how it writes them; `else_comma` where they do not say, and commas are likely.

    Where nothing says which separator is the decimal one, either may be that of thousands.
    """
    found = uses_comma(values)
    if found is None and else_comma:
        found = True
    thousands = {None: ",.", True: ".", False: ","}[found] if has_thousands else ""
    return Style(bool(found), thousands)


def rounded(number: Decimal, places: int) -> Decimal:
    """Round to so many places, halves away from zero, as people do."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def write_number(number: Decimal, *, least: int, most: int, comma: bool = False) -> str:
    """Write points with at least and at most so many decimal places, and never a separator of thousands."""
    whole, _, part = f"{rounded(number, most):f}".partition(".")
    part = part.rstrip("0").ljust(least, "0")
    text = f"{whole}.{part}" if part else whole
    return text.replace(".", ",") if comma else text
