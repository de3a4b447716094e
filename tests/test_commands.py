"""The commands' words: help for each, documented, and what a person reads who got it wrong."""

import importlib
import re
import subprocess
import sys

import pytest

from autograder.authoring.samples import Sample
from autograder.cli import COMMANDS
from tests.conftest import ID, REPOSITORY, World

DOCS = sorted([REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *(REPOSITORY / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_is_documented(name: str, world: World) -> None:
    ran = world.run(name, "--help")
    assert ran.status == 0
    assert f"autograder {name} " in ran.out
    assert len(importlib.import_module(f"autograder.cli.{name}").command.help) > 80
    assert any(f"autograder {name}" in path.read_text() for path in DOCS if path.parent.name == "docs")


FULL = (
    "The perceptron can only draw one straight line. The ones lie on one diagonal and the zeros on the other, so no line "
    "separates them. The training loop never converges: the weights keep changing forever."
)


def test_help_waits_for_nothing_large() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "autograder", "--help"]
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert "autograder.cli" in imported
    assert not re.findall(r"\| +(numpy|sqlalchemy|rich|msgspec)$", imported, re.MULTILINE)


def test_help_teaches_the_order(world: World) -> None:
    ran = world.run("--help")
    order = [
        ran.out.index(f"autograder {name} perceptron") for name in ("generate", "grade", "feedback", "export")
    ]
    assert order == sorted(order)
    assert "Exit status" in ran.out


@pytest.mark.parametrize(
    "arguments", [["grad", ID], ["grade"], ["grade", ID, "--jsn", "x"], ["grade", "../x"]]
)
def test_wrong_words_end_in_2(world: World, arguments: list[str]) -> None:
    ran = world.run(*arguments)
    assert ran.status == 2
    assert ran.err


def test_results_file_that_cannot_be_written(world: World) -> None:
    world.hand_in("s01")
    ran = world.run("grade", ID, "--json", str(world.root / "no" / "such" / "folder.jsonl"))
    assert ran.status == 2
    assert "could not be written" in ran.err


def test_checks_by_hand(world: World) -> None:
    path = world.hand_in("s01", Sample(about="", cells={"xor_explanation": FULL}))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(world.assignment.checks),
        "--submission",
        str(path),
    ]
    done = subprocess.run(command, cwd=world.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "31 passed" in done.stdout


def test_demo(world: World) -> None:
    """The whole way, twice, and never over somebody's own folder."""
    folder = world.root / "demo"
    for _ in range(2):
        ran = world.run("demo", "--into", str(folder))
        assert ran.status == 0, ran.err
    assert "14 submissions graded" in ran.out
    for path in re.findall(r"(?:version|page|feedback|file|files|Results): +(\S+)", ran.out):
        assert (REPOSITORY / path).exists(), path
    for name in ("canvas", "moodle-gradebook", "moodle-worksheet", "blackboard", "brightspace", "sakai"):
        (filled,) = (folder / "lms").glob(f"{name}.*")
        assert filled.read_bytes() != (world.assignment.samples / "lms" / filled.name).read_bytes()
    assert ran.out.count("14 cells filled") == 6
    (world.root / "mine").mkdir()
    ran = world.run("demo", "--into", str(world.root / "mine"))
    assert ran.status == 2
    assert "is no earlier demo" in ran.err


def test_links_and_commands_in_the_documents_exist() -> None:
    for path in DOCS:
        text = path.read_text()
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
        for command in re.findall(r"autograder ([a-z]+) (?:perceptron|ID|--)", text):
            assert command in COMMANDS, f"{path.name}: autograder {command}"


def test_the_readmes_make_targets_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make (\w+)", (REPOSITORY / "README.md").read_text(), re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
    assert "make test" in (REPOSITORY / ".ci" / "run").read_text()
