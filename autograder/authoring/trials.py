"""Answers tried out by random calls, drawn from the declared signatures, in the sandbox where all their code runs."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from itertools import chain

import numpy as np

from autograder.authoring.arguments import draw_calls
from autograder.authoring.candidates import Candidate, Candidates
from autograder.authoring.shortfalls import Values
from autograder.errors import InstructorError, StudentError
from autograder.judge.checks import seed_of
from autograder.judge.examples import Examples
from autograder.judge.student import Student
from autograder.pipeline import Grading, student_at
from autograder.sandbox.process import Sandbox

_CALLS = 100
_FEW = 4


class Trials:
    """Calls the functions of answers. The calls are the same in each run of a course."""

    def __init__(self, grading: Grading, sandbox: Sandbox, values: Mapping[str, Values]) -> None:
        self._grading = grading
        self._sandbox = sandbox
        self._values = values

    def refuse_unlike(self, candidates: Iterable[Candidate], made_by: Candidates) -> None:
        """Raise InstructorError, with file and line, where an answer that is said to be equivalent is not."""
        listed = list(candidates)
        solution = next(each for each in listed if each.kind == "solution")
        for each in listed:
            if each.reason and (call := self._unlike(each, solution)) is not None:
                raise InstructorError(
                    f"{made_by.where(each.about)}: '{each.about}' can be told from the right {each.function}: {call}"
                )

    def refuse_useless(self, candidates: Iterable[Candidate]) -> None:
        """Raise InstructorError, which names file and line, for a known mistake whose code never returns anything.

        Beside a submission its code runs without limits: it is tried here first, where there are some.
        """
        for each in candidates:
            if each.kind == "mistake" and (reason := self._never_returns(each)):
                raise InstructorError(f"{each.where} {reason}")

    def _unlike(self, candidate: Candidate, solution: Candidate) -> str | None:
        """Give the call that tells an answer from the solution, as text, or None."""
        for calls in self._calls(candidate.function):
            with self._student(solution, candidate.cell) as student:
                due = list(getattr(student, candidate.function).each(calls))
            with self._student(candidate) as student:
                try:
                    getattr(student, candidate.function).agrees(Examples(calls, due))
                except (AssertionError, StudentError):
                    last = student.last_calls()[-1]
                    return f"{last.called} {last.answer}"
        return None

    def _never_returns(self, candidate: Candidate) -> str | None:
        """Say why a mistake's function is of no use: it raises at all calls, or one does not end. None where it is."""
        raised = ""
        with self._student(candidate) as student:
            for call in chain.from_iterable(calls[:_FEW] for calls in self._calls(candidate.function)):
                with suppress(StudentError):  # what it returns need not be what is due
                    getattr(student, candidate.function)(*call)
                *_, made = student.made(candidate.function)
                if made.ended:
                    return "does not end in time, or is not there at all"
                if not made.raised:
                    return None
                raised = made.raised
        return f"raises {raised} whatever it is called with; the notebook may lack a name that it uses"

    def _calls(self, function: str) -> Iterator[list[tuple[object, ...]]]:
        """Give the random calls of a function, for each form in turn."""
        rules = self._grading.rules
        rng = np.random.default_rng(seed_of(rules.secret, "trials", function))
        for form in rules.forms[function]:
            yield draw_calls(form, self._values.get(function, {}), rng, _CALLS)

    def _student(self, candidate: Candidate, cell: str = "") -> AbstractContextManager[Student]:
        return student_at(self._grading, candidate.notebook, cell or candidate.cell, self._sandbox)
