"""A real course for each test: the repository's own assignment, a real gradebook, real submissions."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from autograder import notebook as nb
from autograder.authoring.samples import Sample, answer_notebook
from autograder.cli import main
from autograder.configure import find_programs
from autograder.course import Assignment, Course
from autograder.gradebook.opening import open_database, registered
from autograder.gradebook.read import Standing, standings
from autograder.gradebook.settings import gradebook_address
from tests.postgres import Postgres, fresh_name, running

REPOSITORY = Path(__file__).parents[1]
SAMPLES = Path(__file__).parent / "submissions" / "perceptron"
ID = "perceptron"

RIGHT = Sample(about="all right, not explained")
EXPLAINED = Sample(about="all right, explained", cells={"xor_explanation": "Perhaps one line cannot do it."})
UNTOUCHED = Sample(about="untouched", start="release")

both_databases = pytest.mark.parametrize("world", ["sqlite", "postgres"], indirect=True)
"""Let a test run twice: with a gradebook in an SQLite file, as in other tests, and with one in PostgreSQL."""


@dataclass
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str


class World:
    """A course, and what people do in it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.course = Course(root)
        self._capsys = capsys

    @property
    def assignment(self) -> Assignment:
        return self.course.assignment(ID)

    def folder(self, student: str) -> Path:
        return self.course.submission(self.assignment, student)

    def hand_in(self, student: str, sample: Sample = RIGHT) -> Path:
        return self.hand_in_text(student, nb.to_text(answer_notebook(self.assignment, sample)))

    def hand_in_text(self, student: str, text: str | bytes, name: str = f"{ID}.ipynb") -> Path:
        path = self.folder(student) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def change(self, student: str, edit: Callable[[dict], object], sample: Sample = RIGHT) -> Path:
        """Hand in a notebook that was edited as JSON."""
        path = self.hand_in(student, sample)
        data = json.loads(path.read_text())
        edit(data)
        path.write_text(json.dumps(data))
        return path

    def run(self, *arguments: str) -> Ran:
        """Run `autograder` in this course, in this process."""
        argv, sys.argv = sys.argv, ["autograder", "--course", str(self.root), *arguments]
        try:
            main()
        except SystemExit as ended:
            output = self._capsys.readouterr()
            return Ran(int(ended.code or 0), output.out, output.err)
        finally:
            sys.argv = argv
        raise AssertionError("main always exits")

    def grade(self, *arguments: str) -> dict[str, dict]:
        """Grade, and give the results by student."""
        file = self.root / "results.jsonl"
        self.graded = self.run("grade", ID, "--json", str(file), *arguments)
        assert self.graded.status in (0, 1), self.graded.err
        results = [json.loads(line) for line in file.read_text().splitlines()]
        return {result["student"]: result for result in results}

    def nbgrader(self, *arguments: str) -> Ran:
        """Run nbgrader's own command in this course."""
        find_programs()
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(
            command, cwd=self.root, capture_output=True, text=True, check=False, env=os.environ
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def standings(self) -> dict[str, Standing]:
        with open_database(self.course) as gradebook:
            return {row.student: row for row in standings(gradebook, self.assignment)}

    def sql(self, statement: str) -> list[tuple]:
        """Run a statement on the gradebook, and give its rows."""
        engine = create_engine(gradebook_address(self.course).url)
        try:
            with engine.begin() as connection:
                result = connection.execute(text(statement))
                return [tuple(row) for row in result] if result.returns_rows else []
        finally:
            engine.dispose()

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `autograder` in this course as a process of its own."""
        command = [sys.executable, "-m", "autograder", "--course", str(self.root), *arguments]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
        )

    def use_gradebook(self, url: str) -> None:
        """Set the gradebook's URL in the course's settings, as an instructor does."""
        path = self.root / "nbgrader_config.py"
        setting = f"c.CourseDirectory.db_url = {url!r}\n\nconfigure(c)\n"
        path.write_text(path.read_text().replace("configure(c)\n", setting))

    def graded_notebook(self, student: str) -> dict:
        return json.loads((self.course.autograded(self.assignment, student) / f"{ID}.ipynb").read_text())


def pytest_configure() -> None:
    """Take signals that were ignored where the tests were started: graders inherit that, and tests send them some."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture(scope="session")
def registered_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a gradebook that knows the assignment: made once, since that takes seconds."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    for part in ("source", "release", "assignments"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / part / ID, root / part / ID, ignore=ignore)
    course = Course(root)
    assignment = course.assignment(ID)
    registered(course, assignment, nb.read(assignment.release)).close()
    course.secret()
    return root


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, started when the first test asks for it."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def registered_database(
    postgres: Postgres, registered_course: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A database with a gradebook that knows the assignment, to make others from."""
    name = fresh_name()
    root = tmp_path_factory.mktemp("registering") / "course"
    shutil.copytree(registered_course, root)
    world = World.__new__(World)
    world.root = root
    world.use_gradebook(postgres.create(name))
    course = Course(root)
    assignment = course.assignment(ID)
    registered(course, assignment, nb.read(assignment.release)).close()
    return name


@pytest.fixture
def world(
    request: pytest.FixtureRequest,
    registered_course: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[World]:
    """A fresh copy of the course, with nobody in it."""
    root = tmp_path / "course"
    shutil.copytree(registered_course, root)
    world = World(root, capsys)
    if getattr(request, "param", "sqlite") == "sqlite":
        yield world
        return
    (root / "gradebook.db").unlink()
    template: str = request.getfixturevalue("registered_database")
    server: Postgres = request.getfixturevalue("postgres")
    name = fresh_name()
    world.use_gradebook(server.create(name, template))
    yield world
    server.drop(name)


def source_of(notebook: dict, grade_id: str) -> str:
    """Give a cell's text."""
    return "".join(cell_of(notebook, grade_id)["source"])


def cell_of(notebook: dict, grade_id: str) -> dict:
    """Give a cell by its grade_id."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return cell
    raise LookupError(grade_id)
