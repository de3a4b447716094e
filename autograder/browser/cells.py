"""A notebook without what only its templates would trust: kinds of output, metadata, names of classes."""

import re
import secrets
from collections.abc import Mapping
from html import escape
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor

Node = Any
"""nbformat's NotebookNode."""

_SHOWN = ("text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "text/plain")
_NAMES = {
    "assignment_id",
    "notebook_id",
    "submission_id",
    "student",
    "last_name",
    "first_name",
    "notebook_path",
}
"""What formgrader's page says of a submission, in HTML and in the quotes of a script."""
_GRADE_ID = re.compile(r"[A-Za-z0-9_-]+")


class HarmlessCells(Preprocessor):
    """Takes out of a page's notebook what its templates would put there as it is. The file stays as it is."""

    def preprocess(self, nb: Node, resources: Any) -> tuple[Node, Any]:
        """Give the notebook that may be shown, with a nonce for the page's own scripts."""
        resources["nonce"] = secrets.token_urlsafe(16)
        for name in _NAMES & resources.keys():
            resources[name] = escape(str(resources[name]))
        shown = {
            "nbformat": nb.nbformat,
            "nbformat_minor": nb.nbformat_minor,
            "metadata": {"language_info": _language(nb.metadata)},
            "cells": [_cell(cell) for cell in nb.cells],
        }
        return nbformat.from_dict(shown), resources


def _language(metadata: Mapping[str, Any]) -> dict[str, str]:
    name = metadata.get("language_info", {}).get("name")
    return {"name": name} if isinstance(name, str) else {"name": "ipython3"}


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: cell[key] for key in ("id", "cell_type", "source", "execution_count") if key in cell}
    shown["metadata"] = _metadata(cell["metadata"])
    if "attachments" in cell and cell["cell_type"] != "code":
        shown["attachments"] = cell["attachments"]
    if cell["cell_type"] == "code":
        shown["outputs"] = [_output(output) for output in cell["outputs"]]
    return shown


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what says which cell it is, and its language: tags become classes, others hide the cell."""
    kept: dict[str, Any] = {}
    marks = metadata.get("nbgrader")
    if isinstance(marks, Mapping) and _GRADE_ID.fullmatch(str(marks.get("grade_id"))):
        kept["nbgrader"] = dict(marks)
    if isinstance(metadata.get("magics_language"), str):
        kept["magics_language"] = metadata["magics_language"]
    return kept


def _output(output: Mapping[str, Any]) -> dict[str, Any]:
    if output["output_type"] == "stream":
        return {key: output[key] for key in ("output_type", "name", "text")}
    if output["output_type"] == "error":
        return {key: output[key] for key in ("output_type", "ename", "evalue", "traceback")}
    data, metadata = output["data"], output.get("metadata", {})
    shown = {kind: data[kind] for kind in _SHOWN if isinstance(data.get(kind), str)}
    if not shown:
        shown = {"text/plain": f"[output not shown: {', '.join(data)}]"}
    kept = {"output_type": output["output_type"], "data": shown, "metadata": _sizes(metadata)}
    return {**kept, "execution_count": None} if output["output_type"] == "execute_result" else kept


def _sizes(metadata: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Keep the size of pictures: other entries are addresses, frames, and attributes without quotes."""
    sizes = {}
    for kind in ("image/png", "image/jpeg"):
        values = metadata.get(kind)
        if isinstance(values, Mapping):
            sizes[kind] = {
                name: values[name] for name in ("width", "height") if type(values.get(name)) is int
            }
    return sizes
