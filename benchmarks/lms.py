"""What filling an LMS's file and unpacking a download cost, in seconds and memory, for a large class.

    .venv/bin/python benchmarks/lms.py fill --students 10000
    .venv/bin/python benchmarks/lms.py export --students 10000
    .venv/bin/python benchmarks/lms.py unpack --students 10000 --kilobytes 200

Each part runs in a process of its own, so that its memory is its own. `fill` leaves the gradebook out: it measures
reading, recognising, matching, filling, proving and writing the file. `export` is the whole command, over a gradebook
in which one graded submission stands for every student.
"""

import argparse
import csv
import io
import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import closing
from pathlib import Path

from autograder.gradebook.people import Person
from autograder.gradebook.read import Mark, Standing
from autograder.lms.choosing import Wanted
from autograder.lms.files import read_document, write
from autograder.lms.filling import plan
from autograder.lms.formats import known_formats
from autograder.lms.fresh import from_nothing
from autograder.lms.matching import People

MULTIPLY = """
INSERT INTO student SELECT id, first, last, email, lms FROM person WHERE n > 0;
UPDATE student
    SET (first_name, last_name, email, lms_user_id) = (SELECT first, last, email, lms FROM person WHERE n = 0)
    WHERE id = (SELECT id FROM person WHERE n = 0);
INSERT INTO grade (id, notebook_id, cell_id, auto_score, manual_score, extra_credit, needs_manual_grade)
    SELECT n || id_, n || notebook_id, cell_id, auto_score, manual_score, extra_credit, needs_manual_grade
    FROM person, (SELECT id AS id_, * FROM grade) WHERE n > 0;
INSERT INTO comment (id, notebook_id, cell_id, auto_comment, manual_comment)
    SELECT n || id_, n || notebook_id, cell_id, auto_comment, manual_comment
    FROM person, (SELECT id AS id_, * FROM comment) WHERE n > 0;
INSERT INTO submitted_notebook (id, assignment_id, notebook_id, flagged, late_submission_penalty)
    SELECT n || id_, n || assignment_id, notebook_id, flagged, late_submission_penalty
    FROM person, (SELECT id AS id_, * FROM submitted_notebook) WHERE n > 0;
INSERT INTO submitted_assignment (id, assignment_id, student_id, timestamp, extension)
    SELECT n || id_, assignment_id, person.id, timestamp, extension
    FROM person, (SELECT id AS id_, * FROM submitted_assignment) WHERE n > 0;
"""
FORMATS = ("canvas", "moodle-gradebook", "moodle-worksheet", "blackboard", "brightspace", "sakai")


def class_of(students: int) -> tuple[list[Standing], list[Person]]:
    """Give so many students with scores."""
    people = [
        Person(f"s{n:05}", "Zoë", f"Älvarez, {n}", f"s{n:05}@uni.example", f"9{n:05}")
        for n in range(students)
    ]
    marks = {"task": Mark(17.5, 20.0, needs_review=False)}
    rows = [
        Standing(each.id, each.first_name, each.last_name, each.email, True, 20.0, marks=marks)
        for each in people
    ]
    return rows, people


def exported(lms: str, title: str, standings: list[Standing], people: list[Person]) -> bytes:
    """Give the file that an LMS would export for these students, without points."""
    format_ = next(each for each in known_formats() if each.name == lms)
    by_id, participants = {each.id: each for each in people}, {each.id: each.lms_user_id for each in people}
    # Files made from nothing leave out who has no points; an LMS's own have everybody.
    data = from_nothing(format_, title, standings, by_id, participants).data
    data = re.sub(rb",17\.50?(?=[,\r])", b",-" if lms == "moodle-gradebook" else b",", data)
    name = title.encode()
    if lms == "canvas":
        data = data.replace(b"," + name + b"\r\n", b"," + name + b" (12345)\r\n")
    elif lms == "blackboard":
        data = data.replace(b"Score]\r\n", b"Score] |12345\r\n")
    return data


def fill(lms: str, students: int) -> None:
    """Fill one file, and print the time and the memory."""
    standings, people = class_of(students)
    data = exported(lms, "ps1", standings, people)
    with tempfile.TemporaryDirectory() as folder:
        original, output = Path(folder, "before.csv"), Path(folder, "after.csv")
        original.write_bytes(data)
        start, used = time.perf_counter(), time.process_time()
        made = plan(read_document(original, lms), standings, People(people), Wanted(), time.time())
        write(output, made.filled())
        seconds, used = time.perf_counter() - start, time.process_time() - used
        assert len(made.changes) == students, (len(made.changes), made.doubts)
    print(
        f"{lms:<18} {len(data) / 1e6:6.2f} MB  {seconds:6.2f} s ({used:.2f} s of processor)  {peak():5.0f} MB at most"
    )


def export(students: int) -> None:
    """Fill each file by the command, and print the time and the memory."""
    from classes import ID, hand_in, make_course

    standings, people = class_of(students)
    command = [sys.executable, "-m", "autograder"]
    with tempfile.TemporaryDirectory() as folder:
        course = make_course(Path(folder))
        hand_in(course, 1)
        subprocess.run([*command, "grade", ID, "--quiet"], cwd=course.root, check=True)
        multiply(course.root / "gradebook.db", people)
        for lms in FORMATS:
            original, output = course.root / "before", course.root / "after"
            original.write_bytes(exported(lms, ID, standings, people))
            output.unlink(missing_ok=True)
            ask = [*command, "export", ID, "--provisional", "--into", str(original), "-o", str(output)]
            with (course.root / "said").open("w+") as said:
                start = time.perf_counter()
                process = subprocess.Popen([*ask, "--lms", lms], cwd=course.root, stdout=said, stderr=said)
                _, status, usage = os.wait4(process.pid, 0)
                seconds = time.perf_counter() - start
                said.seek(0)
                assert status == 0
                assert f"{students} cells filled" in said.read()
            used, most = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000
            print(f"{lms:<18} {seconds:6.2f} s ({used:.2f} s of processor)  {most:5.0f} MB at most")


def multiply(gradebook: Path, people: list[Person]) -> None:
    """Let the work of the one student that there is be everybody's, in rows of their own."""
    with closing(sqlite3.connect(gradebook)) as database:
        database.execute("CREATE TEMP TABLE person (n, id, first, last, email, lms)")
        rows = [
            (n, each.id, each.first_name, each.last_name, each.email, each.lms_user_id)
            for n, each in enumerate(people)
        ]
        database.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)", rows)
        database.executescript(MULTIPLY)


def unpack(students: int, kilobytes: int) -> None:
    """Unpack a download of so many notebooks, and print the time and the memory."""
    from classes import REPOSITORY

    from autograder.cli.unpack import time_zone
    from autograder.course import Course
    from autograder.lms.archive import open_archive
    from autograder.lms.downloads.base import known_downloads, recognise_download
    from autograder.lms.known import Known
    from autograder.lms.notebooks import Due
    from autograder.lms.sorting import sort
    from autograder.lms.unpacking import Unpacker

    _, people = class_of(students)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "nbgrader_config.py").touch()
        for part in ("assignments", "release", "source"):
            (root / part).symlink_to(REPOSITORY / part)
        course = Course(root)
        assignment = course.assignment("perceptron")
        due = Due(assignment)
        download = root / "download.zip"
        size = make_download(download, assignment.release, students, kilobytes)
        print(
            f"{students} notebooks, {size / 1e9:.2f} GB unpacked, {download.stat().st_size / 1e6:.0f} MB packed"
        )
        before, start, used = peak(), time.perf_counter(), time.process_time()
        with open_archive(download) as archive:
            kind = recognise_download(archive, known_downloads(), None)
            found = sort(archive, kind, People(people), Known(), time_zone("UTC"), due=due)
            states = [
                outcome.state for outcome in Unpacker(course, assignment, archive, found, due=due).place_all()
            ]
        seconds, used = time.perf_counter() - start, time.process_time() - used
        assert states.count("new") == students
    each = seconds / students * 1000
    print(f"unpack {seconds:.2f} s ({used:.2f} s of processor), {each:.2f} ms each")
    print(f"memory {before:.0f} MB before, {peak():.0f} MB at most")


def make_download(path: Path, release: Path, students: int, kilobytes: int) -> int:
    """Write a zip as Canvas gives it, of notebooks with large outputs; gives the bytes unpacked."""
    data = json.loads(release.read_bytes())
    cell = next(cell for cell in data["cells"] if cell["cell_type"] == "code")
    numbers = io.StringIO()
    csv.writer(numbers).writerows([n * 7919 % 104729 / 977, n * n % 7907] for n in range(kilobytes * 40))
    text = numbers.getvalue()[: kilobytes * 1000]
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for number in range(students):
            data["metadata"]["number"] = number
            body = json.dumps(data)
            size += len(body)
            file.writestr(f"name_9{number:05}_{number}_ps1.ipynb", body)
    return size


def peak() -> float:
    """Give the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("fill", "export", "unpack"))
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--kilobytes", type=int, default=200)
    parser.add_argument("--lms", choices=FORMATS)
    options = parser.parse_args()
    if options.what == "unpack":
        unpack(options.students, options.kilobytes)
    elif options.what == "export":
        export(options.students)
    elif options.lms:
        fill(options.lms, options.students)
    else:
        for lms in FORMATS:
            command = [sys.executable, __file__, "fill", "--lms", lms, "--students", str(options.students)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
