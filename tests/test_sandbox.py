"""The process in which student code runs, and what comes back from it."""

import json
import struct
import time
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.course import Limits
from autograder.errors import StudentError
from autograder.judge.compare import is_close
from autograder.sandbox.inside import codec
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import (
    Gone,
    Looped,
    Missing,
    Raised,
    Returned,
    read_call,
    read_loop,
    read_outputs,
)
from autograder.sandbox.run import Cell, NotebookRun
from autograder.signatures import Foreign, parse_form

LIMITS = Limits(call_seconds=0.5, cell_seconds=0.5, submission_seconds=20)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as the_sandbox:
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


def test_time_out_costs_one_call_and_a_third_is_not_tried(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def good(z):\n    return z\n\n\ndef endless(z):\n    while True:\n        pass"))
    start = time.monotonic()
    replies = [run.call("endless", [1.0]) for _ in range(5)]
    assert all(isinstance(reply, Gone) and reply.overdue for reply in replies)
    assert "ran for more than 0.5 seconds" in replies[0].why
    assert "not tried again" in replies[-1].why
    assert time.monotonic() - start < 10
    assert run.call("good", [2.0]) == Returned(2.0, [2.0])


@pytest.mark.parametrize(
    "body", ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.abort()", "os.close(3); os.closerange(3, 100)"]
)
def test_crash_costs_one_call(run: NotebookRun, body: str) -> None:
    run.run_cell(
        Cell(2, f"import os\n\n\ndef good(z):\n    return z\n\n\ndef crash(z):\n    {body}\n    return z")
    )
    assert isinstance(run.call("crash", [1.0]), Gone)
    assert run.call("good", [2.0]) == Returned(2.0, [2.0])


def test_cell_that_never_ends_is_left_out(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def good(z):\n    return z"))
    assert "This cell was stopped: it ran for more than 0.5 seconds" in text_of(
        run.run_cell(Cell(3, "while True: pass"))
    )
    assert run.call("good", [2.0]) == Returned(2.0, [2.0])


def test_arguments_come_back_as_the_call_left_them(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def spoil(w):\n    w += 1\n    return 0"))
    reply = run.call("spoil", [np.zeros(2)])
    assert isinstance(reply, Returned)
    assert reply.arguments_after[0].tolist() == [1, 1]


def test_missing_and_raising(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def bad(z):\n    return z / 0\n\n\nnumber = 3"))
    assert run.call("nobody", []) == Missing("nobody")
    assert run.call("number", []) == Missing("number")
    assert run.call("bad", [1]) == Raised("ZeroDivisionError", "division by zero", "cell 2, line 2")


def test_loop_runs_the_graders_source_and_leaves_no_name(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def f(i):\n    return np.float32(i)\n\n\ndef train(n):\n    return 'forged'"))
    reply = run.loop("def train(n):\n    for i in range(n):\n        f(i)", "train", "f", [3])
    assert isinstance(reply, Looped)
    assert [(call.arguments, float(call.result)) for call in reply.calls] == [([0], 0), ([1], 1), ([2], 2)]
    assert type(reply.calls[0].result) is np.float32
    assert run.call("train", [1]).result == Foreign("str", "'forged'")


def test_later_cells_change_nothing_before(run: NotebookRun) -> None:
    run.run_cell(Cell(2, "def f(z):\n    return 1"))
    assert run.call("f", [0]).result == 1
    run.run_cell(Cell(3, "def f(z):\n    return 2"))
    assert run.call("f", [0]).result == 2


def test_zygote_that_was_killed_is_replaced(sandbox: Sandbox) -> None:
    sandbox._process.kill()
    sandbox._process.wait()
    with NotebookRun(sandbox, LIMITS) as run:
        assert run.run_cell(Cell(1, "1"))[0]["data"] == {"text/plain": "1"}


def test_output_is_capped(run: NotebookRun) -> None:
    outputs = run.run_cell(Cell(2, "for i in range(100000):\n    print('y' * 100)"))
    assert len(text_of(outputs)) < 60_000
    assert "left out" in text_of(outputs)


# ---- the wire

numbers = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_]),
    hnp.array_shapes(min_dims=0, max_side=4, min_side=0),
)
values = st.recursive(
    st.one_of(numbers, arrays),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.tuples(inner, inner)),
    max_leaves=8,
)
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["l", "t", "a", "n", "o", "f", "<f8", "AAAA"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                [
                    "l",
                    "t",
                    "a",
                    "n",
                    "o",
                    "f",
                    "result",
                    "after",
                    "calls",
                    "raised",
                    "missing",
                    "outputs",
                    "n",
                ]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


def same(left: object, right: object) -> bool:
    if isinstance(left, np.ndarray):
        return (
            isinstance(right, np.ndarray)
            and left.dtype == right.dtype
            and left.shape == right.shape
            and left.tobytes() == right.tobytes()
        )
    if isinstance(left, list | tuple):
        return type(left) is type(right) and len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


@given(values)
def test_values_survive_the_wire(value: object) -> None:
    assert same(codec.decode(json.loads(json.dumps(codec.encode(value), allow_nan=False))), value)


@settings(max_examples=10_000, deadline=None)
@given(json_values)
def test_forged_replies_are_read_or_refused(reply: object) -> None:
    """Whatever a process sends, reading it gives plain data or a ValueError."""
    for read in (read_call, read_loop, read_outputs):
        try:
            read(
                reply
                if isinstance(reply, dict)
                else {"result": reply, "after": [], "outputs": reply, "calls": reply}
            )
        except ValueError:
            continue


@pytest.mark.parametrize("length", [2**32 - 1, codec.MAX_BYTES + 1])
def test_too_long_a_message_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="at most"):
        codec.end_of(struct.pack("<I", length))


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
    assert isinstance(run.call("forge", [1.0]), Gone)
    assert run.call("good", [2.0]) == Returned(2.0, [2.0])


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
