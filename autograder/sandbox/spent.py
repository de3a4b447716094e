"""What a submission has used up of its time."""

from autograder.course import Limits
from autograder.sandbox.child import Child, ChildOverdue

# A whole submission that takes so many times what it may compute holds the class by waiting.
_WALL_FACTOR = 2


class Spent:
    """The time that a submission has used up, in all of its runs and processes together."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ended = 0.0
        self._alive: list[Child] = []
        self.wall_seconds = 0.0

    def started(self, child: Child) -> None:
        """Count what a process uses from now on."""
        self._alive.append(child)

    def ended(self, child: Child) -> None:
        """Count a process that is closed."""
        self._alive.remove(child)
        self._ended += child.cpu_seconds()

    def left(self) -> float:
        """Give the seconds that there are left. Raises ChildGone where there are none."""
        left = self._limits.submission_seconds - self._ended - sum(each.cpu_seconds() for each in self._alive)
        if left <= 0:
            raise ChildOverdue(f"the notebook used up its {self._limits.submission_seconds:g} seconds")
        if self.wall_seconds > _WALL_FACTOR * self._limits.submission_seconds:
            raise ChildOverdue(f"it waited, until {self.wall_seconds:.0f} seconds had gone by")
        return left
