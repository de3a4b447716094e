"""How likely an answer meets each criterion, by what the two opinions found of it: rules, and the mix.

A logistic regression, one for all criteria but for where each begins and how far each opinion of it is to be trusted.
It is fitted on answers that the rules were not written on, with what the mix says of them when it has not seen them:
so it knows how far either is to be trusted (stacked generalisation, Wolpert 1992).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograder.written.claims import Finding

Row = np.ndarray[tuple[int], np.dtype[np.float32]]
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]

_LEAST = 1e-3
"""No chance counts as less than this, nor as nearer to certain."""
_LIKENESS = 3.0


@dataclass(frozen=True)
class Ruled:
    """What rules found of one criterion: a sure finding for it, any for it, a sure one against it, any against it."""

    sure_for: bool
    any_for: bool
    sure_against: bool
    any_against: bool

    @classmethod
    def of(cls, criterion: str, findings: Sequence[Finding]) -> "Ruled":
        """Sum up the findings of a criterion."""
        own = [finding for finding in findings if finding.criterion == criterion]
        return cls(
            any(finding.holds and finding.sure for finding in own),
            any(finding.holds for finding in own),
            any(not finding.holds and finding.sure for finding in own),
            any(not finding.holds for finding in own),
        )

    @property
    def chance(self) -> float:
        """How likely the criterion is met, by the rules alone."""
        if self.sure_against:
            return 0.0
        return 0.9 if self.sure_for else 0.6 if self.any_for else 0.05


def stacked_features(
    ruled: Sequence[Ruled], mixed: Row, likeness: Matrix | None, *, length: int, others: bool
) -> Matrix:
    """Give what the stack looks at, a row a criterion, shape (n_criteria, n_features).

    `mixed` are the mix's chances, `likeness` the sentence model's part, shape (n_criteria, 3), `length` the characters
    of the answer. `others` says that it speaks of others' views, or takes back its own.
    """
    chances = np.clip(mixed, _LEAST, 1 - _LEAST)
    odds = np.log(chances / (1 - chances))
    answer = [
        np.log1p(length) / 5,
        min(float(odds.mean()), 3.0),
        float(any(each.sure_against for each in ruled)),
    ]
    rows = []
    for number, found in enumerate(ruled):
        own = np.eye(len(ruled))[number]
        rules = [
            *(found.sure_for, found.any_for, found.sure_against, found.any_against),
            found.sure_for and not found.sure_against,
        ]
        told = [others, others and found.sure_for, others and found.any_for]
        like = [] if likeness is None else _LIKENESS * likeness[number]
        apart = [own, own * odds[number], own * found.sure_for, own * found.sure_against]
        rows.append(np.concatenate([[odds[number]], rules, told, answer, like, *apart]))
    return np.array(rows, dtype=np.float32)


def logistic(rows: Matrix, weights: Matrix | Row, bias: float) -> Row:
    """Give the chances of a fitted logistic regression, one for each row."""
    chances: Row = (1 / (1 + np.exp(-(rows @ weights + bias)))).astype(np.float32)
    return chances
