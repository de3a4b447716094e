"""Modules that hardly any submission uses are loaded when one asks for them, and no verdict differs for it."""

import os
from collections.abc import Iterator

import pytest

from autograder.authoring.samples import Sample, answer_notebook
from autograder.course import Course, Limits
from autograder.notebook import Notebook
from autograder.pipeline import Grading, grade, prepare
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.process import Cell, Sandbox, Warmup
from autograder.sandbox.run import NotebookRun
from autograder.skipping import skippable
from autograder.warming import warming
from tests.conftest import REPOSITORY, RIGHT
from tests.processes import Seen, family, wait_until

LIMITS = Limits()
DEFERRED = ("matplotlib", "matplotlib.pyplot")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(LIMITS, warmup=Warmup(deferred=DEFERRED)) as the_sandbox:
        yield the_sandbox


def shown(sandbox: Sandbox, source: str) -> str:
    with NotebookRun(sandbox, LIMITS) as run:
        (output,) = run.run_cell(Cell(1, source))
    assert output["output_type"] == "stream", output
    return output["text"].strip()


LOADED = "type(__import__('sys').modules['matplotlib.pyplot']).__name__ == 'module'"


@pytest.mark.parametrize(
    "source",
    [
        "import matplotlib.pyplot as plt",
        "import matplotlib, matplotlib.pyplot",
        # What looks through all modules, as tests and tools do.
        "import inspect, os\ninspect.getmodule(os.path.join)\nhasattr(plt, '__file__')",
        "import warnings, unittest\n"
        "with unittest.TestCase().assertWarns(UserWarning):\n    warnings.warn('x')",
    ],
)
def test_importing_a_module_does_not_load_it(sandbox: Sandbox, source: str) -> None:
    assert shown(sandbox, f"import matplotlib.pyplot as plt\n{source}\nprint({LOADED})") == "False"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("import matplotlib.pyplot as plt\nprint(len(plt.subplots()))", "2"),
        ("from matplotlib import pyplot as plt\nprint(len(plt.subplots()))", "2"),
        ("from matplotlib.pyplot import subplots\nprint(len(subplots()))", "2"),
        ("import matplotlib.colors\nprint(matplotlib.colors.to_hex('red'))", "#ff0000"),
        ("import matplotlib.colors as c\nimport matplotlib\nprint(matplotlib.colors is c)", "True"),
        ("import matplotlib\nprint(matplotlib.__version__.count('.'))", "2"),
        ("import matplotlib.pyplot as plt\nprint('subplots' in dir(plt))", "True"),
        ("import matplotlib.pyplot as plt\nplt.rcParams['font.size'] = 3\nprint(plt.rcParams['font.size'])", "3.0"),
        (
            "import matplotlib.pyplot as plt\nplt.mine = 3\nimport sys\n"
            "print(sys.modules['matplotlib.pyplot'].mine)\ndel plt.mine\nprint(hasattr(plt, 'mine'))",
            "3\nFalse",
        ),
        ("import matplotlib.pyplot as plt\nfrom types import ModuleType\nprint(isinstance(plt, ModuleType))", "True"),
        ("from mpl_toolkits import mplot3d\nimport matplotlib.figure\nprint(matplotlib.figure.Figure.__name__)", "Figure"),
        ("import importlib\nprint(importlib.import_module('matplotlib.figure').Figure.__name__)", "Figure"),
    ],
)  # fmt: skip
def test_what_is_asked_of_a_module_is_the_modules_own(sandbox: Sandbox, source: str, text: str) -> None:
    assert shown(sandbox, source) == text
    assert shown(sandbox.with_all_modules(), source) == text


def test_what_a_module_does_not_have_is_an_attribute_error_of_the_module(sandbox: Sandbox) -> None:
    source = "import matplotlib.pyplot as plt\ntry:\n    plt.nothing\nexcept AttributeError as error:\n    print(error)"
    assert shown(sandbox, source) == "module 'matplotlib.pyplot' has no attribute 'nothing'"


def test_a_module_that_is_loaded_already_stays() -> None:
    with open_sandbox(LIMITS, warmup=Warmup(deferred=("numpy", "numpy.linalg"))) as loaded:
        assert (
            shown(loaded, "import numpy as np\nprint(type(np).__name__, type(np.linalg).__name__)")
            == "module module"
        )


@pytest.fixture(scope="module")
def grading() -> Grading:
    course = Course(REPOSITORY)
    return prepare(course, course.assignment("perceptron"))


def answered(grading: Grading, **cells: str) -> Notebook:
    return answer_notebook(grading.assignment, Sample(about="", cells=cells, before={}))


RIGHT_STEP = "def step(z):\n    return np.where(np.asarray(z) >= 0, 1, 0)\n"


def zygotes() -> set[Seen]:
    return {process for process in family(os.getpid()) if "inside.zygote" in process.command}


def test_only_who_may_use_such_a_module_gets_a_process_that_has_it(grading: Grading) -> None:
    others = zygotes()
    with open_sandbox(grading.assignment.file.limits, warmup=grading.warmup) as sandbox:
        plain = grade(grading, "s01", answer_notebook(grading.assignment, RIGHT), sandbox).result
        before = zygotes() - others
        grade(grading, "s01", answer_notebook(grading.assignment, RIGHT), sandbox)
        assert zygotes() - others == before
        drawing = answered(grading, step=f"{RIGHT_STEP}plt.plot([1, 2])\nprint(plt.gcf())")
        drawn = grade(grading, "s02", drawing, sandbox).result
        assert zygotes() - others > before
    wait_until(lambda: zygotes() <= others, "the end of both")
    assert [cell.score for cell in drawn.cells.values()] == [cell.score for cell in plain.cells.values()]


@pytest.mark.parametrize(
    ("step", "enough"),
    [
        (RIGHT_STEP, True),
        (f"{RIGHT_STEP}# to show it: plt.plot(z)\n", True),
        (f"{RIGHT_STEP}text = 'plt'\n", True),
        (f"{RIGHT_STEP}plt.plot([1])\n", False),
        (f"{RIGHT_STEP}%matplotlib inline\n", False),
        (f"{RIGHT_STEP}import matplotlib\n", False),
        (f"{RIGHT_STEP}from matplotlib import pyplot\n", False),
        (f"{RIGHT_STEP}show(1, 'one')\n", False),  # a function of the notebook's own that uses plt
        (f"{RIGHT_STEP}exec('p' + 'lt')\n", False),
        (f"{RIGHT_STEP}print(COLOURS)\n", False),  # a name of a cell that is not run: then all are
        ("def step(z:\n    plt", False),
    ],
)
def test_who_may_use_such_a_module(grading: Grading, step: str, enough: bool) -> None:
    assert grading.warming.is_enough_for(answered(grading, step=step)) == enough


def test_a_module_that_is_not_there_is_not_there() -> None:
    names = ("nowhere", "nowhere.inside", "matplotlib", "matplotlib.nowhere")
    with open_sandbox(LIMITS, warmup=Warmup(deferred=names)) as sandbox:
        for name in ("nowhere", "nowhere.inside", "matplotlib.nowhere"):
            source = f"try:\n    import {name}\nexcept ModuleNotFoundError as error:\n    print(error.name)"
            assert shown(sandbox, source) == ("nowhere" if name.startswith("nowhere") else name)


def lesson(*sources: str) -> Notebook:
    cells = [
        {
            "cell_type": "code",
            "source": source,
            "outputs": [],
            "metadata": {"nbgrader": {"grade_id": f"c{number}", "locked": True, "grade": False, "solution": False}},
        }
        for number, source in enumerate(sources)
    ]  # fmt: skip
    return Notebook(cells)


@pytest.mark.parametrize(
    ("sources", "deferred"),
    [
        (
            ["import matplotlib.pyplot as plt", "def f():\n    plt.plot()"],
            ["matplotlib", "matplotlib.pyplot"],
        ),
        (
            ["import matplotlib\nimport matplotlib.cm", "def f():\n    matplotlib.cm"],
            ["matplotlib", "matplotlib.cm"],
        ),
        (
            ["import matplotlib.pyplot as plt\ndef show():\n    plt.show()"],
            ["matplotlib", "matplotlib.pyplot"],
        ),
        (["import pandas", "class Table:\n    def of(self):\n        return pandas.DataFrame()"], ["pandas"]),
        (["import pandas, json\ndef f():\n    pandas.NA"], ["pandas"]),
        (["import pandas"], []),  # it may be there for what importing does
        (["try:\n    import pandas\nexcept ImportError:\n    pandas = None\ndef f():\n    pandas.NA"], []),
        (["import matplotlib.pyplot as plt", "plt.plot()"], []),
        (["import matplotlib.pyplot as plt", "def f():\n    plt.plot()", "def g():\n    f()", "g()"], []),
        (["import pandas", "def f(table=pandas.DataFrame):\n    pass"], []),
        (["import pandas", "def f(table: pandas.DataFrame):\n    pass"], []),
        (["import pandas", "class Table(pandas.DataFrame):\n    pass"], []),
        (["import pandas", "class Table:\n    base = pandas.DataFrame"], []),
        (["import pandas", "found = [pandas.NA for _ in range(2)]"], []),
        (["import pandas", "@pandas.api\ndef f():\n    pass"], []),
        (["import pandas", "%timeit pandas.NA"], []),
        (["from matplotlib import pyplot as plt"], []),  # it may be something else than a module
        (["import matplotlib.pyplot as plt\nfrom matplotlib.colors import to_hex"], []),
        (["import json"], []),
    ],
)
def test_what_is_imported_only_is_deferred(sources: list[str], deferred: list[str]) -> None:
    release = lesson(*sources)
    assert list(warming(release, skippable(release)).warmup.deferred) == deferred
