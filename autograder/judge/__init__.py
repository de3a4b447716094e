"""From hidden checks to verdicts. What a check, or a file of known mistakes, imports is here."""

from autograder.errors import StudentError
from autograder.judge.compare import close
from autograder.judge.examples import Examples
from autograder.judge.mistakes import mistake

__all__ = ["Examples", "StudentError", "close", "mistake"]
