"""Values as JSON with tagged arrays, for the pipe between the grader and a student's process.

Both ends use it: the grader to send arguments, the student's process to send results. Nothing is pickled.
What is neither a number nor made of numbers crosses as its type's name and a line of text.

    None, True, 3, 0.5           as they are; other floats  {"f": "nan"}
    [1, 2], (1, 2)               {"l": [1, 2]}, {"t": [1, 2]}
    numpy.float32(0.5)           {"n": ["<f4", base64]}
    numpy.array([[1., 2.]])      {"a": ["<f8", [1, 2], base64]}
    "anything else"              {"o": ["str", "'anything else'"]}
"""

import base64
import json
import math
import numbers
import re
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

Json = dict[str, Any] | list[Any] | str | int | float | bool | None

MAX_BYTES = 4 << 20
"""The longest message that is read, in bytes."""
MAX_VALUES = 1 << 17
"""The most values in a message: four million bytes of brackets would fill a hundred times the memory."""
MAX_ARRAY_BYTES = MAX_BYTES // 2
MAX_DIMENSIONS = 32
MAX_DEPTH = 8
"""How deep lists and tuples may lie in one another."""
KINDS = "biuf"
"""The kinds of dtype that cross as numbers."""

_MAX_TEXT = 200
_TEXTS = frozenset({str, bytes, bytearray})
_HEADER = struct.Struct("<I")
_COMMON = {name: np.dtype(name) for name in ("<f8", "<i8", "|b1", "<f4")}
_DTYPE = re.compile(r"[<>|=]?[biuf][0-9]{1,2}")
# Matches from every quote, at the latest to the end of the text: so each byte is looked at once.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)

# Kept as they are at the start: a student's code may put others in their place in the module.
_write = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_read = json.JSONDecoder().decode

HEADER_BYTES = _HEADER.size


class Other:
    """A value that crossed as its type's name and a line of text."""

    def __init__(self, type_name: str, text: str) -> None:
        self.type_name = type_name
        self.text = text


def pack(message: dict[str, Any]) -> bytes:
    """Give a message, plain JSON values, as bytes: its length and its text."""
    return framed(_write(message).encode())


def framed(text: bytes) -> bytes:
    """Give the text of a message with its length before it. ValueError where it is more than is read."""
    if len(text) > MAX_BYTES:
        raise ValueError(f"a message of {len(text)} bytes; at most {MAX_BYTES} can be sent")
    _refuse_too_many(text)
    return _HEADER.pack(len(text)) + text


def end_of(message: bytes | bytearray) -> int:
    """Tell from its header where a message ends, in bytes. ValueError where it would be too long."""
    length: int = _HEADER.unpack_from(message)[0]
    if length > MAX_BYTES:
        raise ValueError(f"a message of {length} bytes; at most {MAX_BYTES} are read")
    return HEADER_BYTES + length


def unpack(text: bytes) -> dict[str, Any]:
    """Read the text of a message. ValueError or RecursionError where it is not a JSON object of a bearable size."""
    _refuse_too_many(text)
    message = _read(text.decode())
    if not isinstance(message, dict):
        raise ValueError("not an object")
    return message


def _refuse_too_many(text: bytes) -> None:
    values = _separators(text)
    if values <= MAX_VALUES:
        return
    for strings, found in enumerate(_STRING.finditer(text)):
        values -= _separators(found.group())
        if strings > MAX_VALUES:
            break
    if values > MAX_VALUES:
        raise ValueError(f"a message of more than {MAX_VALUES} values")


def _separators(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def encode(value: Any, depth: int = 0) -> Json:  # noqa: PLR0911  # a line for each kind
    """Give a value as JSON. Never fails for what a value is: what cannot be sent becomes text."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, np.ndarray):
        return _encode_array(value, depth)
    if isinstance(value, np.generic):
        return _encode_scalar(value)
    if isinstance(value, int):
        return _encode_int(int.__index__(value))
    if isinstance(value, float):
        return _encode_float(float.__float__(value))
    if isinstance(value, (list, tuple)) and depth < MAX_DEPTH:
        items = [encode(item, depth + 1) for item in _items(value)]
        return {"l" if isinstance(value, list) else "t": items}
    if isinstance(value, complex) and complex.__complex__(value).imag == 0:
        return _encode_float(complex.__complex__(value).real)
    if isinstance(value, numbers.Number) and not isinstance(value, complex):
        return _encode_float(float(value))  # type: ignore[arg-type]  # Fraction and Decimal are no SupportsFloat
    return _encode_arraylike(value, depth)


def _items(value: list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    return list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)


def _encode_int(value: int) -> Json:
    if -(2**63) <= value < 2**63:
        return value
    try:
        return _encode_float(float(value))
    except OverflowError:
        return {"f": "inf" if value > 0 else "-inf"}


def _encode_float(value: float) -> Json:
    return value if math.isfinite(value) else {"f": repr(value)}


def _encode_scalar(value: Any) -> Json:
    if value.dtype.kind == "c" and value.imag == 0:
        value = value.real
    if value.dtype.kind not in KINDS:
        return _other(value)
    return {"n": [value.dtype.str, base64.b64encode(value.tobytes()).decode()]}


def _encode_array(value: Any, depth: int) -> Json:
    value = np.asarray(value)
    if value.dtype.kind == "c" and not value.imag.any():
        value = value.real
    if value.dtype.kind == "O":
        return _encode_objects(value, depth)
    if value.dtype.kind not in KINDS:
        return _other(value)
    if value.nbytes > MAX_ARRAY_BYTES:
        return {"o": [f"array of shape {value.shape}", "too large to send"]}
    data = np.ascontiguousarray(value).tobytes()
    return {"a": [value.dtype.str, list(value.shape), base64.b64encode(data).decode()]}


def _encode_objects(value: Any, depth: int) -> Json:
    """An array of objects: numbers in it make an array of floats, else it goes as the list it holds."""
    try:
        return _encode_array(value.astype(np.float64), depth)
    except (TypeError, ValueError):
        return encode(value.tolist(), depth + 1) if depth < MAX_DEPTH else _other(value)


def _encode_arraylike(value: Any, depth: int) -> Json:
    if hasattr(type(value), "__array__"):
        array = np.asarray(value)
        if type(array) is np.ndarray and array.dtype.kind in KINDS:
            return _encode_array(array, depth)
    return _other(value)


def _other(value: Any) -> Json:
    try:
        # Of a long text the beginning will do: to write out all of it may take longer than a call may.
        beginning = value[:_MAX_TEXT] if type(value) in _TEXTS else value
        text = repr(beginning)[:_MAX_TEXT]
    except Exception:  # a student's __repr__ may raise what it likes
        text = "…"
    return {"o": [type(value).__name__, str(text)]}


def decode(data: Any, depth: int = 0) -> Any:
    """Give the value of decoded JSON. Raises ValueError for anything that `encode` does not make."""
    if data is None or isinstance(data, (bool, int, float)):
        return data
    if not isinstance(data, dict) or len(data) != 1 or depth > 2 * MAX_DEPTH:
        raise ValueError("not a value")
    ((tag, body),) = data.items()
    if tag == "f" and body in ("nan", "inf", "-inf"):
        return float(body)
    if tag in ("l", "t") and isinstance(body, list):
        items = [decode(item, depth + 1) for item in body]
        return items if tag == "l" else tuple(items)
    if tag == "n" and _strings(body, 2):
        return _buffer(body[0], body[1])[()]
    if tag == "a" and isinstance(body, list) and len(body) == 3:
        return _decode_array(*body)
    if tag == "o" and _strings(body, 2):
        return Other(body[0][:_MAX_TEXT], body[1][:_MAX_TEXT])
    raise ValueError("not a value")


def _strings(body: Any, count: int) -> bool:
    return isinstance(body, list) and len(body) == count and all(isinstance(item, str) for item in body)


def _decode_array(dtype: Any, shape: Any, data: Any) -> Any:
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise ValueError("not a shape")
    if not all(type(size) is int and 0 <= size <= MAX_BYTES for size in shape):
        raise ValueError("not a shape")
    if not isinstance(dtype, str) or not isinstance(data, str):
        raise ValueError("not an array")
    return _buffer(dtype, data, tuple(shape))


def _buffer(dtype_name: str, data: str, shape: tuple[int, ...] = ()) -> Any:
    dtype = dtype_of(dtype_name)
    raw = base64.b64decode(data, validate=True)
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise ValueError("not as many numbers as the shape says")
    # A copy, since a student's function may write to its arguments.
    return np.frombuffer(raw, dtype).reshape(shape).copy()


def dtype_of(name: Any) -> Any:
    """Give a NumPy dtype of numbers by its name. ValueError for any other name."""
    if not isinstance(name, str):
        raise ValueError("not the name of a dtype")
    if name in _COMMON:
        return _COMMON[name]
    if _DTYPE.fullmatch(name) is None:
        raise ValueError("not a dtype of numbers")
    try:
        return np.dtype(name)
    except TypeError as error:
        raise ValueError("not a dtype") from error
