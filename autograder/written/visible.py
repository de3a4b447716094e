"""What a reader sees of an answer in Markdown and HTML, and where each character of it comes from.

One pass over the text: each step looks ahead to the next tag, comment or mark, never back, so broken markup takes
linear time. Whatever opens and never closes hides the rest, as it does in a browser.
"""

import re
from dataclasses import dataclass
from html import unescape

MOST_CHARACTERS = 10_000
"""How much of an answer is read. A longer one goes to a person, who is told."""

_INVISIBLE = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u034f\u180e\ufe00-\ufe0f\U000e0000-\U000e007f]"
)
_MARK = re.compile(r"<!--|<(?=[a-zA-Z/!?])|!\[|\[//\]:|\[comment\]:|&(?=[a-zA-Z#])|\]\(", re.IGNORECASE)
_TAG_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,15})")
_ENTITY = re.compile(r"&#?[a-zA-Z0-9]{1,12};")
_SHAPED = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:(?:0?\.0\d*|0)(?![.\d])|font-size:(?:0?\.\d+|[0-4](?:\.\d+)?)(?:px|pt|em|rem|%|;|$|[\x22\x27])"
    r"|(?<!-)color:(?:white|#fff(?:fff)?(?![0-9a-f])|transparent|rgba?\(255,255,255|rgba\([^)]{0,30},0(?:\.0+)?\))"
    r"|(?:text-indent|left|top):-\d{3,}|(?:height|width):0(?![.\d])|clip:rect\(0"
)
_ATTRIBUTE = re.compile(
    r"""(?:^|\s)hidden(?:\s|=|/|$)|color=["']?(?:white|#fff(?:fff)?)\b|aria-hidden=["']?true"""
)
_UNSHOWN = frozenset(
    {"script", "style", "template", "noscript", "head", "title", "iframe", "svg", "object", "textarea"}
)
_VOID = frozenset({"br", "img", "hr", "input", "meta", "link", "source", "wbr", "area", "col"})
_BLOCK = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "hr"}
)


@dataclass(frozen=True)
class Visible:
    """What can be read, with the place in the answer of each of its characters, and what was left out."""

    text: str
    origin: list[int]
    hidden: str
    pictures: int
    cut: bool

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the place in the answer of a piece of what can be read; `end` is behind its last character."""
        return self.origin[start], self.origin[end - 1] + 1


def read(answer: str) -> Visible:
    """Give what a reader sees of an answer."""
    reader = _Reader(answer[:MOST_CHARACTERS])
    reader.read()
    return Visible(
        "".join(reader.kept),
        reader.origin,
        "".join(reader.left_out),
        reader.pictures,
        len(answer) > MOST_CHARACTERS,
    )


class _Reader:
    """Walks through the text once. `_unseen` is the element whose content nobody sees, and how deep it is nested."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._places: dict[str, int] = {}
        self._unseen: str | None = None
        self._depth = 0
        self.kept: list[str] = []
        self.origin: list[int] = []
        self.left_out: list[str] = []
        self.pictures = 0

    def read(self) -> None:
        while (mark := _MARK.search(self._text, self._at)) is not None:
            self._take(mark.start())
            handle = {
                "<!--": self._comment,
                "<": self._tag,
                "![": self._picture,
                "&": self._entity,
                "](": self._link,
            }
            handle.get(mark.group(), self._reference)()
        self._take(len(self._text))

    def _take(self, end: int) -> None:
        for place in range(self._at, end):
            self._put(self._text[place], place)
        self._at = end

    def _put(self, characters: str, place: int) -> None:
        if self._unseen is not None or _INVISIBLE.match(characters):
            self.left_out.append(characters)
            return
        self.kept.extend(characters)
        self.origin.extend([place] * len(characters))

    def _skip(self, end: int) -> str:
        skipped = self._text[self._at : end]
        self._at = end
        return skipped

    def _next(self, what: str) -> int:
        """Give the place of the next `what`, or the end of the text. What was looked for once is remembered."""
        place = self._places.get(what, -1)
        if place < self._at:
            found = self._text.find(what, self._at)
            place = self._places[what] = len(self._text) if found < 0 else found
        return place

    def _find(self, what: str) -> int:
        """Give the place behind the next `what`, or the end of the text."""
        return min(self._next(what) + len(what), len(self._text))

    def _comment(self) -> None:
        self.left_out.append(self._skip(self._find("-->"))[4:].removesuffix("-->"))

    def _reference(self) -> None:
        self.left_out.append(self._skip(self._find("\n")))

    def _link(self) -> None:
        """Leave out the address of a link."""
        line, end = self._next("\n"), self._find(")")
        self._skip(end if end <= line else self._at + 2)
        self._put(" ", self._at - 1)

    def _picture(self) -> None:
        line, end = self._next("\n"), self._next("](")
        if end >= line:
            self._take(self._at + 2)
            return
        self.pictures += 1
        self.left_out.append(self._skip(min(line, max(self._next(")") + 1, end))))

    def _entity(self) -> None:
        found = _ENTITY.match(self._text, self._at)
        if found is None:
            self._take(self._at + 1)
            return
        place = self._at
        self._skip(found.end())
        for character in unescape(found.group()):
            self._put(character, place)

    def _tag(self) -> None:
        place, end = self._at, self._find(">")
        body = self._text[place + 1 : end].removesuffix(">").lower()
        named = _TAG_NAME.match(body)
        if named is None and body[:1] not in {"!", "?"}:
            self._take(place + 1)
            return
        self._skip(end)
        name = named.group(1) if named is not None else ""
        self._nest(name, body)
        if name == "img":
            self.pictures += 1
            self.left_out.append(body)
        if self._unseen is None and name in _BLOCK:
            self._put("\n", place)

    def _nest(self, name: str, body: str) -> None:
        if name in _VOID or body.endswith("/"):
            return
        if self._unseen is not None:
            if name == self._unseen:
                self._depth += -1 if body.startswith("/") else 1
                self._unseen = self._unseen if self._depth else None
        elif not body.startswith("/") and (name in _UNSHOWN or _is_hidden(body)):
            self._unseen, self._depth = name, 1


def _is_hidden(body: str) -> bool:
    return bool(_SHAPED.search("".join(body.split())) or _ATTRIBUTE.search(body[:2000]))
