"""Results as tables for a person."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.cli.common import plural
from autograder.results import CellResult, SubmissionResult
from autograder.text import one_line

_MOST_ROWS = 50
_MOST_NOTES = 200


@dataclass
class _Task:
    """What a class got for one graded cell."""

    max_score: float
    scores: list[float] = field(default_factory=list)
    waiting: int = 0


class Tally:
    """Sums a class up as its results come, without keeping them: a class may be large."""

    def __init__(self) -> None:
        self.failed = 0
        self._graded = 0
        self._waiting = 0
        self._unprotected = False
        self._results: list[SubmissionResult] = []
        self._notes: list[str] = []
        self._tasks: dict[str, _Task] = {}

    def add(self, result: SubmissionResult) -> None:
        """Count a result in."""
        if result.status == "failed":
            self.failed += 1
        else:
            self._graded += 1
            self._unprotected |= result.sandbox == "none"
        self._waiting += result.waits_for_review
        if self._graded + self.failed <= _MOST_ROWS + 1:
            self._results.append(result)
        self._notes += [f"{result.student}: {warning}" for warning in result.warnings]
        for name, cell in result.cells.items():
            task = self._tasks.setdefault(name, _Task(cell.max_score))
            if cell.score is None:
                task.waiting += 1
            else:
                task.scores.append(cell.score)

    def print(self) -> None:
        """Print a row for each submission of a small class, or one for each task of a large one, and a summary."""
        console = Console(highlight=False)
        small = len(self._results) <= _MOST_ROWS
        console.print(_by_student(self._results) if small else _by_task(self._tasks))
        for note in sorted(self._notes)[:_MOST_NOTES]:
            console.print(f"  {escape(one_line(note))}", soft_wrap=True)
        if len(self._notes) > _MOST_NOTES:
            console.print(f"  … and {len(self._notes) - _MOST_NOTES} more notes; --json FILE has them all.")
        console.print(self.summary())

    def summary(self) -> str:
        """Sum the class up in a line."""
        parts = [f"{plural(self._graded, 'submission')} graded"]
        if self._waiting:
            parts.append(f"{self._waiting} with an answer that waits for review")
        if self.failed:
            parts.append(f"{self.failed} not graded")
        if self._unprotected:
            parts.append("student code ran without a sandbox")
        return ", ".join(parts) + "."


def _by_student(results: Sequence[SubmissionResult]) -> Table:
    names = list(dict.fromkeys(name for result in results for name in result.cells))
    table = Table("student", "score", *names, box=None, header_style="bold", pad_edge=False)
    for result in sorted(results, key=lambda result: result.student):
        cells = [_cell(result.cells.get(name)) for name in names]
        table.add_row(escape(one_line(result.student)), _score(result), *cells)
    return table


def _by_task(tasks: dict[str, _Task]) -> Table:
    columns = ("task", "points", "mean", "all points", "none", "waits for review")
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for name, task in tasks.items():
        known = len(task.scores)
        mean = f"{sum(task.scores) / known:.2f}" if known else ""
        full = sum(score == task.max_score for score in task.scores)
        counts = (full, sum(score == 0 for score in task.scores), task.waiting)
        table.add_row(escape(name), f"{task.max_score:g}", mean, *map(str, counts))
    return table


def _score(result: SubmissionResult) -> str:
    if result.status == "failed":
        return "not graded"
    return f"{result.score:g} / {result.max_score:g}{' +?' if result.waits_for_review else ''}"


def _cell(cell: CellResult | None) -> str:
    if cell is None:
        return ""
    if cell.score is None:
        return "review"
    return f"{cell.score:g} / {cell.max_score:g}"
