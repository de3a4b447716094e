"""Calls of a student's function that were made together, and what came back, held against what was declared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from autograder.errors import StudentError
from autograder.judge.compare import closeness
from autograder.judge.examples import Due, Forms, Group, Result, due_of, parts
from autograder.judge.pieces import pieces
from autograder.judge.words import answer, called, failure, show
from autograder.results import Call
from autograder.sandbox.inside.records import Column
from autograder.sandbox.replies import Answers, Looped
from autograder.signatures import Form, Value, kind_of

Stack = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Calls in a row of the same sizes, as floats: each part of results and arguments stacked along the first axis.

    `arguments` is empty where the check gave them itself.
    """

    group: Group
    results: tuple[Stack, ...]
    arguments: tuple[Stack, ...] = ()

    def row(self, index: int) -> Result:
        """Give the result of one call."""
        values: list[Value] = [
            np.array(part[index]) if part.ndim > 1 else float(part[index]) for part in self.results
        ]
        return values[0] if len(values) == 1 else tuple(values)

    def numbers(self) -> Stack:
        """Give all results as one row of numbers, call by call."""
        flat = [part.reshape(self.group.count, -1) for part in self.results]
        return np.concatenate(flat, axis=1).reshape(-1)


class Calls:
    """Calls of one function that were made together.

    `calls[i]` is a result: a float, a float array, or a tuple of these, as declared. Where a call raised, never ended
    or gave something else, it raises StudentError; the calls after that one have no results.
    """

    def __init__(
        self,
        function: str,
        arguments_of: Callable[[int], Sequence[object]],
        answers: Answers,
        fit: Callable[[], Iterator[Block]],
        groups: Sequence[Group] = (),
    ) -> None:
        self.function = function
        self.arguments_of = arguments_of
        self._answers = answers
        self._fit = fit
        self._groups = groups
        self._looked_at: int | None = None

    @cached_property
    def _fitted(self) -> tuple[list[Block], StudentError | None]:
        """What came back, as floats, up to the first result that is not as declared, and what is wrong with that."""
        blocks: list[Block] = []
        try:
            blocks.extend(self._fit())  # those before the one that raises are kept
        except StudentError as error:
            return blocks, error
        ended = self._answers.ended
        return blocks, None if ended is None else StudentError(failure(ended, self.function))

    @property
    def blocks(self) -> list[Block]:
        """The calls whose results are as declared."""
        return self._fitted[0]

    @cached_property
    def _asked(self) -> int:
        return sum(group.count for group in self._groups or [block.group for block in self.blocks])

    @property
    def _told_of(self) -> int:
        """Those that came back, and the one after them, which did not: later ones were never made."""
        return min(self._asked, sum(block.group.count for block in self.blocks) + 1)

    def __len__(self) -> int:
        return self._asked

    def __getitem__(self, index: int) -> Result:
        index = range(self._asked)[index]
        self._looked_at = min(index + 1, self._told_of)
        for block in self.blocks:
            if index < block.group.count:
                return block.row(index)
            index -= block.group.count
        self.raise_trouble()
        raise IndexError(index)

    def __iter__(self) -> Iterator[Result]:
        return (self[index] for index in range(self._asked))

    @property
    def results(self) -> Stack | tuple[Stack, ...]:
        """All results, each part stacked along the first axis. Raises StudentError where a result is missing."""
        stacks = self._stacked([block.results for block in self.blocks])
        return stacks[0] if len(stacks) == 1 else stacks

    @property
    def arguments(self) -> tuple[Stack, ...]:
        """All arguments of the calls that a loop made, as floats, each stacked along the first axis."""
        return self._stacked([block.arguments for block in self.blocks])

    def agree(self, due: Sequence[object]) -> None:
        """Assert that each result is close to what is due for it. Feedback shows the first one that is not."""
        __tracebackhide__ = True
        self.agree_with(due_of(due, self._groups))

    def agree_with(self, due: Due) -> None:
        """Do what `agree` does, with results that are prepared already."""
        __tracebackhide__ = True
        if self._answers in due.met_by:
            return
        index = self.first_unlike(due)
        if index is None:
            due.met_by.add(self._answers)
        else:
            call = self._call(index)
            raise AssertionError(f"{call.called} {call.answer}; the numbers due are {due.of(index)}")

    def first_unlike(self, due: Due) -> int | None:
        """Give the index of the first call whose result is not close to what is due, or None.

        Raises StudentError where a call before that one has no result.
        """
        if self.blocks:
            ours = np.concatenate([block.numbers() for block in self.blocks])
            agree = closeness(ours, due.numbers[: len(ours)])
            if not agree.all():
                index = int(np.searchsorted(due.ends, agree.argmin(), side="right"))
                self._looked_at = index + 1
                return index
        self.raise_trouble()
        return None

    def raise_trouble(self) -> None:
        """Raise StudentError where a call has no result."""
        _, trouble = self._fitted
        if trouble is not None:
            raise trouble

    def assert_numbers(self) -> None:
        """Assert that a number came back wherever one is due: an array or a list of one is taken for it elsewhere."""
        self.raise_trouble()
        forms = (block.group.form for block in self.blocks for _ in range(block.group.count))
        for index, form in enumerate(forms):
            value = value_at(self._answers.results, index)
            array = form.array_for_number(value)
            if array is not None:
                self._looked_at = index + 1
                raise StudentError(f"{self.function} returned {kind_of(array)} where a number is due.")

    def changed(self) -> Iterator[tuple[Sequence[object], Sequence[object]]]:
        """Give the arguments of each call that changed an array of them: as they were sent, and afterwards."""
        return ((self.arguments_of(index), after) for index, after in self._answers.changed.items())

    def spoils_its_results(self) -> bool:
        """Tell whether a call changed what an earlier one had given back, and show the first such call."""
        spoiled = [index for index in self._answers.spoiled if index < self._told_of]
        if spoiled:
            self._looked_at = min(spoiled) + 1
        return bool(spoiled)

    def last(self, most: int) -> list[Call]:
        """Give the last calls up to the one that was looked at last, as text."""
        end = self._told_of if self._looked_at is None else self._looked_at
        return [self._call(index) for index in range(max(0, end - most), end)]

    def _call(self, index: int) -> Call:
        text = called(self.function, self.arguments_of(index))
        if self._answers.ended is not None and index == self._answers.count:
            return Call(text, answer(self._answers.ended))
        return Call(text, f"returned {show(value_at(self._answers.results, index))}")

    def _stacked(self, blocks: Sequence[tuple[Stack, ...]]) -> tuple[Stack, ...]:
        self.raise_trouble()
        try:
            return tuple(np.concatenate(stacks) for stacks in zip(*blocks, strict=True))
        except ValueError as error:
            raise StudentError(f"{self.function} was called with arrays of different shapes.") from error


def of_batch(
    function: str, calls: Sequence[Sequence[object]], groups: Sequence[Group], answers: Answers
) -> Calls:
    """Give the calls that a check made."""

    def fit() -> Iterator[Block]:
        return chain.from_iterable(
            _fit(groups[piece.left].of(piece.count), answers.results[piece.right].part(*piece.of_right))
            for piece in pieces([group.count for group in groups], [each.count for each in answers.results])
        )

    return Calls(function, calls.__getitem__, answers, fit, groups)


def of_loop(given: str, function: str, forms: Forms, loop: Looped) -> Calls:
    """Give the calls that a loop made.

    Raises StudentError where it made none, or arguments or results are not what is declared.
    """
    if not loop.count:
        raise StudentError(f"{given} made no call of {function}.")
    calls = Calls(
        function,
        lambda index: _tuple_at(loop.arguments, index),
        Answers(loop.results),
        partial(_of_loop, function, forms, loop),
    )
    calls.raise_trouble()
    return calls


def _of_loop(function: str, forms: Forms, loop: Looped) -> Iterator[Block]:
    sent, results = loop.arguments, loop.results
    for piece in pieces([column.count for column in sent], [column.count for column in results]):
        arguments = sent[piece.left].part(*piece.of_left)
        form, sizes = _loop_form(function, arguments.value(0), forms)
        group = Group(piece.count, form, sizes)
        yield from _fit(group, results[piece.right].part(*piece.of_right), arguments)


def value_at(columns: Sequence[Column], index: int) -> object:
    """Give one value of columns of runs, of the type that it had."""
    for column in columns:
        if index < column.count:
            return column.value(index)
        index -= column.count
    raise IndexError(index)


def _tuple_at(columns: Sequence[Column], index: int) -> Sequence[object]:
    value = value_at(columns, index)
    if not isinstance(value, tuple):
        raise TypeError("arguments that are not a tuple")
    return value


def _fit(group: Group, results: Column, arguments: Column | None = None) -> Iterator[Block]:
    """Hold results against the form declared: all at once, and where that does not do, one by one."""
    form, sizes = group.form, group.sizes
    parts_of = [results] if len(form.results) == 1 else results.items
    fitted = form.conform_stacks(_stacks(parts_of), sizes)
    sent: tuple[Stack, ...] | None = ()
    if arguments is not None:
        sent = form.conform_stacks(_stacks(arguments.items), sizes, arguments=True)
    if fitted is not None and sent is not None:
        yield Block(group, fitted, sent)
        return
    rows = arguments.values() if arguments is not None else [()] * group.count
    for row, result in zip(rows, results.values(), strict=True):
        given = form.conform_arguments(row, sizes) if arguments is not None else ()
        yield Block(group.of(1), _single(parts(form.conform(result, sizes))), _single(given))


def _stacks(columns: Sequence[Column]) -> list[Stack]:
    """Give the stacks of the parts of a value; none where one of them is no number or array by itself."""
    stacks = [column.stack for column in columns]
    return [] if any(stack is None for stack in stacks) else stacks


def _single(values: Sequence[Value]) -> tuple[Stack, ...]:
    return tuple(np.asarray(value, dtype=np.float64)[np.newaxis] for value in values)


def _loop_form(function: str, arguments: Sequence[object], forms: Forms) -> tuple[Form, dict[str, int]]:
    """Find the form of a call whose arguments came out of the student's own results."""
    for lenient in (False, True):
        for form in forms[function]:
            sizes = _sizes(form, arguments, lenient)
            if sizes is not None:
                return form, sizes
    kinds = ", ".join(kind_of(argument) for argument in arguments)
    raise StudentError(f"what {function} returned led to a next call of it with: {kinds}.")


def _sizes(form: Form, arguments: Sequence[object], lenient: bool) -> dict[str, int] | None:
    try:
        return form.sizes_of(arguments, lenient=lenient)
    except ValueError:  # rows of unequal length have no shape
        return None
