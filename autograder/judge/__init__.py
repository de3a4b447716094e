"""From hidden checks to verdicts. What a check imports is here."""

from autograder.errors import StudentError
from autograder.judge.compare import close
from autograder.judge.examples import Examples

__all__ = ["Examples", "StudentError", "close"]
