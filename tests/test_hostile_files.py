"""Names and metadata that a student chooses, and the terminal and the files of the instructor who reads them."""

import json
import unicodedata
from pathlib import Path

import pytest

from tests.conftest import ID, RIGHT, UNTOUCHED, Sample, World

ESCAPE = "\x1b]0;owned\x07\x1b[31m\x1b[2J\u202e"
MARKUP = "<img src=x onerror=alert(1)>"


def steering(text: str) -> set[str]:
    """Give the characters that would steer a terminal, or turn a line round."""
    return {ch for ch in text if unicodedata.category(ch) in ("Cc", "Cf", "Cs") and ch not in "\n\t"}


def graded(world: World) -> dict[str, dict]:
    results = world.grade()
    assert steering(world.graded.out + world.graded.err) == set(), world.graded
    return results


@pytest.mark.parametrize(
    "name",
    [
        f"{ESCAPE}.ipynb",
        f"a\nb{ESCAPE}.ipynb",
        f"{MARKUP.replace('/', '')}.ipynb",
        "..\\..\\x.ipynb",
        "-rf.ipynb",
    ],
)
def test_file_names_do_not_steer_the_terminal(world: World, name: str) -> None:
    world.hand_in("s01")
    path = world.folder("s01") / f"{ID}.ipynb"
    path.rename(path.with_name(name))
    other = world.folder("s02") / name
    other.parent.mkdir(parents=True)
    other.write_text("not a notebook")
    (world.folder("s02") / f"other{name}").write_text("not a notebook either")
    results = graded(world)
    assert results["s01"]["score"] == 16
    assert results["s02"]["status"] == "failed"


@pytest.mark.parametrize("where", ["cell_type", "key", "output_type", "grade_id", "id", "version"])
def test_metadata_does_not_steer_the_terminal(world: World, where: str) -> None:
    def edit(notebook: dict) -> None:
        cell = notebook["cells"][3]
        if where == "cell_type":
            cell["cell_type"] = ESCAPE
        elif where == "key":
            cell[ESCAPE] = cell["metadata"][ESCAPE] = notebook["metadata"][ESCAPE] = ESCAPE
            cell["source"] = {ESCAPE: 1}
        elif where == "output_type":
            cell["outputs"] = [{"output_type": ESCAPE, ESCAPE: ESCAPE}]
        elif where == "grade_id":
            cell["metadata"]["nbgrader"] = {
                "grade_id": ESCAPE,
                "points": 100,
                "grade": True,
                "schema_version": 3,
            }
        elif where == "id":
            cell["id"] = ESCAPE
        else:
            notebook["nbformat"] = ESCAPE

    world.hand_in("s02")
    world.change("s01", edit)
    assert graded(world)["s02"]["score"] == 16


def test_points_in_metadata_earn_nothing(world: World) -> None:
    def edit(notebook: dict) -> None:
        for cell in notebook["cells"]:
            mark = cell["metadata"].get("nbgrader")
            if mark and mark.get("grade"):
                mark["points"] = 1000
                cell["outputs"] = [
                    {
                        "output_type": "execute_result",
                        "data": {"text/plain": "1000.0"},
                        "metadata": {},
                        "execution_count": 1,
                    }
                ]
        again = json.loads(json.dumps(notebook["cells"]))
        for cell in again:
            cell["id"] = f"{cell.get('id')}-again"
        notebook["cells"] += again

    world.change("s01", edit, UNTOUCHED)
    result = graded(world)["s01"]
    assert result["score"] == 0
    assert result["max_score"] == 20


def test_nothing_of_the_notebooks_metadata_runs_in_a_browser(world: World) -> None:
    """nbconvert writes the title, the widgets' state and the language's name into a page."""
    script = "</script><script>alert(1)</script>"

    def edit(notebook: dict) -> None:
        notebook["metadata"] |= {
            "title": script,
            "authors": [{"name": script}],
            "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {script: {}}, "x": script}},
            "kernelspec": {"name": "bash", "display_name": script, "language": script},
            "language_info": {"name": script, "pygments_lexer": script, "codemirror_mode": script},
        }
        for cell in notebook["cells"]:
            cell["metadata"] |= {"tags": [script], "slideshow": {"slide_type": script}}
            if cell["cell_type"] == "markdown":
                cell["attachments"] = {
                    script: {"text/html": script, "image/svg+xml": f"<svg onload={script}>"}
                }

    world.change("s01", edit)
    assert graded(world)["s01"]["score"] == 16
    notebook = world.graded_notebook("s01")
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    import nbformat
    from nbconvert.exporters import HTMLExporter

    page, _ = HTMLExporter(template_name="basic").from_notebook_node(nbformat.reads(json.dumps(notebook), 4))
    assert script not in page


def test_side_files_stay_where_they_belong(world: World, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the instructor")
    folder = world.hand_in("s01").parent
    (folder / "link").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path, target_is_directory=True)
    (folder / f"{ESCAPE}\n.txt").write_text("x")
    (folder / "autograder.py").write_text("raise SystemExit('imported')")
    (folder / "numpy.py").write_text("raise SystemExit('imported')")
    (folder / "conftest.py").write_text("raise SystemExit('imported')")
    assert graded(world)["s01"]["score"] == 16
    kept = world.course.autograded(world.assignment, "s01")
    assert not [
        path
        for path in kept.rglob("*")
        if path.is_symlink() or (path.is_file() and "of the instructor" in path.read_text())
    ]


def test_messages_of_exceptions_do_not_steer_the_terminal(world: World) -> None:
    code = f"Evil = type({ESCAPE!r}, (Exception,), {{}})\ndef step(z):\n    raise Evil({ESCAPE!r})"
    world.hand_in("s01", Sample("", cells={"step": code}))
    world.hand_in("s02", RIGHT)
    results = graded(world)
    assert results["s02"]["score"] == 16
    assert steering(json.dumps(results, ensure_ascii=False)) == set()
