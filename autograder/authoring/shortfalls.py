"""Functions that are right only so far: the solution, made to go wrong beyond a line that a check may forget to cross.

Only for small numbers, for two features, for whole numbers, at the first calls, where nobody minds that an array is
changed … What they are is read off the declared signatures, so that each assignment has them. Their code runs in the
notebook, after the right function, and takes its name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.authoring.mutants import Mutant
from autograder.signatures import Form, Term

Values = Mapping[str, Sequence[float]]
"""The only values that a number of this name takes, where a signature alone says too little."""


@dataclass(frozen=True)
class _Spoil:
    """What is done to an argument or a result. `dimensions` are the fewest that it must have."""

    about: str
    expression: str
    dimensions: int = 0


_SPOILS = (
    _Spoil("cut to whole numbers", "np.trunc(v)"),
    _Spoil("rounded to two decimals", "np.round(v, 2)"),
    _Spoil("in half precision", "np.asarray(v, np.float16).astype(float)[()]"),
    _Spoil("with numbers beyond 100 taken as 100", "np.clip(v, -100.0, 100.0)"),
    _Spoil("without its sign", "np.abs(v)"),
    _Spoil("with negative numbers taken as 0", "np.maximum(v, 0.0)"),
    _Spoil("with all but 0 taken as 1", "np.asarray(np.asarray(v) != 0, float)[()]"),
    _Spoil("with what follows its second column taken as 0", "v * (np.arange(v.shape[-1]) < 2)", 1),
    _Spoil("in the opposite order", "v[..., ::-1]", 1),
    _Spoil("with what follows its second row taken as 0", "v * (np.arange(len(v)) < 2)[:, None]", 2),
    _Spoil("with its rows in the opposite order", "v[::-1]", 2),
)
_SPOILT_SHAPES = (
    _Spoil("without dimensions of size 1", "np.squeeze(v)", 1),
    _Spoil("as one number where all are equal", "v.flat[0] if v.size and (v == v.flat[0]).all() else v", 1),
    _Spoil("as a row of a table", "v[None]", 1),
    _Spoil("turned on its side", "v.T", 2),
)

_SPOILS_ARGUMENT = """
def {function}(*arguments, _right={function}, **named):
    import numpy as np

    arguments = list(arguments)
    if len(arguments) > {place} and np.ndim(arguments[{place}]) >= {dimensions}:
        v = arguments[{place}]
        arguments[{place}] = {expression}
    return _right(*arguments, **named)
"""
_SPOILS_RESULT = """
def {function}(*arguments, _right={function}, **named):
    import numpy as np

    result = _right(*arguments, **named)
    parts = list(result) if isinstance(result, tuple) else [result]
    v = np.array(parts[{place}], float)[()]
    if np.ndim(v) >= {dimensions}:
        parts[{place}] = {expression}
    return tuple(parts) if isinstance(result, tuple) else parts[0]
"""
_CHANGES_ARGUMENT = """
def {function}(*arguments, _right={function}, **named):
    result = _right(*arguments, **named)
    if hasattr(arguments[{place}], "shape"):
        arguments[{place}][...] += 1.0
    return result
"""
_FORGETFUL = """
def {function}(*arguments, _right={function}, _state={{}}, **named):
    import numpy as np

    call = _state["call"] = _state.get("call", 0) + 1
    key = repr([np.asarray(argument).tolist() for argument in arguments])
    again, _state[key] = key in _state, True
    result = _right(*arguments, **named)
    parts = list(result) if isinstance(result, tuple) else [result]
    if {condition}:
        parts = [np.asarray(part, float) + 1.0 for part in parts]
    return tuple(parts) if isinstance(result, tuple) else parts[0]
"""
_STATES = (
    ("is right at its first call only", "call > 1"),
    ("is right at its first five calls only", "call > 5"),
    ("is wrong at every third call", "call % 3 == 0"),
    ("is wrong when it is asked the same again", "again"),
)


def shortfalls_of(cell: str, function: str, forms: Sequence[Form], values: Values) -> list[Mutant]:
    """Give the shortfalls of a function that a cell defines, and that can be called in these forms."""
    return [
        Mutant(function, kind, f"def {function}", about, f"{cell.rstrip()}\n\n{code.lstrip()}")
        for kind, about, code in _codes(function, forms, values)
    ]


def _codes(function: str, forms: Sequence[Form], values: Values) -> Iterator[tuple[str, str, str]]:
    for place, terms in _by_place(form.parameters for form in forms):
        name = terms[0].name
        for spoil in _spoils(_SPOILS, terms, values):
            yield "argument", f"takes {name} {spoil.about}", _filled(_SPOILS_ARGUMENT, function, place, spoil)
        if any(term.sizes for term in terms):
            yield "aliasing", f"changes {name} in place", _filled(_CHANGES_ARGUMENT, function, place)
    for place, terms in _by_place(form.results for form in forms):
        name = terms[0].name
        for spoil in _spoils((*_SPOILS, *_SPOILT_SHAPES), terms, values):
            yield "result", f"gives {name} {spoil.about}", _filled(_SPOILS_RESULT, function, place, spoil)
    for about, condition in _STATES:
        yield "memory", about, _FORGETFUL.format(function=function, condition=condition)


def _by_place(parts: Iterable[Sequence[Term]]) -> Iterator[tuple[int, list[Term]]]:
    """Give the terms that stand at the same place of the forms of a function."""
    rows = list(parts)
    for place in range(max(len(row) for row in rows)):
        yield place, [row[place] for row in rows if place < len(row)]


def _spoils(spoils: Iterable[_Spoil], terms: Sequence[Term], values: Values) -> Iterator[_Spoil]:
    """Give those that change anything: of a number that is only ever 0 or 1 there is nothing to be rounded."""
    dimensions = max(len(term.sizes) for term in terms)
    only = values.get(terms[0].name)
    for spoil in spoils:
        if spoil.dimensions > dimensions or (
            only is not None and spoil.dimensions == 0 and _same(spoil, only)
        ):
            continue
        yield spoil


def _same(spoil: _Spoil, values: Sequence[float]) -> bool:
    each = np.array(values, dtype=float)
    return np.allclose(eval(spoil.expression, {"np": np, "v": each}), each)  # noqa: S307  # one of those above


def _filled(template: str, function: str, place: int, spoil: _Spoil | None = None) -> str:
    spoil = spoil or _Spoil("", "")
    return template.format(
        function=function, place=place, dimensions=spoil.dimensions, expression=spoil.expression
    )
