"""Calls that checks will make, made together ahead of them: a message costs more than most of the calls in it."""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

import pytest

from autograder.judge.calls import Calls
from autograder.judge.checks import Check
from autograder.judge.examples import Examples, Forms, Prepared
from autograder.judge.student import Function, Request
from autograder.sandbox.replies import Answers


class Foresight:
    """Knows of each check what it asks for first, where that is its inputs, which are the same for all students.

    Found out once, before any submission, by letting each check ask somebody who never answers.
    """

    def __init__(self, checks: Iterable[Check], forms: Forms, secret: bytes) -> None:
        found = {check.id: _first_request(check, forms, secret) for check in checks}
        self._requests = {name: request for name, request in found.items() if request is not None}

    def ahead(
        self, checks: Sequence[Check], ask: Callable[[Sequence[Request]], Sequence[Answers] | None]
    ) -> dict[Request, Answers]:
        """Ask for what these checks will ask for, up to the first of which that is not known."""
        known = takewhile(lambda check: check.id in self._requests, checks)
        requests = [self._requests[check.id] for check in known]
        answers = ask(requests) if len(requests) > 1 else None
        return {} if answers is None else dict(zip(requests, answers, strict=True))


class _Heard(BaseException):
    """Ends a check that has asked for something. No exception that a check may catch."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


class _Listener:
    """Takes the student's place, and never answers."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms

    def __getattr__(self, function: str) -> Function:
        return Function(function, self._forms, _hear)


def _hear(function: str, prepared: Prepared) -> Calls:
    raise _Heard((function, prepared.batch))


def _first_request(check: Check, forms: Forms, secret: bytes) -> Request | None:
    try:
        inputs = check.inputs(secret)
        check.run({"student": _Listener(forms), "rng": check.rng(secret), "inputs": inputs})
    except _Heard as heard:
        _, batch = heard.request
        return heard.request if isinstance(inputs, Examples) and inputs.has(batch) else None
    except (Exception, pytest.skip.Exception, pytest.fail.Exception):  # noqa: BLE001  # what is wrong with it is told where a submission is judged by it
        return None
    return None
