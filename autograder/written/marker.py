"""The marker: reads an answer, finds what it claims, and says how sure it is. Built once, used for a class."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from autograder.results import CriterionMark
from autograder.written import gate
from autograder.written.claims import Finder, Finding, Read
from autograder.written.clauses import Part, parts_of
from autograder.written.mix import FILE, Evidence, Meaning, Mix, plain_features
from autograder.written.rubric import Rubric, load
from autograder.written.semantic import sentence_model
from autograder.written.stack import Ruled, stacked_features
from autograder.written.visible import Visible, read
from autograder.written.words import Word, words_of

Confidence = Literal["high", "low"]

FLAGS = (
    gate.EMPTY, gate.COPIED, gate.INSTRUCTIONS, gate.TERMS, gate.OFF_TOPIC, gate.LANGUAGE, gate.PICTURE, gate.HIDDEN,
    gate.LONG, gate.OTHERS,
)  # fmt: skip
_WORTHLESS = frozenset({gate.TERMS, gate.OFF_TOPIC, gate.EMPTY})
_NEVER_FULL = frozenset({gate.INSTRUCTIONS, gate.OTHERS})
_LIKELY, _LIKELY_IN_DOUBT = 0.5, 0.8
"""What is suggested. More is asked of an idea for which there are no words where the answer denies any, or is odd."""
_SURE = 0.65
"""How likely a criterion must be met, or not, for a mark that stands by itself."""
_PLACEHOLDER = re.compile(r"\W*(?:your answer here|todo|n/?a|none|idk|tbd|\?+|\.*)\W*", re.IGNORECASE)


class Marking(msgspec.Struct, frozen=True):
    """The mark of an answer: `score` only where confidence is high; `suggested` always, in points from 0."""

    score: float | None
    suggested: float
    confidence: Confidence
    criteria: dict[str, CriterionMark]
    flags: list[str] = []


class Marker:
    """Marks answers by a rubric.

    `given` is what students had before them: the prompt and the notebook's own text. The sentence model is loaded at
    the first answer, and only where `semantic` is true and the extra is installed.
    """

    def __init__(
        self, rubric: Rubric, mix: Mix | None, given: Sequence[str] = (), *, semantic: bool = True
    ) -> None:
        self.rubric = rubric
        self._mix = mix
        self._finder = Finder(rubric)
        self._sources = gate.Sources.of(given)
        self._semantic = semantic
        self.mark = functools.lru_cache(maxsize=5_000)(self._mark)  # equal answers are marked once

    @functools.cached_property
    def _meaning(self) -> Meaning | None:
        model = sentence_model() if self._semantic else None
        return None if model is None else Meaning(self.rubric, model, self._mix.known if self._mix else {})

    def _mark(self, answer: str) -> Marking:
        """Mark an answer. Never raises, whatever is in it."""
        seen, evidence, parts = self.look(answer)
        if gate.EMPTY in evidence.flags:
            return self._nothing(evidence.flags)
        meaning, nearest = (
            self._meaning.features(evidence.sentences) if self._meaning is not None else (None, [])
        )
        chances = self.chances(evidence, meaning)
        likely = _likely(self._ruled(evidence), evidence, chances)
        marks = {}
        for number, criterion in enumerate(self.rubric.criteria):
            own = [finding for finding in evidence.findings if finding.criterion == criterion.id]
            near = parts[nearest[number]] if nearest and parts else None
            chance = chances[number]
            sure = (chance if likely[number] else 1 - chance) >= _SURE
            marks[criterion.id] = _criterion(own, seen, parts, near, likely=likely[number], sure=sure)
        return _whole(marks, evidence.flags, abstain=self._mix is None)

    def look(self, answer: str) -> tuple[Visible, Evidence, list[Part]]:
        """Read an answer: what is seen of it, and all that rules and gate find in it."""
        seen = read(answer)
        words = words_of(seen.text)
        own, copied = gate.without_copies(words, self._sources)
        own, instructs = gate.without_instructions(own)
        parts = parts_of(own)
        reads = self._finder.read(parts)
        findings = self._finder.find(reads)
        flags = {
            gate.COPIED: copied,
            gate.INSTRUCTIONS: instructs,
            gate.HIDDEN: any(letter.isalnum() for letter in seen.hidden) or seen.hidden.count("\u200b") > 1,
            gate.PICTURE: seen.pictures > 0,
            gate.LONG: seen.cut,
            gate.OTHERS: any(part.of_others for part in parts),
            gate.LANGUAGE: gate.is_other_language(own, self.rubric.language),
            gate.OFF_TOPIC: self._is_off_topic(own, reads, findings),
            gate.EMPTY: not own
            or not any(word.text.isalnum() or len(word.text) > 1 for word in own)
            or _is_blank(seen, own),
        }
        if not flags[gate.LANGUAGE]:
            flags[gate.TERMS] = gate.is_list_of_terms(own, _covered(reads))
        raised = frozenset(name for name, is_raised in flags.items() if is_raised)
        sentences = [seen.text[part.words[0].start : part.words[-1].end] for part in parts]
        text = " ".join(word.text for word in own)
        return seen, Evidence(text, sentences, findings, raised), parts

    def _is_off_topic(
        self, words: Sequence[Word], reads: Sequence[Read], findings: Sequence[Finding]
    ) -> bool:
        if len(words) < 4 or any(finding.holds and finding.sure for finding in findings):
            return False
        concepts = {hit.concept for read in reads for hit in read.hits}
        return not concepts & set(self.rubric.topic)

    def features(self, evidence: Evidence) -> tuple[np.ndarray, np.ndarray | None]:
        """Give what the mix looks at, without and with the sentence model; for fitting it."""
        plain = plain_features(evidence, FLAGS)
        return plain, None if self._meaning is None else self._meaning.features(evidence.sentences)[0]

    def chances(self, evidence: Evidence, meaning: np.ndarray | None) -> list[float]:
        """Give how likely each criterion is met: by rules and mix together, or by rules alone where there is no mix."""
        if self._mix is None:
            return [ruled.chance for ruled in self._ruled(evidence)]
        mixed = self._mix.chances(plain_features(evidence, FLAGS), meaning)
        rows = self.stacked(evidence, mixed, meaning)
        return [float(chance) for chance in self._mix.stacked(rows, meaning=meaning is not None)]

    def stacked(self, evidence: Evidence, mixed: np.ndarray, meaning: np.ndarray | None) -> np.ndarray:
        """Give what the stack looks at, beside what the mix says; for fitting it too."""
        count = len(self.rubric.criteria)
        return stacked_features(
            self._ruled(evidence),
            mixed,
            None if meaning is None else meaning[: 3 * count].reshape(count, 3),
            length=len(evidence.text),
            others=gate.OTHERS in evidence.flags,
        )

    def _ruled(self, evidence: Evidence) -> list[Ruled]:
        return [Ruled.of(criterion.id, evidence.findings) for criterion in self.rubric.criteria]

    def _nothing(self, flags: frozenset[str]) -> Marking:
        marks = {
            c.id: CriterionMark("denied", likely=False, reason="there is no answer")
            for c in self.rubric.criteria
        }
        certain = flags <= {gate.EMPTY, gate.COPIED, gate.HIDDEN}
        return Marking(0.0 if certain else None, 0.0, "high" if certain else "low", marks, _sorted(flags))


def load_marker(folder: Path, given: Sequence[str], *, semantic: bool = True) -> Marker | None:
    """Give the marker of an assignment's folder; None where it has no rubric. Raises InstructorError."""
    path = folder / "rubric.toml"
    if not path.is_file():
        return None
    rubric = load(path)
    mix = Mix.load(folder / FILE, [criterion.id for criterion in rubric.criteria])
    return Marker(rubric, mix, given, semantic=semantic)


def _covered(reads: Sequence[Read]) -> int:
    """Count the words that stand for a concept."""
    return sum(len({at for hit in read.hits for at in range(hit.first, hit.last)}) for read in reads)


def _is_blank(seen: Visible, own: Sequence[Word]) -> bool:
    return len(own) <= 4 and _PLACEHOLDER.fullmatch(seen.text.strip()) is not None


def _likely(ruled: Sequence[Ruled], evidence: Evidence, chances: Sequence[float]) -> list[bool]:
    """Give the best guess of each criterion, and no full mark where rules forbid one."""
    if evidence.flags & _WORTHLESS:
        return [False] * len(chances)
    doubtful = bool(evidence.flags) or any(each.any_against for each in ruled)
    without_words = _LIKELY_IN_DOUBT if doubtful else _LIKELY
    likely = [
        chance >= (_LIKELY if each.any_for else without_words) and (each.any_for or not each.any_against)
        for chance, each in zip(chances, ruled, strict=True)
    ]
    if gate.OTHERS in evidence.flags:
        # Whose view a sentence is cannot be told: what counts is only what is said plainly, and by nothing denied.
        likely = [
            guess and each.any_for and not each.any_against for guess, each in zip(likely, ruled, strict=True)
        ]
    if all(likely) and not _may_be_full(ruled, evidence):
        likely[chances.index(min(chances))] = False
    return likely


def _may_be_full(ruled: Sequence[Ruled], evidence: Evidence) -> bool:
    """Tell whether every criterion may be given: each has words of its own, nothing speaks against any."""
    return not evidence.flags & _NEVER_FULL and all(each.any_for and not each.any_against for each in ruled)


def _criterion(
    own: Sequence[Finding],
    seen: Visible,
    parts: Sequence[Part],
    near: Part | None,
    *,
    likely: bool,
    sure: bool,
) -> CriterionMark:
    """Give the mark of a criterion, with the words that it rests on. What is sure has words for it, or none."""
    for_it = sorted((f for f in own if f.holds), key=lambda f: (not f.sure, f.start - f.end))
    against = sorted((f for f in own if not f.holds), key=lambda f: not f.sure)
    claimed, opposed = bool(for_it and for_it[0].sure), bool(against and against[0].sure)

    def quoted(state: Literal["met", "denied", "unsure"], start: int, end: int, reason: str) -> CriterionMark:
        return CriterionMark(state, likely, seen.span(start, end), seen.text[start:end], reason)

    if sure and likely and claimed and not opposed:
        return quoted("met", for_it[0].start, for_it[0].end, "says so")
    if sure and not likely and not claimed:
        if against:
            first = against[0]  # of a weak one a word or two by themselves would convince nobody
            where = (first.start, first.end) if opposed else _clause(parts, first)
            return quoted("denied", *where, "says the opposite" if opposed else "does not say it")
        return CriterionMark("denied", likely, reason="nothing of it was found")
    places = (for_it if likely and for_it else against or for_it)[:1]
    if places:
        return quoted("unsure", places[0].start, places[0].end, "may be meant so")
    if likely and near is not None:
        return quoted("unsure", near.words[0].start, near.words[-1].end, "sounds like it")
    return CriterionMark("unsure", likely, reason="not found in words that are known")


def _clause(parts: Sequence[Part], finding: Finding) -> tuple[int, int]:
    """Give from where to where the clause reaches in which a finding begins."""
    part = next(part for part in parts if part.words[-1].end > finding.start)
    return part.words[0].start, max(part.words[-1].end, finding.end)


def _whole(marks: dict[str, CriterionMark], flags: frozenset[str], *, abstain: bool) -> Marking:
    suggested = float(sum(mark.likely for mark in marks.values()))
    settled = all(mark.state != "unsure" and mark.likely == (mark.state == "met") for mark in marks.values())
    high = settled and not flags and not abstain
    return Marking(suggested if high else None, suggested, "high" if high else "low", marks, _sorted(flags))


def _sorted(flags: frozenset[str]) -> list[str]:
    return [flag for flag in FLAGS if flag in flags]
