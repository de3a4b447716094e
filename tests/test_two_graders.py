"""Several programs at one gradebook at once: what is in it afterwards is what one of them would have written."""

import time
from contextlib import suppress

import pytest
from nbgrader.api import InvalidEntry
from sqlalchemy import create_engine, text

from autograder.authoring.samples import Sample
from autograder.gradebook.connection import open_gradebook
from autograder.gradebook.settings import gradebook_address
from tests.conftest import EXPLAINED, ID, UNTOUCHED, World, both_databases
from tests.postgres import Postgres, fresh_name
from tests.processes import PATIENCE_SECONDS
from tests.test_doors import rows

WRONG = Sample(about="", cells={"step": "def step(z):\n    return z"})
CLASS = {f"s{number:02}": (EXPLAINED, UNTOUCHED, WRONG)[number % 3] for number in range(18)}
TABLES = (
    "student",
    "submitted_assignment",
    "submitted_notebook",
    "grade",
    "comment",
    "base_cell",
    "assignment",
)


def hand_in_all(world: World) -> None:
    for student, sample in CLASS.items():
        world.hand_in(student, sample)


def counts(world: World) -> dict[str, int]:
    return {table: world.sql(f"select count(*) from {table}")[0][0] for table in TABLES}


def grade_at_once(world: World) -> None:
    """Two processes, all judged in both."""
    processes = [world.command("grade", ID, "--fresh") for _ in range(2)]
    for process in processes:
        out, said = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, out + said


def empty_gradebook(world: World, postgres: Postgres | None) -> None:
    """Let there be no gradebook: no file, or a database without tables."""
    if postgres is None:
        for path in world.root.glob("gradebook.db*"):
            path.unlink()
    else:
        settings = world.root / "nbgrader_config.py"
        name = gradebook_address(world.course).url.rpartition("/")[2]
        settings.write_text(settings.read_text().replace(name, fresh := fresh_name()))
        postgres.create(fresh)


@both_databases
@pytest.mark.parametrize("missing", [False, True], ids=["registered", "no gradebook"])
def test_two_graders_write_what_one_does(request: pytest.FixtureRequest, world: World, missing: bool) -> None:
    hand_in_all(world)
    if missing:
        on_postgres = gradebook_address(world.course).url.startswith("postgresql")
        empty_gradebook(world, request.getfixturevalue("postgres") if on_postgres else None)
    grade_at_once(world)
    both, counted = rows(world), counts(world)
    assert counted["submitted_assignment"] == counted["submitted_notebook"] == len(CLASS)
    assert counted["student"] == len(CLASS)
    for table in ("student", "submitted_assignment", "submitted_notebook", "grade", "comment"):
        world.sql(f"update {table} set id = id")  # readable and whole
    world.sql("delete from comment")
    world.sql("delete from grade")
    world.grade()
    assert rows(world) == both
    assert counts(world) == counted


@both_databases
def test_nbgraders_api_writes_at_the_same_time(world: World) -> None:
    """As its autograde does: students, submissions and rows of the same assignment, and a person marks."""
    hand_in_all(world)
    process = world.command("grade", ID, "--fresh")
    with open_gradebook(world.course) as gradebook:
        for student in reversed(CLASS):
            with suppress(InvalidEntry):  # nbgrader looks, then writes, and says so where another was first
                gradebook.update_or_create_student(student, first_name="A")
                gradebook.update_or_create_submission(ID, student)
    out, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, out + said
    together, counted = rows(world), counts(world)
    assert counted["student"] == counted["submitted_notebook"] == len(CLASS)
    for table in ("grade", "comment"):
        world.sql(f"delete from {table}")
    world.grade()
    assert rows(world) == together
    assert counts(world) == counted


@both_databases
def test_a_score_that_a_person_gives_meanwhile_stays(world: World) -> None:
    """Formgrader's transaction is open while the kit writes: the kit waits for it, and decides by what it left."""
    world.hand_in("s01", EXPLAINED)
    world.grade()
    engine = create_engine(gradebook_address(world.course).url)
    kept = world.course.state / "results" / ID
    (before,) = kept.glob("*.json")
    before = before.read_bytes()
    world.hand_in("s01", Sample(about="", cells={**EXPLAINED.cells, "step": WRONG.cells["step"]}))
    with engine.begin() as connection:
        connection.execute(
            text(
                "update grade set manual_score = 3, needs_manual_grade = false "
                "where cell_id in (select id from base_cell where name = 'xor_explanation')"
            )
        )
        process = world.command("grade", ID)
        while [path.read_bytes() for path in kept.glob("*.json")] in ([before], []):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        time.sleep(1)
        assert process.poll() is None, "it waits"
    engine.dispose()
    out, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, out + said
    assert world.standings()["s01"].waiting == []
