"""Feedback pages and the grade file."""

import csv
import io
from html.parser import HTMLParser

import pytest

from autograder.authoring.samples import Sample
from autograder.gradebook.connection import open_gradebook
from autograder.lms.table import harmless
from tests.conftest import EXPLAINED, ID, UNTOUCHED, World, both_databases
from tests.test_regrade import mark

HOSTILE = """<script>alert(1)</script> <img src=x onerror=alert(2)> [link](javascript:alert(3))
<svg onload=alert(4)></svg> ![picture](http://example.invalid/x.png)

<style>body {display: none}</style>

All right, **but** $x \\cdot w$ is fine"""
HOSTILE_CODE = """from IPython.display import HTML, Javascript, Markdown, display
display(HTML("<script>alert(5)</script>"), Javascript("alert(6)"), Markdown("<img src=x onerror=alert(7)>"))
print("<script>alert(8)</script>\\x1b[2J\\u202e")
raise ValueError("<script>alert(9)</script>")
"""


class Tags(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


def page_of(world: World, student: str) -> str:
    return (world.course.feedback(world.assignment, student) / f"{ID}.html").read_text()


def rows_of(world: World) -> dict[str, dict[str, str]]:
    text = (world.root / f"{ID}-grades.csv").read_bytes().decode()
    return {row["student_id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


@both_databases
def test_page_tells_what_was_tested_and_gives_nothing_away(world: World) -> None:
    """nbgrader #917, #1363, #869, #1399, #1889: a reason for each lost point, and no hidden test."""
    world.hand_in("s01", Sample(about="", cells={"step": "def step(z):\n    return np.where(z > 0, 1, 0)"}))
    world.grade()
    assert world.run("feedback", ID, "--provisional").status == 0
    page = page_of(world, "s01")
    assert "step of exactly 0: wrong" in page
    assert "<code>step(0.0)</code> returned array(0)" in page
    assert "Which side of the boundary does z = 0 belong to? Read the definition once more." in page
    assert "4 of 4 points:</strong>\n everything that was tested is right." in page
    assert "Provisional." in page
    for secret in ("close(", "assert ", "right_step", "pytest", "student."):
        assert secret not in page.split("own examples said")[0].replace("<pre", "").split("</style>")[1], (
            secret
        )


def test_nothing_of_a_students_runs_on_the_page(world: World) -> None:
    world.hand_in("s01", Sample(about="", cells={"xor_explanation": HOSTILE}, before={"step": HOSTILE_CODE}))
    world.grade()
    assert world.run("feedback", ID, "--provisional").status == 0
    found = Tags(page_of(world, "s01"))
    assert not found.tags & {"script", "img", "svg", "iframe", "object", "link", "form"}
    assert not [name for name in found.attributes if name.startswith("on")]
    assert all(link.startswith("#") for link in found.links)
    assert "\x1b" not in page_of(world, "s01")
    assert "\u202e" not in page_of(world, "s01")
    assert "<strong>but</strong>" in page_of(world, "s01")


@both_databases
def test_refuses_while_an_answer_waits(world: World) -> None:
    world.hand_in("s01", EXPLAINED)
    world.hand_in("s02")
    world.grade()
    for command in ("feedback", "export"):
        ran = world.run(command, ID)
        assert ran.status == 2
        assert "s01" in ran.err
        assert "formgrader" in ran.err
        assert f"autograder {command} {ID} --provisional" in ran.err
    mark(world, "s01", "xor_explanation", 4)
    assert world.run("feedback", ID).status == 0
    assert "Provisional" not in page_of(world, "s01").split("</style>")[1]
    assert world.run("export", ID).status == 0
    assert rows_of(world)["s01"]["score"] == "20"
    assert rows_of(world)["s01"]["provisional"] == "no"


@both_databases
def test_comment_is_escaped_and_shown(world: World) -> None:
    world.hand_in("s01", EXPLAINED)
    world.grade()
    mark(world, "s01", "xor_explanation", 2, "<b>Which</b> points?")
    assert world.run("feedback", ID).status == 0
    assert "&lt;b&gt;Which&lt;/b&gt; points?" in page_of(world, "s01")


@both_databases
def test_released_by_nbgrader(world: World) -> None:
    """nbgrader's own release_feedback finds the pages."""
    world.hand_in("s01")
    (world.folder("s01") / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    (world.folder("s01") / "submission_secret.txt").write_text("secret")
    world.grade()
    assert world.run("feedback", ID).status == 0
    exchange = world.root / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    with (world.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
    ran = world.nbgrader("release_feedback", ID)
    assert ran.status == 0, ran.err
    (released,) = exchange.rglob("*.html")
    assert released.read_text() == page_of(world, "s01")


@both_databases
def test_grade_file_tells_missing_from_zero(world: World) -> None:
    """nbgrader #530: names with commas, formulas, and who handed in nothing."""
    world.hand_in("s01", UNTOUCHED)
    world.hand_in_text("s02", "{")
    world.grade()
    with open_gradebook(world.course) as gradebook:
        gradebook.add_student("s03", first_name="=cmd|' /C calc'!A0", last_name='Comma, "Quote"', email="@x")
    assert world.run("export", ID, "--provisional").status == 0
    rows = rows_of(world)
    assert (rows["s01"]["status"], rows["s01"]["score"], rows["s01"]["test_step"]) == ("graded", "0", "0")
    assert (rows["s02"]["status"], rows["s02"]["score"]) == ("not graded", "")
    assert (rows["s03"]["status"], rows["s03"]["score"], rows["s03"]["late_penalty"]) == ("missing", "", "")
    assert rows["s03"]["first_name"] == "'=cmd|' /C calc'!A0"
    assert rows["s03"]["last_name"] == 'Comma, "Quote"'
    assert rows["s03"]["email"] == "'@x"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_formulas_are_made_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@both_databases
def test_what_is_not_graded_yet(world: World) -> None:
    ran = world.run("feedback", ID)
    assert ran.status == 2
    assert "first: autograder grade perceptron" in ran.err


def test_long_text_holds_nobody_up(world: World) -> None:
    """Rendering takes a time that grows with the square of these: minutes, and for some a day."""
    blanks = "# x" + " " * 500_000 + "y"
    stars = "*a **b " * 20_000 + "b** a*" * 20_000
    world.hand_in(
        "s01",
        Sample(
            about="",
            cells={"xor_explanation": f"{blanks}\n\n{stars}"},
            before={"train": "x = 1" + "\n   " * 100_000},
        ),
    )
    world.hand_in("s02")
    world.grade()
    assert world.run("feedback", ID, "--provisional").status == 0
    page = (world.root / "feedback" / "s01" / ID / f"{ID}.html").read_text()
    assert stars[:500] in page
