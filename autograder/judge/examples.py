"""Calls of a student's function, with what is due for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from autograder.errors import GraderError, StudentError
from autograder.sandbox.replies import Answers
from autograder.sandbox.requests import Batch
from autograder.signatures import Form, Value, shape_of

Result = Value | tuple[Value, ...]
Forms = Mapping[str, tuple[Form, ...]]


@dataclass(frozen=True)
class Group:
    """So many calls in a row that one form fits, with the same sizes."""

    count: int
    form: Form
    sizes: dict[str, int]

    def of(self, count: int) -> "Group":
        """Give the same for another number of calls."""
        return Group(count, self.form, self.sizes)


@dataclass(frozen=True)
class Due:
    """Results, as one row of numbers. `ends` says where those of each call end.

    `met_by` are answers that were found to agree with it: most students give the same ones.
    """

    numbers: NDArray[np.float64]
    ends: NDArray[np.int64]
    met_by: WeakSet[Answers] = field(default_factory=WeakSet, repr=False, compare=False)

    def of(self, index: int) -> list[float]:
        """Give the numbers that are due for one call."""
        start = self.ends[index - 1] if index else 0
        numbers: list[float] = self.numbers[start : self.ends[index]].tolist()
        return numbers


@dataclass(frozen=True)
class Prepared:
    """Calls of one function, ready to be sent."""

    batch: Batch
    groups: Sequence[Group]


class Examples:
    """Calls of one function, each a tuple of arguments, and the result that is due for each.

    What is done to prepare them is kept: made once (by a check's `inputs`), they serve every submission. With
    `in_place` each call is handed the arrays of the one before it, overwritten, as far as they have the same shape.
    """

    def __init__(
        self, calls: Sequence[Sequence[object]], due: Sequence[object] = (), *, in_place: bool = False
    ) -> None:
        self.calls = tuple(tuple(_own(argument) for argument in call) for call in calls)
        self._in_place = in_place
        self._due_results = due
        self._prepared: dict[str, tuple[Prepared, Due | None]] = {}

    @classmethod
    def of(
        cls, right: Callable[..., object], calls: Sequence[Sequence[object]], *, in_place: bool = False
    ) -> "Examples":
        """Make examples of calls, for which the results of a right function are due."""
        return cls(calls, [right(*call) for call in calls], in_place=in_place)

    def has(self, batch: Batch) -> bool:
        """Tell whether a batch is of these calls."""
        return any(prepared.batch is batch for prepared, _ in self._prepared.values())

    def prepared(self, function: str, forms: Forms) -> tuple[Prepared, Due | None]:
        """Give the calls ready to be sent to a function, and what is due where that was said.

        Raises GraderError where they do not fit what assignment.toml declares.
        """
        if function not in self._prepared:
            prepared = prepare(function, self.calls, forms, in_place=self._in_place)
            due = due_of(self._due_results, prepared.groups) if len(self._due_results) else None
            self._prepared[function] = prepared, due
        return self._prepared[function]


def prepare(
    function: str, calls: Sequence[Sequence[object]], forms: Forms, *, in_place: bool = False
) -> Prepared:
    """Make calls ready to be sent. Raises GraderError where no form of the function fits one."""
    return Prepared(
        Batch(calls, in_place=in_place), merged([Group(1, *_form(function, call, forms)) for call in calls])
    )


def merged(groups: Sequence[Group]) -> list[Group]:
    """Give groups of which no two neighbours have the same form and sizes."""
    together: list[Group] = []
    for group in groups:
        last = together[-1] if together else None
        if last is not None and last.form is group.form and last.sizes == group.sizes:
            together[-1] = last.of(last.count + group.count)
        else:
            together.append(group)
    return together


def due_of(results: Sequence[object], groups: Sequence[Group]) -> Due:
    """Give the results that are due for calls as one row. Raises GraderError where one is not of the form declared."""
    each = [group for group in groups for _ in range(group.count)]
    if len(results) != len(each):
        raise GraderError(f"the check says what is due for {len(results)} calls, and makes {len(each)}")
    rows = [_row(result, group) for result, group in zip(results, each, strict=True)]
    return Due(np.concatenate(rows), np.cumsum([len(row) for row in rows]))


def parts(result: Result) -> tuple[Value, ...]:
    """Give a result as a tuple, also where it is a single value."""
    return result if isinstance(result, tuple) else (result,)


def _row(result: object, group: Group) -> NDArray[np.float64]:
    try:
        fitted = group.form.conform(result, group.sizes)
    except StudentError as error:
        raise GraderError(f"what the check says is due is not of the form declared: {error}") from error
    return np.concatenate([np.ravel(part) for part in parts(fitted)])


def _form(function: str, arguments: Sequence[object], forms: Forms) -> tuple[Form, dict[str, int]]:
    for form in forms[function]:
        sizes = form.sizes_of(arguments)
        if sizes is not None:
            # Only those that a result has: calls that differ in others can still be looked at together.
            return form, {name: sizes[name] for term in form.results for name in term.sizes}
    shapes = ", ".join(str(shape_of(argument)) for argument in arguments)
    raise GraderError(
        f"the check calls {function} with shapes that assignment.toml does not declare: {shapes}"
    )


def _own(argument: object) -> object:
    """Give an array that nobody can change: the examples are used again."""
    if isinstance(argument, np.ndarray):
        argument = argument.copy("K")
        argument.setflags(write=False)
    return argument
