"""From checks to verdicts: the score of one graded cell, and why."""

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from autograder.errors import GraderError, StudentError
from autograder.judge.checks import Check
from autograder.judge.student import Student
from autograder.results import CellResult, CheckResult, Outcome

_WRONG = "The answer is not right."


def judge_cell(
    checks: Sequence[Check], max_score: float, new_student: Callable[[], Student], secret: bytes
) -> CellResult:
    """Run the checks of one cell, in an order that student code cannot foresee and a regrade repeats."""
    order = list(checks)
    np.random.default_rng(_seed(secret, "order", *(check.id for check in checks))).shuffle(order)
    results = {check.id: judge(check, new_student(), secret) for check in order}
    earned = sum(result.points for result in results.values())
    # Points that are split over parameters add up to a float's last digit only.
    score = min(max_score, round(earned, 6))
    return CellResult(score, max_score, checks=[results[check.id] for check in checks])


def judge(check: Check, student: Student, secret: bytes) -> CheckResult:
    """Run one check. Raises GraderError where the check, not the student, is at fault."""
    try:
        check.run({"student": student, "rng": inputs_for(check.id, secret)})
    except StudentError as error:
        return _result(check, student, "failed", str(error))
    except AssertionError:
        # What a bare assert says would show what was expected.
        return _result(check, student, "failed", _WRONG)
    except pytest.skip.Exception as skipped:
        return _result(check, student, "skipped", str(skipped.msg))
    except GraderError as error:
        raise GraderError(f"{check.where}: {error}") from error
    except Exception as error:
        raise GraderError(f"{check.where} raised {type(error).__name__}: {error}") from error
    return _result(check, student, "passed", "")


def inputs_for(check_id: str, secret: bytes) -> np.random.Generator:
    """Give a check's random numbers: the same for all students, so that equal answers get equal verdicts."""
    return np.random.default_rng(_seed(secret, "inputs", check_id))


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


def _seed(secret: bytes, *names: str) -> int:
    return int.from_bytes(
        hashlib.sha256(b"\0".join([secret, *(name.encode() for name in names)])).digest()[:8]
    )
