"""Feedback pages into the folders from which nbgrader hands them out."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.gradebook.files import copy_side_files, remove
from autograder.gradebook.read import Standing
from autograder.report.feedback import FeedbackPage


def write_pages(
    course: Course, assignment: Assignment, standings: Sequence[Standing], *, provisional: bool
) -> Iterator[tuple[Standing, Path | None]]:
    """Write a page for each student, and give its path; None where there is no graded notebook."""
    page = FeedbackPage(assignment, provisional=provisional)
    for standing in standings:
        graded = course.autograded(assignment, standing.student)
        notebook = graded / f"{assignment.id}.ipynb"
        if not notebook.is_file():
            yield standing, None
            continue
        html = page.render(standing, json.loads(notebook.read_bytes()))
        yield standing, _put(course.feedback(assignment, standing.student), graded, assignment.id, html)


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
