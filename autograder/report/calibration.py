"""The calibration page: which wrong answers each check catches, as a picture that needs no knowledge of the code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.authoring.calibration import AnswerReport, CalibrationReport, CheckReport
from autograder.report.template import template

_LABELS, _ROW, _TOP, _WIDTH = 350.0, 20.0, 26.0, 1000.0
_WIDEST = 14.0
"""Of an answer's column in the picture."""


@dataclass(frozen=True)
class Column:
    """A wrong answer in the picture: where it lies, and for each check by its row what came of it."""

    answer: AnswerReport
    left: float
    failed: list[float]
    carried: list[float]
    uncaught: bool


@dataclass(frozen=True)
class Picture:
    """The wrong answers of one function as columns, over the checks as rows. Lengths are the picture's own."""

    function: str
    checks: Sequence[CheckReport]
    columns: Sequence[Column]
    step: float
    groups: Sequence[tuple[str, float, float]]

    @property
    def width(self) -> float:
        """The width of the picture."""
        return _LABELS + _WIDTH

    @property
    def height(self) -> float:
        """The height of the picture."""
        return _TOP + _ROW * len(self.checks) + 2

    @property
    def tops(self) -> list[float]:
        """Where the row of each check begins."""
        return [_TOP + _ROW * row for row in range(len(self.checks))]

    @property
    def caught(self) -> dict[str, int]:
        """How many of these answers each check catches, by its id."""
        ids = {column.answer.id for column in self.columns}
        return {check.id: len(ids.intersection(check.caught)) for check in self.checks}

    @property
    def uncaught(self) -> list[AnswerReport]:
        """The answers that are caught by no check of their own cell, and are not said to be as good as right."""
        return [column.answer for column in self.columns if column.uncaught]


def calibration_page(report: CalibrationReport) -> str:
    """Give the page, complete in itself: nothing runs in it, and nothing is loaded."""
    answers = {answer.id: answer for answer in report.answers}
    return template("calibration.html.j2").render(
        report=report,
        answers=answers,
        pictures=list(_pictures(report)),
        right=[each for each in report.answers if each.kind in {"solution", "variant"}],
        wrong=[each for each in report.answers if each.function],
        equivalent=[each for each in report.answers if each.equivalent],
    )


def _pictures(report: CalibrationReport) -> Iterator[Picture]:
    to_be_caught = [each for each in report.answers if each.function and not each.equivalent]
    for function in dict.fromkeys(each.function for each in to_be_caught):
        wrong = [each for each in to_be_caught if each.function == function]
        wrong.sort(key=lambda each: (each.kind != "mistake", each.how))
        step = min(_WIDEST, _WIDTH / len(wrong))
        yield Picture(
            function,
            report.checks,
            [_column(each, report, place * step) for place, each in enumerate(wrong)],
            step,
            list(_groups(wrong, step)),
        )


def _column(answer: AnswerReport, report: CalibrationReport, left: float) -> Column:
    tops = {check.id: _TOP + _ROW * row for row, check in enumerate(report.checks)}
    own = {check.id for check in report.checks if check.cell == answer.cell}
    return Column(
        answer,
        _LABELS + left,
        [tops[name] for name in answer.failed],
        [tops[name] for name in answer.carried],
        not own & set(answer.failed),
    )


def _groups(wrong: Sequence[AnswerReport], step: float) -> Iterator[tuple[str, float, float]]:
    """Give the stretches of one kind of change: its name, where it begins, and how wide it is."""
    for how in dict.fromkeys(each.how for each in wrong):
        places = [place for place, each in enumerate(wrong) if each.how == how]
        yield how, _LABELS + places[0] * step, len(places) * step
