"""The grades of an assignment as a CSV file that any program reads and that runs nothing in a spreadsheet."""

import csv
import io
from collections.abc import Sequence

from autograder.gradebook.read import Standing

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(standings: Sequence[Standing], *, provisional: bool) -> str:
    """Give a row for each student of the gradebook. Who has handed in nothing has no score, rather than 0."""
    tasks = list(dict.fromkeys(name for standing in standings for name in standing.marks))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    head = ["student_id", "last_name", "first_name", "email", "status", "score", "max_score", "late_penalty"]
    writer.writerow([*head, *map(harmless, tasks), "needs_review", "provisional"])
    for standing in standings:
        names = (standing.student, standing.last_name, standing.first_name, standing.email)
        marks = [standing.marks.get(name) for name in tasks]
        writer.writerow(
            [
                *map(harmless, names),
                _status(standing),
                _number(standing.score),
                _number(standing.max_score),
                _number(standing.late_penalty if standing.submitted else None),
                *(_number(mark.score if mark else None) for mark in marks),
                harmless(" ".join(standing.waiting)),
                "yes" if provisional else "no",
            ]
        )
    return text.getvalue()


def _status(standing: Standing) -> str:
    if not standing.submitted:
        return "missing"
    return "graded" if standing.graded else "not graded"


def harmless(text: str) -> str:
    """Give text that a spreadsheet does not take for a formula. A dash alone is none."""
    return f"'{text}" if text.startswith(_FORMULA) and text != "-" else text


def as_it_was(text: str) -> str:
    """Give text as it was before it was made harmless."""
    return text[1:] if text[1:] != text == harmless(text[1:]) else text


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
