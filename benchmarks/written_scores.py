"""The answers that the marker of written answers is measured on, and how agreement is counted."""

import json
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "written"


def answers(name: str) -> list[dict[str, Any]]:
    """Read answers with their marks: `development`, `fresh`, or a second reader's."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def kappa(one: np.ndarray, other: np.ndarray, highest: int = 4) -> float:
    """Give the quadratic weighted kappa of two people's marks, from 0 to `highest`; shape (n_answers,) each."""
    if not len(one):
        return float("nan")
    seen = np.zeros((highest + 1, highest + 1))
    for a, b in zip(np.asarray(one, dtype=int), np.asarray(other, dtype=int), strict=True):
        seen[a, b] += 1
    steps = np.arange(highest + 1)
    weights = (steps[:, None] - steps[None, :]) ** 2
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    expected = (weights * chance).sum()
    return float(1 - (weights * seen).sum() / expected) if expected else 1.0
