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
from autograder.results import SubmissionResult
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

    def refuse_raising(
        self, candidates: Iterable[Candidate], results: Mapping[str, SubmissionResult]
    ) -> None:
        """Raise InstructorError, which names file and line, for a known mistake whose code never does anything."""
        for each in candidates:
            if (
                each.kind == "mistake"
                and not results[each.id].cells[each.cell].score
                and self._never_returns(each)
            ):
                raise InstructorError(
                    f"{each.where} raises whatever it is called with: is there a name that the notebook has not?"
                )

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

    def _never_returns(self, candidate: Candidate) -> bool:
        with self._student(candidate) as student:
            for call in chain.from_iterable(calls[:_FEW] for calls in self._calls(candidate.function)):
                with suppress(StudentError):  # what it returns need not be what is due
                    getattr(student, candidate.function)(*call)
            return all(made.raised or made.ended for made in student.made(candidate.function))

    def _calls(self, function: str) -> Iterator[list[tuple[object, ...]]]:
        """Give the random calls of a function, for each form in turn."""
        rules = self._grading.rules
        rng = np.random.default_rng(seed_of(rules.secret, "trials", function))
        for form in rules.forms[function]:
            yield draw_calls(form, self._values.get(function, {}), rng, _CALLS)

    def _student(self, candidate: Candidate, cell: str = "") -> AbstractContextManager[Student]:
        return student_at(self._grading, candidate.notebook, cell or candidate.cell, self._sandbox)
