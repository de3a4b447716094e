"""Feedback pages into the folders from which nbgrader hands them out."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder import notebook as nb
from autograder.course import Assignment, Course
from autograder.gradebook.files import copy_side_files, remove
from autograder.gradebook.read import Standing
from autograder.report.feedback import FeedbackPage
from autograder.results import CellResult
from autograder.store import ResultStore


def write_pages(
    course: Course, assignment: Assignment, standings: Sequence[Standing], *, provisional: bool
) -> Iterator[tuple[Standing, Path | None]]:
    """Write a page for each student, and give its path; None where there is no graded notebook."""
    page = FeedbackPage(assignment, provisional=provisional)
    store = ResultStore(course, assignment, nb.read(assignment.release), "auto")
    for standing in standings:
        graded = course.autograded(assignment, standing.student)
        notebook = graded / f"{assignment.id}.ipynb"
        if not notebook.is_file():
            yield standing, None
            continue
        data = notebook.read_bytes()
        html = page.render(standing, json.loads(data), _kept(store, standing.student, data))
        yield standing, _put(course.feedback(assignment, standing.student), graded, assignment.id, html)


def _kept(store: ResultStore, student: str, notebook: bytes) -> dict[str, CellResult]:
    """Give the verdicts on all of a student's cells, if those that are kept are on this graded notebook."""
    _, kept = store.latest(student)
    if kept is None or not kept.is_on(notebook):
        return {}
    return kept.result.cells


def _put(target: Path, graded: Path, name: str, html: str) -> Path:
    """Put a student's page, and what nbgrader needs beside it, in the place of an older one."""
    beside = target.with_name(f".{target.name}.new")
    remove(beside)
    beside.mkdir(parents=True)
    copy_side_files(graded, beside)
    (beside / f"{name}.html").write_text(html, encoding="utf-8")
    remove(target)
    beside.rename(target)
    return target / f"{name}.html"
