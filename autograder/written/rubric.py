"""The marking scheme of a written answer, `rubric.toml`: what counts for each criterion, and what speaks against it."""

import re
from pathlib import Path
from typing import Literal

import msgspec

from autograder.errors import InstructorError

_COUNTED = re.compile(r"(\w+):(\d+)")


class Claim(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Something that an answer may say: these concepts near each other, said or denied.

    `all` names concepts; `a|b` is either of them, and `a:3` three of them (with `scope = "answer"`). `negated` wants
    the claim denied ('no line separates …'). Where one of `unless` stands beside it, it does not count; a negation
    that belongs to one of `shields` is not this claim's. With `opposite_denies` the claim with the other sign is a
    contradiction. A claim that is `weak` is not enough for high confidence.
    """

    all: list[str]
    negated: bool = False
    within: int = 12
    scope: Literal["part", "answer"] = "part"
    unless: list[str] = []
    shields: list[str] = []
    opposite_denies: bool = False
    any_sign: bool = False
    weak: bool = False
    supposed_too: bool = False


class Criterion(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One idea that an answer is to hold. `question` leads a student to it; examples say it, or something near it."""

    id: str
    idea: str
    question: str
    claims: list[Claim]
    contradictions: list[Claim] = []
    examples: list[str] = []
    near_misses: list[str] = []


class Rubric(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The contents of `rubric.toml`. `cell` is the grade_id of the cell whose answer it marks."""

    cell: str
    language: str
    concepts: dict[str, list[str]]
    criteria: list[Criterion]
    topic: list[str] = []
    """Concepts of which an answer that is on the topic holds some."""


def load(path: Path) -> Rubric:
    """Read a rubric. Raises InstructorError, which names the file and what is wrong in it."""
    try:
        rubric = msgspec.toml.decode(path.read_bytes(), type=Rubric)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InstructorError(f"{path}: {error}") from error
    except OSError as error:
        raise InstructorError(f"{path} cannot be read: {error.strerror}") from error
    _check(rubric, path)
    return rubric


def names_in(claim: Claim) -> set[str]:
    """Give the concepts that a claim is made of."""
    parts = [*claim.all, *claim.unless, *claim.shields]
    return {counted(name)[0] for part in parts for name in part.split("|")}


def counted(name: str) -> tuple[str, int]:
    """Split `inequality:3` into a concept and how often it is wanted."""
    found = _COUNTED.fullmatch(name)
    return (found.group(1), int(found.group(2))) if found else (name, 1)


def _check(rubric: Rubric, path: Path) -> None:
    ids = [criterion.id for criterion in rubric.criteria]
    if not ids:
        raise InstructorError(f"{path}: there are no criteria")
    if len(set(ids)) < len(ids):
        raise InstructorError(f"{path}: two criteria have the same id")
    for name, phrases in rubric.concepts.items():
        if not phrases or any(not phrase.split() or phrase.split()[0] in {"…", "*"} for phrase in phrases):
            raise InstructorError(f"{path}: concept '{name}' has no phrases, or one that begins with nothing")
    for criterion in rubric.criteria:
        for claim in [*criterion.claims, *criterion.contradictions]:
            if not claim.all:
                raise InstructorError(f"{path}: criterion '{criterion.id}' has a claim of no concepts")
            for name in sorted(names_in(claim) - set(rubric.concepts)):
                raise InstructorError(
                    f"{path}: criterion '{criterion.id}' names the concept '{name}', which is not there"
                )
    for name in sorted(set(rubric.topic) - set(rubric.concepts)):
        raise InstructorError(f"{path}: topic names the concept '{name}', which is not there")
