"""A written answer as its hidden checks see it, and their verdict on it.

    def test_says_what_is_drawn(answer):
        answer.holds("model")

What a check asks for is a criterion of `rubric.toml`. Where the marker is in doubt nothing is claimed: the check counts
as skipped, and a person reads the answer.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import msgspec
import pytest

from autograder.errors import GraderError, StudentError
from autograder.judge.checks import Check
from autograder.judge.trial import waived
from autograder.results import CellResult, CheckResult, CriterionMark
from autograder.written.marker import Marker, Marking

Way = Literal["provisional", "suggest", "off"]

_MOST_QUOTED = 200


class Doubt(Exception):  # noqa: N818  # it is no error
    """The marker does not know whether the answer holds the criterion. `likely` is its guess."""

    def __init__(self, *, likely: bool) -> None:
        super().__init__("A person has still to read this.")
        self.likely = likely


class Answer:
    """What a student has written, and what the marker makes of it."""

    def __init__(self, text: str, marking: Marking) -> None:
        self.text = text
        self._marking = marking
        self._asked: dict[str, CriterionMark] = {}

    def holds(self, criterion: str) -> None:
        """Assert that the answer says what the criterion asks for. Raises StudentError where it does not."""
        mark = self._marking.criteria.get(criterion)
        if mark is None:
            known = ", ".join(self._marking.criteria)
            raise GraderError(f"the check asks for '{criterion}'; the criteria of rubric.toml are: {known}")
        self._asked[criterion] = mark
        if mark.state == "unsure":
            raise Doubt(likely=mark.likely)
        if mark.state == "denied":
            raise StudentError(f"This speaks against it: {_shown(mark.quote)}" if mark.quote else "")

    @property
    def asked(self) -> frozenset[str]:
        """The criteria that it was asked for."""
        return frozenset(self._asked)

    def said(self) -> str:
        """Quote the words by which the criteria that were asked for are met."""
        quotes = [_shown(mark.quote) for mark in self._asked.values() if mark.quote]
        return f"You say: {' and '.join(quotes)}" if quotes else ""


def _shown(quote: str) -> str:
    text = " ".join(quote.split())
    return f"“{text}”" if len(text) <= _MOST_QUOTED else f"“{text[:_MOST_QUOTED]}…”"


def judge_answer(
    checks: Sequence[Check],
    text: str,
    marker: Marker,
    max_score: float,
    *,
    way: Way,
    given: Mapping[str, str] = MappingProxyType({}),
) -> CellResult:
    """Mark an answer, and run the checks of its cell. A high-confidence mark is a score where the way is provisional.

    `given` are the checks that everybody is given, each with the reason. Raises GraderError where a check is at fault.
    """
    marking = marker.mark(text)
    judged = [
        (waived(check, given[check.id]), True) if check.id in given else _judge(check, Answer(text, marking))
        for check in checks
    ]
    suggested = min(
        max_score,
        round(sum(check.points for check, (_, likely) in zip(checks, judged, strict=True) if likely), 6),
    )
    scored = way == "provisional" and marking.confidence == "high"
    return CellResult(
        suggested if scored else None,
        max_score,
        needs_review=True,
        checks=[result for result, _ in judged],
        suggested=suggested,
        confidence=marking.confidence,
        criteria=marking.criteria,
        flags=marking.flags,
    )


def asked_for(check: Check, marker: Marker) -> frozenset[str]:
    """Give the criteria that a check asks for. Raises GraderError where it is at fault."""
    nothing = marker.mark("")
    met = {
        name: msgspec.structs.replace(mark, state="met", likely=True)
        for name, mark in nothing.criteria.items()
    }
    answer = Answer("", msgspec.structs.replace(nothing, criteria=met))
    _judge(check, answer)
    return answer.asked


def judge_untouched(checks: Sequence[Check], max_score: float, given: Mapping[str, str]) -> CellResult:
    """Give the verdict on an answer that was left as it was handed out: only what everybody is given."""
    results = [waived(check, given[check.id]) for check in checks if check.id in given]
    return CellResult(
        min(max_score, round(sum(each.points for each in results), 6)), max_score, checks=results
    )


def _judge(check: Check, answer: Answer) -> tuple[CheckResult, bool]:
    """Run one check. Gives its result, and whether the criterion is likely met."""
    try:
        check.run({"answer": answer})
    except StudentError as error:
        return _result(check, "failed", str(error)), False
    except (AssertionError, pytest.fail.Exception):
        return _result(check, "failed", ""), False
    except pytest.skip.Exception as skipped:
        return msgspec.structs.replace(_result(check, "skipped", str(skipped.msg)), points=check.points), True
    except Doubt as doubt:
        return _result(check, "skipped", str(doubt)), doubt.likely
    except GraderError as error:
        raise GraderError(f"{check.where}: {error}") from error
    except Exception as error:
        raise GraderError(f"{check.where} raised {type(error).__name__}: {error}") from error
    return _result(check, "passed", answer.said()), True


def _result(check: Check, outcome: Literal["passed", "failed", "skipped"], message: str) -> CheckResult:
    return CheckResult(
        id=check.id,
        title=check.title,
        outcome=outcome,
        points=check.points if outcome == "passed" else 0.0,
        max_points=check.points,
        message=message,
        hint=check.hint if outcome == "failed" else "",
    )
