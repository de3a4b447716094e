"""What the checks of a written answer make of the rubric's own sentences: those that say an idea, and near misses."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from autograder.judge.answers import asked_for, judge_answer
from autograder.judge.checks import Check
from autograder.written.marker import Marker


class WordingReport(msgspec.Struct, frozen=True):
    """What one check makes of sentences that say what it asks for, and of those that nearly do.

    `found` and `refused` came out as they must; `missed` and `taken` did not.
    """

    id: str
    cell: str
    title: str
    points: float
    found: list[str]
    missed: list[str]
    refused: list[str]
    taken: list[str]


class Said(msgspec.Struct, frozen=True):
    """One sentence before one check: whether it holds the idea, whether the check found it, and how sure it is."""

    text: str
    holds: bool
    found: bool
    is_sure: bool

    @property
    def is_right(self) -> bool:
        """Whether it came out as it must."""
        return self.found == self.holds

    @property
    def is_scored_wrong(self) -> bool:
        """Whether the wrong verdict would be a score. Else a person decides."""
        return self.is_sure and not self.is_right


Wording = Sequence[tuple[Check, Sequence[Said]]]
"""What became of the sentences before each check."""


def try_wording(answers: Mapping[str, Sequence[Check]], marker: Marker | None) -> Wording:
    """Put the sentences of a rubric before the checks of written answers, one by one."""
    if marker is None:
        return []
    return [(check, list(_said(check, marker))) for checks in answers.values() for check in checks]


def report_on(check: Check, said: Sequence[Said]) -> WordingReport:
    """Sum up what a check made of its sentences."""
    found, missed, refused, taken = (
        [each.text for each in said if (each.holds, each.is_right) == way]
        for way in ((True, True), (True, False), (False, True), (False, False))
    )
    return WordingReport(check.id, check.grade_id, check.title, check.points, found, missed, refused, taken)


def _said(check: Check, marker: Marker) -> Iterator[Said]:
    asked = asked_for(check, marker)
    for criterion in marker.rubric.criteria:
        if criterion.id in asked:
            for holds, texts in ((True, criterion.examples), (False, criterion.near_misses)):
                for text in texts:
                    yield _tried(check, text, marker, holds=holds)


def _tried(check: Check, text: str, marker: Marker, *, holds: bool) -> Said:
    """Let a check judge a sentence as if it were a whole answer."""
    verdict = judge_answer([check], text, marker, check.points, way="provisional")
    return Said(text, holds, found=bool(verdict.suggested), is_sure=verdict.score is not None)
