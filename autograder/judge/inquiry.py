"""Whose mistake a failed check shows: one function's own, or one that it builds on; and which mistake it is.

Where functions below were found wrong already, checks are tried once more with right ones in their place, and what
comes then counts: a check that failed is not paid for twice, and one that passed did so by two mistakes that cancel
out, or will pass again. A function that has the arithmetic of a wrong one written into it is known by what it does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product

import msgspec

from autograder.errors import InstructorError
from autograder.judge.deadline import Deadline
from autograder.judge.mistakes import Mistake
from autograder.judge.rules import Rules
from autograder.judge.trace import Made, explains, values_differ
from autograder.judge.trial import Try, try_all
from autograder.results import CheckResult
from autograder.sandbox.run import NotebookRun
from autograder.sandbox.standins import StandIns

# All mistakes of a function are tried on what a student's did in some milliseconds.
_MOST_SECONDS = 3.0


@dataclass(frozen=True)
class Account:
    """How the checks of a cell were run: as written, and over right functions in the place of those `below`."""

    first: Sequence[Try]
    below: Sequence[str] = ()
    second: Sequence[Try] = ()


class Inquiry:
    """What is known of one submission's functions. Cells are looked at in the order in which they are judged."""

    def __init__(self, rules: Rules, run: NotebookRun) -> None:
        self._rules = rules
        self._run = run
        self.accounts: dict[str, Account] = {}
        self._wrong: set[str] = set()
        self._wrong_itself: set[str] = set()
        self._holds_a_mistake: set[str] = set()

    def look(self, grade_id: str, tries: Sequence[Try]) -> dict[str, CheckResult]:
        """Look at a cell whose checks were run as written. Gives the results that are to be changed, by check."""
        function = self._rules.tests.get(grade_id)
        self.accounts[grade_id] = Account(tries)
        if function is None:
            return {}
        below = [name for name in self._rules.below.get(function, ()) if name in self._wrong]
        as_written = any(each.failed for each in tries)
        if below:
            tries = self._try_again(grade_id, function, below)
        failed = [each for each in tries if each.failed]
        if as_written or failed:
            self._wrong.add(function)
        results = {each.check.id: each.result for each in tries}
        if failed:
            self._wrong_itself.add(function)
            results |= self._named(function, failed, mended=bool(below))
        return results

    def _try_again(self, grade_id: str, function: str, below: Sequence[str]) -> list[Try]:
        """Run checks again over right functions. What passes only then, or would if they were mended, is carried."""
        assert self._rules.reference is not None  # noqa: S101  # there is one where something builds on something
        tries = self.accounts[grade_id].first
        names = [name for name in below if name in self._wrong_itself] or list(below)
        right = self._rules.reference.functions()
        # One that is right over a right function below stays: it uses that one. One run serves several cells so.
        replaced = [name for name in below if name in self._wrong_itself | self._holds_a_mistake] or list(
            below
        )
        stand_ins = StandIns({name: right[name] for name in replaced}, self._rules.reference.answers)
        run = self._run.again(stand_ins)
        again = try_all([each.check for each in tries], self._rules, run)
        self.accounts[grade_id] = Account(tries, replaced, again)
        mended = any(each.failed for each in again) and self._holds_a_mistake_of(function, names)
        if mended:
            self._holds_a_mistake.add(function)
        return [
            _settled(first, second, names, mended=mended) for first, second in zip(tries, again, strict=True)
        ]

    def _holds_a_mistake_of(self, function: str, names: Sequence[str]) -> bool:
        """Tell whether a right function over known mistakes in others does all that this one did.

        It has then their arithmetic written into it, and does the same over right ones. Neither it nor they show
        anything where they always gave the same value.
        """
        assert self._rules.reference is not None  # noqa: S101  # there is one where something builds on something
        calls = [*self._made(function), *self._made_again(function)]
        if not all(values_differ(self._made(name)) for name in (function, *names)):
            return False
        possible = [self._fitting(name, self._made(name)) for name in names]
        over_wrong = (
            (wrong, self._rules.reference.functions({each.function: each.code for each in wrong})[function])
            for wrong in product(*possible)
        )
        return bool(_explaining(over_wrong, calls))

    def _named(self, function: str, failed: Sequence[Try], *, mended: bool) -> dict[str, CheckResult]:
        """Name the mistake that explains what the function did, where there is exactly one."""
        fitting = self._fitting(function, self._made_again(function) if mended else self._made(function))
        if len(fitting) != 1:
            return {}
        (found,) = fitting
        return {
            each.check.id: msgspec.structs.replace(each.result, mistake=found.name, hint=found.student)
            for each in failed
        }

    def _fitting(self, function: str, calls: Iterable[Made]) -> list[Mistake]:
        own = (((mistake,), mistake.code) for mistake in self._rules.mistakes if mistake.function == function)
        return [mistake for (mistake,) in _explaining(own, list(calls))]

    def _made(self, function: str) -> Iterator[Made]:
        """Give all calls of a function as written, whatever was being tested."""
        return _made(chain.from_iterable(account.first for account in self.accounts.values()), function)

    def _made_again(self, function: str) -> Iterator[Made]:
        """Give its calls over right functions, where it was what was tested."""
        tests = self._rules.tests
        of_function = (each for name, each in self.accounts.items() if tests.get(name) == function)
        return _made(chain.from_iterable(account.second for account in of_function), function)


def _explaining(
    tried: Iterable[tuple[tuple[Mistake, ...], Callable[..., object]]], calls: Sequence[Made]
) -> list[tuple[Mistake, ...]]:
    """Give the mistakes with whose functions all these calls are explained. They run in this process.

    Raises InstructorError where one does not come to an end.
    """
    found = []
    mistakes: tuple[Mistake, ...] = ()
    try:
        with Deadline(_MOST_SECONDS):
            for mistakes, code in tried:
                if explains(code, calls):
                    found.append(mistakes)
    except TimeoutError as error:
        where = " and ".join(mistake.where for mistake in mistakes)
        raise InstructorError(
            f"{where} does not end for what a student's function was asked. Mend it, or remove it."
        ) from error
    return found


def _made(tries: Iterable[Try], function: str) -> Iterator[Made]:
    return chain.from_iterable(each.student.made(function) for each in tries)


def _settled(first: Try, second: Try, names: Sequence[str], *, mended: bool) -> Try:
    """Give what counts of a check that was run as written and over right functions."""
    listed = " and ".join(names)
    if second.failed and not mended:
        message = f"Over a right {listed}: {second.result.message}"
        return Try(second.check, second.student, msgspec.structs.replace(second.result, message=message))
    if not first.failed:
        return first
    result = msgspec.structs.replace(
        first.result,
        outcome="passed",
        points=first.check.points,
        carried=True,
        message=f"Right, once your {listed} {'is' if len(names) == 1 else 'are'} mended.",
        hint="",
        calls=[],
        detail="",
    )
    return Try(first.check, second.student, result)
