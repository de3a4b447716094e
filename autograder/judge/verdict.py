"""From checks to verdicts: the score of one graded cell, and why."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from autograder.errors import GraderError, StudentError
from autograder.judge.checks import Check, seed_of
from autograder.judge.foresight import Foresight
from autograder.judge.student import Request, Student
from autograder.results import CellResult, CheckResult, Outcome
from autograder.sandbox.replies import Answers

_WRONG = "The answer is not right."


class Bench:
    """The checks of an assignment at work on one submission.

    `new_student` gives a Student who knows these answers already, and `ask` makes batches of calls in one message,
    or gives None where it cannot.
    """

    def __init__(
        self,
        new_student: Callable[[dict[Request, Answers]], Student],
        ask: Callable[[Sequence[Request]], Sequence[Answers] | None],
        foresight: Foresight,
        secret: bytes,
    ) -> None:
        self._new_student = new_student
        self._ask = ask
        self._foresight = foresight
        self._secret = secret

    def judge_cell(self, checks: Sequence[Check], max_score: float) -> CellResult:
        """Run the checks of one cell, in an order that student code cannot foresee and a regrade repeats."""
        order = list(checks)
        seed = seed_of(self._secret, "order", *(check.id for check in checks))
        np.random.default_rng(seed).shuffle(order)
        results = self._judge_all(order)
        earned = sum(result.points for result in results.values())
        # Points that are split over parameters add up to a float's last digit only.
        score = min(max_score, round(earned, 6))
        return CellResult(score, max_score, checks=[results[check.id] for check in checks])

    def _judge_all(self, order: Sequence[Check]) -> dict[str, CheckResult]:
        results: dict[str, CheckResult] = {}
        known: dict[Request, Answers] = {}
        ahead = 0
        for number, check in enumerate(order):
            if number >= ahead:
                known = self._foresight.ahead(order[number:], self._ask)
                ahead = number + max(1, len(known))
            results[check.id] = judge(check, self._new_student(known), self._secret)
        return results


def judge(check: Check, student: Student, secret: bytes) -> CheckResult:
    """Run one check. Raises GraderError where the check, not the student, is at fault."""
    fixtures = _fixtures(check, student, secret)
    try:
        check.run(fixtures)
    except StudentError as error:
        return _result(check, student, "failed", str(error))
    except (AssertionError, pytest.fail.Exception):
        # What a bare assert says would show what was expected.
        return _result(check, student, "failed", _WRONG)
    except pytest.skip.Exception as skipped:
        return _result(check, student, "skipped", str(skipped.msg))
    except GraderError as error:
        raise GraderError(f"{check.where}: {error}") from error
    except Exception as error:
        raise GraderError(f"{check.where} raised {type(error).__name__}: {error}") from error
    return _result(check, student, "passed", "")


def _fixtures(check: Check, student: Student, secret: bytes) -> dict[str, object]:
    fixtures: dict[str, object] = {"student": student}
    if "rng" in check.fixtures:
        fixtures["rng"] = check.rng(secret)
    if "inputs" in check.fixtures:
        try:
            fixtures["inputs"] = check.inputs(secret)
        except Exception as error:
            raise GraderError(f"{check.where}: its inputs raised {type(error).__name__}: {error}") from error
    return fixtures


def _result(check: Check, student: Student, outcome: Outcome, message: str) -> CheckResult:
    failed = outcome == "failed"
    return CheckResult(
        id=check.id,
        title=check.title,
        outcome=outcome,
        points=0.0 if failed else check.points,
        max_points=check.points,
        message=message,
        hint=check.hint if failed else "",
        calls=student.last_calls() if failed else [],
    )
