"""Bad input at the class's door: each fault is told, and never stops or changes another submission."""

import copy
import json
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

from autograder.authoring.samples import Sample
from tests.conftest import ID, World, cell_of, source_of

Case = TypeVar("Case")

OUTPUT = {"output_type": "stream", "name": "stdout", "text": "x" * 40_000_000}


def failed(world: World, reason: str) -> None:
    """Grade the class: s01 must have failed for this reason, and its neighbour s02 have all its points."""
    world.hand_in("s02")
    results = world.grade()
    assert results["s01"]["status"] == "failed"
    assert reason in results["s01"]["error"]
    assert "s01" in results["s01"]["error"]
    assert results["s02"]["score"] == 16
    assert world.graded.status == 1
    assert reason in world.graded.err.replace("\n", " ")


def graded(world: World, score: float = 16) -> dict:
    world.hand_in("s02")
    results = world.grade()
    assert world.graded.status == 0, world.graded.out
    assert results["s01"]["status"] == "graded"
    assert results["s01"]["score"] == score
    assert results["s02"]["score"] == 16
    return results["s01"]


def graded_together(world: World, students: Iterable[str], score: float = 16) -> dict[str, dict]:
    """Grade a class of submissions that all get this score, and a neighbour who has all points."""
    world.hand_in("neighbour")
    results = world.grade()
    assert world.graded.status == 0, world.graded.out
    assert {student: results[student]["score"] for student in students} == dict.fromkeys(students, score)
    assert results["neighbour"]["score"] == 16
    return results


def each_a_student(cases: Iterable[Case]) -> dict[str, Case]:
    """Give each case a student of its own: one class is graded as fast as one submission."""
    return {f"s{number:02}": case for number, case in enumerate(cases, 1)}


NO_NOTEBOOKS = (
    ("this is not JSON", "is not JSON"),
    ("", "is empty"),
    (" \n ", "is empty"),
    ("[1, 2]", "is not a notebook"),
    ("{}", "is not a notebook"),
    ('{"nbformat": 4, "cells": 3}', "is not a notebook"),
    ('{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}', "notebook format 3"),
    ('{"nbformat": 5, "cells": []}', "notebook format 5"),
    ('{"nbformat": 4, "cells": [{"cell_type": "evil"}]}', "a cell of type 'evil'"),
    ("[" * 100_000, "is not a notebook"),
    (b"\xff\xfe\x00", "is not JSON"),
    (b"\x00" * 50, "is not JSON"),
)


def test_files_that_are_no_notebooks(world: World) -> None:
    cases = each_a_student(NO_NOTEBOOKS)
    for student, (text, _) in cases.items():
        world.hand_in_text(student, text)
    world.hand_in("neighbour")
    results = world.grade()
    assert world.graded.status == 1
    said = world.graded.err.replace("\n", " ")
    for student, (_, reason) in cases.items():
        assert results[student]["status"] == "failed"
        assert results[student]["error"].startswith(student)
        assert reason in results[student]["error"]
        assert results[student]["error"] in said
    assert results["neighbour"]["score"] == 16


def test_huge_text(world: World) -> None:
    world.change("s01", lambda data: cell_of(data, "step").update(source="#" * 3_000_000))
    failed(world, "more than 2,000,000 characters")


def test_huge_only_by_old_output(world: World) -> None:
    """nbgrader #1429: size that is stored output is no reason to refuse."""
    world.change("s01", lambda data: cell_of(data, "test_step").update(outputs=[OUTPUT]))
    graded(world)
    assert (world.course.autograded(world.assignment, "s01") / f"{ID}.ipynb").stat().st_size < 200_000


def test_no_notebook(world: World) -> None:
    """nbgrader #1302, #1905: a missing notebook is said to be missing."""
    world.folder("s01").mkdir(parents=True)
    failed(world, "there is no notebook in it; perceptron.ipynb was due")


def test_renamed_notebook(world: World) -> None:
    """nbgrader #1302, #1905: a renamed notebook is found by its cells."""
    path = world.hand_in("s01")
    path.rename(path.with_name("Perceptron (1) final.ipynb"))
    assert "its name should have been perceptron.ipynb" in graded(world)["warnings"][0]


def test_two_notebooks(world: World) -> None:
    path = world.hand_in("s01")
    path.with_name("scratch.ipynb").write_text("{}")
    assert "only perceptron.ipynb was graded" in graded(world)["warnings"][0]


def test_two_renamed_notebooks(world: World) -> None:
    path = world.hand_in("s01")
    path.rename(path.with_name("a.ipynb"))
    path.with_name("b.ipynb").write_text(path.with_name("a.ipynb").read_text())
    failed(world, "not clear which is meant by: a.ipynb, b.ipynb")


def test_link_to_a_neighbour(world: World) -> None:
    target = world.hand_in("s02")
    world.folder("s01").mkdir(parents=True)
    (world.folder("s01") / f"{ID}.ipynb").symlink_to(target)
    failed(world, "cannot be read")


def test_pipe_that_never_ends(world: World) -> None:
    world.folder("s01").mkdir(parents=True)
    os.mkfifo(world.folder("s01") / f"{ID}.ipynb")
    failed(world, "is not a file")


def test_pasted_cells(world: World) -> None:
    """nbgrader #1083: a cell that is there twice stops nothing."""
    names = each_a_student(["step", "test_step", "test_and", "train", "setup"])
    for student, name in names.items():
        world.change(
            student, lambda data, name=name: data["cells"].append(copy.deepcopy(cell_of(data, name)))
        )
    results = graded_together(world, names)
    for student, name in names.items():
        assert any(f"'{name}' is there 2 times" in warning for warning in results[student]["warnings"])


def test_deleted_locked_cells(world: World) -> None:
    """nbgrader #1331: a deleted test cell comes back in its place."""
    names = each_a_student(["test_step", "test_forward", "test_update", "test_and", "train", "data"])
    for student, name in names.items():
        world.change(student, lambda data, name=name: data["cells"].remove(cell_of(data, name)))
    results = graded_together(world, names)
    for student, name in names.items():
        assert f"cell '{name}' was missing; it was put back" in results[student]["warnings"]


def test_solution_typed_into_a_new_cell(world: World) -> None:
    """nbgrader #1941: the function counts, wherever it is."""

    def edit(data: dict) -> None:
        cell = cell_of(data, "forward")
        cell["metadata"] = {}

    world.change("s01", edit)
    assert "cell 'forward' is missing" in graded(world)["warnings"]


def test_deleted_answer_waits_for_a_person(world: World) -> None:
    world.change("s01", lambda data: data["cells"].remove(cell_of(data, "xor_explanation")))
    assert graded(world)["cells"]["xor_explanation"] == {
        "score": None,
        "max_score": 4.0,
        "needs_review": True,
        "checks": [],
    }


def test_retyped_cells(world: World) -> None:
    def edit(name: str, kind: str, data: dict) -> None:
        cell = cell_of(data, name)
        cell["cell_type"] = kind
        del cell["outputs"], cell["execution_count"]

    cases = each_a_student([("test_step", "markdown"), ("step", "markdown"), ("step", "raw")])
    for student, case in cases.items():
        world.change(student, partial(edit, *case))
    results = graded_together(world, cases)
    for student, (name, kind) in cases.items():
        assert any(
            f"'{name}' was turned into a {kind} cell" in warning for warning in results[student]["warnings"]
        )


def test_changed_points(world: World) -> None:
    world.change("s01", lambda data: cell_of(data, "test_step")["metadata"]["nbgrader"].update(points=300))
    assert graded(world)["cells"]["test_step"]["max_score"] == 3


def test_changed_grade_id(world: World) -> None:
    world.change(
        "s01", lambda data: cell_of(data, "test_step")["metadata"]["nbgrader"].update(grade_id="mine")
    )
    assert "cell 'test_step' was missing; it was put back" in graded(world)["warnings"]


def test_metadata_that_is_none(world: World) -> None:
    marks = each_a_student([None, [], "x", 3, {"grade_id": 5}, {"grade_id": ["step"]}, {"grade": "yes"}])
    for student, mark in marks.items():
        world.change(
            student, lambda data, mark=mark: cell_of(data, "test_step")["metadata"].update(nbgrader=mark)
        )
    graded_together(world, marks)


def test_changed_test_cell(world: World) -> None:
    world.change("s01", lambda data: cell_of(data, "test_step").update(source="3.0"))
    graded(world)
    assert "your_turn(step" in source_of(world.graded_notebook("s01"), "test_step")


def test_not_quite_json(world: World) -> None:
    """Jupyter stores NaN in outputs, which is not JSON."""
    path = world.hand_in("s01")
    path.write_text(path.read_text().replace('"outputs": []', '"outputs": [{"data": {"x": NaN}}]', 1))
    graded(world)


def test_byte_order_mark_and_half_a_character(world: World) -> None:
    path = world.change("s01", lambda data: cell_of(data, "step")["source"].append("\n# \ud800"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    graded(world)


def test_duplicate_and_invalid_cell_ids(world: World) -> None:
    def edit(data: dict) -> None:
        for cell in data["cells"][:4]:
            cell["id"] = "same one"

    world.change("s01", edit)
    graded(world)
    ids = [cell["id"] for cell in world.graded_notebook("s01")["cells"]]
    assert len(set(ids)) == len(ids)


def test_cells_of_their_own_that_fail(world: World) -> None:
    """One cell's end is its own: the others still count. (nbgrader #1312, #1033, #1844)"""
    sources = each_a_student(
        ["def step(z:", "while True: pass", "def f(n): f(n + 1)\nf(0)", "x = bytearray(10**13)", "import sys; sys.exit(0)",
         "import os; os._exit(0)", "raise KeyboardInterrupt", "import os, signal; os.kill(os.getpid(), 9)",
         "import time; time.sleep(3)"]
    )  # fmt: skip
    for student, source in sources.items():
        world.hand_in(student, Sample(about="", before={"train": source}))
    graded_together(world, sources)


def test_functions_that_fail(world: World) -> None:
    bodies = each_a_student(
        ["while True: pass", "return update(w, b, x, y, lr)", "return bytearray(10**13)", "import sys; sys.exit(0)",
         "import os; os._exit(0)", "raise KeyboardInterrupt", "return 'x' * 10**8", "return 10**5000, 3",
         "return [[]] * 10**6"]
    )  # fmt: skip
    for student, body in bodies.items():
        world.hand_in(student, Sample(about="", cells={"update": f"def update(w, b, x, y, lr):\n    {body}"}))
    results = graded_together(world, bodies, score=6)
    for student in bodies:
        cell = results[student]["cells"]["test_update"]
        assert cell["score"] == 0
        assert "update" in cell["checks"][0]["message"]


def test_odd_student_ids(world: World) -> None:
    students = ["s 01", "s.01", "..s01", "s01..", "ünïcode-学生", "-s01", "s01'\"", "$(id)", "[red]"]
    for student in students:
        world.hand_in(student)
    graded_together(world, students)
    assert world.run("feedback", ID, "--provisional").status == 0
    standings = world.standings()
    for student in students:
        assert standings[student].score == 16
        assert (world.course.feedback(world.assignment, student) / f"{ID}.html").is_file()


def test_students_who_are_none(world: World) -> None:
    world.hand_in("s01")
    for student in ("..", "../s01", "/etc", "", "nobody"):
        ran = world.run("grade", ID, "--student", student)
        assert ran.status == 2
        assert "has handed in nothing" in ran.err


def test_one_student_only(world: World) -> None:
    world.hand_in("s01")
    world.hand_in("s02")
    assert list(world.grade("--student", "s02")) == ["s02"]
    assert list(world.standings()) == ["s02"]


def test_time_that_cannot_be_read(world: World) -> None:
    world.hand_in("s01")
    Path(world.folder("s01"), "timestamp.txt").write_text("yesterday, I think")
    assert "holds no time" in graded(world)["warnings"][0]


def test_side_files_are_kept_and_links_are_not(world: World) -> None:
    world.hand_in("s01")
    Path(world.folder("s01"), "notes.txt").write_text("mine")
    Path(world.folder("s01"), "secret.txt").symlink_to("/etc/passwd")
    graded(world)
    files = {path.name for path in world.course.autograded(world.assignment, "s01").iterdir()}
    assert files == {"perceptron.ipynb", "notes.txt"}


def test_results_file_is_in_the_designs_format(world: World) -> None:
    world.hand_in("s01", Sample(about="", cells={"step": "def step(z):\n    return z"}))
    result = world.grade()["s01"]
    assert set(result) == {
        "schema", "assignment", "student", "status", "score", "max_score", "sandbox", "cells", "warnings", "seconds",
    }  # fmt: skip
    check = result["cells"]["test_step"]["checks"][0]
    assert set(check) == {"id", "title", "outcome", "points", "max_points", "carried", "message", "mistake"}
    assert json.dumps(result)


def test_more_cells_than_any_notebook_has(world: World) -> None:
    world.hand_in("s02")
    cell = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None}
    world.change("s01", lambda data: data["cells"].extend([cell] * 2_000))
    results = world.grade()
    assert "perceptron.ipynb has more than 2,000 cells" in results["s01"]["error"]
    assert results["s02"]["score"] == 16
