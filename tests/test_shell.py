"""Cells run while grading as they do in Jupyter, and what only a person's machine can do says so at once."""

import time
from collections.abc import Iterator

import pytest

from autograder.course import Limits
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Cell, Sandbox, Warmup
from autograder.sandbox.run import NotebookRun
from tests.calling import call

NO_WAIT = 6.0
"""Seconds that no refusal takes, however busy the machine; who waits for an answer waits for longer."""
LIMITS = Limits(call_seconds=1, cell_seconds=1, submission_seconds=20)


class Jupyter:
    """A notebook whose cells are typed and run one after another."""

    def __init__(self, run: NotebookRun) -> None:
        self._run = run
        self._number = 0

    def outputs(self, source: str) -> list[dict]:
        self._number += 1
        return self._run.run_cell(Cell(self._number, source))

    def does(self, *sources: str) -> None:
        """Run cells that must show nothing, an error least of all."""
        for source in sources:
            assert self.outputs(source) == []

    def shows(self, source: str) -> str:
        """Run a cell, and give all text that it shows."""
        texts = []
        for output in self.outputs(source):
            assert output["output_type"] != "error", output
            texts.append(output["text"] if "text" in output else output["data"]["text/plain"])
        return "".join(texts)

    def raises(self, source: str) -> str:
        """Run a cell, and give the name and text of the error in which it ends."""
        last = self.outputs(source)[-1]
        assert last["output_type"] == "error"
        return f"{last['ename']}: {last['evalue']}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(LIMITS) as the_sandbox:
        yield the_sandbox


@pytest.fixture
def jupyter(sandbox: Sandbox) -> Iterator[Jupyter]:
    with NotebookRun(sandbox, LIMITS) as run:
        yield Jupyter(run)


# ---- what is refused, in its own cell and without waiting


@pytest.mark.parametrize(
    "source",
    [
        "import getpass\ngetpass.getpass()",
        "from getpass import getpass\ngetpass('Password: ')",
        "%%script cat\nx",
        "%%python\nprint(1)",
        "%%perl\nprint 1",
        "%%ruby\nputs 1",
        "%system ls",
        "%sx ls",
        "%ls",
        "%edit",
        "%debug",
        "%%debug\nx = 1",
        "import pdb\npdb.set_trace()\nx = 1",
        "def f():\n    breakpoint()\n    return 1\n\n\nf()",
        "exit()",
        "quit()",
        "get_ipython().system('ls')",
        "get_ipython().ask_exit()",
        "%pastebin 1",
    ],
)
def test_refused_in_its_own_cell(jupyter: Jupyter, source: str) -> None:
    jupyter.does("before = 1")
    start = time.monotonic()
    assert "is not available while grading. This cell stops here; the other cells go on." in jupyter.raises(
        source
    )
    assert time.monotonic() - start < NO_WAIT
    assert jupyter.shows("before") == "1"


@pytest.mark.parametrize(
    "source", ["import sys\nsys.exit()", "raise SystemExit(3)", "raise KeyboardInterrupt"]
)
def test_leaving_ends_its_own_cell_only(jupyter: Jupyter, source: str) -> None:
    jupyter.does("before = 1")
    assert jupyter.raises(source).split(":")[0] in ("SystemExit", "KeyboardInterrupt")
    assert jupyter.shows("before") == "1"


@pytest.mark.parametrize("source", ["import code\ncode.interact()", "import sys\nsys.stdin.read()", "exit"])
def test_asking_for_input_finds_none(jupyter: Jupyter, source: str) -> None:
    start = time.monotonic()
    jupyter.outputs(source)
    assert time.monotonic() - start < NO_WAIT
    assert jupyter.shows("1") == "1"


# ---- what has no meaning without a screen, and stops nothing


@pytest.mark.parametrize(
    "magic",
    [
        *("%matplotlib inline", "%matplotlib notebook", "%matplotlib widget", "%pylab inline", "%gui qt"),
        *("%config InlineBackend.figure_format = 'retina'", "%autosave 60", "%clear", "%pdb on"),
        *(
            "%load_ext autoreload\n%autoreload 2",
            "%xmode Plain",
            "len?",
            "%pinfo len",
            "%magic",
            "%page after",
        ),
    ],
)
def test_of_the_screen_does_nothing(jupyter: Jupyter, magic: str) -> None:
    jupyter.outputs(f"{magic}\nafter = 2")
    assert jupyter.shows("after") == "2"


@pytest.mark.parametrize("kind", ["html", "javascript", "js", "svg", "latex", "markdown"])
def test_other_kinds_of_cell_are_shown_as_text(jupyter: Jupyter, kind: str) -> None:
    (output,) = jupyter.outputs(f"%%{kind}\n<script>alert(1)</script>" if kind != "svg" else "%%svg\n<svg/>")
    assert list(output["data"]) == ["text/plain"]
    assert "script>" not in output["data"]["text/plain"]


# ---- magics that work


def test_files_of_its_own(jupyter: Jupyter) -> None:
    assert "Writing own.py" in jupyter.shows("%%writefile own.py\nprint('from a file')\nof_file = 3")
    assert jupyter.shows("%run own.py") == "from a file\n"
    assert jupyter.shows("of_file") == "3"
    jupyter.does("%load own.py")


def test_capture(jupyter: Jupyter) -> None:
    jupyter.does("%%capture kept\nprint('hidden')\ninside = 7")
    assert jupyter.shows("kept.show()\ninside") == "hidden\n7"


def test_time_runs_in_the_notebook(jupyter: Jupyter) -> None:
    assert "Wall time" in jupyter.shows("%%time\ntimed = 5")
    assert "Wall time" in jupyter.shows("%time also = timed + 1")
    assert jupyter.shows("also") == "6"


@pytest.mark.parametrize(
    "source",
    [
        "%timeit count()",
        "%timeit -n 1000 -r 7 count()",
        "%%timeit start = 0\ncount()",
        "took = %timeit -o count()",
    ],
)
def test_timeit_runs_once(jupyter: Jupyter, source: str) -> None:
    """It would go on for seconds, and cost the notebook its time."""
    jupyter.does("counted = []\n\n\ndef count():\n    counted.append(1)")
    assert "1 run, 1 loop each" in jupyter.shows(source)
    assert jupyter.shows("len(counted)") == "1"


def test_timeit_sees_where_it_stands(jupyter: Jupyter) -> None:
    jupyter.does("def f(local):\n    %timeit -q local + 1", "f(1)", "took = %timeit -q -o 1 + 1")
    assert jupyter.shows("took.loops, took.repeat") == "(1, 1)"


def test_reset_forgets_the_notebook_only(jupyter: Jupyter) -> None:
    jupyter.does("before = 1", "%reset -f")
    assert "NameError" in jupyter.raises("before")
    assert jupyter.shows("from IPython.display import display\ndisplay(__name__)") == "'__main__'"


def test_future_import_holds_for_later_cells(jupyter: Jupyter) -> None:
    jupyter.does("from __future__ import annotations", "def f(x: Unknown) -> Unknown:\n    return x")
    assert jupyter.shows("f(1)") == "1"


# ---- one event loop for all cells

SLOW = "import asyncio\n\n\nasync def slow(value):\n    await asyncio.sleep(0.001)\n    return value"


def test_task_outlives_its_cell(jupyter: Jupyter) -> None:
    jupyter.does(SLOW, "task = asyncio.create_task(slow(4))")
    assert jupyter.shows("await task") == "4"
    jupyter.does("tasks = [asyncio.ensure_future(slow(n)) for n in range(3)]\nawait asyncio.sleep(0)")
    assert jupyter.shows("await asyncio.gather(*tasks)") == "[0, 1, 2]"


def test_function_that_makes_a_task(jupyter: Jupyter) -> None:
    jupyter.does(
        SLOW + "\n\n\ndef start(value):\n    return asyncio.create_task(slow(value))", "task = start(5)"
    )
    assert jupyter.shows("await task") == "5"


def test_the_loop_is_one_and_current(jupyter: Jupyter) -> None:
    jupyter.does(SLOW, "loop = asyncio.get_event_loop()")
    assert jupyter.shows("await slow(1)\nloop is asyncio.get_running_loop()") == "True"
    assert jupyter.shows("asyncio.run(slow(2))") == "2"
    assert jupyter.shows("loop is asyncio.get_event_loop()") == "True"


def test_await_before_any_import(jupyter: Jupyter) -> None:
    jupyter.does("async def f():\n    return 3")
    assert jupyter.shows("await f()") == "3"


def test_errors_on_the_loop_are_the_cells(jupyter: Jupyter) -> None:
    jupyter.does(SLOW)
    assert jupyter.raises("next(iter([]))") == "StopIteration: "
    assert "SystemExit" in jupyter.raises("await slow(1)\nraise SystemExit")
    assert "ValueError: why" in jupyter.raises(
        "async def bad():\n    raise ValueError('why')\n\n\nawait bad()"
    )
    assert jupyter.shows("await slow(1)") == "1"


def test_call_of_a_function_that_runs_a_loop(sandbox: Sandbox) -> None:
    with NotebookRun(sandbox, LIMITS) as run:
        run.run_cell(Cell(1, SLOW))
        run.run_cell(Cell(2, "await slow(1)\n\n\ndef f(x):\n    return asyncio.run(slow(x))"))
        assert call(run, "f", [2.0]).result == 2.0


# ---- cells that are compiled beforehand

GIVEN = "def given(x):\n    def inner():\n        return x / 0\n\n    return inner()\n\n\nshown = 6\nshown"
KNOWN = (
    GIVEN,
    "%time timed = 1",
    "await f(3)",
    "def not python",
    "from __future__ import annotations",
    "0x",
    "'\\d'",
)


@pytest.fixture(scope="module")
def knowing() -> Iterator[Sandbox]:
    with open_sandbox(LIMITS, warmup=Warmup(cells=KNOWN)) as the_sandbox:
        yield the_sandbox


def test_known_cells_do_what_others_do(knowing: Sandbox, sandbox: Sandbox) -> None:
    shown = []
    for each in (knowing, sandbox):
        with NotebookRun(each, LIMITS) as run:
            cells = [
                "async def f(x):\n    return x",
                *KNOWN,
                "def later(x: Unknown):\n    pass",
                GIVEN,
                "given(1)",
            ]
            shown.append([run.run_cell(Cell(number, source)) for number, source in enumerate(cells, 11)])
            shown[-1][2] = bool(shown[-1][2])  # how long it took
    assert shown[0] == shown[1]
    assert shown[0][1][0]["data"] == {"text/plain": "6"}
    assert [line for line in shown[0][-1][0]["traceback"] if "inner" in line]
    assert "<cell 20>" in str(shown[0][-1])


def test_known_cells_may_be_many() -> None:
    known = Warmup(cells=("x = '" + "y" * 500_000 + "'",))
    with open_sandbox(LIMITS, warmup=known) as much, NotebookRun(much, LIMITS) as run:
        assert run.run_cell(Cell(1, "1"))[0]["data"] == {"text/plain": "1"}


# ---- the shell's own first cells

SEEN = """
import gc
names = set(globals()) - {"__builtin__", "__builtins__", "gc"}
classes = {kind.__name__ for kind in object.__subclasses__()}
sorted(names & {"Thing", "add", "number", "rng", "points", "display", "np"}), "Thing" in classes, _, In, Out
"""


def test_rehearsal_leaves_nothing(jupyter: Jupyter) -> None:
    assert jupyter.shows(SEEN) == "([], False, '', [''], {})"
    assert "rehearsal" not in jupyter.shows("import linecache\nprint(sorted(linecache.cache))")
