"""What a cell puts out, in nbformat's form: text only, and no more of it than is asked for."""

import io
from collections.abc import Sequence
from typing import Any


class Output(io.TextIOBase):
    """A text stream that keeps the first `limit` characters."""

    def __init__(self, name: str, cell: "CellOutputs") -> None:
        self.name = name
        self._cell = cell

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Take text."""
        self._cell.stream(self.name, str(text))
        return len(text)


class CellOutputs:
    """The outputs of one cell in nbformat's form, up to a number of characters in all."""

    def __init__(self, limit: int) -> None:
        self.outputs: list[dict[str, Any]] = []
        self._left = limit

    def stream(self, name: str, text: str) -> None:
        """Add what was written to a stream."""
        text = self._cut(text)
        if not text:
            return
        last = self.outputs[-1] if self.outputs else None
        if last and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def display(self, text: str) -> None:
        """Add what `display` showed."""
        text = self._cut(text)
        if text:
            self.outputs.append({"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}})

    def result(self, text: str) -> None:
        """Add the cell's last value."""
        data = {"text/plain": self._cut(text)}
        self.outputs.append(
            {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}
        )

    def error(self, name: str, value: str, lines: Sequence[str]) -> None:
        """Add an exception."""
        self.outputs.append(
            {
                "output_type": "error",
                "ename": name,
                "evalue": value,
                "traceback": [line[:2000] for line in lines],
            }
        )

    def _cut(self, text: str) -> str:
        if len(text) > self._left:
            text = text[: self._left] + "\n… the rest of the output is left out\n" if self._left else ""
            self._left = 0
        else:
            self._left -= len(text)
        return text
