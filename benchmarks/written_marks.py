"""How good the marks of written answers are, on the answers of `benchmarks/written/`.

    python benchmarks/written_marks.py [ASSIGNMENT]

Prints, for the marker with and without the sentence model and for a baseline of keywords, exact agreement, agreement
within one point, quadratic weighted kappa (QWK), share and quality of `high`, and processor time; then, for the marker
with the sentence model, the marks by kind of answer and the confusion of each criterion. Nothing was fitted on the
fresh and the hostile answers: their figures are the honest ones. What `written_fit.py` prints for each writer, fitted
without that writer, is nearly so. Last, a second reader is compared with the first.
"""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from written_scores import answers, kappa

from autograder.course import Course
from autograder.written.given import texts_of
from autograder.written.marker import Marker, Marking, load_marker

KEYWORDS = (
    r"separab|no .*line|two lines",
    r"diagonal|opposite|corner",
    r"\bline\b|linear|threshold",
    r"converge|forever|never|cycle",
)
HOSTILE = ("negated", "stuffed", "injection", "copied", "offtopic", "hidden", "empty")

Rows = list[dict[str, Any]]


def due(rows: Rows) -> np.ndarray:
    """Give the points that a reader gave, shape (n_answers,)."""
    return np.array([sum(row["criteria"].values()) for row in rows])


def line(name: str, rows: Rows, marks: list[tuple[float, bool]], seconds: float) -> str:
    """Give a line of the first table."""
    wanted, given = due(rows), np.array([suggested for suggested, _ in marks])
    sure, off = np.array([is_sure for _, is_sure in marks]), abs(due(rows) - given)
    high = ""
    if sure.any():
        exact, near = np.mean(off[sure] == 0), np.mean(off[sure] <= 1)
        high = f"{sure.mean():5.2f} {exact:6.2f} {near:6.2f} {kappa(wanted[sure], given[sure]):5.2f}"
    return (
        f"  {name:28} {np.mean(off == 0):6.2f} {np.mean(off <= 1):6.2f} {kappa(wanted, given):6.2f}   "
        f"{high:26}   {1000 * seconds / len(rows):6.2f}"
    )


def timed(mark: Callable[[str], tuple[float, bool]], rows: Rows) -> tuple[list[tuple[float, bool]], float]:
    """Mark the answers; gives processor seconds too."""
    mark("A first answer, so that loading is not counted.")
    start = time.process_time()
    marks = [mark(row["text"]) for row in rows]
    return marks, time.process_time() - start


def by_keywords(text: str) -> tuple[float, bool]:
    """Give a point for each criterion of which a keyword occurs."""
    return float(sum(bool(re.search(words, text.lower())) for words in KEYWORDS)), False


def by(marker: Marker) -> Callable[[str], tuple[float, bool]]:
    """Give a marker's points, and whether it is sure."""

    def mark(text: str) -> tuple[float, bool]:
        marking = marker.mark(text)
        return marking.suggested, marking.confidence == "high"

    return mark


def print_kinds(rows: Rows, markings: list[Marking]) -> None:
    """Print how each kind of answer comes out."""
    print(f"\n  {'kind':14} {'n':>4} {'exact':>6} {'in 1':>6} {'over by 2':>10} {'full':>5} {'high':>5}")
    for kind in dict.fromkeys(row["kind"] for row in rows):
        pairs = [
            (sum(r["criteria"].values()), m) for r, m in zip(rows, markings, strict=True) if r["kind"] == kind
        ]
        off = np.array([marking.suggested - points for points, marking in pairs])
        full = sum(marking.suggested == 4 for _, marking in pairs)
        high = sum(marking.confidence == "high" for _, marking in pairs)
        print(
            f"  {kind:14} {len(pairs):4} {np.mean(off == 0):6.2f} {np.mean(abs(off) <= 1):6.2f} "
            f"{sum(off >= 2):10} {full:5} {high:5}"
        )
    hostile = [(r, m) for r, m in zip(rows, markings, strict=True) if r["kind"] in HOSTILE]
    over = sum(m.suggested - sum(r["criteria"].values()) >= 2 for r, m in hostile)
    full = sum(marking.suggested == 4 for _, marking in hostile)
    print(f"  hostile: {over} of {len(hostile)} over by two points or more; {full} at 4")


def print_confusion(rows: Rows, markings: list[Marking]) -> None:
    """Print, for each criterion, how often it was held and found."""
    print(
        f"\n  {'criterion':14} {'held, found':>12} {'held, missed':>13} {'not held, found':>16} {'neither':>8}"
    )
    for name in rows[0]["criteria"]:
        pairs = [
            (bool(r["criteria"][name]), m.criteria[name].likely) for r, m in zip(rows, markings, strict=True)
        ]
        counts = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))]
        print(f"  {name:14} {counts[0]:12} {counts[1]:13} {counts[2]:16} {counts[3]:8}")


def print_second_reader(rows: Rows) -> None:
    """Print how far a second reader agrees with the first."""
    first = {row["id"]: row["criteria"] for row in rows}
    again = answers("second")
    one, other = due([{"criteria": first[row["id"]]} for row in again]), due(again)
    print(f"\nTwo readers on {len(again)}: exact {np.mean(one == other):.2f}, QWK {kappa(one, other):.2f}")
    for name in first[again[0]["id"]]:
        same = np.mean([row["criteria"][name] == first[row["id"]][name] for row in again])
        print(f"  {name:14} the same for {same:.2f}")


def main() -> None:
    """Measure, and print."""
    root = Path(__file__).parent.parent
    assignment = Course(root).assignment(sys.argv[1] if len(sys.argv) > 1 else "perceptron")
    given = texts_of(assignment)
    markers = {kind: load_marker(assignment.folder, given, semantic=kind) for kind in (True, False)}
    full, plain = markers[True], markers[False]
    if full is None or plain is None:
        raise SystemExit(f"{assignment.folder} has no rubric.toml")
    for name in ("development", "later", "fresh", "hostile"):
        rows = answers(name)
        print(f"\n{name}: {len(rows)} answers")
        heads = f"{'exact':>6} {'in 1':>6} {'QWK':>6}   {'high':>5} {'exact':>6} {'in 1':>6} {'QWK':>5}      ms each"
        print(f"  {'':28} {heads}")
        for title, mark in (
            ("with the sentence model", by(full)),
            ("without", by(plain)),
            ("keywords", by_keywords),
        ):
            print(line(title, rows, *timed(mark, rows)))
        markings = [full.mark(row["text"]) for row in rows]
        print_kinds(rows, markings)
        print_confusion(rows, markings)
    print_second_reader([*answers("development"), *answers("later")])


if __name__ == "__main__":
    main()
