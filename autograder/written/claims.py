"""Which claims of a rubric an answer makes or denies, and with which words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.written.clauses import Part
from autograder.written.rubric import Claim, Criterion, Rubric, counted
from autograder.written.words import Hit, Phrases

_REACH = 7
"""How many words before a claim a negation may stand that still belongs to it."""
_SHORT = 7
_SHORTEST = 4


@dataclass(frozen=True)
class Finding:
    """That an answer makes a claim of a criterion, or speaks against it; places are those of the text read."""

    criterion: str
    holds: bool
    start: int
    end: int
    sure: bool


@dataclass(frozen=True)
class Read:
    """A part of an answer, with the phrases found in it."""

    part: Part
    hits: Sequence[Hit]


class Finder:
    """Finds the claims of a rubric."""

    def __init__(self, rubric: Rubric) -> None:
        self._rubric = rubric
        self._phrases = Phrases(rubric.concepts)

    def read(self, parts: Sequence[Part]) -> list[Read]:
        """Find the rubric's concepts in each part."""
        return [Read(part, self._phrases.find(part.texts())) for part in parts]

    def find(self, reads: Sequence[Read]) -> list[Finding]:
        """Give all that is claimed and denied."""
        found: list[Finding] = []
        for criterion in self._rubric.criteria:
            for before, read in zip([None, *reads], reads, strict=False):
                found += _of_part(criterion, read, before)
            found += _of_answer(criterion, reads)
        return _taken_back(found, reads)


def _taken_back(found: list[Finding], reads: Sequence[Read]) -> list[Finding]:
    """Turn round what the writer takes back later, as by 'none of this is true', or denies beforehand."""
    end = -1
    for before, read in zip([None, *reads], reads, strict=False):
        last = before is not None and before.part.said and not before.part.guessed
        contradicted = before is not None and any(
            not finding.holds
            and finding.start >= before.part.words[0].start
            and finding.end <= before.part.words[-1].end
            for finding in found
        )
        if read.part.takes_back or (read.part.takes_last_back and last and not contradicted):
            end = read.part.words[0].start
    begin = min((read.part.words[0].start for read in reads if read.part.denies_rest), default=None)
    return [
        Finding(finding.criterion, False, finding.start, finding.end, True)
        if finding.holds and (finding.start < end or (begin is not None and finding.start >= begin))
        else finding
        for finding in found
    ]


def _of_part(criterion: Criterion, read: Read, before: Read | None) -> Iterator[Finding]:
    for against, claims in ((False, criterion.claims), (True, criterion.contradictions)):
        for claim in claims:
            if claim.scope == "part":
                yield from _claimed(criterion.id, claim, read, against=against)
                if before is not None and claim.negated and not against:
                    yield from _elliptic(criterion.id, claim, read, before)


def _claimed(criterion: str, claim: Claim, read: Read, *, against: bool) -> Iterator[Finding]:
    part = read.part
    if not against and (part.reported or part.toggles) and not part.question:
        # Somebody else's words, or denied ones: no full mark rests on an answer that plays with them.
        for first, last in _places(claim, read.hits):
            start, end = part.words[first].start, part.words[min(last, len(part.words)) - 1].end
            yield Finding(criterion, False, start, end, False)
    if not (
        part.said
        or (part.supposed and not part.question and not part.reported and (against or claim.supposed_too))
    ):
        return
    if _near(claim.unless, read.hits):
        return
    for first, last in _places(claim, read.hits):
        negated = _is_negated(part, claim, read.hits, first, last)
        right = claim.any_sign or negated == claim.negated
        start, end = part.words[first].start, part.words[min(last, len(part.words)) - 1].end
        if negated and part.negations and not part.toggles:
            start = min(start, part.words[_first_negation(part, first)].start)
        if right:
            yield Finding(criterion, not against, start, end, not (claim.weak or part.guessed))
        elif claim.opposite_denies:
            yield Finding(criterion, against, start, end, not (claim.weak or part.guessed))


def _first_negation(part: Part, first: int) -> int:
    return min((at for at in part.negations if first - _REACH <= at), default=first)


def _near(names: Sequence[str], hits: Sequence[Hit]) -> bool:
    return any(hit.concept in names for hit in hits)


def _places(claim: Claim, hits: Sequence[Hit]) -> Iterator[tuple[int, int]]:
    """Give where all concepts of a claim lie near each other: one place for each hit of the first concept."""
    wanted = [frozenset(part.split("|")) for part in claim.all]
    groups = [[hit for hit in hits if hit.concept in names] for names in wanted]
    if not all(groups):
        return
    for hit in groups[0]:
        if len(groups) == 1:
            yield hit.first, hit.last
        for other in groups[1] if len(groups) > 1 else ():
            if _distance(other, hit) <= claim.within and not _overlaps(other, {(hit.first, hit.last)}):
                place = _with_rest(claim, (hit, other), groups[2:])
                if place is not None:
                    yield place


def _with_rest(
    claim: Claim, pair: tuple[Hit, Hit], groups: Sequence[Sequence[Hit]]
) -> tuple[int, int] | None:
    """Give from where to where a claim reaches, with the nearest hits of its other concepts; None if they are far."""
    taken = list(pair)
    for group in groups:
        used = {(hit.first, hit.last) for hit in taken}
        fitting = [hit for hit in group if not _overlaps(hit, used)]
        nearest = min(
            fitting, key=lambda hit: max(_distance(hit, pair[0]), _distance(hit, pair[1])), default=None
        )
        if nearest is None or _distance(nearest, pair[0]) > claim.within:
            return None
        taken.append(nearest)
    return min(hit.first for hit in taken), max(hit.last for hit in taken)


def _overlaps(hit: Hit, used: set[tuple[int, int]]) -> bool:
    return any(hit.first < last and first < hit.last for first, last in used)


def _distance(one: Hit, other: Hit) -> int:
    return max(one.first - other.last, other.first - one.last, 0)


def _is_negated(part: Part, claim: Claim, hits: Sequence[Hit], first: int, last: int) -> bool:
    """Tell whether the claim that lies here is denied. Two denials are none."""
    inside = [hit.first for hit in hits if first <= hit.first < last]
    shields = [hit.first for hit in hits if hit.concept in claim.shields]
    own = {name for part in claim.all for name in part.split("|")}
    covered = {
        at
        for hit in hits
        if hit.concept in own and first <= hit.first and hit.last <= last
        for at in range(hit.first, hit.last)
    }
    commas = [at for at, word in enumerate(part.words[:first]) if word.text == ","]
    count = int(any(at < first and not any(at < comma for comma in commas) for at in part.toggles))
    plain = False
    for at in part.negations:
        if not first - _REACH <= at < last or at in covered:
            continue
        following = min((place for place in inside if place > at), default=None)
        if following is None or any(at < barrier < following for barrier in part.barriers):
            continue
        if not any(at < shield <= following and shield not in inside for shield in shields):
            plain = True
    plain = plain or any(last <= at <= last + 1 for at in part.late)
    count += plain + any(last <= at <= last + _REACH for at in part.refutations) and not any(
        last <= barrier < at for barrier in part.barriers for at in part.refutations if barrier < at
    )
    return count % 2 == 1


def _elliptic(criterion: str, claim: Claim, read: Read, before: Read) -> Iterator[Finding]:
    """Understand 'XOR is not' or 'No, it cannot' by the part before it."""
    part = read.part
    longest = _SHORT if before.part.question else _SHORTEST
    if (
        not part.said
        or len(part.words) > longest
        or len(part.negations) not in (1, 2)
        or _places_any(claim, read.hits)
    ):
        return
    if before.part.reported or before.part.negations:
        return
    for _first, _last in _places(claim, before.hits):
        yield Finding(criterion, True, before.part.words[0].start, part.words[-1].end, True)
        return


def _places_any(claim: Claim, hits: Sequence[Hit]) -> bool:
    return next(_places(claim, hits), None) is not None


def _of_answer(criterion: Criterion, reads: Sequence[Read]) -> Iterator[Finding]:
    for claim in criterion.claims:
        if claim.scope != "answer":
            continue
        usable = [read for read in reads if not read.part.question and not read.part.reported]
        counts = Counter(hit.concept for read in usable for hit in read.hits)
        if any(counts[name] for name in claim.unless):
            continue
        wanted = [[counted(name) for name in part.split("|")] for part in claim.all]
        if all(any(counts[name] >= number for name, number in part) for part in wanted):
            names = {name for part in wanted for name, _ in part}
            places = [
                (
                    read.part.words[hit.first].start,
                    read.part.words[min(hit.last, len(read.part.words)) - 1].end,
                )
                for read in usable
                for hit in read.hits
                if hit.concept in names and hit.first < len(read.part.words)
            ]
            start, end = min(start for start, _ in places), max(end for _, end in places)
            yield Finding(criterion.id, True, start, end, not claim.weak)
