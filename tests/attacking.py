"""Attacks on the grader, what they aim at, and whether they got there.

Each file in tests/attacks is one attack:

about = "Reads what another student handed in."
ends = "tried"                 # or "stopped": the cell is ended from outside; "either"
seconds = 60                   # what grading it may take at most, on a busy machine
unconfined = true              # gets through in a process without protection, and does no harm there

code = '''…'''                   # runs before the cell `step`, behind tests/attacks/toolbox.py

[cells]                        # functions of its own, by grade_id, in place of the untouched stubs
[before]                       # further cells, as in a sample answer

In all code @course@, @library@, @port@ and the like (see Canaries.places) stand for what it is to aim at.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, Self

import msgspec

from autograder.authoring.samples import Expectation, Sample, answer_notebook
from autograder.course import Limits
from autograder.pipeline import Graded, Grading, grade
from autograder.sandbox.process import Sandbox

FOLDER = Path(__file__).parent / "attacks"
TOOLBOX = (FOLDER / "toolbox.py").read_text()
CODE_CELLS = ("test_step", "test_forward", "test_update", "test_and")
REACHED, TRIED = "REA" + "CHED", "TRI" + "ED"
ENVIRONMENT = "AUTOGRADER_CANARY"

LIMITS = Limits(call_seconds=0.2, cell_seconds=0.25, loop_seconds=2, submission_seconds=5, memory_mb=1024)


class Attack(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An attack, as its file holds it."""

    about: str
    code: str = ""
    ends: Literal["tried", "stopped", "either"] = "tried"
    unconfined: bool = False
    seconds: float = 60.0
    start: Literal["solution", "release"] = "release"
    cells: dict[str, str] = {}
    before: dict[str, str] = {}

    def sample(self, places: dict[str, str]) -> Sample:
        """Give the answer that a student with this attack hands in."""
        code = f"{TOOLBOX}{self.code}\nprint('TRI' + 'ED')\n"
        return filled(
            Sample(self.about, self.start, Expectation(), self.cells, {**self.before, "step": code}), places
        )


def read_attack(path: Path) -> Attack:
    return msgspec.toml.decode(path.read_bytes(), type=Attack)


def filled(sample: Sample, places: dict[str, str]) -> Sample:
    """Put what there is to aim at in place of the names between @."""

    def fill(code: dict[str, str]) -> dict[str, str]:
        return {
            name: re.sub(r"@(\w+)@", lambda at: places[at[1]], text, flags=re.ASCII)
            for name, text in code.items()
        }

    return Sample(sample.about, sample.start, sample.expect, fill(sample.cells), fill(sample.before))


class Canaries:
    """What attacks aim at. Everything is open to everybody here: only the sandbox protects it."""

    def __init__(self) -> None:
        # Not pytest's folders: those are closed to other users, and would protect what is in them.
        self._root = Path(tempfile.mkdtemp(prefix="attacked-"))
        self._secret = os.urandom(12).hex()
        self.marker = f"left-{self._secret[:8]}"
        self._course, self.library = self._root / "course", self._root / "site-packages"
        self._make_files()
        self._tcp, self._udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        self._named, self._abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        self._listen()
        self._victim = subprocess.Popen(  # ends with us, in whatever way we end
            [sys.executable, "-c", "import sys; sys.stdin.read()"],
            stdin=subprocess.PIPE,
            env={ENVIRONMENT: self._secret},
        )
        self._outer = os.environ.get(ENVIRONMENT)
        os.environ[ENVIRONMENT] = self._secret
        sys.path.append(str(self.library))  # so that the sandbox lets it be read
        self._as_made = self._state()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        sys.path.remove(str(self.library))
        del os.environ[ENVIRONMENT]
        if self._outer is not None:
            os.environ[ENVIRONMENT] = self._outer
        for opened in (self._tcp, self._udp, self._named, self._abstract):
            opened.close()
        self._victim.kill()
        self._victim.wait()
        self._victim.stdin.close()
        shutil.rmtree(self._root)

    def _make_files(self) -> None:
        submission = self._course / "submitted/s02/perceptron/perceptron.ipynb"
        submission.parent.mkdir(parents=True)
        submission.write_text(json.dumps({"neighbour": self._secret}))
        base = sqlite3.connect(self._course / "gradebook.db")
        base.execute("create table grade (points)")
        base.execute("insert into grade values (?)", [self._secret])
        base.commit()
        base.close()
        self.library.mkdir()
        (self.library / "canary_library.py").write_text("value = 1\n")
        for path in (self._root, *self._root.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)

    def _listen(self) -> None:
        self._tcp.bind(("127.0.0.1", 0))
        self._udp.bind(("127.0.0.1", 0))
        self._named.bind(str(self._root / "socket"))
        (self._root / "socket").chmod(0o777)
        self._abstract.bind(f"\0{self.marker}")
        for listening in (self._tcp, self._named, self._abstract):
            listening.listen()
        for opened in (self._tcp, self._udp, self._named, self._abstract):
            opened.setblocking(False)

    @property
    def places(self) -> dict[str, str]:
        """What the names between @ stand for."""
        return {
            "course": str(self._course),
            "library": str(self.library),
            "port": str(self._tcp.getsockname()[1]),
            "udp": str(self._udp.getsockname()[1]),
            "socket": str(self._root / "socket"),
            "abstract": self.marker,
            "marker": self.marker,
            "victim": str(self._victim.pid),
            "grader": str(os.getpid()),
        }

    def touched(self) -> list[str]:
        """Give what was reached since the last time, and make it as it was."""
        found = [
            name
            for name, listening in (
                ("TCP", self._tcp),
                ("a named socket", self._named),
                ("abstract", self._abstract),
            )
            if _accepted(listening)
        ]
        with contextlib.suppress(BlockingIOError):
            self._udp.recv(100)
            found.append("UDP")
        if self._victim.poll() is not None or _stopped(self._victim.pid):
            found.append("the victim")
        state = self._state()
        found += [
            f"{path}: {self._as_made.get(path)} became {state.get(path)}"
            for path in sorted({*state, *self._as_made})
            if state.get(path) != self._as_made.get(path)
        ]
        self._as_made = state
        return found

    def leaks_into(self, text: str) -> bool:
        """Tell whether what is secret stands in a text."""
        return self._secret in text

    def left_behind(self) -> list[str]:
        """Give the files and processes that attacks have left anywhere, by their mark."""
        folders = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/", ".", str(self._course), str(self.library)]
        files = [
            entry
            for folder in folders
            if Path(folder).is_dir()
            for entry in os.listdir(folder)  # noqa: PTH208  # names are all that is compared
            if self.marker in entry
        ]
        return files + [str(pid) for pid, command in _commands() if self.marker.encode() in command]

    def _state(self) -> dict[str, tuple[object, ...]]:
        state = {}
        for path in (self._root, *sorted(self._root.rglob("*"))):
            seen = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            state[str(path)] = (seen.st_mode, seen.st_uid, seen.st_nlink, seen.st_ctime_ns, content)
        return state


def _accepted(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "Tt"


def _commands() -> Iterator[tuple[int, bytes]]:
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(path.name), (path / "cmdline").read_bytes()


def descendants(pid: int) -> set[int]:
    """Give the processes under a process."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


State = tuple[set[int], set[str]]
"""The processes and the files of a sandbox."""


def state_of(sandbox: Sandbox) -> State:
    """Give the processes and files of a sandbox, which it starts where need be."""
    zygote = sandbox.start()._process.pid
    by_name = {pid for pid, command in _commands() if sandbox._scratch.name.encode() in command}
    files = {str(path) for path in Path(sandbox._scratch.name).rglob("*")}
    return {zygote} | descendants(zygote) | by_name, files


def left_in(sandbox: Sandbox, before: State) -> State:
    """Give what is there now and was not before. What has just been killed gets a moment to go."""
    for _ in range(50):
        processes, files = (now - then for now, then in zip(state_of(sandbox), before, strict=True))
        if not processes:
            break
        time.sleep(0.05)
    return processes, files


TRACES = """
def traces():
    import os, sys
    found = [name for name in (*os.environ, *os.environ.values(), *sys.modules, *dir(__builtins__)) if "@marker@" in name]
    for folder in (".", "/tmp", "/var/tmp", "/dev/shm", "/run", "/", *sys.path):
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        found += [name for name in names if "@marker@" in name or folder == "." and name.endswith(".py")]
    return found

if traces():
    print("REA" + "CHED the next submission", traces())
"""
"""A cell that looks for what an attack on the submission before may have left."""


def attack(grading: Grading, sandbox: Sandbox, sample: Sample) -> Graded:
    return grade(grading, "attacker", answer_notebook(grading.assignment, sample), sandbox)


def everything(graded: Graded) -> str:
    """Give all that came of a submission, as text: the result and the notebook with its outputs."""
    return msgspec.json.encode(graded.result).decode() + json.dumps(graded.notebook.cells, ensure_ascii=False)


def outputs_of(graded: Graded, cell_id: str) -> str:
    """Give a cell's outputs as text."""
    (cell,) = [cell for cell in graded.notebook.cells if cell.get("id") == cell_id]
    return json.dumps(cell["outputs"], ensure_ascii=False)


def scores(graded: Graded) -> dict[str, float]:
    return {name: graded.result.cells[name].score or 0.0 for name in CODE_CELLS}


def files(folders: Iterable[Path]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.glob("*.toml"))
