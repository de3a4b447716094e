"""The review of written answers: those that are open, near-equal ones together, the least certain first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.errors import SubmissionError
from autograder.gradebook.read import Standing
from autograder.report.template import template
from autograder.results import CellResult
from autograder.store import ResultStore
from autograder.text import printable
from autograder.written.mix import hashed

_ALIKE = 0.72


@dataclass(frozen=True)
class Reviewed:
    """A student's answer to a written question, and how the marker saw it. `score` is a person's, if there is one.

    Where the work has changed since, that score waits to be looked at again: then the answer is `open`.
    """

    student: str
    cell: str
    text: str
    verdict: CellResult
    open: bool
    score: float | None

    @property
    def doubt(self) -> tuple[bool, int, int]:
        """How uncertain the mark is; the larger, the less is known."""
        unsure = sum(mark.state == "unsure" for mark in self.verdict.criteria.values())
        return self.verdict.confidence != "high", unsure, len(self.verdict.flags)


def answers_of(course: Course, assignment: Assignment, standings: Sequence[Standing]) -> list[Reviewed]:
    """Give all marked answers of the class, from the graded notebooks and the verdicts that are kept."""
    release = nb.read(assignment.release)
    store = ResultStore(course, assignment, release, "auto")
    found = []
    for standing in standings:
        _, kept = store.latest(standing.student)
        try:
            notebook = nb.read(course.autograded(assignment, standing.student) / f"{assignment.id}.ipynb")
        except SubmissionError:
            continue
        texts = {nb.grade_id(cell): cell["source"] for cell in notebook.cells}
        for name, verdict in (kept.result.cells if kept is not None else {}).items():
            mark = standing.marks.get(name)
            if verdict.confidence is not None and mark is not None and name in texts:
                found.append(
                    Reviewed(standing.student, name, texts[name], verdict, mark.needs_review, mark.by_person)
                )
    return found


def grouped(answers: Sequence[Reviewed]) -> list[list[Reviewed]]:
    """Put near-equal answers together, the least certain group first. The same answers give the same groups."""
    if not answers:
        return []
    rows = np.array([hashed(answer.text) for answer in answers], dtype=np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    group = np.full(len(answers), -1)
    for at in range(len(answers)):
        if group[at] < 0:
            alike = (rows @ rows[at] >= _ALIKE) & (group < 0)
            alike[at] = True
            group[alike] = at
    groups = [
        [answers[at] for at in np.flatnonzero(group == first).tolist()]
        for first in dict.fromkeys(group.tolist())
    ]
    return sorted(groups, key=lambda members: max(member.doubt for member in members), reverse=True)


def agreement(answers: Sequence[Reviewed]) -> tuple[int, int, int]:
    """Give how many suggestions a person has decided on, how many of them exactly so, and how many within a point."""
    pairs = [
        (a.score, a.verdict.suggested)
        for a in answers
        if a.score is not None and a.verdict.suggested is not None and not a.open
    ]
    exact = sum(score == suggested for score, suggested in pairs)
    return len(pairs), exact, sum(abs(score - suggested) <= 1 for score, suggested in pairs)


def highlighted(answer: Reviewed) -> Markup:
    """Give the answer as HTML in which the words that a criterion rests on are marked; all else is escaped."""
    html, at = Markup(), 0
    for start, end, title in _spans(answer):
        html += escape(printable(answer.text[at:start]))
        html += Markup('<mark title="{}">{}</mark>').format(title, printable(answer.text[start:end]))
        at = end
    return html + escape(printable(answer.text[at:]))


def _spans(answer: Reviewed) -> Iterator[tuple[int, int, str]]:
    """Give marked spans in their order, overlapping ones as one, with what they are for."""
    spans = sorted(
        (*mark.span, f"{name}: {mark.state}")
        for name, mark in answer.verdict.criteria.items()
        if mark.span is not None
    )
    merged: list[tuple[int, int, str]] = []
    for start, end, title in spans:
        if merged and start < merged[-1][1]:
            before = merged.pop()
            merged.append((before[0], max(before[1], end), f"{before[2]}; {title}"))
        else:
            merged.append((start, end, title))
    yield from merged


def review_page(assignment: Assignment, answers: Sequence[Reviewed]) -> str:
    """Give the page with all open answers."""
    waiting = [answer for answer in answers if answer.open]
    decided, exact, near = agreement(answers)
    return template("review.html.j2").render(
        highlighted=highlighted,
        title=assignment.file.title,
        assignment=assignment.id,
        groups=grouped(waiting),
        waiting=len(waiting),
        decided=decided,
        exact=exact,
        near=near,
    )
