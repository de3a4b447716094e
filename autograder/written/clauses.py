"""An answer cut into sentences and their parts, and how each is meant: said, asked, supposed, reported or guessed.

The words of this module are those of language, not of a topic: negation, questions, conditions, reports.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.written.language import KINDS, SAYING, WORDS
from autograder.written.words import Hit, Word

_STOPS = frozenset(".!?;\n…")
_LONGEST = 80
"""How many words of a sentence are read together."""


@dataclass(frozen=True)
class Part:
    """A part of a sentence: its words, the places of negations in it, and how it is meant."""

    words: Sequence[Word]
    negations: tuple[int, ...]
    """Places of words that negate what follows them."""
    toggles: tuple[int, ...]
    """Places of phrases that deny all that follows: 'it is a myth that …'."""
    refutations: tuple[int, ...]
    """Places of words that deny what stands before them: '… is false'."""
    late: tuple[int, ...]
    """Places of words that may negate the verb before them, as in German or Dutch."""
    barriers: frozenset[int]
    question: bool
    supposed: bool
    reported: bool
    guessed: bool
    takes_back: bool
    """Whether it denies all before it."""
    takes_last_back: bool
    """Whether it denies what was said last: 'this is wrong'."""
    denies_rest: bool
    """Whether it denies all that comes after it: 'none of the following is true'."""
    of_others: bool
    """Whether it speaks of what others hold, or takes back what the writer said: 'she is right', 'scratch that'."""

    @property
    def said(self) -> bool:
        """Whether the writer states it."""
        return not (self.question or self.supposed or self.reported)

    def texts(self) -> list[str]:
        """Give the words alone."""
        return [word.text for word in self.words]


def parts_of(words: Sequence[Word]) -> list[Part]:
    """Cut an answer into parts, in their order."""
    parts, supposed = [], False
    for sentence, stop in _sentences(words):
        texts = [word.text for word in sentence]
        hits = SAYING.find(texts)
        if_at = min((hit.first for hit in hits if hit.concept == "if"), default=None)
        unreal = bool(WORDS["supposed"].intersection(texts) or any(text.endswith("'d") for text in texts))
        supposed = texts[0] in WORDS["supposing"] or (
            unreal and (if_at is not None or (supposed and texts[0] == "then"))
        )
        for begin, end in _turns(texts):
            # A sentence without an end is cut, so that reading it takes no longer than many short ones.
            for at in range(begin, end, _LONGEST):
                piece = sentence[at : min(at + _LONGEST, end)]
                parts.append(_part(piece, question=stop == "?", supposed=supposed))
    return parts


def _sentences(words: Sequence[Word]) -> Iterator[tuple[list[Word], str]]:
    sentence: list[Word] = []
    for word in words:
        if word.text not in _STOPS:
            sentence.append(word)
        elif word.text == "." and sentence and sentence[-1].text in WORDS["abbreviated"]:
            continue
        elif sentence:
            yield sentence, word.text
            sentence = []
    if sentence:
        yield sentence, ""


def _turns(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Cut a sentence where it turns: '… but …'."""
    begin = 0
    for at, text in enumerate(texts):
        if text in WORDS["turns"] and at > begin:
            yield begin, at
            begin = at
    if begin < len(texts):
        yield begin, len(texts)


def _part(words: Sequence[Word], *, question: bool, supposed: bool) -> Part:
    texts = [word.text for word in words]
    hits = SAYING.find(texts)
    of = {name: [hit for hit in hits if hit.concept == name] for name in KINDS}
    taken = {
        at
        for name in ("idle", "untrue", "refuted", "but_not")
        for hit in of[name]
        for at in range(hit.first, hit.last)
    }
    return Part(
        words=words,
        negations=tuple(sorted({hit.first for hit in of["not"]} - taken)),
        toggles=tuple(_apart(of["untrue"])),
        refutations=tuple(hit.first for hit in of["refuted"]),
        late=tuple(at for at, text in enumerate(texts) if text in WORDS["late"]),
        barriers=frozenset(at for at, text in enumerate(texts) if text in WORDS["barriers"]),
        question=question,
        supposed=supposed,
        reported=bool(of["reported"]),
        guessed=bool(of["guess"]),
        takes_back=bool(of["takes_back"]),
        takes_last_back=bool(of["takes_last_back"]),
        denies_rest=bool(of["denies_rest"]),
        of_others=bool(of["of_others"]),
    )


def _apart(hits: Sequence[Hit]) -> Iterator[int]:
    """Give where phrases begin that do not lie in each other; they come in the order in which they begin."""
    end = -1
    for hit in hits:
        if hit.first >= end:
            yield hit.first
        end = max(end, hit.last)
