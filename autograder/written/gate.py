"""What must be known of an answer before it is marked: whether it is one, and the student's own.

Each flag sends the answer to a person. Text that is copied from the notebook, or that talks to the grader, is taken
out; the rest is marked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.written.clauses import Part
from autograder.written.language import SAYING, TO_THE_GRADER, WORDS
from autograder.written.words import Word, words_of

COPIED = "copied"
INSTRUCTIONS = "instructions"
TERMS = "terms"
OFF_TOPIC = "off topic"
LANGUAGE = "language"
PICTURE = "picture"
HIDDEN = "hidden text"
LONG = "too long"
EMPTY = "empty"
OTHERS = "views of others"
"""It reports or judges what others say, or takes back what it said itself."""

_RUN = 5
_LONG_RUN = 9
_SIGNS = frozenset(".,;:!?()/…\n")

_ARROWS = frozenset({"->", "=>", "→", "⇒"})
_RELATIONS = frozenset({"<", ">", "<=", ">=", "="})


@dataclass(frozen=True)
class Sources:
    """What students were given to read: an answer that repeats it says nothing of its own."""

    runs: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Sources":
        """Take in these texts."""
        runs: set[tuple[str, ...]] = set()
        for text in texts:
            words = _plain(words_of(text))
            runs |= {tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}
        return cls(frozenset(runs))


def _plain(words: Iterable[Word]) -> list[str]:
    return [word.text for word in words if word.text not in _SIGNS]


def without_copies(words: Sequence[Word], sources: Sources) -> tuple[list[Word], bool]:
    """Take out what is copied: long runs of the given text, and sentences that mostly are. Tells whether any was."""
    places = [at for at, word in enumerate(words) if word.text not in _SIGNS]
    texts = [words[at].text for at in places]
    copied = [False] * len(texts)
    for at in range(len(texts) - _RUN + 1):
        if tuple(texts[at : at + _RUN]) in sources.runs:
            copied[at : at + _RUN] = [True] * _RUN
    taken: set[int] = set()
    begin = 0
    for at in range(len(copied) + 1):
        if at == len(copied) or not copied[at]:
            if at - begin >= _LONG_RUN:
                taken.update(places[begin:at])
            begin = at + 1
    marked = {place for place, is_copied in zip(places, copied, strict=True) if is_copied}
    for start, end in _sentences(words):
        own = [at for at in range(start, end) if words[at].text not in _SIGNS]
        if own and sum(at in marked for at in own) > 0.6 * len(own):
            taken.update(range(start, end))
    return [word for at, word in enumerate(words) if at not in taken], bool(taken)


def _sentences(words: Sequence[Word]) -> Iterable[tuple[int, int]]:
    begin = 0
    for at, word in enumerate(words):
        if word.text in {".", "!", "?", "\n"}:
            yield begin, at + 1
            begin = at + 1
    yield begin, len(words)


def without_instructions(words: Sequence[Word]) -> tuple[list[Word], bool]:
    """Take out sentences that talk to the grader or about the mark. Tells whether there were any."""
    kept: list[Word] = []
    found = False
    for begin, end in _sentences(words):
        sentence = words[begin:end]
        if TO_THE_GRADER.find([word.text for word in sentence]):
            found = True
        else:
            kept += sentence
    return kept, found


def is_other_language(words: Sequence[Word], language: str) -> bool:
    """Tell whether an answer is in another language than the rubric's. Formulas and telegrams are in none."""
    texts = [word.text for word in words if (word.text.isalpha() and len(word.text) > 1) or "'" in word.text]
    if language != "en" or not texts:
        return False
    foreign_letters = sum(
        any(ord(letter) > 0x2FF and letter not in "θαβσ" for letter in text) for text in texts
    )
    if foreign_letters > 0.3 * len(texts):
        return True
    english = sum(text in WORDS["english"] for text in texts)
    foreign = sum(text in WORDS["foreign"] and text not in WORDS["english"] for text in texts)
    accents = sum(any("\xc0" <= letter <= "\u024f" for letter in text) for text in texts)
    return len(texts) >= 3 and foreign + 2 * accents > english and foreign + accents >= 1


def is_list_of_terms(words: Sequence[Word], concepts: int) -> bool:
    """Tell whether an answer is terms without statements. `concepts` is how many words of it are the rubric's."""
    texts = [word.text for word in words]
    said = [text for text in texts if text not in _SIGNS]
    if len(said) < 5 or texts.count(":") >= 3 or sum(text in _RELATIONS for text in said) >= 3:
        return False  # too short for a list, 'model: a line. data: …', or a formula
    linking = sum(text in WORDS["linking"] for text in said) / len(said)
    clauses = [clause for clause in _clauses(texts) if any(text.isalpha() for text in clause)]
    items = [len(clause) for clause in clauses]
    states = _states(texts)
    tiny = sum(size <= 2 for size in items) / max(len(items), 1)
    if len(items) >= (6 if states else 4) and tiny >= 0.6 and linking <= 0.12:
        return True
    short = sum(size <= 3 for size in items) / max(len(items), 1)
    stated = sum(any(text in WORDS["verbs"] for text in item) for item in clauses)
    denied = sum(hit.concept == "not" for hit in SAYING.find(texts))
    if len(items) >= 5 and not states and stated <= 0.1 * len(items) and denied <= 1:
        return True
    in_words = sum(text.isalpha() for text in said) / len(said)  # a proof has short items too
    if len(items) >= 6 and short >= 0.8 and in_words >= 0.75 and linking <= (0.15 if states else 0.3):
        return True
    bare = linking <= 0.09 and concepts > 0.6 * len(said) and len(said) >= 7 and len(items) <= 2
    repeats = len(said) > 8 and linking <= 0.15 and len(set(said)) < 0.55 * len(said)
    return bare or repeats


def _states(texts: Sequence[str]) -> bool:
    """Tell whether notes say something of something: 'XOR: not separable', 'no line -> weights cycle'."""
    return texts.count(":") > 1 or not _ARROWS.isdisjoint(texts)


def _clauses(texts: Sequence[str]) -> list[list[str]]:
    """Give the texts between the signs."""
    clauses: list[list[str]] = [[]]
    for text in texts:
        if text in _SIGNS:
            clauses.append([])
        else:
            clauses[-1].append(text)
    return [clause for clause in clauses if clause]


def has_statement(parts: Sequence[Part]) -> bool:
    """Tell whether any part of an answer states something."""
    return any(part.said and len(part.words) > 1 for part in parts)
