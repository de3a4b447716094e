"""The parts of the sandbox: the system-call filter, the choice of a tier, and the end of all processes."""

import contextlib
import ctypes
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import Limits
from autograder.errors import InstructorError
from autograder.sandbox import choose
from autograder.sandbox.choose import open_sandbox, why_not
from autograder.sandbox.inside import syscalls
from autograder.sandbox.process import Sandbox, Warmup
from tests.conftest import RIGHT, World
from tests.processes import PATIENCE_SECONDS

PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COLUMNS = {"x86_64": 0, "aarch64": 1}
ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000

# ---- the table, against libseccomp's


def all_numbers() -> dict[str, tuple[int, int | None]]:
    conditional = {name: numbers for name, (numbers, _) in syscalls.CONDITIONAL.items()}
    return {**syscalls.NUMBERS, **conditional, "clone3": (syscalls.CLONE3, syscalls.CLONE3)}


@pytest.fixture(scope="module")
def libseccomp() -> ctypes.CDLL:
    try:
        return ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp, whose numbers the table is held against, is not installed")


@pytest.mark.parametrize("processor", PROCESSORS)
def test_numbers_are_those_of_libseccomp(processor: str, libseccomp: ctypes.CDLL) -> None:
    def number(name: str) -> int | None:
        found = libseccomp.seccomp_syscall_resolve_name_arch(PROCESSORS[processor], name.encode())
        return found if found >= 0 else None  # negative: this processor has no such call

    ours = {name: numbers[COLUMNS[processor]] for name, numbers in all_numbers().items()}
    assert ours == {name: number(name) for name in ours}


# ---- the program, against what the tables say


def decide(program: bytes, seen: bytes) -> int:
    """Run a filter on what it is shown, as the kernel does (classic BPF; of its instructions those that we use)."""
    code = list(struct.iter_unpack("<HBBI", program))
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, k = code[at]  # past the end: IndexError
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", seen, k)
        elif operation == 0x54:
            accumulator &= k
        elif operation == 0x15:
            at += if_true if accumulator == k else if_false
        elif operation == 0x35:
            at += if_true if accumulator >= k else if_false
        elif operation == 0x05:
            at += k
        elif operation == 0x06:
            return k
        else:
            raise AssertionError(f"an instruction {operation:#x} that was not expected")


def due(processor: str, architecture: int, number: int, arguments: list[int]) -> int:
    """Say what the policy is, from the tables and from nothing of the program."""
    if architecture != PROCESSORS[processor] or number >= 0x40000000:
        return KILL
    if number == 435:
        return ENOSYS
    names = [name for name, numbers in all_numbers().items() if numbers[COLUMNS[processor]] == number]
    if not names:
        return EPERM
    (name,) = names
    if name in syscalls.NUMBERS:
        return ALLOW
    low = [argument & 0xFFFFFFFF for argument in arguments]
    writing = {"open": low[1], "openat": low[2]}.get(name, 0)
    holds = {
        "ioctl": low[1] in (0x5401, 0x541B, 0x5421, 0x5450, 0x5451),
        "fcntl": low[1] in (0, 1, 2, 3, 4, 5, 6, 7, 1030),
        "prlimit64": low[0] == 0 and arguments[2] == 0,
        "socketpair": low[0] == 1,
        "sendto": arguments[4] == 0 and not low[3] & 1,
        "recvfrom": not low[3] & 1,
        "open": not writing & os.O_TRUNC or writing & 3 in (1, 2),
        "openat": not writing & os.O_TRUNC or writing & 3 in (1, 2),
    }
    return ALLOW if holds[name] else EPERM


known = [number for numbers in all_numbers().values() for number in numbers if number is not None]
interesting = st.sampled_from(
    [
        0,
        1,
        2,
        3,
        5,
        8,
        9,
        16,
        1024,
        1030,
        0x200,
        0x201,
        0x202,
        0x203,
        0x5401,
        0x5412,
        0x541B,
        0x5421,
        0x5450,
        0x5451,
    ]
)
halves = interesting | st.integers(0, 2**32 - 1)
argument_values = st.builds(lambda low, high: low | high << 32, halves, st.just(0) | halves)
call_numbers = st.sampled_from(known) | st.integers(0, 500) | st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("processor", PROCESSORS)
@settings(max_examples=2000, deadline=None)
@given(
    number=call_numbers,
    architecture=st.sampled_from([*PROCESSORS.values(), *PROCESSORS.values(), 0x40000003])
    | st.integers(0, 2**32 - 1),
    arguments=st.lists(argument_values, min_size=6, max_size=6),
)
def test_filter_decides_as_its_tables_say(
    processor: str, number: int, architecture: int, arguments: list[int]
) -> None:
    seen = struct.pack("<IIQ6Q", number, architecture, 0, *arguments)
    program = syscalls.program(processor)
    assert decide(program, seen) == due(processor, architecture, number, arguments)


@pytest.mark.parametrize("processor", PROCESSORS)
def test_every_number_with_every_interesting_argument(processor: str) -> None:
    program, architecture = syscalls.program(processor), PROCESSORS[processor]
    values = [0, 1, 2, 3, 0x200, 0x201, 0x203, 0x5401, 0x5412, 1030, 1 << 32, 1 << 32 | 1]
    for number in [*range(500), 0x3FFFFFFF, 0x40000000, 0x40000001, 0xFFFFFFFF]:
        for value in values:
            seen = struct.pack("<IIQ6Q", number, architecture, 0, *[value] * 6)
            assert decide(program, seen) == due(processor, architecture, number, [value] * 6)


def test_no_jump_is_longer_than_an_instruction_can_hold() -> None:
    for processor in PROCESSORS:
        assert len(syscalls.program(processor)) // 8 < 4096  # the kernel's limit
    with pytest.raises(OSError, match="no table"):
        syscalls.program("mips")


# ---- the choice of a tier


@pytest.fixture
def target() -> Iterator[dict[str, object]]:
    with choose._targets() as targets:
        yield targets


def test_probe_finds_what_is_open(target: dict[str, object]) -> None:
    with Sandbox(Limits(), "none", warmup=Warmup(modules=())) as sandbox:
        found = sandbox.probe(target)
    assert {"read the grader's files", "write to the grader's folders", "change the grader's files"} <= set(
        found
    )
    assert {"see the grader's processes", "start processes", "use the network", "run programs"} <= set(found)


@pytest.mark.parametrize("tier", choose.PROTECTED)
def test_probe_finds_nothing_in_a_protected_tier(tier: str, target: dict[str, object]) -> None:
    with Sandbox(Limits(), tier, warmup=Warmup(modules=())) as sandbox:
        assert sandbox.probe(target) == []


def test_tier_whose_trial_fails_is_not_used() -> None:
    """A sandbox that calls itself protected and is not: its zygote was told to confine nothing."""
    with Sandbox(Limits(), "none", warmup=Warmup(modules=())) as sandbox:
        sandbox.start()
        sandbox.tier = "landlock"
        reason = why_not(sandbox)
    assert reason is not None
    assert reason.startswith("a trial child could ")
    assert "use the network" in reason


def test_falls_back_to_landlock_without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with open_sandbox(Limits()) as sandbox:
        assert sandbox.tier == "landlock"
    with pytest.raises(InstructorError, match=r"namespaces: bubblewrap is not installed .*apt-get install"):
        open_sandbox(Limits(), "namespaces")


WITHOUT_LANDLOCK = """
import os, struct, sys
from autograder.sandbox.inside import linux
# What has been known to a container's default for years: landlock_create_ruleset fails.
program = struct.pack("<" + "HBBI" * 4, 0x20, 0, 0, 0, 0x15, 0, 1, 444, 0x06, 0, 0, 0x00050000 | 38, 0x06, 0, 0, 0x7FFF0000)
linux.forbid_new_privileges()
linux.SystemCallFilter(program).install()
os.environ["PATH"] = "/nowhere"
sys.argv[1:] = {arguments!r}
from autograder.cli import main
main()
"""


def run_without_any_tier(*arguments: str) -> subprocess.CompletedProcess:
    code = WITHOUT_LANDLOCK.format(arguments=list(arguments))
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )


def test_refuses_where_no_tier_can_be_had(world: World) -> None:
    world.hand_in("s01", RIGHT)
    refused = run_without_any_tier("--course", str(world.root), "grade", "perceptron")
    said = " ".join(refused.stderr.split())
    assert refused.returncode == 2, refused.stderr
    assert "namespaces: bubblewrap is not installed (on Debian or Ubuntu: apt-get install bubblewrap)" in said
    assert (
        "landlock: OSError: this kernel offers no Landlock" in said
        or "landlock: this kernel offers no" in said
    )
    assert "--sandbox none" in said
    assert "autograder doctor" in said
    assert world.standings() == {} or all(row.score is None for row in world.standings().values())


def test_doctor_says_the_same(world: World) -> None:
    said = run_without_any_tier("--course", str(world.root), "doctor")
    assert said.returncode == 2
    assert "sandbox namespaces: bubblewrap is not installed" in said.stdout
    assert "this kernel offers no Landlock" in said.stdout
    assert "mend one of the above" in said.stderr
    assert world.run("doctor").status == 0


def test_no_sandbox_is_said_in_every_result(world: World) -> None:
    world.hand_in("s01", RIGHT)
    assert world.grade("--sandbox", "none")["s01"]["sandbox"] == "none"
    assert world.grade("--sandbox", "landlock")["s01"]["sandbox"] == "landlock"
    assert world.grade("--sandbox", "none")["s01"]["sandbox"] == "none"


# ---- the end of all processes

GRADER = """
import threading
from autograder.course import Limits
from autograder.sandbox.process import Sandbox, Warmup
from autograder.sandbox.process import Cell
from autograder.sandbox.run import NotebookRun

def work():
    run = NotebookRun(sandbox, Limits(cell_seconds=100))
    print("started", flush=True)
    run.run_cell(Cell(1, {source!r}))

sandbox = Sandbox(Limits(), {tier!r}, warmup=Warmup(modules=()))
opening = threading.Thread(target=sandbox.start)
opening.start()
opening.join()
print(sandbox._scratch.name, sandbox.start()._process.pid, flush=True)
work()
"""


def alive(pids: set[int]) -> set[int]:
    found = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.add(pid)
    return found


@pytest.mark.parametrize("tier", choose.PROTECTED)
@pytest.mark.parametrize("moment", [0.0, 0.02, 0.4])
@pytest.mark.parametrize("source", ["while True: pass", "import time; time.sleep(1000)"])
def test_nothing_outlives_a_grader_that_was_killed(tier: str, moment: float, source: str) -> None:
    """The thread that opened the sandbox has ended by then: bubblewrap's own --die-with-parent would have ended it."""
    from tests.attacking import descendants

    code = GRADER.format(source=source, tier=tier)
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    scratch, _ = grader.stdout.readline().split()
    assert grader.stdout.readline() == "started\n"
    time.sleep(moment)
    grader.send_signal(signal.SIGSTOP)  # so that the list below is all there is
    ours = descendants(grader.pid)
    assert ours
    grader.kill()
    grader.wait()
    end = time.monotonic() + 10
    while alive(ours) and time.monotonic() < end:
        time.sleep(0.05)
    assert alive(ours) == set()
    shutil.rmtree(scratch, ignore_errors=True)


def test_closing_leaves_no_process_and_no_folder() -> None:
    from tests.attacking import descendants

    before = descendants(os.getpid())
    for tier in choose.PROTECTED:
        with open_sandbox(Limits(), tier) as sandbox:
            child = sandbox.open()
            assert descendants(os.getpid()) - before
            scratch = Path(sandbox._scratch.name)
        child.close()
        assert not scratch.exists()
    assert alive(descendants(os.getpid()) - before) == set()
