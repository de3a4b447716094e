"""Nothing of a student's runs, loads, leaves or covers a page that an instructor reads. Seen in Chromium."""

import contextlib
import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from autograder.authoring.samples import Sample
from autograder.gradebook.connection import open_gradebook
from tests import hostile
from tests.conftest import ID, World

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.browser import CHROMIUM, SWITCHES, Listener, Visit, jupyter_server, log_in, visit  # noqa: E402  # only where Playwright is installed

pytestmark = [
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="chromium is not installed"),
    pytest.mark.xdist_group("browser"),
]
OTHER = "other"
"""An assignment without the kit, whose outputs are whatever a kernel sent."""


@dataclass
class Room:
    """A course with hostile students, a server on it, and a browser."""

    world: World
    server: str
    listener: Listener
    browser: sync_api.BrowserContext

    def formgrader(self, path: str) -> Visit:
        return visit(self.browser, f"{self.server}/formgrader/{path}")

    def number(self, student: str, assignment: str = OTHER) -> str:
        with open_gradebook(self.world.course) as gradebook:
            return gradebook.find_submission_notebook(assignment, assignment, student).id

    def submission(self, student: str, assignment: str = OTHER) -> Visit:
        return self.formgrader(f"submissions/{self.number(student, assignment)}/?index=0")

    def feedback(self, student: str, assignment: str = OTHER) -> Visit:
        return visit(
            self.browser, (self.folder(student, "feedback", assignment) / f"{assignment}.html").as_uri()
        )

    def pages(self) -> list[Visit]:
        """Open each page, of formgrader's and of feedback, that shows something of a hostile student's."""
        students = ("s02", "s03", "s04")
        own = quote(hostile.STUDENT_ID)
        lists = ["manage_students", f"manage_students/{own}", f"manage_students/{own}/{OTHER}"]
        lists += [f"manage_submissions/{OTHER}", f"gradebook/{OTHER}/{OTHER}"]
        pages = [page for student in students for page in (self.submission(student), self.feedback(student))]
        return [*pages, self.submission(hostile.STUDENT_ID), *map(self.formgrader, lists)]

    def folder(self, student: str, step: str = "autograded", assignment: str = OTHER) -> Path:
        return self.world.root / step / student / assignment


def notebook_cell(kind: str, source: str, grade_id: str = "", **more: object) -> dict:
    marks = {
        "schema_version": 3, "grade_id": grade_id, "points": 4.0, "grade": True, "solution": True,
        "locked": False, "task": False, "cell_type": kind,
    }  # fmt: skip
    code = {"execution_count": None, "outputs": []} if kind == "code" else {}
    name = f"c{zlib.crc32(source.encode())}"
    metadata = {"nbgrader": marks} if grade_id else {}
    return {"cell_type": kind, "id": name, "metadata": metadata, "source": source, **code, **more}


ANSWER = notebook_cell("markdown", "an answer", "answer")


def put_notebook(world: World, student: str, cells: list[dict], load: str, **metadata: object) -> None:
    """Put a graded notebook in place, as stock nbgrader would leave it."""
    folder = world.root / "autograded" / student / OTHER
    folder.mkdir(parents=True)
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    (folder / f"{OTHER}.ipynb").write_text(json.dumps(notebook).replace("LOAD", load))
    (folder / "report.html").write_text(hostile.REPORT)


def hostile_cells() -> list[dict]:
    tags = {"tags": ["a modal-backdrop b"], "transient": {"remove_source": True}}
    raw = "<div title='cover-raw' class='modal-backdrop'></div><script>canary('raw')</script>"
    svg = {"a.svg": {"image/svg+xml": hostile.SVG}}
    return [
        notebook_cell("code", "1", outputs=hostile.outputs()),
        notebook_cell("code", "2", metadata=tags),
        notebook_cell("raw", raw, metadata={"raw_mimetype": "text/html"}),
        notebook_cell("markdown", "![a](attachment:a.svg)", attachments=svg),
        ANSWER,
    ]


def hostile_metadata() -> dict:
    state = {"state": {"</script><img src=x onerror=canary('state')>": {}}}
    return {
        "title": "<img src=x onerror=canary('title')>",
        "language_info": {"name": "a modal-backdrop", "pygments_lexer": "a modal-backdrop"},
        "widgets": {"application/vnd.jupyter.widget-state+json": state},
    }


def innocent_cells() -> list[dict]:
    picture = {"dot.png": {"image/png": hostile.PIXEL}}
    code = "def step(z):\n    return 1 if z >= 0 else 0"
    table = {"text/html": "<table border='1' class='dataframe'><tr><td>0.5</td></tr></table>"}
    output = {"output_type": "display_data", "data": table, "metadata": {}}
    return [
        notebook_cell("markdown", hostile.INNOCENT, attachments=picture),
        notebook_cell("code", code, outputs=[output]),
        ANSWER,
    ]


def fill(world: World, load: str) -> None:
    """Let students hand in an assignment without the kit, and a grader comment."""
    names = {key: hostile.NAME.format(key) for key in ("first_name", "last_name", "email")}
    put_notebook(world, "s02", [notebook_cell("markdown", hostile.markdown(), "answer")], load)
    put_notebook(world, "s03", hostile_cells(), load, **hostile_metadata())
    put_notebook(world, "s04", [notebook_cell("markdown", hostile.LEAVES, "answer")], load)
    put_notebook(world, "s05", innocent_cells(), load)
    put_notebook(world, hostile.STUDENT_ID, [ANSWER], load)
    with open_gradebook(world.course) as gradebook:
        gradebook.add_assignment(OTHER)
        gradebook.add_notebook(OTHER, OTHER)
        gradebook.add_grade_cell("answer", OTHER, OTHER, max_score=4, cell_type="markdown")
        gradebook.add_solution_cell("answer", OTHER, OTHER)
        for student in ("s02", "s03", "s04", "s05", hostile.STUDENT_ID):
            gradebook.add_student(student, **(names if student == "s02" else {}))
            gradebook.add_submission(OTHER, student)
        gradebook.find_comment("answer", OTHER, OTHER, "s02").manual_comment = hostile.COMMENT
        gradebook.db.commit()


def start(world: World, *command: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=world.root,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def finish(command: subprocess.Popen) -> None:
    _, errors = command.communicate()
    assert command.returncode == 0, errors


@pytest.fixture(scope="module")
def chromium() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_room(
    registered_course: Path, tmp_path_factory: pytest.TempPathFactory, chromium: sync_api.Browser
) -> Callable[..., contextlib.AbstractContextManager[Room]]:
    @contextlib.contextmanager
    def opened(config: str | None = None) -> Iterator[Room]:
        root = tmp_path_factory.mktemp("browser") / "course"
        shutil.copytree(registered_course, root)
        world = World(root, None)  # no command runs in this process
        if config:
            (world.root / "nbgrader_config.py").write_text(config)
        listener = Listener()
        fill(world, listener.address)
        feedback = start(world, "nbgrader", "generate_feedback", OTHER)
        with jupyter_server(world.root) as server, chromium.new_context() as browser:
            finish(feedback)
            log_in(browser, server)
            yield Room(world, server, listener, browser)
        listener.shutdown()

    return opened


@pytest.fixture(scope="module")
def room(open_room: Callable[..., contextlib.AbstractContextManager[Room]]) -> Iterator[Room]:
    with open_room() as room:
        yield room


def test_stock_shows_that_the_attempts_are_real(open_room: Callable) -> None:
    """Without the kit's settings. What does not succeed here would prove nothing below."""
    with open_room("c = get_config()\n") as stock:
        pages = stock.pages()
        ran = set[str]().union(*(page.ran for page in pages))
        asked = [address for page in pages for address in page.loaded()]
        assert ran >= {
            *hostile.SCRIPTS, "said", "first_name", "last_name", "id", "out-html", "out-markdown",
            "out-js", "out-isolated", "out-width",
        } - hostile.HARMLESS_IN_STOCK  # fmt: skip
        for name in [*hostile.LOADS, "refresh", "out-filename"]:
            assert any(address.endswith(name) or f"/{name}" in address for address in asked), name
        assert any("/formgrader/api/" in path for path in stock.listener.asked), (
            "sent there by a base element"
        )
        assert (stock.world.root / hostile.WRITTEN_FILE).exists()
        assert all(page.count(f"[title={name}]") for page in pages[:2] for name in hostile.COVERS)
        assert pages[0].covered_by("input.score")
        assert pages[2].count(".modal-backdrop") == 3, "the language, tags, raw cell"
        assert stock.formgrader(f"submissions/{stock.number('s02')}/report.html").ran == {"report"}


def assert_harmless(page: Visit) -> None:
    assert not page.ran
    assert not page.dialogs
    assert not page.loaded()
    assert not page.count(hostile.NEVER)


def test_nothing_of_a_students_runs_loads_or_leaves(room: Room) -> None:
    before = (room.folder("s02") / f"{OTHER}.ipynb").read_bytes()
    pages = room.pages()
    for page in pages:
        assert_harmless(page)
        assert page.page.url.split("?")[0].endswith(("/", ".html", OTHER, "manage_students", "%3E")), "stayed"
    assert not room.listener.asked
    assert not (room.world.root / hostile.WRITTEN_FILE).exists()
    assert (room.folder("s02") / f"{OTHER}.ipynb").read_bytes() == before
    assert pages[0].page.locator(".rendered_html strong").inner_text() == "right"


def test_nothing_of_a_students_covers_or_takes_a_name(room: Room) -> None:
    for student in ("s02", "s03", "s04"):
        page = room.submission(student)
        assert page.covered_by("input.score, textarea.comment, button.full-credit") == []
        assert page.count("[id=answer]") == 1
        assert page.page.evaluate("document.forms.length") == 0
        contained = "getComputedStyle(document.querySelector('.text_cell_render')).contain"
        assert page.page.evaluate(contained) == "paint"


def test_names_are_shown_as_they_are(room: Room) -> None:
    page = room.formgrader("manage_students")
    names = page.page.locator("td.name").all_inner_texts()
    assert f"{hostile.NAME.format('last_name')}, {hostile.NAME.format('first_name')}" in names
    assert hostile.STUDENT_ID in page.page.locator("td.id").all_inner_texts()
    page = room.formgrader(f"manage_students/{quote(hostile.STUDENT_ID)}")
    assert page.page.locator("td.name").all_inner_texts() == [f"{ID} (no submission)"]
    page = room.submission("s02")
    assert (
        page.page.locator("a.name-shown").text_content().strip().startswith(hostile.NAME.format("last_name"))
    )


def test_what_is_right_looks_right(room: Room) -> None:
    for page in (room.submission("s05"), room.feedback("s05")):
        assert_harmless(page)
        text = page.page.locator("#notebook").first.text_content()
        for formula in hostile.FORMULAS:
            assert formula in text
        for selector in hostile.LOOKS:
            assert page.count(f".rendered_html {selector}") == 1, selector
        assert page.page.locator("td[style]").evaluate("cell => getComputedStyle(cell).textAlign") == "center"
        assert page.page.locator(".rendered_html img").evaluate_all(
            "all => all.map(i => i.naturalWidth)"
        ) == [1, 1]
        keyword = page.page.locator(".input_area .highlight .k").first
        plain = page.page.locator(".input_area .highlight .p").first
        assert len({mark.evaluate("mark => getComputedStyle(mark).color") for mark in (keyword, plain)}) == 2
        assert "names the source (https://example.org/a)" in text


def test_formgraders_own_scripts_go_on_working(room: Room) -> None:
    page = room.submission("s05").page
    page.locator("span.glyphicon-eye-open").click()
    page.locator("a.name-shown").wait_for()
    page.locator("input.score").fill("3")
    with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
        page.locator("input.score").blur()
    assert saved.value.ok
    with open_gradebook(room.world.course) as gradebook:
        assert gradebook.find_grade("answer", OTHER, OTHER, "s05").manual_score == 3
    page = room.formgrader("manage_students").page
    page.get_by_role("link", name="Add new student").click()
    page.get_by_text("Add New Student", exact=True).wait_for()


def test_a_submitted_page_runs_nothing(room: Room) -> None:
    page = room.formgrader(f"submissions/{room.number('s02')}/report.html")
    assert not page.ran


def test_own_assignments_in_formgrader_and_in_the_kits_feedback(room: Room) -> None:
    answer = hostile.markdown().replace("LOAD", room.listener.address)
    room.world.hand_in(
        "s01", Sample(about="", cells={"xor_explanation": answer}, before={"step": hostile.CODE})
    )
    finish(start(room.world, "autograder", "grade", ID))
    finish(start(room.world, "autograder", "feedback", ID, "--provisional"))
    for page in (room.submission("s01", ID), room.feedback("s01", ID)):
        assert_harmless(page)
        assert page.page.locator("strong", has_text="right").count()
    assert not room.listener.asked


def test_a_server_that_was_started_elsewhere(room: Room, chromium: sync_api.Browser) -> None:
    """formgrader opens a course by its path; nbgrader then keeps the exporter that it had before."""
    course = quote(str(room.world.root))
    with jupyter_server(room.world.root.parent) as server, chromium.new_context() as browser:
        elsewhere = Room(room.world, server, room.listener, browser)
        log_in(browser, server)
        elsewhere.formgrader(f"?path={course}")
        for page in (elsewhere.submission("s02"), elsewhere.submission("s03")):
            assert page.count(".nbgrader_cell")
            assert_harmless(page)
