"""Words of a text with their places, and phrases found among them. All of it takes linear time."""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.errors import InstructorError

_WORD = re.compile(
    r"\(\s?[01]\s?[,;|]\s?[01]\s?\)"  # a point of the plane
    r"|\n(?=[ \t]{0,8}(?:\n|[-*•#>+]|\d{1,3}[.)]\s))"  # the end of a paragraph or of an item
    r"|\\[a-zA-Z]+|[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:\.\d+)?"
    r"|[<>]=?|=>|[=≤≥≠→⇒+∉∈∅≱⇔]|-+>|[.!?;:,()…/]|[。！？，；、]"
)
_SAME = {
    r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">=", "≥": ">=", r"\le": "<=", r"\leq": "<=", "≤": "<=", r"\lt": "<",
    r"\gt": ">", r"\implies": "→", r"\rightarrow": "→", r"\to": "→", "⇒": "→", "=>": "→", "->": "→", "-->": "→",
    r"\iff": "⇔", r"\neq": "≠", r"\frac": "frac", r"\tfrac": "frac", r"\theta": "θ", r"\cap": "∩", r"\emptyset": "∅",
    "。": ".", "！": "!", "？": "?", "，": ",", "；": ";", "、": ",",
}  # fmt: skip
_GAP = 3
_ANY = "…"
_END = "$"
_FUZZY_FROM = 6
_FUZZY_STEM_FROM = 7
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, number, sign or punctuation mark, in lower case, and where it is."""

    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Give the words of a text. A run of Chinese, Japanese or Korean characters is one word for each character."""
    found = []
    for match in _WORD.finditer(text):
        raw = match.group().lower().replace("’", "'")
        if raw.startswith("(") and len(raw) > 1:
            raw = "(" + ",".join(sign for sign in raw if sign in "01") + ")"
        if raw.startswith("\\") and raw not in _SAME:
            continue
        if _CJK.match(raw):
            found += [Word(sign, match.start() + at, match.start() + at + 1) for at, sign in enumerate(raw)]
        else:
            found.append(Word(_SAME.get(raw, raw), match.start(), match.end()))
    return found


@dataclass(frozen=True)
class Hit:
    """A phrase of a concept among words: from the first to behind the last of them."""

    concept: str
    first: int
    last: int


class Phrases:
    """Finds the phrases of concepts.

    A phrase is words in a row; `separab*` is any word that begins so, and `…` stands for up to three words between.
    `$` is the end.
    A long word that is one slip of the pen away from a phrase's counts as that word.
    """

    def __init__(self, concepts: dict[str, list[str]]) -> None:
        self._by_first: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for concept, phrases in concepts.items():
            for phrase in phrases:
                parts = tuple(_parts(phrase))
                if not parts or parts[0] in {_ANY, _END}:
                    raise InstructorError(
                        f"concept '{concept}': the phrase '{phrase}' has no word to begin with"
                    )
                self._by_first.setdefault(parts[0], []).append((concept, parts))
        known = {part for entries in self._by_first.values() for _, parts in entries for part in parts}
        self._exact = frozenset(part for part in known if not part.endswith("*"))
        self._stems = frozenset(part[:-1] for part in known if part.endswith("*"))
        self._slips = _slips(self._exact, self._stems)
        self.keys = functools.lru_cache(maxsize=20_000)(self._keys)

    def _keys(self, word: str) -> tuple[str, ...]:
        """Give the parts of phrases that a word can stand for."""
        found = [word] if word in self._exact else []
        found += [
            f"{word[:size]}*" for size in range(1, min(len(word), 24) + 1) if word[:size] in self._stems
        ]
        if not found and len(word) >= _FUZZY_FROM and word.isalpha() and len(word) < 24:
            meant = self._meant(word, "")
            for size in range(_FUZZY_STEM_FROM, min(len(word), 12)):
                meant |= self._meant(word[:size], "*")
            found = [key for key in meant if key[0] == word[0]]
        return tuple(found)

    def _meant(self, word: str, kind: str) -> set[str]:
        """Give the words, or the stems, that are one letter more, less or other, or two letters swapped."""
        return {
            key
            for rest, at in _deletions(word)
            for key, place in self._slips.get(rest, ())
            if (at is None or place is None or abs(at - place) <= 1) and key.endswith("*") == (kind == "*")
        }

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Give all phrases among the words, in the order of where they begin."""
        keys = [*map(self.keys, words), (_END,)]
        hits = []
        for at, of_word in enumerate(keys):
            for key in of_word:
                for concept, parts in self._by_first.get(key, ()):
                    end = _match(parts, keys, at)
                    if end:
                        hits.append(Hit(concept, at, end))
        return hits


def _parts(phrase: str) -> Iterator[str]:
    for part in phrase.lower().split():
        if part in {_ANY, _END} or part.endswith("*"):
            yield part
        else:
            yield from (word.text for word in words_of(part))


def _match(parts: tuple[str, ...], keys: Sequence[tuple[str, ...]], at: int) -> int:
    """Give the place behind a phrase that begins here, or 0."""
    gap = 0
    for part in parts:
        if part == _ANY:
            gap = _GAP
            continue
        for step in range(gap + 1):
            if at + step < len(keys) and part in keys[at + step]:
                at += step + 1
                break
        else:
            return 0
        gap = 0
    return at


def _deletions(word: str) -> Iterator[tuple[str, int | None]]:
    """Give the word, and what is left of it without one letter, and which."""
    yield word, None
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :], at


def _slips(exact: Iterable[str], stems: Iterable[str]) -> dict[str, list[tuple[str, int | None]]]:
    table: dict[str, list[tuple[str, int | None]]] = {}
    named = [(word, word, _FUZZY_FROM) for word in exact] + [
        (stem, f"{stem}*", _FUZZY_STEM_FROM) for stem in stems
    ]
    for word, key, least in named:
        if len(word) >= least and word.isalpha():
            for rest, at in _deletions(word):
                table.setdefault(rest, []).append((key, at))
    return table
