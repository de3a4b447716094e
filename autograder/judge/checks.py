"""The hidden checks of an assignment: pytest items, collected once and then called for each submission.

pytest finds them, rewrites their asserts and expands their parameters. Calling an item's function costs 0.05 ms
where pytest's own protocol costs thirty times that. What an item may ask for is therefore fixed: its parameters and
the fixtures `student`, `rng` and `inputs`, or
`answer` where the cell is a written one. By hand, `pytest CHECKS --submission NOTEBOOK` runs the same items in full.
"""

import hashlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.errors import InstructorError

FIXTURES = frozenset({"student", "rng", "inputs", "answer"})

_ARGUMENTS = frozenset({"points", "hint", "inputs"})
_REFUSED_MARKS = frozenset({"skip", "skipif", "xfail", "usefixtures"})


@dataclass(frozen=True)
class Check:
    """One hidden check: which graded cell it belongs to, what it is worth, and what to call."""

    id: str
    grade_id: str
    title: str
    hint: str
    points: float
    function: Callable[..., None]
    fixtures: frozenset[str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""
    make_inputs: Callable[[np.random.Generator], object] | None = None
    _made: dict[bytes, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def of_answer(self) -> bool:
        """Whether it judges a written answer."""
        return "answer" in self.fixtures

    def inputs(self, secret: bytes) -> object:
        """Give what the check's inputs are made of the rng that it has in this course: made once, for all students."""
        if self.make_inputs is not None and secret not in self._made:
            self._made[secret] = self.make_inputs(self.rng(secret))
        return self._made.get(secret)

    def rng(self, secret: bytes) -> np.random.Generator:
        """Give the check's random numbers: the same for all students, so that equal answers get equal verdicts."""
        return np.random.default_rng(seed_of(secret, "inputs", self.id))

    def run(self, fixtures: Mapping[str, object]) -> None:
        """Call the check. It raises what it raises."""
        self.function(**{name: fixtures[name] for name in self.fixtures}, **self.parameters)


def seed_of(secret: bytes, *names: str) -> int:
    """Give a seed for what goes by these names in the course with this secret."""
    parts = [secret, *(name.encode() for name in names)]
    return int.from_bytes(hashlib.sha256(b"\0".join(parts)).digest()[:8])


class _Collector:
    """A pytest plugin that knows the checks' marker, and keeps what was collected and what could not be."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []
        self.problems: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        register_marker(config)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(str(report.longrepr))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = list(session.items)


def register_marker(config: pytest.Config) -> None:
    """Make `@pytest.mark.check` known to pytest."""
    config.addinivalue_line(
        "markers", "check(grade_id, points, hint, inputs): a hidden check of a graded cell"
    )


def collect(folder: Path) -> list[Check]:
    """Collect the checks in a folder. Raises InstructorError, which names file and line, for one that is unfit."""
    collector = _Collector()
    before = set(sys.modules)
    options = [
        "--collect-only",
        "--import-mode=importlib",
        "--noconftest",
        "--capture=no",
        "--strict-markers",
    ]
    plugins = ["--disable-plugin-autoload", "-p", "no:cacheprovider", "-p", "no:terminal"]
    place = ["-c", os.devnull, "--rootdir", str(folder)]
    code = pytest.main([*options, *plugins, *place, str(folder)], plugins=[collector])
    _forget_modules(folder, before)
    if collector.problems:
        raise InstructorError(f"The checks in {folder} cannot be read:\n" + "\n".join(collector.problems))
    if code != pytest.ExitCode.OK or not collector.items:
        raise InstructorError(
            f"There are no checks in {folder}; pytest finds functions test_… in files test_….py"
        )
    checks = [_check(item) for item in collector.items]
    _refuse_twins(checks)
    return _share_points(checks)


def _forget_modules(folder: Path, before: set[str]) -> None:
    """Let a check that is changed be read anew, in a server that lives for weeks."""
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(folder):
            del sys.modules[name]


def _check(item: pytest.Item) -> Check:
    if not isinstance(item, pytest.Function):
        raise InstructorError(f"{item.nodeid} is not a function")
    where = _where(item)
    mark = _mark(item, where)
    callspec = getattr(item, "callspec", None)
    parameters = dict(callspec.params) if callspec else {}
    wanted = frozenset(inspect.signature(item.function).parameters) - frozenset(parameters)
    if unknown := wanted - FIXTURES:
        names = ", ".join(sorted(unknown))
        raise InstructorError(f"{where} asks for {names}; a check may ask for: {', '.join(sorted(FIXTURES))}")
    if ("inputs" in wanted) != ("inputs" in mark.kwargs):
        raise InstructorError(f"{where} must both ask for inputs and say in its mark how they are made")
    return Check(
        id=item.name,
        grade_id=mark.args[0],
        title=_title(item, where, callspec.id if callspec else ""),
        hint=mark.kwargs.get("hint", ""),
        points=float(mark.kwargs["points"]),
        function=item.obj,
        fixtures=wanted,
        parameters=parameters,
        where=where,
        make_inputs=mark.kwargs.get("inputs"),
    )


def _where(item: pytest.Function) -> str:
    path, line, _ = item.reportinfo()
    return f"{path}:{(line or 0) + 1}: check {item.name}"


def _mark(item: pytest.Function, where: str) -> pytest.Mark:
    for name in _REFUSED_MARKS:
        if item.get_closest_marker(name):
            raise InstructorError(f"{where} is marked {name}, which a check cannot be")
    mark = item.get_closest_marker("check")
    if (
        mark is None
        or len(mark.args) != 1
        or not isinstance(mark.args[0], str)
        or set(mark.kwargs) - _ARGUMENTS
    ):
        raise InstructorError(f'{where} needs @pytest.mark.check("a grade_id", points=1, hint="…")')
    if not callable(mark.kwargs.get("inputs", inspect.getdoc)):
        raise InstructorError(f"{where} needs inputs that are a function of rng")
    points = mark.kwargs.get("points")
    if not isinstance(points, int | float) or not points > 0:
        raise InstructorError(f"{where} needs points, a number above 0")
    return mark


def _title(item: pytest.Function, where: str, parameters: str) -> str:
    document = inspect.getdoc(item.obj)
    if not document:
        raise InstructorError(f"{where} needs a docstring: its first line is the title that students read")
    title = document.splitlines()[0]
    return f"{title} ({parameters})" if parameters else title


def _refuse_twins(checks: list[Check]) -> None:
    seen: dict[str, Check] = {}
    for check in checks:
        if other := seen.get(check.id):
            raise InstructorError(f"{check.where} has the same name as {other.where}; results go by it")
        seen[check.id] = check


def _share_points(checks: list[Check]) -> list[Check]:
    """Split the points of a parametrised check over its parameters."""
    counts: dict[Callable[..., None], int] = {}
    for check in checks:
        counts[check.function] = counts.get(check.function, 0) + 1
    return [_with_points(check, check.points / counts[check.function]) for check in checks]


def _with_points(check: Check, points: float) -> Check:
    return replace(check, points=points)
