"""The process in which student code runs, and what comes back from it."""

import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.course import Limits
from autograder.errors import GraderError, StudentError
from autograder.judge.compare import is_close
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.inside import codec
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import (
    Answers,
    Gone,
    Looped,
    Missing,
    Raised,
)
from autograder.sandbox.requests import Batch, LoopRequest
from autograder.sandbox.run import Cell, NotebookRun
from autograder.sandbox.standins import StandIns
from autograder.signatures import Foreign, parse_form
from tests.calling import Returned, call

LIMITS = Limits(call_seconds=0.5, cell_seconds=0.5, submission_seconds=20)


@pytest.fixture(scope="module", params=["namespaces", "landlock", "none"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with open_sandbox(LIMITS, request.param) as the_sandbox:
        yield the_sandbox


@pytest.fixture
def run(sandbox: Sandbox) -> Iterator[NotebookRun]:
    with NotebookRun(sandbox, LIMITS) as the_run:
        the_run.run_cell(Cell(1, "import numpy as np"))
        yield the_run


def text_of(outputs: list[dict]) -> str:
    return json.dumps(outputs)


def test_runs_cells_as_jupyter_does(run: NotebookRun) -> None:
    source = "%matplotlib inline\nfrom IPython.display import display\nprint('out')\ndisplay(1)\nimport asyncio\nawait asyncio.sleep(0)\n2 + 3"
    outputs = run.run_cell(Cell(2, source))
    assert [output["output_type"] for output in outputs] == ["stream", "display_data", "execute_result"]
    assert outputs[-1]["data"] == {"text/plain": "5"}
    assert run.run_cell(Cell(3, "4;")) == []
    assert "NameError" in text_of(run.run_cell(Cell(4, "nothing")))
    assert "get_ipython" not in text_of(run.run_cell(Cell(5, "%time x = 3")))


@pytest.mark.parametrize("source", ["!ls", "%%bash\nls", "input()", "x = !ls", "%pip install x", "%%sh\nls"])
def test_what_is_not_for_grading_says_so(run: NotebookRun, source: str) -> None:
    """nbgrader #1844: input() fails in its own cell."""
    assert "is not available while grading" in text_of(run.run_cell(Cell(2, source)))
    assert run.run_cell(Cell(3, "1"))[0]["data"] == {"text/plain": "1"}


def test_knows_nothing_of_the_grader(run: NotebookRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_SECRET", "hunter2")
    source = "import os, sys\nprint(dict(os.environ), sys.argv, sys.path, sys.modules.keys())"
    printed = text_of(run.run_cell(Cell(2, source)))
    assert "hunter2" not in printed
    assert "autograder.judge" not in printed


@pytest.mark.skipif(Path(sys.prefix).is_relative_to("/tmp"), reason="Python itself is installed in /tmp")
def test_a_notebook_has_a_folder_for_temporary_files() -> None:
    """Its own: what it leaves there the next one does not see."""
    source = "import os\nprint(os.path.exists('/tmp/log'))\nwith open('/tmp/log', 'a') as log:\n    print('seen', file=log)"
    with open_sandbox(LIMITS, "namespaces") as sandbox:
        for _ in range(2):
            with NotebookRun(sandbox, LIMITS) as run:
                assert run.run_cell(Cell(1, source)) == [
                    {"output_type": "stream", "name": "stdout", "text": "False\n"}
                ]
    assert not Path("/tmp/log").exists()


def test_time_out_costs_one_call_and_a_third_is_not_tried(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def good(z):\n    return z\n\n\ndef endless(z):\n    while True:\n        pass"))
    start = time.monotonic()
    replies = [call(run, "endless", [1.0]) for _ in range(5)]
    assert all(isinstance(reply, Gone) and reply.overdue for reply in replies)
    assert "ran for more than 0.5 seconds" in replies[0].why
    assert "not tried again" in replies[-1].why
    assert time.monotonic() - start < 10
    assert call(run, "good", [2.0]) == Returned(2.0, [2.0])


@pytest.mark.parametrize(
    "body", ["os._exit(0)", "os.abort()", "import ctypes; ctypes.string_at(0)", "os.closerange(3, 100)"]
)
def test_crash_costs_one_call(run: NotebookRun, body: str) -> None:
    run.run_cell(
        Cell(2, f"import os\n\n\ndef good(z):\n    return z\n\n\ndef crash(z):\n    {body}\n    return z")
    )
    assert isinstance(call(run, "crash", [1.0]), Gone)
    assert call(run, "good", [2.0]) == Returned(2.0, [2.0])


def test_cell_that_never_ends_is_left_out(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def good(z):\n    return z"))
    assert "This cell was stopped: it ran for more than 0.5 seconds" in text_of(
        run.run_cell(Cell(3, "while True: pass"))
    )
    assert call(run, "good", [2.0]) == Returned(2.0, [2.0])


def test_many_cells_that_never_end_stop_no_other_cell(run: NotebookRun) -> None:
    for number in range(2, 6):
        run.run_cell(Cell(number, "while True: pass"))
    busy = "total = 0\nfor i in range(300_000):\n    total += i\ntotal"
    assert run.run_cell(Cell(6, busy))[0]["data"] == {"text/plain": "44999850000"}


@pytest.mark.parametrize(
    "fault", ["while True: pass", "import os\nos._exit(0)", "import ctypes; ctypes.string_at(0)"]
)
def test_cells_that_go_together_cost_each_other_nothing(run: NotebookRun, fault: str) -> None:
    sources = ["a = 1\nprint(a)", fault, "a += 1\na", "def good(z):\n    return a * z"]
    first, second, third, fourth = run.run_cells([Cell(at, source) for at, source in enumerate(sources, 2)])
    assert first[0]["text"] == "1\n"
    assert "This cell was stopped" in text_of(second)
    assert third[0]["data"] == {"text/plain": "2"}
    assert fourth == []
    assert call(run, "good", [2.0]) == Returned(4.0, [2.0])


def test_cells_that_go_together_may_print_all_that_they_are_allowed(run: NotebookRun) -> None:
    loud = f"print('\\0' * {LIMITS.output_characters - 1})"
    outputs = run.run_cells([Cell(at, f"{loud}\nx = {at}") for at in range(2, 102)])
    printed = [len(shown[0]["text"]) if shown else 0 for shown in outputs]
    assert printed[0] >= LIMITS.output_characters
    assert sum(printed) < 60 * LIMITS.output_characters
    run.run_cell(Cell(102, "def last(z):\n    return x"))
    assert call(run, "last", [0.0]) == Returned(101, [0.0])


def test_arguments_come_back_as_the_call_left_them(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def spoil(w):\n    w += 1\n    return 0"))
    reply = call(run, "spoil", [np.zeros(2)])
    assert isinstance(reply, Returned)
    assert reply.arguments_after[0].tolist() == [1, 1]


def test_missing_and_raising(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def bad(z):\n    return z / 0\n\n\nnumber = 3"))
    assert call(run, "nobody", []) == Missing("nobody")
    assert call(run, "number", []) == Missing("number")
    assert call(run, "bad", [1]) == Raised("ZeroDivisionError", "division by zero", "cell 2, line 2")


def test_loop_runs_the_graders_source_and_leaves_no_name(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def f(i):\n    return np.float32(i)\n\n\ndef train(n):\n    return 'forged'"))
    reply = run.loop(LoopRequest.of("def train(n):\n    for i in range(n):\n        f(i)", "train", "f", [3]))
    assert isinstance(reply, Looped)
    assert [row for column in reply.arguments for row in column.values()] == [(0,), (1,), (2,)]
    results = [result for column in reply.results for result in column.values()]
    assert results == [0, 1, 2]
    assert type(results[0]) is np.float32
    assert call(run, "train", [1]).result == Foreign("str", "'forged'")


def results_of(answers: Answers) -> list[object]:
    return [result for column in answers.results for result in column.values()]


def test_calls_in_one_message_are_answered_as_single_ones(run: NotebookRun) -> None:
    run.run_cell(
        Cell(
            2,
            "count = 0\n\n\ndef f(w, y):\n    global count\n    count += 1\n    return w * y, [count, None]",
        )
    )
    answers = run.calls("f", Batch([(np.ones(2), 2.0), (np.ones(3), 3), (np.ones(()), True)]))
    assert answers.ended is None
    assert not answers.changed
    (first, one), (second, two), (third, three) = results_of(answers)
    assert (first.tolist(), second.tolist(), third) == ([2, 2], [3, 3, 3], 1)
    assert (one, two, three) == ([1, None], [2, None], [3, None])


def test_calls_end_with_the_one_that_raises(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "calls = 0\n\n\ndef f(z):\n    global calls\n    calls += 1\n    return 1 / z"))
    answers = run.calls("f", Batch([(1.0,), (2.0,), (0.0,), (4.0,)]))
    assert results_of(answers) == [1, 0.5]
    assert answers.ended == Raised("ZeroDivisionError", "float division by zero", "cell 2, line 7")
    assert run.run_cell(Cell(3, "calls"))[0]["data"]["text/plain"] == "3"


def test_calls_end_with_the_one_that_is_missing(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def f(z):\n    if z == 2:\n        del globals()['f']\n    return z"))
    answers = run.calls("f", Batch([(1.0,), (2.0,), (3.0,)]))
    assert results_of(answers) == [1, 2]
    assert answers.ended == Missing("f")


@pytest.mark.parametrize(
    "ends", ["os._exit(0)", "import ctypes; ctypes.string_at(0)", "os.closerange(3, 100)"]
)
def test_crash_among_calls_keeps_the_answers_before_it(run: NotebookRun, ends: str) -> None:
    run.run_cell(Cell(2, f"import os\n\n\ndef f(z):\n    if z == 3:\n        {ends}\n    return z"))
    batch = Batch([(1.0,), (2.0,), (3.0,), (4.0,)])
    for _ in range(2):
        answers = run.calls("f", batch)
        assert results_of(answers) == [1, 2]
        assert isinstance(answers.ended, Gone)
    assert results_of(run.calls("f", Batch([(4.0,), (5.0,)]))) == [4, 5]


def test_each_call_has_a_deadline_of_its_own(run: NotebookRun) -> None:
    """Four calls that take longer than one may, but each of them not."""
    run.run_cell(
        Cell(
            2,
            "import time\n\n\ndef f(z):\n    end = time.process_time() + 0.2\n    while time.process_time() < end:\n        pass\n    return z",
        )
    )
    answers = run.calls("f", Batch([(1.0,), (2.0,), (3.0,), (4.0,)]))
    assert answers.ended is None
    assert results_of(answers) == [1, 2, 3, 4]


def test_endless_call_among_calls_is_not_tried_for_ever(run: NotebookRun) -> None:
    run.run_cell(
        Cell(2, "def good(z):\n    return z\n\n\ndef f(z):\n    while z == 2:\n        pass\n    return z")
    )
    start = time.process_time()
    replies = [run.calls("f", Batch([(1.0,), (2.0,), (3.0,)])) for _ in range(4)]
    assert [results_of(answers) for answers in replies] == [[1], [1], [], []]
    assert all(isinstance(answers.ended, Gone) and answers.ended.overdue for answers in replies)
    assert "not tried again" in replies[-1].ended.why
    assert time.process_time() - start < 5
    assert results_of(run.calls("good", Batch([(1.0,), (2.0,)]))) == [1, 2]


def test_answers_too_long_for_one_message_come_in_several(run: NotebookRun) -> None:
    run.run_cell(
        Cell(2, "def f(n):\n    return np.arange(int(n))\n\n\ndef g(n):\n    return list(range(int(n)))")
    )
    long = results_of(run.calls("f", Batch([(200_000.0,)] * 4)))
    assert [len(result) for result in long] == [200_000] * 4
    ended = run.calls("g", Batch([(2.0,), (100_000.0,), (2.0,)]))
    assert results_of(ended) == [[0, 1]]
    assert isinstance(ended.ended, Raised)
    assert "cannot be sent" in ended.ended.text


@pytest.mark.parametrize(
    "change", ["w += 1", "w.shape = (2, 1)", "w.dtype = np.int64", "w[:] = w[::-1]", "w.sort()"]
)
def test_calls_that_change_an_array_are_named(run: NotebookRun, change: str) -> None:
    run.run_cell(Cell(2, f"def f(w, spoil):\n    if spoil:\n        {change}\n    return 0"))
    w = np.array([2.0, 1.0])
    answers = run.calls("f", Batch([(w, 0), (w, 1), (w, 0)]))
    assert list(answers.changed) == [1]
    assert w.tolist() == [2, 1]


ROWS = [(np.array([1.0, 2.0]),), (np.array([3.0, 4.0]),), (np.array([5.0]),), (np.array([6.0]),)]
BY_ID = "seen = {}\n\n\ndef f(z):\n    return seen.setdefault(id(z), (z, z.sum()))[1]"


def test_calls_in_place_are_handed_the_arrays_of_the_call_before(run: NotebookRun) -> None:
    run.run_cell(Cell(2, BY_ID))
    assert results_of(run.calls("f", Batch(ROWS))) == [3, 7, 5, 6]
    run.run_cell(Cell(3, BY_ID))
    assert results_of(run.calls("f", Batch(ROWS, in_place=True))) == [3, 3, 5, 5]
    assert [row.tolist() for (row,) in ROWS] == [[1, 2], [3, 4], [5], [6]]


@pytest.mark.parametrize("change", ["z.shape = (1, -1)", "z.dtype = np.int64", "z.flags.writeable = False"])
def test_an_array_that_cannot_be_overwritten_ends_no_process(run: NotebookRun, change: str) -> None:
    run.run_cell(Cell(2, f"def f(z):\n    a = z.sum()\n    {change}\n    return a"))
    answers = run.calls("f", Batch(ROWS, in_place=True))
    assert results_of(answers)[0] == 3
    assert not isinstance(answers.ended, Gone)
    assert results_of(run.calls("f", Batch(ROWS))) == [3, 7, 5, 6]


def test_calls_in_place_tell_results_that_a_later_call_has_changed(run: NotebookRun) -> None:
    """But for those that lie in the arguments, which the caller overwrites."""
    run.run_cell(
        Cell(
            2,
            "kept = np.zeros(2)\n\n\ndef f(z):\n    kept[: len(z)] = z\n    return kept\n\n\ndef g(z):\n    return z[:1], 1.0",
        )
    )
    assert list(run.calls("f", Batch(ROWS, in_place=True)).spoiled) == [0, 1, 2]
    assert not run.calls("g", Batch(ROWS, in_place=True)).spoiled


def test_later_cells_change_nothing_before(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def f(z):\n    return 1"))
    assert call(run, "f", [0]).result == 1
    run.run_cell(Cell(3, "def f(z):\n    return 2"))
    assert call(run, "f", [0]).result == 2


def test_zygote_that_was_killed_is_replaced(sandbox: Sandbox) -> None:
    signal.pidfd_send_signal(sandbox.start()._pidfd, signal.SIGKILL)
    with NotebookRun(sandbox, LIMITS) as run:
        assert run.run_cell(Cell(1, "1"))[0]["data"] == {"text/plain": "1"}


def test_output_is_capped(run: NotebookRun) -> None:
    outputs = run.run_cell(Cell(2, "for i in range(100000):\n    print('y' * 100)"))
    assert len(text_of(outputs)) < 60_000
    assert "left out" in text_of(outputs)


# ---- the wire (its bytes are tested in test_wire.py)


@pytest.mark.parametrize(
    "forged",
    [
        "os.write(fd, b'\\xff\\xff\\xff\\xff')",
        "os.write(fd, b'\\x05\\0\\0\\0[1,2]forged')",
        "os.write(fd, struct.pack('<I', 900000) + b'[' * 900000)",
        'os.write(fd, struct.pack(\'<I\', 40) + b\'{"n": 1, "result": 1, "after": []}      \')',
        "os.write(fd, struct.pack('<I', 1000))",
    ],
)
def test_forged_bytes_fail_their_own_call_only(run: NotebookRun, forged: str) -> None:
    source = f"import os, struct\n\n\ndef good(z):\n    return z\n\n\ndef forge(z):\n    for fd in range(3, 50):\n        try:\n            {forged}\n        except OSError:\n            pass\n    os._exit(0)"
    run.run_cell(Cell(2, source))
    assert isinstance(call(run, "forge", [1.0]), Gone)
    assert call(run, "good", [2.0]) == Returned(2.0, [2.0])


# ---- shapes of results

UPDATE = parse_form("update(w[n], b, x[n], y, lr) -> w[n], b")
ARGUMENTS = (np.zeros(2), 0.0, np.ones(2), 1, 0.5)


@pytest.mark.parametrize(
    "result",
    [
        (np.array([1.0, 2.0]), 3.0),
        [[1, 2], 3],
        ((1.0, 2.0), np.array(3)),
        (np.array([1, 2], dtype=np.int8), np.array([3])),
        (np.array([1, 2], dtype=np.float32), np.float16(3)),
        ([Fraction(1), Fraction(2)], Fraction(3)),
    ],
)
def test_numbers_of_any_kind_are_numbers(result: object) -> None:
    sent = codec.decode(codec.encode(result))
    w, b = UPDATE.conform(sent, UPDATE.sizes_of(ARGUMENTS))
    assert is_close(w, [1, 2])
    assert is_close(b, 3)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, "None"),
        ("text", "a str"),
        (np.array([1.0, 2.0, 3.0]), "an array of shape (3,)"),
        ((np.array([1.0, 2.0]),), "a tuple of 1 value"),
        ((np.array([1.0, 2.0, 3.0]), 1.0), "where an array of 2 numbers is due"),
        ((np.array([[1.0, 2.0]]), 1.0), "an array of shape (1, 2)"),
        ((0.7, 1.0), "a number where an array of 2 numbers is due"),
        ((np.array([1.0, 2.0]), np.array([1.0, 2.0])), "where a number is due"),
        ((np.array([1.0, 2.0]), "x"), "a str where a number is due"),
        (([1.0, "x"], 1.0), "a list of 2 values"),
        (({}, 1.0), "a dict"),
    ],
)
def test_what_does_not_fit_is_told(result: object, said: str) -> None:
    from autograder.sandbox.replies import _decode

    with pytest.raises(StudentError, match="update returned") as told:
        UPDATE.conform(_decode(codec.encode(result)), UPDATE.sizes_of(ARGUMENTS))
    assert said in str(told.value)


@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=2, max_side=3), elements=st.floats(-1e6, 1e6)))
def test_close_neither_broadcasts_nor_forgives(values: np.ndarray) -> None:
    assert is_close(values, values)
    assert not is_close(values, values + 1e-3 * (1 + abs(values)))
    assert not is_close(values, np.array([values, values]))
    assert not is_close(values * np.nan, values)


def test_waiting_ends_with_the_submissions_time(sandbox: Sandbox) -> None:
    """Cells that wait for less than a cell may, one after another, do not hold the class for ever."""
    limits = Limits(cell_seconds=0.2, submission_seconds=0.5)
    with NotebookRun(sandbox, limits) as run:
        shown = [run.run_cell(Cell(number, "import time\ntime.sleep(0.5)")) for number in range(1, 9)]
    assert shown[0] == []
    assert "it waited" in text_of(shown[-1])


def kill_soon(sandbox: Sandbox) -> threading.Timer:
    """Kill the zygote in the middle of what the student's process does next."""
    timer = threading.Timer(0.3, signal.pidfd_send_signal, (sandbox.start()._pidfd, signal.SIGKILL))
    timer.start()
    return timer


def test_a_zygote_killed_during_a_call_costs_nothing(sandbox: Sandbox) -> None:
    with NotebookRun(sandbox, Limits(call_seconds=2, cell_seconds=2)) as run:
        run.run_cell(Cell(1, "import time\n\n\ndef f(z):\n    time.sleep(0.6)\n    return z"))
        kill_soon(sandbox)
        assert call(run, "f", [2.0]) == Returned(2.0, [2.0])


def test_a_zygote_killed_during_a_cell_costs_nothing(sandbox: Sandbox) -> None:
    with NotebookRun(sandbox, Limits(call_seconds=2, cell_seconds=2)) as run:
        run.run_cell(Cell(1, "kept = 1"))
        kill_soon(sandbox)
        assert run.run_cell(Cell(2, "import time\ntime.sleep(0.6)\n\n\ndef f(z):\n    return z + kept")) == []
        assert call(run, "f", [2.0]) == Returned(3.0, [2.0])


def test_a_zygote_killed_during_a_second_run_costs_the_first_nothing_either(sandbox: Sandbox) -> None:
    """Both runs lose their processes, and the one that notices first starts another zygote."""
    with NotebookRun(sandbox, Limits(call_seconds=2, cell_seconds=2)) as run:
        run.run_cell(Cell(1, "def f(z):\n    return z"))
        with run.again(StandIns({})) as second:
            assert call(second, "f", [1.0]) == Returned(1.0, [1.0])
            signal.pidfd_send_signal(sandbox.start()._pidfd, signal.SIGKILL)
            for each in (run, second):
                assert select.select([each._child._pidfd], [], [], 5)[0], "it ends with its zygote"
            assert call(second, "f", [1.0]) == Returned(1.0, [1.0])
        assert call(run, "f", [2.0]) == Returned(2.0, [2.0])


def test_a_zygote_killed_again_and_again_is_our_fault(sandbox: Sandbox) -> None:
    with NotebookRun(sandbox, Limits(cell_seconds=3)) as run:
        kill_soon(sandbox)
        timer = threading.Timer(1.5, lambda: signal.pidfd_send_signal(sandbox.start()._pidfd, signal.SIGKILL))
        timer.start()
        with pytest.raises(GraderError, match="was killed"):
            run.run_cell(Cell(1, "import time\ntime.sleep(2.8)"))


def test_a_busy_moment_while_cells_are_run_again_costs_nothing(sandbox: Sandbox) -> None:
    limits = Limits(call_seconds=0.3, cell_seconds=0.3)
    with NotebookRun(sandbox, limits) as run:
        run.run_cell(Cell(1, "import os\n\n\ndef f(z):\n    return z\n\n\ndef g(z):\n    os._exit(0)"))
        assert isinstance(call(run, "g", [1.0]), Gone)
        child = run._child = sandbox.open()
        run._reached = 0
        run._spent.started(child)
        os.kill(child._pid, signal.SIGSTOP)  # as on a machine that is busy elsewhere
        assert call(run, "f", [2.0]) == Returned(2.0, [2.0])


def test_random_numbers_without_a_seed_are_the_same_in_every_run(sandbox: Sandbox) -> None:
    """Forking seeds `random` anew: equal submissions would get other numbers, and perhaps other verdicts."""
    drawn = []
    for _ in range(2):
        with NotebookRun(sandbox, LIMITS) as run:
            source = "import random\nimport numpy as np\n\nprint(random.random(), np.random.random())"
            drawn.append(run.run_cell(Cell(1, source)))
    assert drawn[0] == drawn[1]


def test_a_second_run_that_goes_on_has_its_own_number_of_calls(sandbox: Sandbox) -> None:
    with NotebookRun(sandbox, Limits()) as run:
        run.run_cell(Cell(1, "def g(z):\n    return z\n\n\ndef f(z):\n    return g(z)"))
        used_up = StandIns({"g": lambda z: z + 1})
        used_up._left = 0
        assert isinstance(call(run.again(used_up), "f", [1.0]), Raised)
        another = StandIns({"g": lambda z: z + 1})
        assert call(run.again(another), "f", [2.0]) == Returned(3.0, [2.0])


def test_what_a_stand_in_gave_may_be_changed(sandbox: Sandbox) -> None:
    code = "def g(z):\n    return z\n\n\ndef f(z):\n    array, _ = g(z)\n    array += 1\n    return array[0]"
    with NotebookRun(sandbox, Limits()) as run:
        run.run_cell(Cell(1, code))
        second = run.again(StandIns({"g": lambda z: (np.array([z]), z)}))
        for _ in range(3):
            assert call(second, "f", [1.0]) == Returned(2.0, [1.0])
