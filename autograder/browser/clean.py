"""The HTML that a student may put on a page: an allow-list, applied by nh3 to what a browser would parse.

What is left cannot run, load from elsewhere, leave the page, lie over it, or take a name that the page uses.
"""

import re

import nh3
from pygments.token import STANDARD_TYPES

_TEXT_TAGS = {
    "p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "del",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_MORE_TAGS = {
    "div", "span", "b", "i", "u", "s", "ins", "mark", "small", "sub", "sup", "kbd", "samp", "var",
    "dl", "dt", "dd", "tfoot", "caption", "figure", "figcaption", "img",
}  # fmt: skip
_CELL = {"colspan", "rowspan", "align", "style"}
_NONE: dict[str, set[str]] = {"*": set()}
_ATTRIBUTES = {**_NONE, "img": {"src", "alt", "width", "height"}, "td": _CELL, "th": _CELL, "ol": {"start"}}
_CLASSES = {"div": {"highlight"}, "span": {name for name in STANDARD_TYPES.values() if name}}
_SIDES = ("left", "center", "right")
_CHOICES = {"align": set(_SIDES), "style": {f"text-align:{side}" for side in _SIDES}}
_NUMBERS = {"colspan", "rowspan", "width", "height", "start"}
_NUMBER = re.compile(r"[0-9]{1,4}")
_RASTER = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_FILE_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_. -]|%20)*")
_FILE_END = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def as_text(html: str) -> str:
    """Keep what makes a text: paragraphs, lists, tables, code; no attribute at all."""
    return nh3.clean(html, tags=_TEXT_TAGS, attributes=_NONE)


def harmless(html: str) -> str:
    """Keep, besides, images that are in the text or beside it, the colours of code, and aligned tables."""
    return nh3.clean(
        html,
        tags=_TEXT_TAGS | _MORE_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filtered,
        allowed_classes=_CLASSES,
        url_schemes={"data"},
    )


def is_image(address: str) -> bool:
    """Tell whether an image's address is one that asks nothing of any server but for a picture.

    Not even of our own: some of its pages do something as soon as they are asked for.
    """
    if _RASTER.fullmatch(address):
        return True
    return address.lower().endswith(_FILE_END) and all(map(_FILE_PART.fullmatch, address.split("/")))


def _filtered(_tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if is_image(value) else None
    if name in _CHOICES:
        value = value.replace(" ", "").rstrip(";")
        return value if value in _CHOICES[name] else None
    if name in _NUMBERS:
        return value if _NUMBER.fullmatch(value) else None
    return value
