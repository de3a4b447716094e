"""The lesson as students meet it."""

import ast
import html.parser
import json
import re
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from tests.conftest import ID, REPOSITORY, cell_of

SOURCE = REPOSITORY / "source" / ID / f"{ID}.ipynb"
RELEASE = REPOSITORY / "release" / ID / f"{ID}.ipynb"
STEPS = (
    "load the data",
    "initialise the weights",
    "dot product",
    "step activation",
    "the error",
    "change of the weights",
    "100 training steps",
)


def run(path) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook


def test_runs_top_to_bottom_with_described_figures() -> None:
    notebook = run(SOURCE)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    pictures = []

    class Pictures(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "img":
                pictures.append(dict(attrs).get("alt"))

    Pictures().feed(page)
    assert len(pictures) == 4
    assert all(alt and len(alt) > 40 for alt in pictures)


def test_untouched_version_stops_with_one_line() -> None:
    notebook = nbformat.read(RELEASE, as_version=4)
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    errors = [
        (cell, output)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    ((cell, error),) = errors
    assert cell.metadata.nbgrader.grade_id == "test_step"
    assert error.traceback == ["Your turn: write step in the cell above, then run this cell again."]


@pytest.mark.parametrize("block", range(4))
def test_holds_for_any_seed(block: int) -> None:
    """All that the student's part depends on, for 200 seeds; figures left out for the time they take."""
    cells = [cell for cell in json.loads(SOURCE.read_text())["cells"] if cell["cell_type"] == "code"]
    texts = [re.split("^figure, ", "".join(cell["source"]), flags=re.MULTILINE)[0] for cell in cells]
    for seed in range(50 * block, 50 * block + 50):
        names: dict = {}
        for text in texts:
            exec(text.replace("SEED = 7", f"SEED = {seed}"), names)
        assert list(names["y_pred"]) == [0, 0, 0, 1]
        assert names["right_rows"] < 4


def test_needs_only_numpy_and_matplotlib() -> None:
    imported = set()
    for cell in json.loads(RELEASE.read_text())["cells"]:
        if cell["cell_type"] == "code":
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    imported.add(str(node.module).split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"numpy", "matplotlib", "IPython"}


def test_follows_the_seven_steps() -> None:
    headings = [
        line
        for cell in json.loads(RELEASE.read_text())["cells"]
        if cell["cell_type"] == "markdown"
        for line in "".join(cell["source"]).splitlines()
        if line.startswith("## Step")
    ]
    assert len(headings) == 7
    for number, (heading, words) in enumerate(zip(headings, STEPS, strict=True), 1):
        assert heading.startswith(f"## Step {number}:")
        assert words in heading


def test_worked_examples_are_right() -> None:
    """What the text works out by hand is what the solution gives."""
    names: dict = {}
    for name in ("setup", "data", "step", "forward", "update"):
        exec("".join(cell_of(json.loads(SOURCE.read_text()), name)["source"]), names)
    w, b = names["update"](np.array([0.5, -0.5]), 0.25, np.array([1.0, 2.0]), 1, 0.5)
    assert (w.tolist(), b) == ([1.0, 0.5], 0.75)
    w, b = names["update"](np.array([0.5, 0.5]), 0.0, np.array([1.0, 2.0]), 0, 0.5)
    assert (w.tolist(), b) == ([0.0, -0.5], -0.5)
