"""The trained part: how likely an answer meets each criterion, by its words and its meaning.

It knows nothing of what the rules found, so that the two are two opinions, and their agreement says something.

A logistic regression for each criterion. `benchmarks/written_fit.py` fits it on marked answers, by scikit-learn;
here it is a product of a matrix and a vector. Its file lies beside the rubric.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from autograder.errors import InstructorError
from autograder.written.claims import Finding
from autograder.written.rubric import Rubric
from autograder.written.semantic import SentenceModel, Vectors
from autograder.written.stack import Matrix, Row, logistic

FILE = "rubric.npz"

_BUCKETS = 1024
_SIZE = 384
_MOST_SENTENCES = 40
_SPACE = re.compile(r"\s+")

_KINDS = ("plain", "full")
"""The weights' names, without the sentence model and with it."""


@dataclass(frozen=True)
class Evidence:
    """All that the mix looks at in one answer."""

    text: str
    sentences: Sequence[str]
    findings: Sequence[Finding]
    flags: frozenset[str]


class Meaning:
    """Likeness of sentences to a rubric's examples and near misses."""

    def __init__(self, rubric: Rubric, model: SentenceModel, known: Mapping[str, Row]) -> None:
        """`known` are the vectors of sentences that the model has seen before: a worker would wait for them."""
        self._model = model
        self._examples = [
            tuple(self._vectors(texts, known) for texts in (criterion.examples, criterion.near_misses))
            for criterion in rubric.criteria
        ]

    def _vectors(self, texts: Sequence[str], known: Mapping[str, Row]) -> Vectors:
        if texts and all(text in known for text in texts):
            return np.stack([known[text] for text in texts])
        return self._model.vectors(texts)

    def features(self, sentences: Sequence[str]) -> tuple[Row, list[int]]:
        """Give likeness and mean vector, and for each criterion which sentence is most like its examples."""
        vectors = self._model.vectors(sentences[:_MOST_SENTENCES])
        if not len(vectors):
            return np.zeros(self.size, dtype=np.float32), [0] * len(self._examples)
        likeness, best = [], []
        for examples, near in self._examples:
            like, unlike = _top(vectors, examples), _top(vectors, near)
            best.append(int(np.argmax(like - unlike)))
            likeness += [float(like.max()), float((like - unlike).max()), float(unlike.max())]
        return np.concatenate([likeness, vectors.mean(axis=0), vectors.max(axis=0) * 0.5]).astype(
            np.float32
        ), best

    @property
    def size(self) -> int:
        """The number of features."""
        return 3 * len(self._examples) + 2 * _SIZE


def _top(vectors: Vectors, examples: Vectors) -> Row:
    if not len(examples):
        return np.zeros(len(vectors), dtype=np.float32)
    top: Row = (vectors @ examples.T).max(axis=1)
    return top


def plain_features(evidence: Evidence, all_flags: Sequence[str]) -> Row:
    """Give the features that need no sentence model: flags, length, and words by their hash."""
    flags = [float(flag in evidence.flags) for flag in all_flags]
    length = [np.log1p(len(evidence.text)) / 8, np.log1p(len(evidence.sentences)) / 3]
    return np.concatenate([flags, length, hashed(evidence.text)]).astype(np.float32)


def hashed(text: str) -> Row:
    """Give counts of words, pairs of words and runs of four characters, hashed, square-rooted, of length 1 together."""
    counts = np.zeros(2 * _BUCKETS, dtype=np.float32)
    lowered = _SPACE.sub(" ", text.lower())
    for gram in _word_grams(lowered):
        counts[zlib.crc32(gram.encode()) % _BUCKETS] += 1
    for at in range(len(lowered) - 3):
        counts[_BUCKETS + zlib.crc32(lowered[at : at + 4].encode()) % _BUCKETS] += 1
    rooted = np.sqrt(counts)
    norms = [max(float(np.linalg.norm(half)), 1e-9) for half in (rooted[:_BUCKETS], rooted[_BUCKETS:])]
    return np.concatenate([rooted[:_BUCKETS] / norms[0], rooted[_BUCKETS:] / norms[1]])


def _word_grams(text: str) -> Iterator[str]:
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text)
    yield from words
    yield from (f"{one} {two}" for one, two in pairwise(words))


class Mix:
    """The fitted weights: with the sentence model's features and without."""

    def __init__(self, weights: dict[str, Matrix], criteria: Sequence[str], path: Path) -> None:
        self._weights = weights
        if [str(name) for name in weights["criteria"]] != list(criteria):
            raise InstructorError(f"{path} was fitted for other criteria than the rubric's: fit it again")

    @classmethod
    def load(cls, path: Path, criteria: Sequence[str]) -> "Mix | None":
        """Read the weights; None where there are none. Raises InstructorError for a file that does not fit."""
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                return cls({name: file[name] for name in file.files}, criteria, path)
        except (OSError, ValueError, KeyError) as error:
            raise InstructorError(f"{path} cannot be used: {error}. Fit it again, or remove it.") from error

    @property
    def known(self) -> dict[str, Row]:
        """The vectors of sentences of the rubric, as they were when it was fitted."""
        texts, vectors = (self._weights.get(name, np.zeros(0)) for name in ("sentences", "vectors"))
        return {str(text): np.asarray(vector) for text, vector in zip(texts, vectors, strict=True)}

    def chances(self, plain: Row, meaning: Row | None) -> Row:
        """Give how likely each criterion is met, shape (n_criteria,)."""
        kind, row = (
            _KINDS[meaning is not None],
            plain if meaning is None else np.concatenate([plain, meaning]),
        )
        scores = (
            self._weights[f"{kind}_w"] @ (row * self._weights[f"{kind}_scale"]) + self._weights[f"{kind}_b"]
        )
        chances: Row = (1 / (1 + np.exp(-scores))).astype(np.float32)
        return chances

    def stacked(self, rows: Matrix, *, meaning: bool) -> Row:
        """Give how likely each criterion is met by mix and rules together, of `stacked_features`."""
        kind = _KINDS[meaning]
        return logistic(rows, self._weights[f"{kind}_stack_w"], float(self._weights[f"{kind}_stack_b"]))
