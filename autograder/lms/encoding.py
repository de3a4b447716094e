"""The bytes of an LMS's file as text, and back to the same bytes."""

import codecs
from dataclasses import dataclass

from autograder.errors import InstructorError

MAX_BYTES = 256_000_000
"""The largest file that is read; the largest courses' exports are a tenth of it."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Text:
    """A file's text, and what its bytes were: `bom` + the text in `encoding`."""

    text: str
    encoding: str
    bom: bytes = b""
    warning: str = ""

    def encode(self, text: str) -> bytes:
        """Give another text as bytes of the same kind. What the encoding lacks becomes a character reference."""
        return self.bom + text.encode(self.encoding, "xmlcharrefreplace")


def decode(data: bytes, name: str) -> Text:
    """Read bytes by their byte order mark, else as UTF-16, UTF-8 or Windows-1252, whichever they can be.

    Raises InstructorError for what is no text; `name` is the file's.
    """
    if len(data) > MAX_BYTES:
        raise InstructorError(
            f"{name} is larger than {MAX_BYTES // 1_000_000} MB; is it an export of an LMS?"
        )
    if data.startswith(_WORKBOOKS):
        raise InstructorError(
            f"{name} is an Excel workbook or an archive, not the text file that the LMS exports; export it as CSV"
        )
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Text(_strict(data[len(bom) :], encoding, name), encoding, bom)
    if encoding := _utf16(data):
        return Text(_strict(data, encoding, name), encoding)
    try:
        text = Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        text = Text(
            _strict(data, "cp1252", name), "cp1252", warning=f"{name} is not UTF-8; read as Windows-1252"
        )
    if "\0" in text.text:
        raise InstructorError(f"{name} is not a text file: there are zero bytes in it")
    return text


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InstructorError(
            f"{name} cannot be read as {encoding.upper()}: byte {error.start + 1} fits in no character. "
            "Is the file cut off, or was it saved by another program? Export it anew."
        ) from error


def _utf16(data: bytes) -> str:
    """Tell UTF-16 without a byte order mark by where its zero bytes are: an export begins with plain letters."""
    start = data[:64]
    if len(data) % 2 or len(start) < 4:
        return ""
    even, odd = start[::2], start[1::2]
    if odd.count(0) > len(odd) * 0.8 and 0 not in even:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.8 and 0 not in odd:
        return "utf-16-be"
    return ""
