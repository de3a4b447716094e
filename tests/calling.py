"""A single call of a student's function, for tests that look at what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.sandbox.replies import Gone, Missing, Raised
from autograder.sandbox.requests import Batch
from autograder.sandbox.run import NotebookRun


@dataclass(frozen=True)
class Returned:
    """A call that came back: its result, and the arguments as the call left them."""

    result: object
    arguments_after: Sequence[object]


def call(run: NotebookRun, function: str, arguments: Sequence[object]) -> Returned | Raised | Missing | Gone:
    """Call a function of the notebook as it is at this point."""
    answers = run.calls(function, Batch([arguments]))
    if answers.ended is not None:
        return answers.ended
    ((result,),) = (column.values() for column in answers.results)
    return Returned(result, answers.changed.get(0, arguments))
