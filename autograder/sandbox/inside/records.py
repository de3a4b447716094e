"""Many values of one kind as one block of bytes: the arguments and results of calls that are made together.

A value is taken apart into its kind and the bytes of its numbers, both at the moment at which it is taken: what
a student's code does to it afterwards changes nothing. Values of the same kind in a row make a run, whose numbers
lie together, place by place, so that the reader gets each place of the value as one stacked array.

    {"runs": [[count, kind, …], …], "data": base64}

    a kind, outer before inner:
    ["t", 2], ["l", 2]          a tuple, a list of so many values
    ["a", "<f8", [2]]           an array; ["f", …] one that lies column by column in memory, as a transposed one does
    ["n", "<f8"]                a NumPy scalar
    ["p", "<f8"]                a Python float; "<i8" an int, "|b1" a bool
    ["v", value]                anything else, as codec.encode gives it; it has no bytes
"""

import base64
import math
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Literal

import numpy as np

from . import codec
from .codec import KINDS, MAX_ARRAY_BYTES, MAX_DEPTH, Json

_PYTHON = ("<f8", "<i8", "|b1")
_ARRAYS: dict[Any, Literal["C", "F"]] = {"a": "C", "f": "F"}

Kind = tuple[Any, ...]
Taken = tuple[list[Kind], list[bytes]]
"""A value's kind, outer before inner, and the bytes of its numbers in the same order."""

# Asking a NumPy scalar for its bytes takes ten times as long as packing it.
_PACKERS: dict[type, tuple[Callable[[Any], bytes], Kind]] = {
    float: (struct.Struct("<d").pack, ("p", "<f8")),
    int: (struct.Struct("<q").pack, ("p", "<i8")),
    bool: (struct.Struct("<?").pack, ("p", "|b1")),
    np.float64: (struct.Struct("<d").pack, ("n", np.dtype("<f8"))),
    np.int64: (struct.Struct("<q").pack, ("n", np.dtype("<i8"))),
    np.bool_: (struct.Struct("<?").pack, ("n", np.dtype("|b1"))),
}

_array = np.ndarray
_scalar = np.generic


def take(value: Any) -> Taken:
    """Take a value apart as it is now."""
    kinds: list[Kind] = []
    parts: list[bytes] = []
    _take((value,), kinds, parts, 0)
    return kinds, parts


def encode(values: Iterable[Taken]) -> Json:
    """Give values that were taken as JSON. ValueError for more than can be sent."""
    runs: list[Json] = []
    places = 0
    blocks: list[bytes] = []
    for kinds, run in groupby(values, key=itemgetter(0)):
        parts = [part for _, part in run]
        places += len(parts) * len(kinds)
        runs.append([len(parts), *map(_named, kinds)])
        blocks.extend(chain.from_iterable(zip(*parts, strict=True)))
    if places > codec.MAX_VALUES:
        raise ValueError(f"{places} values; at most {codec.MAX_VALUES} can be sent")
    return {"runs": runs, "data": base64.b64encode(b"".join(blocks)).decode()}


def _take(values: Iterable[Any], kinds: list[Kind], parts: list[bytes], depth: int) -> None:
    for value in values:
        kind = type(value)
        if kind is _array and value.dtype.kind in KINDS and value.nbytes <= MAX_ARRAY_BYTES:
            by_columns = value.ndim > 1 and value.flags.fnc
            kinds.append(("f" if by_columns else "a", value.dtype, value.shape))
            parts.append(value.tobytes())
        elif kind in _PACKERS:
            pack, name = _PACKERS[kind]
            try:
                parts.append(pack(value))
                kinds.append(name)
            except struct.error:  # an int that is too long
                kinds.append(("v", codec.encode(value, depth)))
        elif (kind is tuple or kind is list) and depth < MAX_DEPTH:
            kinds.append(("t" if kind is tuple else "l", len(value)))
            _take(value, kinds, parts, depth + 1)
        elif isinstance(value, _scalar) and value.dtype.kind in KINDS:
            kinds.append(("n", value.dtype))
            parts.append(value.tobytes())
        else:
            kinds.append(("v", codec.encode(value, depth)))


def _named(kind: Kind) -> Json:
    name, *rest = kind
    if name in _ARRAYS:
        return [name, rest[0].str, list(rest[1])]
    return ["n", rest[0].str] if name == "n" else [name, *rest]


class Column:
    """The values of a run at one place: the whole value, or an item of it if that is a tuple or a list.

    `items` are the columns of a tuple's or list's items. `stack` holds numbers and arrays, stacked along the first
    axis; it is None for all that has no numbers of its own.
    """

    __slots__ = ("_constant", "count", "items", "kind", "stack")

    def __init__(
        self,
        kind: str,
        count: int,
        items: Sequence["Column"] = (),
        stack: Any = None,
        constant: Any = None,
    ) -> None:
        self.kind = kind
        self.count = count
        self.items = items
        self.stack = stack
        self._constant = constant

    def part(self, start: int, stop: int) -> "Column":
        """Give the column of some of the values in a row."""
        if stop - start == self.count:
            return self
        items = [item.part(start, stop) for item in self.items]
        stack = None if self.stack is None else self.stack[start:stop]
        return Column(self.kind, stop - start, items, stack, self._constant)

    def stacks(self) -> Iterator[Any]:
        """Give the stacks of all numbers in the values."""
        if self.stack is not None:
            yield self.stack
        for item in self.items:
            yield from item.stacks()

    def value(self, index: int) -> Any:
        """Give one of the values, of the type that it had."""
        if self.kind == "v":
            return self._constant
        if self.kind == "p":
            return self.stack[index].item()
        if self.kind == "n":
            return self.stack[index]
        if self.kind in _ARRAYS:
            return np.array(self.stack[index], dtype=self.stack.dtype, order=_ARRAYS[self.kind])
        items = [item.value(index) for item in self.items]
        return tuple(items) if self.kind == "t" else items

    def values(self) -> list[Any]:
        """Give the values, each of the type that it had; its arrays are its own."""
        if self.kind == "v":
            return [self._constant] * self.count
        if self.kind == "p":
            return list(self.stack.tolist())
        if self.kind == "n":
            return list(self.stack)
        if self.kind in _ARRAYS:
            if self.stack.ndim == 1:
                return [np.array(number, dtype=self.stack.dtype) for number in self.stack]
            order = _ARRAYS[self.kind]
            return [row.copy(order) for row in self.stack]
        rows: Iterable[tuple[Any, ...]] = zip(*(item.values() for item in self.items), strict=True)
        if not self.items:
            rows = [()] * self.count
        return list(rows) if self.kind == "t" else [list(row) for row in rows]


def decode(data: Any, most: int, constant: Callable[[Any], Any] = codec.decode) -> list[Column]:
    """Read what `encode` gives, at most so many values in all. Raises ValueError for anything else.

    `constant` reads a value that is not made of numbers.
    """
    if not isinstance(data, dict) or not isinstance(data.get("data"), str):
        raise ValueError("not a record")
    reader = _Reader(base64.b64decode(data["data"], validate=True), constant)
    columns = []
    for run in _list(data.get("runs")):
        columns.append(reader.run(run))
        most -= columns[-1].count
        if most < 0:
            raise ValueError("more values than were asked for")
    reader.end()
    return columns


class _Reader:
    """Takes the columns of runs off a block of bytes, in order."""

    def __init__(self, data: bytes, constant: Callable[[Any], Any]) -> None:
        self._data = data
        self._position = 0
        self._constant = constant
        self._places = 0

    def run(self, run: Any) -> Column:
        count, *kinds = _list(run) or [0]
        self._places += _size(count) * len(kinds)
        if not kinds or self._places > codec.MAX_VALUES:
            raise ValueError("not as many values as can be read")
        kinds.reverse()
        column = self._column(kinds, count, 0)
        if kinds:
            raise ValueError("more kinds than the value has places")
        return column

    def end(self) -> None:
        if self._position != len(self._data):
            raise ValueError("more bytes than the runs say")

    def _column(self, kinds: list[Any], count: int, depth: int) -> Column:
        kind = _list(kinds.pop() if kinds else None)
        name: Any = kind[0] if kind else None
        body: Any = kind[1] if len(kind) > 1 else None
        if name in ("a", "f") and len(kind) == 3 and len(_list(kind[2])) <= codec.MAX_DIMENSIONS:
            return Column(name, count, stack=self._stack(body, (count, *map(_size, kind[2]))))
        if len(kind) == 2:
            if name == "n" or (name == "p" and body in _PYTHON):
                return Column(name, count, stack=self._stack(body, (count,)))
            if name in ("t", "l") and depth <= MAX_DEPTH and _size(body) <= len(kinds):
                return Column(name, count, [self._column(kinds, count, depth + 1) for _ in range(body)])
            if name == "v":
                return Column(name, count, constant=self._constant(body))
        raise ValueError("not a kind of value")

    def _stack(self, name: Any, shape: tuple[int, ...]) -> Any:
        dtype = codec.dtype_of(name)
        start, size = self._position, math.prod(shape) * dtype.itemsize
        self._position += size
        if self._position > len(self._data):
            raise ValueError("fewer bytes than the runs say")
        return _array(shape, dtype, self._data, start) if size else np.empty(shape, dtype)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("a list is missing")
    return value


def _size(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= codec.MAX_BYTES:
        raise ValueError("not a size")
    return value
