"""Notebooks as plain JSON: reading a submitted one, putting back what the student must not change, writing.

nbformat and nbgrader do the same and are not imported here: importing them costs more than grading does.
"""

import copy
import json
import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from autograder.errors import SubmissionError
from autograder.text import one_line

Cell = dict[str, Any]

MAX_SOURCE_CHARACTERS = 2_000_000
"""The most text that a notebook's cells may hold; stored outputs do not count."""
MAX_CELLS = 2_000
"""The most cells that a notebook may have."""

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CLEARED = ("collapsed", "scrolled")
_CELL_TYPES = ("code", "markdown", "raw")


@dataclass
class Notebook:
    """The cells of a notebook, without outputs where it was read from a submission."""

    cells: list[Cell]
    metadata: dict[str, Any] = field(default_factory=dict)
    minor: int = 5


class _RawCell(msgspec.Struct):
    """What is kept of a stored cell. Outputs are not among it: they are skipped as they are read."""

    cell_type: str
    source: str | list[str] = ""
    metadata: dict[str, Any] = {}
    id: str | None = None
    attachments: dict[str, Any] | None = None


class _RawNotebook(msgspec.Struct):
    nbformat: int
    cells: list[_RawCell]
    nbformat_minor: int = 5
    metadata: dict[str, Any] = {}


class _Version(msgspec.Struct):
    nbformat: int


def grade_id(cell: Cell) -> str | None:
    """Give the id by which nbgrader knows the cell, or None for a cell that is no business of nbgrader's."""
    mark = cell["metadata"].get("nbgrader")
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return name if isinstance(name, str) else None


def is_grade(cell: Cell) -> bool:
    """Tell whether the cell carries points."""
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def is_solution(cell: Cell) -> bool:
    """Tell whether the cell is the student's to fill in."""
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def is_locked(cell: Cell) -> bool:
    """Tell whether the cell is put back as it was released."""
    mark = cell["metadata"].get("nbgrader", {})
    return not is_solution(cell) and bool(mark.get("grade") or mark.get("locked"))


def points(cell: Cell) -> float:
    """Give the points of a graded cell."""
    return float(cell["metadata"]["nbgrader"]["points"])


def read(path: Path) -> Notebook:
    """Read a notebook, without its outputs. Raises SubmissionError, which says what is wrong with the file."""
    return parse(read_bytes(path), path.name)


def parse(data: bytes, name: str) -> Notebook:
    """Read a notebook from a file's bytes, as `read` does."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise SubmissionError(f"{name} is empty")
    raw = _parse(data, name)
    if len(raw.cells) > MAX_CELLS:
        raise SubmissionError(f"{name} has more than {MAX_CELLS:,} cells")
    cells = [_plain(cell, name) for cell in raw.cells]
    if sum(len(cell["source"]) for cell in cells) > MAX_SOURCE_CHARACTERS:
        raise SubmissionError(f"{name} holds more than {MAX_SOURCE_CHARACTERS:,} characters of text")
    _repair_ids(cells)
    return Notebook(cells, raw.metadata, raw.nbformat_minor)


def from_data(data: dict[str, Any], name: str) -> Notebook:
    """Give a notebook that is already decoded, such as nbformat's, as `read` gives one."""
    return parse(json.dumps(data).encode(), name)


def read_bytes(path: Path) -> bytes:
    """Read a regular file: never a link that points elsewhere, nor a pipe that never ends. Raises SubmissionError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise SubmissionError(f"{path.name} cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SubmissionError(f"{path.name} is not a file")
        return file.read()


def _parse(data: bytes, name: str) -> _RawNotebook:
    try:
        return _check_version(msgspec.json.decode(data, type=_RawNotebook), name)
    except msgspec.ValidationError as error:
        raise SubmissionError(_refusal(data, name, str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # Jupyter also writes what is not quite JSON, such as NaN
    try:
        loaded = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SubmissionError(f"{name} is not a notebook: it is not JSON") from error
    try:
        return _check_version(msgspec.convert(loaded, _RawNotebook), name)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise SubmissionError(f"{name} is not a notebook: {error}") from error


def _check_version(raw: _RawNotebook, name: str) -> _RawNotebook:
    if raw.nbformat != 4:
        raise SubmissionError(_old(name, raw.nbformat))
    return raw


def _refusal(data: bytes, name: str, problem: str) -> str:
    """Say why JSON is no notebook that we read: mostly since it is of an old format, without `cells`."""
    try:
        version = msgspec.json.decode(data, type=_Version).nbformat
    except msgspec.DecodeError:
        version = 4
    return _old(name, version) if version != 4 else f"{name} is not a notebook: {problem}"


def _old(name: str, version: int) -> str:
    return f"{name} is in notebook format {version}; open it in JupyterLab and save it, which gives format 4"


def _plain(raw: _RawCell, name: str) -> Cell:
    if raw.cell_type not in _CELL_TYPES:
        raise SubmissionError(f"{name} is not a notebook: it has a cell of type '{raw.cell_type[:40]}'")
    source = raw.source if isinstance(raw.source, str) else "".join(raw.source)
    metadata = {key: value for key, value in raw.metadata.items() if key not in _CLEARED}
    # Half a surrogate pair is JSON, but no text that could be written again.
    source = source.encode("utf-8", "replace").decode()
    cell: Cell = {"cell_type": raw.cell_type, "metadata": metadata, "source": source}
    if raw.id is not None:
        cell["id"] = raw.id
    if raw.attachments is not None and raw.cell_type != "code":
        cell["attachments"] = raw.attachments
    if raw.cell_type == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell


def _repair_ids(cells: Iterable[Cell]) -> None:
    """Make cell ids valid and unique, where there are any."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        name = cell.get("id")
        if name is not None and (_CELL_ID.fullmatch(name) is None or name in seen):
            cell["id"] = f"restored-{number}"
        seen.add(cell.get("id", ""))


def restore(submitted: Notebook, release: Notebook) -> tuple[Notebook, list[str]]:
    """Put back what belongs to the assignment: locked cells, cell types, points, ids and the kernel.

    Gives the notebook and what there was to mend, in sentences for the instructor. As nbgrader's sanitising
    does, and beyond it: a cell pasted twice keeps its id once, and a deleted locked cell comes back in its
    place. A deleted solution cell stays away, since its code may live in another cell.
    """
    warnings: list[str] = []
    originals = {name: cell for cell in release.cells if (name := grade_id(cell)) is not None}
    keepers = _keepers(submitted.cells, originals, warnings)
    cells = []
    for position, cell in enumerate(submitted.cells):
        name = grade_id(cell)
        keeps = name is not None and keepers.get(name) == position
        cells.append(_restored(cell, originals[name] if keeps and name else None, warnings))
    _put_back(cells, release.cells, warnings)
    metadata = dict(submitted.metadata)
    if "kernelspec" in release.metadata:
        metadata["kernelspec"] = release.metadata["kernelspec"]
    return Notebook(cells, metadata, submitted.minor), warnings


def _keepers(cells: Sequence[Cell], originals: dict[str, Cell], warnings: list[str]) -> dict[str, int]:
    """Choose, for each id, the position of the cell that keeps it: the last, but rather one that was edited."""
    found: dict[str, list[int]] = {}
    for position, cell in enumerate(cells):
        name = grade_id(cell)
        if name in originals:
            found.setdefault(name, []).append(position)
    keepers = {}
    for name, positions in found.items():
        edited = [at for at in positions if cells[at]["source"] != originals[name]["source"]]
        keepers[name] = (edited if edited and is_solution(originals[name]) else positions)[-1]
        if len(positions) > 1:
            warnings.append(
                f"cell '{name}' is there {len(positions)} times; one of them was taken as '{name}'"
            )
    return keepers


def _restored(cell: Cell, original: Cell | None, warnings: list[str]) -> Cell:
    """Give the cell as the assignment wants it; a cell that is not the assignment's loses nbgrader's mark."""
    if original is None:
        metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
        return {**cell, "metadata": metadata}
    name = grade_id(cell)
    mark = original["metadata"]["nbgrader"]
    if cell["metadata"]["nbgrader"] != mark:
        warnings.append(f"cell '{name}': its points or other marks were changed; they were put back")
    metadata = {**cell["metadata"], "nbgrader": dict(mark)}
    kept = {key: value for key, value in cell.items() if key in ("id", "attachments")}
    restored = {**kept, "cell_type": original["cell_type"], "metadata": metadata, "source": cell["source"]}
    if cell["cell_type"] != original["cell_type"]:
        warnings.append(f"cell '{name}' was turned into a {cell['cell_type']} cell; it was turned back")
    if is_locked(original) and cell["source"] != original["source"]:
        warnings.append(f"cell '{name}' was changed; it was put back as it was handed out")
        restored["source"] = original["source"]
    if restored["cell_type"] == "code":
        restored.pop("attachments", None)
        restored |= {"outputs": [], "execution_count": None}
    return restored


def _put_back(cells: list[Cell], release: Sequence[Cell], warnings: list[str]) -> None:
    """Insert deleted locked cells: behind the assignment's cell before, and the student's own that follow it."""
    before: set[str | None] = set()
    present = {grade_id(cell) for cell in cells}
    for original in release:
        name = grade_id(original)
        if name is None:
            continue
        if is_locked(original) and name not in present:
            position = max((at + 1 for at, cell in enumerate(cells) if grade_id(cell) in before), default=0)
            while position < len(cells) and grade_id(cells[position]) is None:
                position += 1
            cells.insert(position, copy.deepcopy(original))
            warnings.append(f"cell '{name}' was missing; it was put back")
        elif name not in present:
            warnings.append(f"cell '{name}' is missing")
        before.add(name)


def find(folder: Path, release: Notebook, name: str) -> tuple[Path, list[str]]:
    """Find the submitted notebook in a folder, if need be under another name, and say what was odd.

    A notebook of the right name wins. Else it is the one that has the assignment's cells. Raises
    SubmissionError where there is none, or more than one that could be meant.
    """
    right = folder / f"{name}.ipynb"
    others = sorted(path for path in folder.glob("*.ipynb") if path != right)
    if right.exists():
        also = f"there are other notebooks beside {right.name}; only {right.name} was graded"
        return right, [also] if others else []
    if not others:
        raise SubmissionError(f"there is no notebook in it; {right.name} was due")
    names = ", ".join(path.name for path in others)
    wanted = {grade_id(cell) for cell in release.cells} - {None}
    fitting = [path for path in others if _has_any(path, wanted)]
    if len(fitting) != 1:
        raise SubmissionError(f"{right.name} is missing, and it is not clear which is meant by: {names}")
    was = one_line(fitting[0].name)
    return fitting[0], [f"{was} was graded; its name should have been {right.name}"]


def _has_any(path: Path, wanted: set[str | None]) -> bool:
    try:
        return any(grade_id(cell) in wanted for cell in read(path).cells)
    except SubmissionError:
        return False


def to_data(notebook: Notebook, cells: list[Cell] | None = None) -> dict[str, Any]:
    """Give the notebook as nbformat's JSON object, its cells' texts in one piece."""
    return {
        "cells": notebook.cells if cells is None else cells,
        "metadata": notebook.metadata,
        "nbformat": 4,
        "nbformat_minor": notebook.minor,
    }


def to_text(notebook: Notebook) -> str:
    """Give the notebook as a file's text, as nbformat writes it; only NaN becomes null, and 1e+16 1e16."""
    data = to_data(notebook, [_split(cell) for cell in notebook.cells])
    try:
        # Ten times as fast as Python's own, which counts in a class.
        return msgspec.json.format(msgspec.json.encode(data, order="sorted"), indent=1).decode() + "\n"
    except (OverflowError, UnicodeEncodeError):  # metadata may hold longer integers, and half characters
        return json.dumps(data, indent=1, sort_keys=True) + "\n"


def _split(cell: Cell) -> Cell:
    """Give the cell with its texts as lists of lines, as they are stored."""
    stored = {**cell, "source": cell["source"].splitlines(keepends=True)}
    if "outputs" in cell:
        stored["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return stored


def _split_output(output: dict[str, Any]) -> dict[str, Any]:
    stored = dict(output)
    if isinstance(stored.get("text"), str):
        stored["text"] = stored["text"].splitlines(keepends=True)
    if "data" in stored:
        stored["data"] = {
            kind: value.splitlines(keepends=True) if isinstance(value, str) else value
            for kind, value in stored["data"].items()
        }
    return stored
