"""A class on a real Dask cluster: a scheduler and workers started by Dask's own commands."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import Client

from tests.conftest import EXPLAINED, ID, UNTOUCHED, World
from tests.processes import PATIENCE_SECONDS
from tests.test_doors import rows
from tests.test_regrade import SLOW
from tests.test_two_graders import WRONG

CLASS = {f"s{number:02}": (EXPLAINED, UNTOUCHED, WRONG)[number % 3] for number in range(9)}
SECONDS = 60


class Cluster:
    """A scheduler and its workers, each with a folder of its own for what it leaves on disk."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._processes: list[subprocess.Popen[bytes]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        self._start(
            "scheduler", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2], "--no-dashboard"
        )

    def add_worker(self, threads: int = 1) -> subprocess.Popen[bytes]:
        options = ["--host", "127.0.0.1", "--nthreads", str(threads), "--no-dashboard", "--no-nanny"]
        folder = self._scratch / f"worker-{len(self._processes)}"
        folder.mkdir(parents=True)
        return self._start("worker", self.address, *options, "--local-directory", str(folder), folder=folder)

    def _start(self, *words: str, folder: Path | None = None) -> subprocess.Popen[bytes]:
        environment = os.environ if folder is None else {**os.environ, "TMPDIR": str(folder)}
        with (self._scratch / "log").open("ab") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig=TERM", "--", sys.executable, "-m", "dask", *words],
                stdout=log,
                stderr=log,
                env=environment,
            )
        self._processes.append(process)
        return process

    def wait_for(self, workers: int) -> None:
        with self.client() as client:
            client.wait_for_workers(workers, timeout=SECONDS)

    @contextmanager
    def client(self) -> Iterator[Client]:
        with Client(self.address, timeout=SECONDS, set_as_default=False) as client:
            yield client

    def left(self) -> list[str]:
        """What is in the workers' folders, but for Dask's own."""
        files = (path for folder in self._scratch.glob("worker-*") for path in folder.rglob("*"))
        return [str(path) for path in files if "dask-scratch-space" not in path.parts]

    def end(self) -> None:
        """End the workers, and then the scheduler."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster")
    yield cluster
    cluster.end()


def hand_in_all(world: World) -> None:
    for student, sample in CLASS.items():
        world.hand_in(student, sample)


def without_times(results: dict[str, dict]) -> dict[str, dict]:
    return {student: {**result, "seconds": 0} for student, result in results.items()}


@pytest.mark.parametrize("threads", [1, 2])
def test_a_class_on_a_cluster_is_graded_as_here(world: World, cluster: Cluster, threads: int) -> None:
    """Same results, same rows, in a sandbox, by workers that load neither nbgrader nor nbformat; nothing is left."""
    hand_in_all(world)
    here = without_times(world.grade())
    rows_here = rows(world)
    for _ in range(2):
        cluster.add_worker(threads)
    cluster.wait_for(2)
    world.sql("delete from comment")
    world.sql("delete from grade")
    there = world.grade("--fresh", "--executor", f"dask:{cluster.address}")
    assert without_times(there) == here
    assert rows(world) == rows_here
    assert all(result["sandbox"] not in ("", "none") for result in there.values())
    with cluster.client() as client:
        loaded = client.run(lambda: sorted(__import__("sys").modules))
    assert len(loaded) == 2
    assert any("autograder.klass.worker" in modules for modules in loaded.values())
    for modules in loaded.values():
        assert not {"nbgrader", "nbformat", "nbconvert"} & set(modules)
    cluster.end()
    assert cluster.left() == []


def test_a_killed_worker_loses_nothing(world: World, cluster: Cluster) -> None:
    for number in range(8):
        world.hand_in(f"s{number:02}", SLOW)
    first = cluster.add_worker()
    cluster.wait_for(1)
    process = world.command("grade", ID, "--executor", f"dask:{cluster.address}")
    kept = world.course.state / "results" / ID
    while not list(kept.glob("*.json")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    cluster.add_worker()
    first.send_signal(signal.SIGKILL)
    out, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, out + said
    assert {row.score for row in world.standings().values()} == {6}
    assert len(world.standings()) == 8


def refused(world: World, *words: str) -> str:
    started = time.monotonic()
    process = world.command("grade", ID, *words)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2, said
    assert time.monotonic() - started < 30
    assert "Traceback" not in said
    return said


def test_a_cluster_without_workers(world: World, cluster: Cluster) -> None:
    world.hand_in("s01")
    with cluster.client():
        pass  # the scheduler answers
    said = refused(world, "--executor", f"dask:{cluster.address}")
    assert f"has no workers: dask worker {cluster.address}" in said


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "127.0.0.1:1", "no such thing", "tcp://", "ftp://x:1"]
)
def test_no_scheduler(world: World, address: str) -> None:
    world.hand_in("s01")
    said = refused(world, "--executor", f"dask:{address}")
    assert f"The Dask scheduler at {address} cannot be reached" in said


@pytest.mark.parametrize("place", ["dask", "dask:", "cloud", "dusk:tcp://127.0.0.1:1"])
def test_no_such_place(world: World, place: str) -> None:
    world.hand_in("s01")
    ran = world.run("grade", ID, "--executor", place)
    assert ran.status == 2
    assert "there are 'local' and 'dask:ADDRESS'" in ran.err


def test_jobs_are_for_this_machine(world: World) -> None:
    world.hand_in("s01")
    ran = world.run("grade", ID, "--executor", "dask:tcp://127.0.0.1:1", "--jobs", "2")
    assert ran.status == 2
    assert "--jobs is for workers on this machine" in ran.err
