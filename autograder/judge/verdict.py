"""From checks to verdicts: the score of one graded cell, and why."""

from collections.abc import Mapping, Sequence

import numpy as np

from autograder.judge.checks import Check, seed_of
from autograder.judge.inquiry import Account, Inquiry
from autograder.judge.rules import Rules
from autograder.judge.trial import try_all, waived
from autograder.results import CellResult, CheckResult
from autograder.sandbox.run import NotebookRun


class Bench:
    """The checks of an assignment at work on one submission, whose cells are run by `run`."""

    def __init__(self, rules: Rules, run: NotebookRun) -> None:
        self._rules = rules
        self._run = run
        self._inquiry = Inquiry(rules, run)

    @property
    def accounts(self) -> Mapping[str, Account]:
        """How the checks of each cell so far were run."""
        return self._inquiry.accounts

    def judge_cell(self, grade_id: str, checks: Sequence[Check], max_score: float) -> CellResult:
        """Run the checks of one cell, in an order that student code cannot foresee and a regrade repeats."""
        order = [check for check in checks if check.id not in self._rules.waived]
        seed = seed_of(self._rules.secret, "order", *(check.id for check in order))
        np.random.default_rng(seed).shuffle(order)
        tries = try_all(order, self._rules, self._run)
        results: dict[str, CheckResult] = {each.check.id: each.result for each in tries}
        results |= self._inquiry.look(grade_id, tries)
        results |= {
            check.id: waived(check, reason)
            for check in checks
            if (reason := self._rules.waived.get(check.id))
        }
        earned = sum(result.points for result in results.values())
        # Points that are split over parameters add up to a float's last digit only.
        score = min(max_score, round(earned, 6))
        return CellResult(score, max_score, checks=[results[check.id] for check in checks])
