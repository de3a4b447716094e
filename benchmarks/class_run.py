"""How long a class takes: the kit beside stock nbgrader and otter-grader, in one run, with the ratios.

    python benchmarks/class_run.py [--sizes 40,200,1000] [--stock 40] [--otter 3] [--dask]

Stock grades so many submissions, and one by itself; where a class is larger, its time is what these two say of it,
and marked with ~. otter grades each of so many right submissions. Whole commands are timed, start-up included; the
gradebook is there and knows the assignment. For each class the memory of the kit's processes is watched as well.
"""

import argparse
import contextlib
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from classes import ID, hand_in, make_course
from distributed import Client
from rivals import Otter, Stock, seconds

from autograder.course import Course

AUTOGRADER = [sys.executable, "-m", "autograder"]
_MOST_WAYS = 1000


class Memory:
    """The largest resident memory of each kind of process below this one, by the time at which it was seen."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, dict[int, int]]] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def growth(self, since: float) -> float:
        """Give by how many MiB the process that grew most has grown after a moment, in seconds from the start."""
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for moment, sizes in self.seen:
            if moment >= since:
                first = {**sizes, **first}
                last |= sizes
        return max((last[pid] - first[pid] for pid in last), default=0) / 2**20

    def largest(self) -> float:
        """Give the largest sum over all processes, in MiB."""
        return max(sum(sizes.values()) for _, sizes in self.seen) / 2**20

    def _watch(self) -> None:
        start = time.perf_counter()
        while not self._end.wait(0.2):
            self.seen.append((time.perf_counter() - start, dict(_lasting_processes(os.getpid()))))


def _lasting_processes(root: int) -> Iterator[tuple[int, int]]:
    """Give the processes below one, except for students' children, which come and go, with their memory in bytes."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(folder.name))
    found = list(parents.get(root, []))
    for pid in found:
        found += parents.get(pid, [])
        with contextlib.suppress(OSError, AttributeError, TypeError):
            status = Path(f"/proc/{pid}/status").read_text()
            age = (
                time.monotonic()
                - int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / 100
            )
            if age > 1:
                yield pid, 1024 * int(re.search(r"VmRSS:\s+(\d+)", status)[1])


class Table:
    """Rows of seconds, printed as they are measured."""

    def row(self, what: str, taken: float, count: int, note: str = "") -> None:
        """Print how long something took, as a whole and for each submission."""
        print(f"  {what:<44}{taken:9.2f} s {1000 * taken / count:10.2f} ms each   {note}", flush=True)


def measure_class(scratch: Path, size: int, stock: "StockTimes", table: Table) -> None:
    """Grade a class, grade it again, write its feedback, and say what stock needs for it."""
    course = make_course(scratch / f"class-{size}")
    hand_in(course, size)
    print(f"a class of {size}")
    with Memory() as memory:
        graded = seconds([*AUTOGRADER, "grade", ID, "--quiet"], course.root)
    again = seconds([*AUTOGRADER, "grade", ID, "--quiet"], course.root)
    pages = seconds([*AUTOGRADER, "feedback", ID, "--provisional"], course.root)
    without = seconds_without_marks(scratch / "unmarked", size)
    table.row("autograder grade", graded, size, f"{memory.largest():.0f} MiB at most, all processes")
    if size > 500:
        grown = memory.growth(graded * 500 / size)
        table.row("  growth of any process after the first 500", graded, size, f"{grown:+.0f} MiB")
    table.row("  written answers not marked", without, size, f"ratio {graded / without:.2f}")
    table.row("autograder grade, nothing changed", again, size)
    table.row("autograder feedback", pages, size)
    grading, sure = stock.grading(size)
    ratios = f"ratio {grading / graded:.1f}, {grading / without:.1f} where answers are not marked"
    table.row(f"nbgrader autograde{'' if sure else ' ~'}", grading, size, ratios)
    giving_back, sure = stock.feedback(size)
    table.row(
        f"nbgrader generate_feedback{'' if sure else ' ~'}",
        giving_back,
        size,
        f"ratio {giving_back / pages:.1f}",
    )
    shutil.rmtree(course.root)


def seconds_without_marks(root: Path, size: int) -> float:
    """Give the seconds for such a class where written answers are left to a person: no sentence model is loaded."""
    course = make_course(root)
    hand_in(course, size)
    settings = course.assignment(ID).folder / "assignment.toml"
    settings.write_text(re.sub(r'marking = "\w+"', 'marking = "off"', settings.read_text()))
    taken = seconds([*AUTOGRADER, "grade", ID, "--quiet"], course.root)
    shutil.rmtree(root)
    return taken


class StockTimes:
    """What stock needs: measured for one submission and for some, and reckoned from that for more."""

    def __init__(self, course: Course, scratch: Path, students: int) -> None:
        self._students = students
        one, many = Stock(course, scratch, 1), Stock(course, scratch, students)
        self._grading = one.autograde(), many.autograde()
        self._feedback = one.feedback(), many.feedback()

    def grading(self, size: int) -> tuple[float, bool]:
        """Give the seconds for a class, and whether they were measured."""
        return self._of(self._grading, size)

    def feedback(self, size: int) -> tuple[float, bool]:
        """Give the seconds for the feedback of a class, and whether they were measured."""
        return self._of(self._feedback, size)

    def _of(self, times: tuple[float, float], size: int) -> tuple[float, bool]:
        one, many = times
        each = (many - one) / (self._students - 1)
        return one + each * (size - 1), size == self._students


def measure_ways(scratch: Path, size: int, table: Table, *, dask: bool) -> None:
    """Grade the same class with one and two workers, and on a cluster of two."""
    course = make_course(scratch / "ways")
    hand_in(course, size)
    print(f"the same class of {size}, in other ways")
    command = [*AUTOGRADER, "grade", ID, "--quiet", "--fresh"]
    seconds(command, course.root)
    one, two = (seconds([*command, "--jobs", jobs], course.root) for jobs in ("1", "2"))
    table.row("autograder grade --jobs 1", one, size)
    table.row("autograder grade --jobs 2", two, size, f"ratio {one / two:.2f}")
    if dask:
        with cluster(scratch) as address:
            there = [*command, "--executor", f"dask:{address}"]
            seconds(there, course.root)  # its workers keep what they made ready
            clustered = seconds(there, course.root)
        table.row(
            "autograder grade --executor dask:…, 2 workers", clustered, size, f"ratio {clustered / two:.2f}"
        )


@contextlib.contextmanager
def cluster(scratch: Path) -> Iterator[str]:
    """Start a Dask scheduler and two workers, by their own commands."""
    address_file = scratch / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    commands: list[Sequence[str]] = [
        [*dask, "scheduler", "--port", "0", "--scheduler-file", str(address_file), *local]
    ]
    worker = [*dask, "worker", "--scheduler-file", str(address_file), "--nthreads", "1", *local]
    started = [subprocess.Popen(commands[0], stderr=subprocess.DEVNULL, cwd=scratch)]
    try:
        while not address_file.exists():
            time.sleep(0.1)
        started += [subprocess.Popen(worker, stderr=subprocess.DEVNULL, cwd=scratch) for _ in range(2)]
        address = re.search(r"tcp://[\d.:]+", address_file.read_text())
        assert address is not None  # Dask writes it
        with Client(address[0], set_as_default=False) as client:
            client.wait_for_workers(2)
        yield address[0]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def machine() -> str:
    """Say what this was measured on."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores of {model[1] if model else 'an unknown processor'}, {memory:.0f} GiB, "
        f"Linux {platform.release()}, Python {platform.python_version()}"
    )


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="40,200,1000", help="sizes of classes, with commas")
    parser.add_argument(
        "--stock", type=int, default=40, help="submissions that stock nbgrader grades, at least 2"
    )
    parser.add_argument("--otter", type=int, default=3, help="submissions that otter grades; 0 leaves it out")
    parser.add_argument(
        "--dask", action="store_true", help="grade a class on a cluster of two workers as well"
    )
    wanted = parser.parse_args()
    sizes = [int(size) for size in wanted.sizes.split(",")]
    table = Table()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        course = make_course(scratch / "course")
        hand_in(course, wanted.stock)
        stock = StockTimes(course, scratch, wanted.stock)
        for size in sizes:
            measure_class(scratch, size, stock, table)
        measure_ways(scratch, min(max(sizes), _MOST_WAYS), table, dask=wanted.dask)
        if wanted.otter:
            notebook = course.submission(course.assignment(ID), "s00000") / f"{ID}.ipynb"
            otter = Otter(scratch)
            each = statistics.median(otter.run(notebook) for _ in range(wanted.otter))
            table.row("otter run, one submission", each, 1)


if __name__ == "__main__":
    main()
