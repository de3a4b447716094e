"""A verdict as the two outputs of its graded cell: what people read, and the points that nbgrader reads."""

from collections.abc import Sequence
from html import escape
from typing import Any

import msgspec

from autograder.results import CellResult, CheckResult
from autograder.sandbox.replies import Output

MIME = "application/vnd.autograder.verdict+json"
"""The verdict as data, for the feedback page; browsers do not show it."""

_MARKS = {"passed": "✓", "failed": "✗", "skipped": "–", "error": "!"}


def verdict_outputs(verdict: CellResult, own_outputs: Sequence[Output]) -> list[dict[str, Any]]:
    """Give the outputs of a graded code cell.

    The cell's own outputs become part of the text: left as they are, nbgrader would read an error or a warning
    among them as no points.
    """
    said = _said(own_outputs)
    data = {
        "text/plain": as_text(verdict, said),
        "text/html": _as_html(verdict, said),
        MIME: {**_public(verdict), "said": said},
    }
    shown = {"output_type": "display_data", "data": data, "metadata": {}}
    return [
        shown,
        {
            "output_type": "execute_result",
            "data": {"text/plain": repr(verdict.score)},
            "metadata": {},
            "execution_count": None,
        },
    ]


def _public(verdict: CellResult) -> dict[str, Any]:
    """Give a verdict as data, without what is for instructors only."""
    data: dict[str, Any] = msgspec.to_builtins(verdict)
    for check in data["checks"]:
        del check["detail"]
    for key in ("suggested", "confidence", "criteria", "flags"):
        del data[key]
    return data


def heading(verdict: CellResult) -> str:
    """Say the score, and in one line that all is right where it is."""
    points = f"{verdict.score:g} of {verdict.max_score:g} points"
    return f"{points}: everything is right." if verdict.score == verdict.max_score else f"{points}."


def as_text(verdict: CellResult, said: str) -> str:
    """Give the verdict as plain text."""
    lines = [heading(verdict)]
    for check in verdict.checks:
        lines.append(f"{_MARKS[check.outcome]} {check.title}: {check.points:g} of {check.max_points:g}")
        lines += [f"    {line}" for line in _explained(check)]
    if said:
        lines += ["This cell's own examples said:", *(f"    {line}" for line in said.splitlines())]
    return "\n".join(lines)


def _explained(check: CheckResult) -> list[str]:
    if check.outcome == "passed":
        return [check.message] if check.message else []
    calls = [f"{call.called} {call.answer}" for call in check.calls]
    return [line for line in (check.message, *calls, check.hint) if line]


def _as_html(verdict: CellResult, said: str) -> str:
    """Give the verdict as HTML without a script, a link or a style sheet; all text in it is escaped."""
    rows = "".join(_row(check) for check in verdict.checks)
    examples = f"<p>This cell's own examples said:</p><pre>{escape(said)}</pre>" if said else ""
    return f"<div><p><strong>{escape(heading(verdict))}</strong></p><ul>{rows}</ul>{examples}</div>"


def _row(check: CheckResult) -> str:
    head = f"{_MARKS[check.outcome]} {escape(check.title)}: {check.points:g} of {check.max_points:g}"
    calls = "".join(
        f"<br><code>{escape(call.called)}</code> {escape(call.answer)}"
        for call in check.calls
        if check.outcome != "passed"
    )
    texts = "".join(f"<br>{escape(text)}" for text in (check.message, check.hint) if text)
    return f"<li>{head}{texts}{calls}</li>"


def _said(outputs: Sequence[Output]) -> str:
    """Give what a cell printed or raised, as text: of an exception only its last line."""
    parts = []
    for output in outputs:
        if output["output_type"] == "stream":
            parts.append(output["text"])
        elif output["output_type"] == "error":
            name, value = output["ename"], output["evalue"]
            parts.append(f"{name}: {value}" if value and name != "Stopped" else value or name)
        else:
            parts.append(output["data"]["text/plain"])
    return "\n".join(part.strip("\n") for part in parts)[:2000]
