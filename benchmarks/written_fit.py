"""Fit the trained part of a marker of written answers.

    python benchmarks/written_fit.py [ASSIGNMENT]

Reads `benchmarks/written/development.jsonl`, writes `assignments/ASSIGNMENT/rubric.npz`, and says how the marks come
out by cross-validation. Needs the `dev` extra. The fresh answers are not read here.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from written_scores import answers, kappa

from autograder.course import Course
from autograder.written.given import texts_of
from autograder.written.marker import Marker, load_marker
from autograder.written.mix import FILE, Mix
from autograder.written.rubric import Rubric
from autograder.written.semantic import sentence_model

FOLDS = 10
C = 3.0
KINDS = ("plain", "full")


def scales(marker: Marker, kind: str, width: int) -> np.ndarray:
    """Give how much each feature counts: rules much, single words little."""
    criteria, flags = len(marker.rubric.criteria), 9
    parts = [np.full(flags, 1.0), np.full(2, 0.5), np.full(2048, 4.0)]
    if kind == "full":
        parts += [np.full(3 * criteria, 4.0), np.full(768, 5.0)]
    scale = np.concatenate(parts).astype(np.float32)
    if len(scale) != width:
        raise SystemExit(f"there are {width} features, and scales for {len(scale)}")
    return scale


def fitted(rows: np.ndarray, marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logistic regression for each criterion: rows (n_answers, n_features), marks (n_answers, n_criteria)."""
    weights, biases = [], []
    for column in marks.T:
        model = LogisticRegression(C=C, solver="liblinear").fit(rows, column)
        weights.append(model.coef_[0])
        biases.append(model.intercept_[0])
    return np.array(weights, dtype=np.float32), np.array(biases, dtype=np.float32)


def mix_of(data: dict[str, np.ndarray], marks: np.ndarray, marker: Marker) -> Mix:
    """Give the mix that is fitted on these answers."""
    ids = [criterion.id for criterion in marker.rubric.criteria]
    return Mix(weights_of(data, marks, marker), ids, Path(FILE))


def weights_of(data: dict[str, np.ndarray], marks: np.ndarray, marker: Marker) -> dict[str, np.ndarray]:
    """Give what `rubric.npz` holds."""
    file: dict[str, np.ndarray] = {
        "criteria": np.array([criterion.id for criterion in marker.rubric.criteria])
    }
    for kind in KINDS:
        scale = scales(marker, kind, data[kind].shape[1])
        file[f"{kind}_w"], file[f"{kind}_b"] = fitted(data[kind] * scale, marks)
        file[f"{kind}_scale"] = scale
    return file


def vectors_of(rubric: Rubric) -> dict[str, np.ndarray]:
    """Give the sentences of a rubric and their vectors, which graders need not find again."""
    model = sentence_model()
    if model is None:
        raise SystemExit("the [semantic] extra is not installed")
    texts = [text for each in rubric.criteria for text in (*each.examples, *each.near_misses)]
    return {
        "sentences": np.array(texts),
        "vectors": np.concatenate([model.vectors([text]) for text in texts]),
    }


def main() -> None:
    """Fit, cross-validate and write."""
    name = sys.argv[1] if len(sys.argv) > 1 else "perceptron"
    warnings.filterwarnings("ignore", category=FutureWarning)
    root = Path(__file__).parent.parent
    assignment = Course(root).assignment(name)
    given = texts_of(assignment)
    marker = load_marker(assignment.folder, given)
    if marker is None:
        raise SystemExit(f"{assignment.folder} has no rubric.toml")
    rows = answers("development")
    marks = np.array(
        [[row["criteria"][criterion.id] for criterion in marker.rubric.criteria] for row in rows]
    )
    both = [marker.features(marker.look(row["text"])[1]) for row in rows]
    data = {
        "plain": np.array([plain for plain, _ in both]),
        "full": np.array([np.concatenate([plain, meaning]) for plain, meaning in both]),
    }
    for semantic in (False, True):
        suggested, sure = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
        folds = np.random.default_rng(0).permutation(len(rows)) % FOLDS
        for fold in range(FOLDS):
            inside = folds != fold
            mix = mix_of({kind: data[kind][inside] for kind in KINDS}, marks[inside], marker)
            judge = Marker(marker.rubric, mix, given, semantic=semantic)
            for at in np.flatnonzero(~inside):
                marking = judge.mark(rows[at]["text"])
                suggested[at], sure[at] = marking.suggested, marking.confidence == "high"
        due = marks.sum(axis=1)
        print(
            f"{FOLDS}-fold, {'with' if semantic else 'without'} the sentence model:",
            report(due, suggested, sure),
        )
    path = assignment.folder / FILE
    np.savez_compressed(
        path,
        **{
            key: value.astype(np.float16) if key.endswith("_w") else value
            for key, value in weights_of(data, marks, marker).items()
        },
        **vectors_of(marker.rubric),
    )
    print(f"{path}: {path.stat().st_size:,} bytes, from {len(rows)} answers")


def report(due: np.ndarray, suggested: np.ndarray, sure: np.ndarray) -> str:
    """Say how suggested points agree with those due."""
    off = np.abs(due - suggested)
    return (
        f"exact {np.mean(off == 0):.2f}, within one {np.mean(off <= 1):.2f}, QWK {kappa(due, suggested):.2f}; "
        f"high {np.mean(sure):.2f} of answers, of these exact {np.mean(off[sure] == 0):.2f}, "
        f"within one {np.mean(off[sure] <= 1):.2f}, QWK {kappa(due[sure], suggested[sure]):.2f}"
    )


if __name__ == "__main__":
    main()
