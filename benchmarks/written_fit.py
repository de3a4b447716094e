"""Fit the trained parts of a marker of written answers.

    python benchmarks/written_fit.py [ASSIGNMENT]

Reads `benchmarks/written/development.jsonl`, on which the rules were written, and `later.jsonl`, by writers who knew
nothing of them; writes `assignments/ASSIGNMENT/rubric.npz`. The mix is fitted on all of them, the stack on the later
ones, with what a mix says that was fitted without them. First it says how the marks come out for each writer when
everything is fitted without that writer's answers. Needs the `dev` extra. The fresh answers are not read here.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from written_scores import answers, kappa

from autograder.course import Course
from autograder.written.given import texts_of
from autograder.written.marker import FLAGS, Marker, Marking, load_marker
from autograder.written.mix import FILE, Evidence, Mix
from autograder.written.rubric import Rubric
from autograder.written.semantic import sentence_model
from autograder.written.stack import Matrix, Row

FOLDS = 5
C = 3.0
C_STACK = 0.3
OWN_COUNT = 4.0
"""How many answers one of the rubric's own sentences counts for: its author is sure of them."""
KINDS = ("plain", "full")


@dataclass(frozen=True)
class Answers:
    """Answers with their marks, and all that rules and sentence model see in them."""

    rows: Sequence[dict[str, Any]]
    looks: Sequence[tuple[Evidence, Row, Row]]
    """Each answer's evidence, and its features without the sentence model and of it."""
    marks: Matrix
    """Shape (n_answers, n_criteria)."""

    @classmethod
    def read(cls, rows: Sequence[dict[str, Any]], marker: Marker) -> "Answers":
        """Look at answers."""
        looks = []
        for row in rows:
            evidence = marker.look(row["text"])[1]
            plain, meaning = marker.features(evidence)
            if meaning is None:
                raise SystemExit("the [semantic] extra is not installed")
            looks.append((evidence, plain, meaning))
        ids = [criterion.id for criterion in marker.rubric.criteria]
        marks = np.array([[row["criteria"][name] for name in ids] for row in rows], dtype=np.float32)
        return cls(rows, looks, marks)

    def where(self, chosen: np.ndarray) -> "Answers":
        """Give some of them."""
        places = np.flatnonzero(chosen)
        return Answers(
            [self.rows[at] for at in places], [self.looks[at] for at in places], self.marks[places]
        )

    def and_also(self, other: "Answers") -> "Answers":
        """Give these and others."""
        marks = np.concatenate([self.marks, other.marks])
        return Answers([*self.rows, *other.rows], [*self.looks, *other.looks], marks)

    def features(self, kind: str) -> Matrix:
        """Give what the mix looks at, shape (n_answers, n_features)."""
        if kind == "plain":
            return np.array([plain for _, plain, _ in self.looks])
        return np.array([np.concatenate([plain, meaning]) for _, plain, meaning in self.looks])


def scales(marker: Marker, kind: str, width: int) -> Row:
    """Give how much each feature counts: flags and meaning much, single words little."""
    criteria = len(marker.rubric.criteria)
    parts = [np.full(len(FLAGS), 1.0), np.full(2, 0.5), np.full(2048, 4.0)]
    if kind == "full":
        parts += [np.full(3 * criteria, 4.0), np.full(768, 5.0)]
    scale = np.concatenate(parts).astype(np.float32)
    if len(scale) != width:
        raise SystemExit(f"there are {width} features, and scales for {len(scale)}")
    return scale


def mix_weights(of: Answers, marker: Marker) -> dict[str, np.ndarray]:
    """Fit a logistic regression for each criterion, without the sentence model and with it."""
    file = {"criteria": np.array([criterion.id for criterion in marker.rubric.criteria])}
    for kind in KINDS:
        features = of.features(kind)
        scale = scales(marker, kind, features.shape[1])
        models = [
            LogisticRegression(C=C, solver="liblinear").fit(features * scale, marks) for marks in of.marks.T
        ]
        file[f"{kind}_w"] = np.array([model.coef_[0] for model in models], dtype=np.float16)
        file[f"{kind}_b"] = np.array([model.intercept_[0] for model in models], dtype=np.float32)
        file[f"{kind}_scale"] = scale
    return file


def sentence_rows(mix: Mix, marker: Marker, kind: str) -> tuple[Matrix, Row]:
    """Give what the stack looks at in the rubric's examples and near misses, and which hold their criterion."""
    rows, held = [], []
    for number, criterion in enumerate(marker.rubric.criteria):
        for holds, texts in ((1.0, criterion.examples), (0.0, criterion.near_misses)):
            for text in texts:
                evidence = marker.look(text)[1]
                plain, meaning = marker.features(evidence)
                meaning = meaning if kind == "full" else None
                rows.append(marker.stacked(evidence, mix.chances(plain, meaning), meaning)[number])
                held.append(holds)
    return np.array(rows), np.array(held, dtype=np.float32)


def stack_weights(
    later: Answers, unseen: Mapping[str, Matrix], mix: Mix, marker: Marker
) -> dict[str, np.ndarray]:
    """Fit the stack on answers and what a mix says of them that has not seen them, by kind of mix.

    The rubric's own sentences are put to it too, each for its own criterion.
    """
    file = {}
    for kind in KINDS:
        rows = [
            marker.stacked(evidence, unseen[kind][at], meaning if kind == "full" else None)
            for at, (evidence, _, meaning) in enumerate(later.looks)
        ]
        own, held = sentence_rows(mix, marker, kind)
        counts = np.concatenate([np.ones(later.marks.size), np.full(len(held), OWN_COUNT)])
        model = LogisticRegression(C=C_STACK, max_iter=3000).fit(
            np.concatenate([*rows, own]),
            np.concatenate([later.marks.reshape(-1), held]),
            sample_weight=counts,
        )
        file[f"{kind}_stack_w"] = model.coef_[0].astype(np.float32)
        file[f"{kind}_stack_b"] = model.intercept_[0].astype(np.float32)
    return file


def unseen_chances(first: Answers, later: Answers, marker: Marker) -> dict[str, Matrix]:
    """Give what a mix says of the later answers when it was fitted on the first, and on the other later ones."""
    chances = {kind: np.zeros(later.marks.shape, dtype=np.float32) for kind in KINDS}
    folds = np.random.default_rng(0).permutation(len(later.rows)) % FOLDS
    for fold in range(FOLDS):
        mix = mix_of(mix_weights(first.and_also(later.where(folds != fold)), marker), marker)
        for at in np.flatnonzero(folds == fold):
            _, plain, meaning = later.looks[at]
            chances["plain"][at], chances["full"][at] = mix.chances(plain, None), mix.chances(plain, meaning)
    return chances


def mix_of(weights: dict[str, np.ndarray], marker: Marker) -> Mix:
    """Give the mix of these weights."""
    return Mix(weights, [criterion.id for criterion in marker.rubric.criteria], Path(FILE))


def weights_of(first: Answers, later: Answers, marker: Marker) -> dict[str, np.ndarray]:
    """Fit all that `rubric.npz` holds beside the rubric's sentences."""
    weights = mix_weights(first.and_also(later), marker)
    unseen = unseen_chances(first, later, marker)
    return {**weights, **stack_weights(later, unseen, mix_of(weights, marker), marker)}


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
    """Fit without each writer in turn, tell how it comes out, fit on all, and write."""
    name = sys.argv[1] if len(sys.argv) > 1 else "perceptron"
    assignment = Course(Path(__file__).parent.parent).assignment(name)
    given = texts_of(assignment)
    marker = load_marker(assignment.folder, given)
    if marker is None:
        raise SystemExit(f"{assignment.folder} has no rubric.toml")
    first = Answers.read(answers("development"), marker)
    later = Answers.read(answers("later"), marker)
    writers = np.array([row["writer"] for row in later.rows])
    for writer in dict.fromkeys(writers):
        mix = mix_of(weights_of(first, later.where(writers != writer), marker), marker)
        of_writer = later.where(writers == writer)
        for semantic in (False, True):
            judge = Marker(marker.rubric, mix, given, semantic=semantic)
            found = [judge.mark(row["text"]) for row in of_writer.rows]
            print(
                f"{writer}, {'with' if semantic else 'without'} the sentence model:", report(of_writer, found)
            )
    path = assignment.folder / FILE
    np.savez_compressed(path, **weights_of(first, later, marker), **vectors_of(marker.rubric))
    print(f"{path}: {path.stat().st_size:,} bytes, from {len(first.rows)} and {len(later.rows)} answers")


def report(of: Answers, found: Sequence[Marking]) -> str:
    """Say how suggested points agree with those due."""
    due, suggested = of.marks.sum(axis=1), np.array([each.suggested for each in found])
    sure, off = np.array([each.confidence == "high" for each in found]), np.abs(due - suggested)
    return (
        f"exact {np.mean(off == 0):.2f}, within one {np.mean(off <= 1):.2f}, QWK {kappa(due, suggested):.2f}; "
        f"high {np.mean(sure):.2f} of answers, of these exact {np.mean(off[sure] == 0):.2f}, "
        f"within one {np.mean(off[sure] <= 1):.2f}, QWK {kappa(due[sure], suggested[sure]):.2f}"
    )


if __name__ == "__main__":
    main()
