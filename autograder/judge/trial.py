"""Checks, run against one submission."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from autograder.errors import GraderError, StudentError
from autograder.judge.checks import Check
from autograder.judge.rules import Rules
from autograder.judge.student import Student
from autograder.results import CheckResult, Outcome
from autograder.sandbox.replies import Answers, LoopReply
from autograder.sandbox.requests import Request
from autograder.sandbox.run import NotebookRun


@dataclass(frozen=True)
class Try:
    """A check that was run, the student whom it asked, and what it found."""

    check: Check
    student: Student
    result: CheckResult

    @property
    def failed(self) -> bool:
        """Whether it cost points."""
        return self.result.outcome == "failed"


_WRONG = "The answer is not right."
_MOST_DETAIL = 2_000


def try_all(order: Sequence[Check], rules: Rules, run: NotebookRun) -> list[Try]:
    """Run checks in this order against the functions of a run as they are at its point."""
    tries: list[Try] = []
    known: dict[Request, Answers | LoopReply] = {}
    ahead = 0
    for number, check in enumerate(order):
        if number >= ahead:
            known = rules.foresight.ahead(order[number:], run.together)
            ahead = number + max(1, len(known))
        student = Student(run, rules.forms, rules.given, known)
        tries.append(Try(check, student, try_check(check, student, rules.secret)))
    return tries


def try_check(check: Check, student: Student, secret: bytes) -> CheckResult:
    """Run one check. Raises GraderError where the check, not the student, is at fault."""
    fixtures = _fixtures(check, student, secret)
    try:
        check.run(fixtures)
    except StudentError as error:
        return _result(check, student, "failed", str(error))
    except (AssertionError, pytest.fail.Exception) as error:
        # What a bare assert says would show what was expected.
        return _result(check, student, "failed", _WRONG, detail=str(error)[:_MOST_DETAIL])
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


def _result(check: Check, student: Student, outcome: Outcome, message: str, detail: str = "") -> CheckResult:
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
        detail=detail,
    )


def waived(check: Check, reason: str) -> CheckResult:
    """Give the result of a check that was taken back: everybody gets its points."""
    return CheckResult(
        id=check.id,
        title=check.title,
        outcome="skipped",
        points=check.points,
        max_points=check.points,
        message=f"Not counted, and given to everybody: {reason}",
    )
