"""Random calls of a function, drawn from its declared signature."""

import numpy as np

from autograder.authoring.shortfalls import Values
from autograder.signatures import Form

_LARGEST_SIZE = 5
_KINDS = ((1000, 1), (8, 1024), (2, 4))
"""How large the numbers of a call may be, and of how many parts of 1 they are multiples."""


def draw_calls(form: Form, values: Values, rng: np.random.Generator, count: int) -> list[tuple[object, ...]]:
    """Give tuples of arguments: sizes from 1 to 5, and numbers of many kinds, or those that `values` allows.

    The numbers are whole and large, have many digits, or are quarters so that some sums are 0; all have few enough
    digits that no rounding decides anything.
    """
    return [_call(form, values, rng) for _ in range(count)]


def _call(form: Form, values: Values, rng: np.random.Generator) -> tuple[object, ...]:
    names = {name for term in form.parameters for name in term.sizes}
    sizes = {name: int(rng.integers(1, _LARGEST_SIZE + 1)) for name in sorted(names)}
    most, parts = _KINDS[rng.integers(len(_KINDS))]
    call: list[object] = []
    for term in form.parameters:
        shape = tuple(sizes[name] for name in term.sizes)
        if term.name in values:
            numbers = rng.choice(np.asarray(values[term.name]), size=shape)
        else:
            numbers = rng.integers(-most * parts, most * parts + 1, size=shape) / parts
        call.append(np.asarray(numbers, dtype=float) if shape else np.asarray(numbers).item())
    return tuple(call)
