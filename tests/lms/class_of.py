"""A class with scores in a real gradebook, without running any student code."""

from datetime import datetime

from autograder.gradebook.backup import GuardedDatabase
from autograder.gradebook.entry import Entry
from autograder.gradebook.people import Person, compare, read_people, write_people
from autograder.gradebook.record import Recorder
from autograder.results import CellResult
from tests.conftest import World

MAXIMA = {"test_step": 3.0, "test_forward": 3.0, "test_update": 6.0, "test_and": 4.0, "xor_explanation": 4.0}


def enrol(world: World, *people: Person) -> None:
    database = GuardedDatabase(world.course)
    try:
        write_people(database, compare(read_people(database), people))
    finally:
        database.close()


def give(world: World, scores: dict[str, float], when: datetime | None = None) -> None:
    """Give students points, task by task until the score is reached."""
    entries = []
    for student, score in scores.items():
        cells, left = {}, score
        for name, most in MAXIMA.items():
            part = min(left, most)
            cells[name], left = CellResult(part, most, False, []), left - part
        entries.append(Entry(student, when, cells))
    database = GuardedDatabase(world.course)
    try:
        Recorder(database, world.assignment).record(entries)
    finally:
        database.close()
