"""Downloads put before `autograder unpack`, for a class of two, and what comes of them."""

import csv
from pathlib import Path

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook
from autograder.gradebook.people import Person
from tests.conftest import ID, RIGHT, World
from tests.lms.zips import zipped

ZOE = Person("s01", "Zoë", "Älvarez", "s01@uni.example", "901")


BO = Person("s02", "Bo", "O'Neil, Jr.", "s02@uni.example", "902")


def notebook(world: World, mark: str = "") -> bytes:
    """A notebook with the assignment's cells; `mark` makes it another one."""
    made = answer_notebook(world.assignment, RIGHT)
    made.metadata["mark"] = mark
    return nb.to_text(made).encode()


def unpack(world: World, members: dict, *arguments: str) -> tuple[int, str]:
    path = zipped(world.root / "download.zip", members)
    return run(world, path, *arguments)


def run(world: World, path: Path, *arguments: str) -> tuple[int, str]:
    ran = world.run("unpack", ID, str(path), "--timezone", "Europe/Berlin", *arguments)
    leftovers = list(world.root.rglob("*.new"))
    assert not leftovers
    return ran.status, ran.out + ran.err


def handed_in(world: World, student: str) -> dict[str, bytes]:
    folder = world.folder(student)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def reasons(world: World) -> dict[str, str]:
    with (world.root / "unpacked" / ID / "unplaced.csv").open(newline="") as file:
        return {row["member"]: row["reason"] for row in csv.DictReader(file)}


def fill_in(course: World, students: dict[str, str]) -> Path:
    """Write students into the table of what has no place, by the members' beginnings."""
    path = course.root / "unpacked" / ID / "unplaced.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["student"] = next((who for name, who in students.items() if row["member"].startswith(name)), "")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path
