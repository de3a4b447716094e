"""Results as a table for a person."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.cli.common import plural
from autograder.results import CellResult, SubmissionResult
from autograder.text import one_line


def print_results(results: Sequence[SubmissionResult]) -> None:
    """Print a row for each submission, what was odd about it, and a line that sums up."""
    console = Console(highlight=False)
    names = list(dict.fromkeys(name for result in results for name in result.cells))
    table = Table("student", "score", *names, box=None, header_style="bold", pad_edge=False)
    for result in results:
        cells = [_cell(result.cells.get(name)) for name in names]
        table.add_row(escape(one_line(result.student)), _score(result), *cells)
    console.print(table)
    for result in results:
        for note in _notes(result):
            console.print(f"  {escape(one_line(note))}", soft_wrap=True)
    console.print(summary(results))


def summary(results: Sequence[SubmissionResult]) -> str:
    """Sum a class up in a line."""
    graded = [result for result in results if result.status == "graded"]
    waiting = sum(result.waits_for_review for result in graded)
    parts = [f"{plural(len(graded), 'submission')} graded"]
    if waiting:
        parts.append(f"{waiting} with an answer that waits for review")
    if len(graded) < len(results):
        parts.append(f"{len(results) - len(graded)} not graded")
    if any(result.sandbox == "none" for result in graded):
        parts.append("student code ran without a sandbox")
    return ", ".join(parts) + "."


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


def _notes(result: SubmissionResult) -> list[str]:
    notes = [] if result.error is None else [result.error]
    return notes + [f"{result.student}: {warning}" for warning in result.warnings]
