"""From checks to verdicts: the score of one graded cell, and why."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from autograder.errors import GraderError, StudentError
from autograder.judge.checks import Check, seed_of
from autograder.judge.student import Student
from autograder.results import CellResult, CheckResult, Outcome

_WRONG = "The answer is not right."


def judge_cell(
    checks: Sequence[Check], max_score: float, new_student: Callable[[], Student], secret: bytes
) -> CellResult:
    """Run the checks of one cell, in an order that student code cannot foresee and a regrade repeats."""
    order = list(checks)
    np.random.default_rng(seed_of(secret, "order", *(check.id for check in checks))).shuffle(order)
    results = {check.id: judge(check, new_student(), secret) for check in order}
    earned = sum(result.points for result in results.values())
    # Points that are split over parameters add up to a float's last digit only.
    score = min(max_score, round(earned, 6))
    return CellResult(score, max_score, checks=[results[check.id] for check in checks])


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
