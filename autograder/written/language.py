"""The words of language that the marker goes by, from `data/language.toml`: negation, reports, the grader."""

from pathlib import Path

import msgspec

from autograder.written.words import Phrases


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    phrases: dict[str, list[str]]
    words: dict[str, list[str]]


_file = msgspec.toml.decode((Path(__file__).parent / "data" / "language.toml").read_bytes(), type=_File)
_GRADER = "grader"

KINDS = tuple(kind for kind in _file.phrases if kind != _GRADER)
"""How a part of a sentence may be meant."""
SAYING = Phrases({kind: _file.phrases[kind] for kind in KINDS})
"""Finds phrases of these kinds."""
TO_THE_GRADER = Phrases({_GRADER: _file.phrases[_GRADER]})
"""Finds phrases that talk to the grader or about the mark."""
WORDS = {name: frozenset(words) for name, words in _file.words.items()}
"""Words by what they do in a sentence."""
