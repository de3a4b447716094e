"""Calls that checks will make, made together ahead of them: a message costs more than most of the calls in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile

import pytest

from autograder.judge.calls import Calls
from autograder.judge.checks import Check
from autograder.judge.examples import Examples, Forms, Prepared
from autograder.judge.student import Function, loop_request
from autograder.sandbox.replies import Answers, LoopReply
from autograder.sandbox.requests import CallRequest, Request


class Foresight:
    """Knows of each check what it asks for first, where that is a loop or its inputs, the same for all students.

    Found out once, before any submission, by letting each check ask somebody who never answers. `given` are the
    sources of the functions that checks may run.
    """

    def __init__(
        self, checks: Iterable[Check], forms: Forms, secret: bytes, given: Mapping[str, str] | None = None
    ) -> None:
        listener = _Listener(forms, given or {})
        found = {check.id: _first_request(check, listener, secret) for check in checks}
        self._requests = {name: request for name, request in found.items() if request is not None}

    def ahead(
        self,
        checks: Sequence[Check],
        ask: Callable[[Sequence[Request]], Sequence[Answers | LoopReply] | None],
    ) -> dict[Request, Answers | LoopReply]:
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

    def __init__(self, forms: Forms, given: Mapping[str, str]) -> None:
        self._forms = forms
        self._given = given

    def __getattr__(self, function: str) -> Function:
        return Function(function, self._forms, _hear)

    def loop(self, given: str, *arguments: object, through: str, again: Sequence[int] = ()) -> Calls:
        """Hear of a loop."""
        raise _Heard(loop_request(self._given, given, through, arguments, again))


def _hear(function: str, prepared: Prepared) -> Calls:
    raise _Heard(CallRequest(function, prepared.batch))


def _first_request(check: Check, listener: _Listener, secret: bytes) -> Request | None:
    try:
        inputs = check.inputs(secret)
        check.run({"student": listener, "rng": check.rng(secret), "inputs": inputs})
    except _Heard as heard:
        request = heard.request
        if isinstance(request, CallRequest):
            return request if isinstance(inputs, Examples) and inputs.has(request.batch) else None
        return request
    except (Exception, pytest.skip.Exception, pytest.fail.Exception):  # noqa: BLE001  # what is wrong with it is told where a submission is judged by it
        return None
    return None
