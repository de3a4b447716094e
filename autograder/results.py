"""What grading one submission gives: plain data, and its JSON."""

from typing import Literal

import msgspec

SCHEMA = 1

Outcome = Literal["passed", "failed", "skipped", "error"]


class Call(msgspec.Struct, frozen=True):
    """One call that a check made of the student's code, as text: what was called, and what came of it."""

    called: str
    answer: str


class CheckResult(msgspec.Struct, frozen=True):
    """What one hidden check found. `message` says what was wrong; `hint` and `calls` are for the feedback page.

    `mistake` names a known mistake that explains what the function did. `carried` says that the check passed once
    right functions stood in for wrong ones below. `detail` shows what was due, and is for instructors only.
    """

    id: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    carried: bool = False
    message: str = ""
    mistake: str | None = None
    hint: str = ""
    calls: list[Call] = []
    detail: str = ""

    @property
    def is_given(self) -> bool:
        """Whether its points were given without its being asked."""
        return self.outcome == "skipped" and self.points > 0


class CriterionMark(msgspec.Struct, frozen=True):
    """What was found of one criterion in a written answer.

    `likely` is the best guess. `span` is where in the answer, from 0, the end behind its last character.
    """

    state: Literal["met", "denied", "unsure"]
    likely: bool
    span: tuple[int, int] | None = None
    quote: str = ""
    reason: str = ""


class CellResult(msgspec.Struct, frozen=True):
    """The score of one graded cell; none where it waits for a person.

    Of a marked written answer also what the marker suggests, how sure it is, and what it goes by: for instructors.
    """

    score: float | None
    max_score: float
    needs_review: bool = False
    checks: list[CheckResult] = []
    suggested: float | None = None
    confidence: Literal["high", "low"] | None = None
    criteria: dict[str, CriterionMark] = {}
    flags: list[str] = []

    @property
    def explained(self) -> bool:
        """Whether there is something to say of a check, even where all points are given."""
        return any(check.message for check in self.checks)


class SubmissionResult(msgspec.Struct, frozen=True):
    """The verdict on one submission."""

    assignment: str
    student: str
    status: Literal["graded", "failed"]
    score: float
    max_score: float
    sandbox: str
    cells: dict[str, CellResult] = {}
    warnings: list[str] = []
    seconds: float = 0.0
    error: str | None = None

    @property
    def waits_for_review(self) -> bool:
        """Whether a person has still to mark a cell."""
        return any(cell.needs_review for cell in self.cells.values())


_OF_ANSWERS = ("suggested", "confidence", "criteria", "flags")
_PUBLIC_CHECK = ("id", "title", "outcome", "points", "max_points", "carried", "message", "mistake")


def to_json_line(result: SubmissionResult) -> bytes:
    """Give a result as one line of the results file, whose format is described in docs/results.md."""
    data = msgspec.to_builtins(result)
    for cell in data["cells"].values():
        if cell["confidence"] is None:
            for key in _OF_ANSWERS:
                del cell[key]
        cell["checks"] = [{key: check[key] for key in _PUBLIC_CHECK} for check in cell["checks"]]
    if result.error is None:
        del data["error"]
    return msgspec.json.encode({"schema": SCHEMA, **data}) + b"\n"
