"""All that judging any submission of an assignment goes by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.judge.examples import Forms
from autograder.judge.foresight import Foresight
from autograder.judge.mistakes import Mistake
from autograder.judge.reference import Reference


@dataclass(frozen=True)
class Rules:
    """What a bench goes by: read once, used for a class.

    `tests` gives the function that each graded cell tests, `below` the functions that each function builds on, near
    or far, and `waived` the checks that everybody is given, each with the reason.
    """

    forms: Forms
    given: Mapping[str, str]
    foresight: Foresight = field(repr=False)
    secret: bytes = field(repr=False)
    tests: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reference: Reference | None = field(default=None, repr=False)
    mistakes: Sequence[Mistake] = ()
    waived: Mapping[str, str] = field(default_factory=dict)
