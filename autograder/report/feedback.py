"""The feedback page of a student: the score by task first, then what was tested under each graded cell."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import mistune
import msgspec
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder import notebook as nb
from autograder.browser.clean import as_text
from autograder.course import Assignment
from autograder.gradebook.read import Mark, Standing
from autograder.judge.outputs import MIME
from autograder.notebook import Cell
from autograder.report.template import template
from autograder.results import CellResult, CheckResult

# Rendering takes a time that grows with the square of some texts: longer ones are shown as they are.
_MOST_OF_A_PIECE = 5_000
_MOST_OF_A_PAGE = 20_000
_MARKUP = re.compile(r"[`*]")


@dataclass(frozen=True)
class Piece:
    """Something of the student's own: code with what it printed, or text."""

    html: Markup
    printed: str = ""


@dataclass
class Task:
    """One graded cell: what the student wrote for it, how it was judged, what a person said."""

    name: str
    title: str
    mark: Mark
    pieces: list[Piece] = field(default_factory=list)
    verdict: CellResult | None = None
    said: str = ""
    comments: list[str] = field(default_factory=list)
    found: list[CheckResult] = field(default_factory=list)
    """Which ideas were found in a written answer, and which were not."""


class FeedbackPage:
    """Writes pages for one assignment."""

    def __init__(self, assignment: Assignment, *, provisional: bool) -> None:
        self._assignment = assignment
        self._provisional = provisional
        self._given_texts = {cell["source"] for cell in nb.read(assignment.release).cells}
        self._formatter = HtmlFormatter(nowrap=True)
        self._template = template("feedback.html.j2")

    def render(
        self,
        standing: Standing,
        graded: dict[str, Any],
        written: Mapping[str, CellResult] = MappingProxyType({}),
    ) -> str:
        """Give the page of a student, from where they stand and their graded notebook as JSON.

        `written` are the verdicts on written answers, which the notebook does not hold.
        """
        return self._template.render(
            title=self._assignment.file.title,
            standing=standing,
            provisional=self._provisional,
            tasks=list(self._tasks(standing, graded["cells"], written)),
        )

    def _tasks(
        self, standing: Standing, cells: list[dict[str, Any]], written: Mapping[str, CellResult]
    ) -> Iterator[Task]:
        title, pieces, comments, left = "", list[Piece](), list[str](), _MOST_OF_A_PAGE
        for stored in cells:
            cell = _joined(stored)
            name = nb.grade_id(cell)
            if cell["cell_type"] == "markdown" and name is None:
                title = _heading(cell["source"]) or title
            if name in standing.comments:
                comments.append(standing.comments[name])
            if self._is_own(cell):
                length = len(cell["source"])
                rendered = length <= min(left, _MOST_OF_A_PIECE)
                left -= length if rendered else 0
                pieces.append(self._piece(cell, rendered=rendered))
            if name in standing.marks:
                verdict, said = _verdict(stored)
                mark = standing.marks[name]
                found = _found(mark, written.get(name))
                yield Task(name, title or name, mark, pieces, verdict, said, comments, found)
                pieces, comments = [], []

    def _is_own(self, cell: Cell) -> bool:
        if cell["source"] in self._given_texts and not nb.is_solution(cell):
            return False
        return not nb.is_locked(cell) and bool(cell["source"].strip())

    def _piece(self, cell: Cell, *, rendered: bool) -> Piece:
        source = cell["source"]
        printed = _printed(cell["outputs"]) if cell["cell_type"] == "code" else ""
        if not rendered:
            return Piece(Markup('<pre class="code">{}</pre>').format(source), printed)
        return Piece(self._code(source) if cell["cell_type"] == "code" else safe_markdown(source), printed)

    @functools.lru_cache(maxsize=256)  # noqa: B019  # a page writer lives as long as its class
    def _code(self, source: str) -> Markup:
        return Markup(f'<pre class="code">{highlight(source, PythonLexer(), self._formatter)}</pre>')


def _heading(text: str) -> str:
    """Give the last heading of a text without its markup, '' where there is none."""
    lines = [line for line in text.splitlines() if line.startswith("#") and line.lstrip("#")[:1].isspace()]
    return _MARKUP.sub("", lines[-1].strip("#").strip()) if lines else ""


def safe_markdown(text: str) -> Markup:
    """Render a student's Markdown. Nothing in it runs, loads or leaves the page: HTML is shown as it was typed."""
    render = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
    return Markup(as_text(str(render(text))))


def _joined(cell: dict[str, Any]) -> Cell:
    source = cell["source"]
    return {**cell, "source": source if isinstance(source, str) else "".join(source)}


def _verdict(cell: dict[str, Any]) -> tuple[CellResult | None, str]:
    for output in cell.get("outputs", []):
        data = output.get("data", {}).get(MIME)
        if data is not None:
            return msgspec.convert(data, CellResult), data.get("said", "")
    return None, ""


def _found(mark: Mark, verdict: CellResult | None) -> list[CheckResult]:
    """Give what may be said of a written answer: nothing of what is in doubt, or that a person sees otherwise."""
    if verdict is None or mark.score is None:
        return []
    sure = verdict.confidence == "high" and mark.score == verdict.suggested
    return [check for check in verdict.checks if check.is_given or (sure and check.outcome != "skipped")]


def _printed(outputs: list[dict[str, Any]]) -> str:
    parts = []
    for output in outputs:
        if output["output_type"] == "error":
            parts.append("\n".join(output["traceback"]))
        else:
            text = output.get("text", output.get("data", {}).get("text/plain", ""))
            parts.append(text if isinstance(text, str) else "".join(text))
    return "\n".join(part.strip("\n") for part in parts)
