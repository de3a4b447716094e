"""Restoring a submission is what nbgrader's sanitising does, and writing is what nbformat does."""

import json
from collections.abc import Callable

import nbformat
import pytest
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    OverwriteCells,
    OverwriteKernelspec,
)

from autograder import notebook as nb
from tests.conftest import EXPLAINED, ID, World, cell_of

OUTPUTS = [{"output_type": "stream", "name": "stdout", "text": ["old\n", "output"]}]


def nothing(data: dict) -> None:
    pass


def outputs(data: dict) -> None:
    cell_of(data, "step").update(outputs=OUTPUTS, execution_count=7)
    cell_of(data, "step")["metadata"].update(collapsed=True, scrolled=True, tags=["mine"])


def locked_source(data: dict) -> None:
    cell_of(data, "test_step")["source"] = "pass"
    cell_of(data, "train")["source"] = "def train(): pass"


def points_changed(data: dict) -> None:
    cell_of(data, "test_step")["metadata"]["nbgrader"]["points"] = 99


def checksum_changed(data: dict) -> None:
    cell_of(data, "step")["metadata"]["nbgrader"]["checksum"] = "0" * 32


def retyped(data: dict) -> None:
    cell = cell_of(data, "test_update")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def kernel(data: dict) -> None:
    data["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}


def own_cells(data: dict) -> None:
    data["cells"].insert(3, {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "# mine"})
    data["cells"].reverse()


@pytest.mark.parametrize(
    "edit", [nothing, outputs, locked_source, points_changed, checksum_changed, retyped, kernel, own_cells]
)
def test_restoring_is_nbgraders_sanitising(world: World, edit: Callable[[dict], None]) -> None:
    path = world.change("s01", edit, EXPLAINED)
    theirs = nbformat.read(path, as_version=4)
    names = {
        "notebook": ID,
        "assignment": ID,
        "student": "s01",
        "db_url": f"sqlite:///{world.root}/gradebook.db",
    }
    for step in (ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata):
        theirs, _ = step().preprocess(theirs, {"nbgrader": names})
    ours, _ = nb.restore(nb.read(path), nb.read(world.assignment.release))
    assert nb.to_data(ours) == json.loads(json.dumps(theirs))


def test_writing_is_nbformats(world: World) -> None:
    world.hand_in("s01", EXPLAINED)
    world.grade()
    text = (world.course.autograded(world.assignment, "s01") / f"{ID}.ipynb").read_text()
    assert nbformat.writes(nbformat.reads(text, as_version=4)).rstrip("\n") == text.rstrip("\n")
    nbformat.validate(nbformat.reads(text, as_version=4))


@pytest.mark.parametrize(
    ("value", "written"),
    [(10**30, 10**30), (0.1, 0.1), (1e16, 1e16), (float("nan"), None), ("\ud800", "\ud800"), ("é", "é")],
)
def test_whatever_stands_in_metadata_is_written(world: World, value: object, written: object) -> None:
    path = world.change("s01", lambda data: cell_of(data, "step")["metadata"].update(mine=value))
    text = nb.to_text(nb.read(path))
    assert cell_of(json.loads(text), "step")["metadata"]["mine"] == written
