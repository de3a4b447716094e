"""The gradebook's database: found, made whole, held against nbgrader's own, backed up, and lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Base
from sqlalchemy import create_engine

from autograder.configure import DATABASE
from autograder.gradebook import tables
from tests.conftest import EXPLAINED, ID, World
from tests.postgres import PASSWORD, Postgres, fresh_name
from tests.processes import PATIENCE_SECONDS
from tests.test_regrade import SLOW, mark

INSERTED = (
    tables.students,
    tables.submitted_assignments,
    tables.submitted_notebooks,
    tables.grades,
    tables.comments,
)


@pytest.fixture
def empty_database(postgres: Postgres):
    name = fresh_name()
    yield postgres.create(name)
    postgres.drop(name)


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_columns_are_nbgraders(table) -> None:
    theirs = Base.metadata.tables[table.name]
    for column in table.columns:
        own, other = column.type, theirs.columns[column.name].type
        assert type(own) is type(other), column
        assert getattr(own, "length", None) == getattr(other, "length", None), column
        assert column.primary_key == theirs.columns[column.name].primary_key


@pytest.mark.parametrize("table", INSERTED, ids=lambda table: table.name)
def test_what_nbgrader_wants_filled_is_filled(table, world: World) -> None:
    """Its columns that may not be empty, and those to which it gives a value of its own, which Core does not."""
    world.hand_in("s01")
    world.grade()
    for column in Base.metadata.tables[table.name].columns:
        if not column.nullable or column.default is not None:
            (count,) = world.sql(f"select count(*) from {table.name} where {column.name} is null")[0]
            assert count == 0, column
    assert world.sql(f"select count(*) from {table.name}") != [(0,)]


def lose_gradebook(world: World) -> None:
    for path in world.root.glob("gradebook.db*"):
        path.unlink()


def version_of(world: World) -> list[tuple]:
    return world.sql("select version_num from alembic_version")


def test_a_half_made_gradebook_is_made_whole(world: World) -> None:
    """nbgrader makes table by table, and the version last; ended before that, it takes what is there for whole."""
    expected = version_of(world)
    lose_gradebook(world)
    engine = create_engine(f"sqlite:///{world.root / 'gradebook.db'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    world.sql("drop table comment")
    world.hand_in("s01")
    assert world.grade()["s01"]["score"] == 16
    assert version_of(world) == expected
    assert world.standings()["s01"].score == 16


def test_killed_while_the_gradebook_is_made(world: World) -> None:
    """Whenever the grader is killed, the next run finds a whole gradebook or none."""
    expected = version_of(world)
    world.hand_in("s01")
    for delay in (0.0, 0.01, 0.1, 0.5):
        lose_gradebook(world)
        process = world.command("grade", ID)
        while not (world.root / "gradebook.db").exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.001)
        time.sleep(delay)
        process.kill()
        process.communicate()
    assert world.grade()["s01"]["score"] == 16
    assert version_of(world) == expected
    assert world.standings()["s01"].score == 16


def test_a_gradebook_is_made_in_postgresql(world: World, empty_database: str) -> None:
    """As nbgrader's own SQLite one, and nbgrader works on it: its API and its export."""
    expected = version_of(world)
    lose_gradebook(world)
    world.use_gradebook(empty_database)
    world.hand_in("s01", EXPLAINED)
    world.grade()
    assert version_of(world) == expected
    assert not (world.root / "gradebook.db").exists()
    mark(world, "s01", "xor_explanation", 3)
    ran = world.nbgrader("export", "--to", "grades.csv")
    assert ran.status == 0, ran.err
    line = next(line for line in (world.root / "grades.csv").read_text().splitlines() if "s01" in line)
    assert "19.0" in line


def test_nbgrader_makes_an_assignment_anew_in_postgresql(world: World, empty_database: str) -> None:
    """Twice, so that it also removes its earlier rows."""
    world.use_gradebook(empty_database)
    for _ in range(2):
        ran = world.nbgrader("generate_assignment", ID, "--force")
        assert ran.status == 0, ran.err
    ran = world.run("generate", ID)
    assert ran.status == 0, ran.err
    world.hand_in("s01")
    assert world.grade()["s01"]["score"] == 16


def test_the_environment_names_the_gradebook(
    world: World, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the kit's commands and nbgrader's own; over the course's settings, whose gradebook stays as it is."""
    before = (world.root / "gradebook.db").read_bytes()
    world.use_gradebook(f"sqlite:///{world.root / 'gradebook.db'}")
    monkeypatch.setenv(DATABASE, empty_database)
    world.hand_in("s01")
    world.grade()
    assert world.standings()["s01"].score == 16
    world.hand_in("s02")
    ran = world.nbgrader("autograde", ID, "--student", "s02")
    assert ran.status == 0, ran.err
    assert world.standings()["s02"].score == 16
    assert (world.root / "gradebook.db").read_bytes() == before


def test_settings_that_part_the_doors_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hand_in("s01")
    monkeypatch.setenv(DATABASE, "sqlite:///other.db")
    with (world.root / "nbgrader_config.py").open("a") as config:
        config.write("\nc.CourseDirectory.db_url = 'sqlite:///mine.db'\n")
    ran = world.run("grade", ID)
    assert ran.status == 2
    assert "let configure(c) be its last line" in ran.err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no url", "cannot be read"),
        (f"postgresql://u:{PASSWORD}@ss/x@host/name", "%40 for an @ in a password"),
        (f"postgresql://u:{PASSWORD}:y@host:one/name", "cannot be read"),
        (f"postgres://u:{PASSWORD}@host/name", "write its URL as postgresql://"),
        (f"postgresql+nothing://u:{PASSWORD}@host/name", "driver that is not installed"),
        (
            f"postgresql://u:{PASSWORD}@127.0.0.1:1/name",
            "postgresql://u:***@127.0.0.1:1/name could not be used",
        ),
        (f"postgresql://127.0.0.1:1/name?user=u&password={PASSWORD}", "127.0.0.1:1/name"),
        ("sqlite:///no/such/folder/gradebook.db", "gradebook.db could not be used"),
    ],
)
def test_a_wrong_url_is_told_without_its_password(world: World, url: str, said: str) -> None:
    world.hand_in("s01")
    world.use_gradebook(url)
    for command in ("grade", "export"):
        ran = world.run(command, ID)
        assert ran.status == 2
        assert PASSWORD not in ran.err + ran.out
        assert said in ran.err or "There is no gradebook yet" in ran.err
    assert "Traceback" not in ran.err


def test_a_wrong_password_and_a_missing_database(world: World, postgres: Postgres) -> None:
    world.hand_in("s01")
    for url in (postgres.url("nothing_here"), postgres.url("postgres").replace(PASSWORD, "wrong-one")):
        shutil.copy(world.root / "nbgrader_config.py", world.root / "kept.py")
        world.use_gradebook(url)
        ran = world.run("grade", ID)
        shutil.copy(world.root / "kept.py", world.root / "nbgrader_config.py")
        assert ran.status == 2
        assert "***" in ran.err
        assert PASSWORD not in ran.err
        assert "wrong-one" not in ran.err


def kept_verdicts(world: World) -> dict[str, int]:
    return {
        path.name: path.stat().st_mtime_ns for path in (world.course.state / "results" / ID).glob("*.json")
    }


@pytest.mark.parametrize("world", ["postgres"], indirect=True)
def test_a_lost_database(world: World, postgres: Postgres) -> None:
    """Stopped in the middle of a run, and before one: told, nothing is lost, and nothing is judged twice."""
    for number in range(6):
        world.hand_in(f"s{number:02}", SLOW if number == 5 else EXPLAINED)
    process = world.command("grade", ID, "--jobs", "1")
    while not world.sql("select 1 from grade"):
        assert process.poll() is None, process.communicate()
    try:
        postgres.stop()
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 2, said
        assert "could not be used" in said
        assert "What was judged is kept" in said
        ran = world.run("grade", ID)
        assert ran.status == 2
        assert "***@127.0.0.1" in ran.err
        assert PASSWORD not in said + ran.err
    finally:
        postgres.start()
    kept = kept_verdicts(world)
    assert kept
    world.grade()
    assert {name: kept_verdicts(world)[name] for name in kept} == kept
    assert {student: row.score for student, row in world.standings().items()} == {
        "s05": 6,
        **{f"s{number:02}": 16 for number in range(5)},
    }


def test_a_gradebook_that_is_locked(world: World) -> None:
    """Told, and what was judged is kept: the gradebook is not written to before there is something to write."""
    path = world.root / "gradebook.db"
    world.use_gradebook(f"sqlite:///{path}?timeout=0.5")
    world.hand_in("s01")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        ran = world.run("grade", ID)
        assert ran.status == 2
        assert f"{path}" in ran.err
        assert "database is locked" in ran.err
        kept = kept_verdicts(world)
    assert world.grade()["s01"]["score"] == 16
    assert kept_verdicts(world) == kept != {}


def test_a_gradebook_that_is_read_only(world: World) -> None:
    """Also for root, who is asked to go without the power to write where nobody may."""
    world.hand_in("s01")
    (world.root / "gradebook.db").chmod(0o444)
    command = [sys.executable, "-m", "autograder", "--course", str(world.root), "grade", ID]
    if os.getuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override", "--", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "gradebook.db could not be used" in done.stderr
    assert "readonly" in done.stderr
    (world.root / "gradebook.db").chmod(0o644)
    assert world.grade()["s01"]["score"] == 16


def test_a_gradebook_that_is_none(world: World) -> None:
    world.hand_in("s01")
    (world.root / "gradebook.db").write_bytes(b"grades\n" * 1000)
    for command in ("grade", "export"):
        ran = world.run(command, ID)
        assert ran.status == 2
        assert "file is not a database" in ran.err


def test_a_gradebook_of_an_older_nbgrader(world: World) -> None:
    """Is named as one. Its age is made by taking a column away; the upgrade itself is nbgrader's."""
    world.hand_in("s01")
    world.sql("alter table grade drop column extra_credit")
    for command in ("grade", "export"):
        ran = world.run(command, ID)
        assert ran.status == 2
        assert "made by an older nbgrader: its table grade lacks extra_credit" in ran.err
        assert "nbgrader db upgrade" in ran.err


def backups(world: World) -> list[Path]:
    return sorted((world.course.state / "backups").glob("*.db"))


def scores_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as copy:
        (count,) = copy.execute("select count(*) from grade where auto_score > 0").fetchone()
        return count


def test_backups(world: World) -> None:
    """A copy before a run's first change holds what was there; a run that changes nothing makes none; five stay."""
    world.hand_in("s01")
    world.grade()
    (first,) = backups(world)
    assert scores_in(first) == 0
    world.grade()
    assert backups(world) == [first]
    for number in range(2, 8):
        before = scores_in(world.root / "gradebook.db")
        world.hand_in(f"s{number:02}")
        world.grade()
        assert scores_in(backups(world)[-1]) == before
    assert [path.name for path in backups(world)] == [f"gradebook-{number:06}.db" for number in range(3, 8)]


def test_a_backup_is_made_before_an_assignment_is_registered_anew(world: World) -> None:
    """nbgrader removes rows then; and a due time that is new is a change too."""
    world.sql("delete from grade_cells")
    world.hand_in("s01")
    world.grade()
    (copy,) = backups(world)
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("select count(*) from grade_cells").fetchone() == (0,)
    toml = world.assignment.folder / "assignment.toml"
    toml.write_text("due = 2026-11-10T12:00:00Z\n" + toml.read_text())
    world.grade()
    with closing(sqlite3.connect(backups(world)[-1])) as old:
        assert old.execute("select duedate from assignment").fetchone() == (None,)


def test_a_backup_that_cannot_be_made_stops_the_run(world: World) -> None:
    world.hand_in("s01")
    world.course.state.mkdir(exist_ok=True)
    (world.course.state / "backups").write_text("in the way")
    ran = world.run("grade", ID)
    assert ran.status == 2
    assert "could not be backed up" in ran.err
    assert world.sql("select * from grade") == []
