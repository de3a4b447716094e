"""A calibration as tables for a terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.authoring.calibration import AnswerReport, CalibrationReport, CheckReport
from autograder.authoring.wording import WordingReport
from autograder.cli.common import plural


def print_report(report: CalibrationReport, *, quiet: bool) -> None:
    """Print what was tried and what each check catches, and last what is not as it must be."""
    console = Console(highlight=False)
    if not quiet:
        console.print(_tried(report.answers), soft_wrap=True)
        console.print(_matrix(report))
        console.print(
            "What it catches of the wrong versions of the function that is tested; what only it catches."
        )
        _print_list(console, "Sentences of rubric.toml, each as a whole answer", map(_worded, report.wording))
        _print_list(console, "Checks that catch nothing that others of their cell don't", _idle(report))
        equivalent = [f"{each.function}: {each.about}" for each in report.answers if each.equivalent]
        _print_list(console, "As good as right, by calibration.toml and by random calls", equivalent)
        _print_list(console, "Noticed", report.notes)
    answers = {answer.id: answer for answer in report.answers}
    for finding in report.findings:
        told = _told(answers[finding.answer]) if finding.answer in answers else f"“{finding.answer}”"
        console.print(escape(f"{finding.kind}: {told}"), style="bold", soft_wrap=True)
        console.print(f"  {escape(finding.text)}", soft_wrap=True)
    if not report.findings and not quiet:
        console.print("Every verdict is as it must be.")


def _tried(answers: Sequence[AnswerReport]) -> str:
    counts = Counter(each.kind for each in answers)
    parts = [
        "the solution",
        plural(counts["variant"], "variant"),
        "the stub",
        plural(counts["mistake"], "known mistake"),
        plural(counts["mutant"], "mutant"),
    ]
    return f"{plural(len(answers), 'answer')}, each judged twice: {', '.join(parts)}."


def _matrix(report: CalibrationReport) -> Table:
    """Give what each check catches of the wrong answers in the function that its cell is for."""
    wrong = [each for each in report.answers if each.function and not each.equivalent]
    columns = ("check", "points", "mistakes", "mutants", "only it")
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for check in report.checks:
        of_cell = [each for each in wrong if each.function == report.tests[check.cell]]
        counts = (
            _share([each for each in of_cell if each.kind == kind], check) for kind in ("mistake", "mutant")
        )
        table.add_row(escape(check.id), f"{check.points:g}", *counts, str(len(check.alone) or "·"))
    return table


def _share(answers: Sequence[AnswerReport], check: CheckReport) -> str:
    return f"{sum(check.id in each.failed for each in answers)} of {len(answers)}"


def _idle(report: CalibrationReport) -> list[str]:
    return [_with_cell(check) for check in report.checks if not check.alone]


def _with_cell(check: CheckReport) -> str:
    return f"{check.id} ({check.cell})"


def _worded(check: WordingReport) -> str:
    ideas, near = len(check.found) + len(check.missed), len(check.refused) + len(check.taken)
    return (
        f"{check.id}: found in {len(check.found)} of {ideas} that hold the idea, "
        f"and in {len(check.taken)} of {near} that nearly do"
    )


def _print_list(console: Console, heading: str, lines: Iterable[str]) -> None:
    shown = [f"  {escape(line)}" for line in lines]
    if shown:
        console.print(f"{heading}:", *shown, sep="\n", soft_wrap=True)


def _told(answer: AnswerReport) -> str:
    parts = [part for part in (answer.function, answer.how, answer.about) if part]
    return f"{answer.id} ({': '.join(parts)})"
