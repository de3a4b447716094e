"""What a dry run found, for a person."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from autograder.cli.common import plural
from autograder.text import one_line

if TYPE_CHECKING:
    from autograder.klass.dry_run import Change


class ChangeTable:
    """Collects changes, and prints them by student with what they come to."""

    def __init__(self) -> None:
        self.failed = 0
        self._changes: list[Change] = []

    def add(self, changes: "Sequence[Change]") -> None:
        """Take a student's changes."""
        self._changes += changes
        self.failed += any(not change.cell for change in changes)

    def print(self, students: int) -> None:
        """Print a line for each cell whose score would change, its reasons below it, and a summary."""
        console = Console(highlight=False, soft_wrap=True)
        for change in sorted(self._changes, key=lambda change: (change.student, change.cell)):
            console.print(escape(one_line(f"{change.student}  {_said(change)}")))
            for reason in change.why:
                console.print(f"    {escape(one_line(reason))}")
        console.print(self._summary(students))

    def _summary(self, students: int) -> str:
        sums: dict[str, float] = {}
        for change in self._changes:
            if change.kept is None and change.cell:
                sums[change.student] = sums.get(change.student, 0.0) + _difference(change)
        gain = sum(difference > 0 for difference in sums.values())
        lose = sum(difference < 0 for difference in sums.values())
        failed = f", {self.failed} could not be graded" if self.failed else ""
        return (
            f"{plural(students, 'submission')} judged, nothing written: {gain} would gain, {lose} would lose, "
            f"{students - gain - lose - self.failed} would stay as they are{failed}."
        )


def _said(change: "Change") -> str:
    if not change.cell:
        return "would not be graded"
    scores = f"{change.cell}: {_points(change.before)} → {_points(change.after)}"
    kept = "" if change.kept is None else f"; the {change.kept:g} that a person gave would stay"
    return f"{scores} ({_difference(change):+g}){kept}"


def _difference(change: "Change") -> float:
    return (change.after or 0.0) - (change.before or 0.0)


def _points(score: float | None) -> str:
    return "none" if score is None else f"{score:g}"
