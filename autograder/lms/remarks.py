"""What is said of a student's work in an LMS's column for comments."""

from html import escape

from autograder.gradebook.read import Standing
from autograder.lms.table import harmless
from autograder.text import printable


def remark(standing: Standing, *, html: bool) -> str:
    """Give a student's points by task, and the comments, on a line each or as paragraphs of HTML.

    Comments may be a person's words with markup in them, so in HTML they are escaped.
    """
    lines = []
    for name, mark in standing.marks.items():
        score = "not marked yet" if mark.score is None else f"{mark.score:g}"
        said = standing.comments.get(name, "").strip()
        lines.append(f"{name}: {score} of {mark.max_score:g} points." + (f" {said}" if said else ""))
    if standing.late_penalty:
        lines.append(f"Late: {standing.late_penalty:g} points less.")
    lines += [
        f"{name}: {said.strip()}" for name, said in standing.comments.items() if name not in standing.marks
    ]
    clean = [printable(line) for line in lines]
    if html:
        return "".join(f"<p>{escape(line)}</p>" for line in clean)
    return harmless("\n".join(clean))
