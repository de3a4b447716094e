"""What a student's function takes and returns, as one line of `assignment.toml` declares it.

A line such as ``update(w[n], b, x[n], y, lr) -> w[n], b`` names the parameters in the order of the call.
A name without brackets is a number; a name in brackets is an array, whose sizes are named in turn. A size
that occurs twice is the same size twice, as in NumPy's generalised ufunc signatures. A function that takes
several kinds of argument has several lines.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.errors import InstructorError, StudentError

Number = float
Value = Number | NDArray[np.float64]

_TERM = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*(?:\[(?P<sizes>[^\]]*)\])?\s*")


@dataclass(frozen=True)
class Term:
    """A parameter or a result: a number where there are no sizes, else an array of as many dimensions."""

    name: str
    sizes: tuple[str, ...] = ()

    def describe(self, sizes: dict[str, int]) -> str:
        """Say what is due, in a student's words."""
        if not self.sizes:
            return "a number"
        shape = [sizes.get(size) for size in self.sizes]
        if len(shape) == 1:
            return f"an array of {shape[0]} number{'' if shape[0] == 1 else 's'}"
        return f"an array of shape ({', '.join(str(size) for size in shape)})"


@dataclass(frozen=True)
class Form:
    """One way to call a function: what it takes and what it gives back."""

    function: str
    parameters: tuple[Term, ...]
    results: tuple[Term, ...]

    def sizes_of(self, arguments: Sequence[object], *, lenient: bool = False) -> dict[str, int] | None:
        """Give the named sizes of these arguments, or None where the arguments do not fit this form.

        Lenient, an array of one number fits where a number is due, as it does for a result.
        """
        if len(arguments) != len(self.parameters):
            return None
        sizes: dict[str, int] = {}
        for term, argument in zip(self.parameters, arguments, strict=True):
            shape = shape_of(argument)
            if lenient and not term.sizes and math.prod(shape) == 1:
                continue
            if len(shape) != len(term.sizes):
                return None
            for name, size in zip(term.sizes, shape, strict=True):
                if sizes.setdefault(name, size) != size:
                    return None
        return sizes

    def conform(self, result: object, sizes: dict[str, int]) -> Value | tuple[Value, ...]:
        """Give the result as floats and float arrays of the declared shapes.

        Raises StudentError, which says what was due and what came back, where it does not fit.
        """
        if len(self.results) == 1:
            return _fit(result, self.results[0], sizes, self.function)
        if not isinstance(result, tuple | list) or len(result) != len(self.results):
            due = ", ".join(term.name for term in self.results)
            raise StudentError(
                f"{self.function} returned {kind_of(result)}; {len(self.results)} values were due: {due}."
            )
        return self._fit_all(result, self.results, sizes)

    def array_for_number(self, result: object) -> object:
        """Give what, in a result that conforms, is an array or a list of one where a number is due; None if nothing."""
        values: Sequence[object] = [result]
        if len(self.results) > 1 and isinstance(result, tuple | list):
            values = result
        for term, part in zip(self.results, values, strict=True):
            if not term.sizes and shape_of(part):
                return part
        return None

    def conform_arguments(self, arguments: Sequence[object], sizes: dict[str, int]) -> tuple[Value, ...]:
        """Give arguments that came out of a student's results as floats and float arrays, as `conform` does."""
        return self._fit_all(arguments, self.parameters, sizes)

    def conform_stacks(
        self, stacks: Sequence[NDArray[Any]], sizes: dict[str, int], *, arguments: bool = False
    ) -> tuple[NDArray[np.float64], ...] | None:
        """Do for many results at once, or for many calls' arguments, what `conform` does for one.

        `stacks` holds each part of the results, stacked along the first axis; so does what comes back. None where
        they do not fit: `conform` says why.
        """
        terms = self.parameters if arguments else self.results
        if len(stacks) != len(terms):
            return None
        fitted = []
        for stack, term in zip(stacks, terms, strict=True):
            due = tuple(sizes[size] for size in term.sizes)
            if stack.shape[1:] != due and (due or math.prod(stack.shape[1:]) != 1):
                return None
            fitted.append(stack.reshape(len(stack), *due).astype(np.float64))
        return tuple(fitted)

    def _fit_all(
        self, values: Sequence[object], terms: Sequence[Term], sizes: dict[str, int]
    ) -> tuple[Value, ...]:
        return tuple(
            _fit(value, term, sizes, self.function) for value, term in zip(values, terms, strict=True)
        )


@dataclass(frozen=True)
class Foreign:
    """A value that is neither a number nor made of numbers, as it came back: its type and how it prints."""

    type_name: str
    text: str


def parse_form(line: str) -> Form:
    """Read one line of `assignment.toml`. Raises InstructorError where it is not of the form above."""
    match = re.fullmatch(r"\s*([^\W\d]\w*)\s*\((.*)\)\s*->\s*(.+)", line)
    if match is None:
        raise InstructorError(
            f"'{line}' is not a signature. Write it like this: update(w[n], b, x[n], y, lr) -> w[n], b"
        )
    function, parameters, results = match.groups()
    return Form(function, _terms(parameters, line), _terms(results, line))


def _terms(text: str, line: str) -> tuple[Term, ...]:
    terms = []
    for part in re.split(r",(?![^\[]*\])", text):
        match = _TERM.fullmatch(part)
        if match is None:
            raise InstructorError(f"'{part.strip()}' in the signature '{line}' is not a name or name[size].")
        sizes = match["sizes"]
        names = tuple(size.strip() for size in sizes.split(",")) if sizes is not None else ()
        if not all(name.isidentifier() for name in names):
            raise InstructorError(f"The sizes of '{part.strip()}' in '{line}' must be names, such as x[n].")
        terms.append(Term(match["name"], names))
    return tuple(terms)


def _fit(value: object, term: Term, sizes: dict[str, int], function: str) -> Value:
    due = term.describe(sizes)
    array = _as_floats(value)
    if array is None:
        raise StudentError(f"{function} returned {kind_of(value)} where {due} is due.")
    if not term.sizes:
        if array.size != 1:
            raise StudentError(f"{function} returned {kind_of(value)} where {due} is due.")
        return float(array.reshape(()))
    if array.shape != tuple(sizes[size] for size in term.sizes):
        raise StudentError(f"{function} returned {kind_of(value)} where {due} is due.")
    return array


def shape_of(value: Any) -> tuple[int, ...]:  # noqa: ANN401  # any value has a shape to NumPy
    """Give the shape that NumPy would give a value. Raises ValueError for rows of unequal length."""
    return np.shape(value)


def _as_floats(value: object) -> NDArray[np.float64] | None:
    """Give numbers, and lists of numbers, as a float array; None for anything else."""
    if not _numeric(value):
        return None
    try:
        return np.asarray(value, dtype=np.float64)
    except (ValueError, OverflowError):  # rows of unequal length; an integer beyond the floats
        return None


def _numeric(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_numeric(item) for item in value)
    return isinstance(value, bool | int | float | np.number | np.bool_ | np.ndarray)


def kind_of(value: object) -> str:
    """Say what kind of value this is, in a student's words: 'None', 'a string', 'an array of shape (3,)'."""
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, Foreign):
        return f"a {value.type_name}"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, list | tuple):
        count = len(value)
        return f"a {type(value).__name__} of {count} value{'' if count == 1 else 's'}"
    return "a number"
