"""Mutants and shortfalls of a solution, and the perceptron's own lists: as plain functions, without a sandbox."""

import ast
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autograder.authoring.candidates import Candidates
from autograder.authoring.mutants import mutants_of, replaced
from autograder.authoring.shortfalls import shortfalls_of
from autograder.course import Course
from autograder.judge.checks import collect
from autograder.judge.examples import Examples
from autograder.judge.mistakes import Mistake, load_mistakes
from autograder.judge.trace import Made, explains
from autograder.signatures import parse_form
from tests.conftest import ID, REPOSITORY, cell_of

ASSIGNMENT = Course(REPOSITORY).assignment(ID)
CELL = '''
import numpy as np

LIMIT = 3


def other(x):
    return x > LIMIT


def scale(x, factor):
    """x times the factor, where x is below 3"""
    for n in range(1):
        if x < 3 and not x == -1:
            x *= factor
    return max(x, factor), -x if n else x
'''


def test_mutants_change_one_thing_in_one_function() -> None:
    mutants = mutants_of(CELL, "scale")
    cells = [mutant.cell for mutant in mutants]
    assert len(set(cells)) == len(cells)
    assert len({mutant.after for mutant in mutants}) == len(mutants)
    whole = ast.unparse(ast.parse(CELL)).splitlines()
    for mutant in mutants:
        changed = [
            (before, after)
            for before, after in zip(whole, mutant.cell.splitlines(), strict=True)
            if before != after
        ]
        assert len(changed) == 1, mutant
        assert (changed[0][0].strip(), changed[0][1].strip()) == (
            mutant.before,
            mutant.after.partition("  # ")[0],
        )


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("comparison", "if x <= 3 and (not x == -1):"),
        ("comparison", "if not (x < 3 and (not x == -1)):"),
        ("constant", "for n in range(2):"),
        ("sign", "if x < 3 and x == -1:"),
        ("operator", "x /= factor"),
        ("argument", "if factor < 3 and (not x == -1):"),
        ("argument", "return (max(factor, x), -x if n else x)"),
        ("return", "return None"),
        ("return", "return (-x if n else x, max(x, factor))"),
        ("return", "return max(x, factor)"),
        ("sign", "return (max(x, factor), x if n else x)"),
    ],
)
def test_mutants_are_of_each_kind(kind: str, after: str) -> None:
    assert (kind, after) in {(mutant.kind, mutant.after) for mutant in mutants_of(CELL, "scale")}


def test_definition_is_replaced_and_its_neighbours_stay() -> None:
    assert replaced("a = 1\ndef f(x):\n    return x\nb = f(a)", "f", "def f(x):\n    return 2") == (
        "a = 1\n\ndef f(x):\n    return 2\nb = f(a)"
    )


RIGHT = "import numpy as np\n\ndef f(x, k):\n    return x * k"
FORMS = (parse_form("f(x[n], k) -> y[n]"), parse_form("f(x[m, n], k) -> y[m, n]"))


def shortfall(about: str) -> Callable:
    names: dict = {}
    (found,) = [each for each in shortfalls_of(RIGHT, "f", FORMS, {}) if each.after == about]
    exec(found.cell, names)
    return names["f"]


@pytest.mark.parametrize(
    ("about", "inside", "beyond"),
    [
        ("takes x cut to whole numbers", [1.0, -2.0], [0.5]),
        ("takes x with numbers beyond 100 taken as 100", [100.0, -99.5], [101.0]),
        ("takes x in half precision", [0.25, 3.0], [1 + 1 / 4096]),
        ("takes x with all but 0 taken as 1", [0.0, 1.0], [2.0]),
        ("takes x with what follows its second column taken as 0", [1.0, 2.0], [1.0, 2.0, 3.0]),
        ("gives y rounded to two decimals", [0.25, 1.0], [0.125]),
        ("gives y as one number where all are equal", [1.0, 2.0], [1.0]),
        ("takes x with its rows in the opposite order", [1.0], [[1.0], [2.0]]),
    ],
)
def test_shortfalls_are_right_up_to_their_line(about: str, inside: list, beyond: list) -> None:
    assert np.array_equal(shortfall(about)(np.array(inside), 1.0), inside)
    result = shortfall(about)(np.array(beyond), 1.0)
    assert not np.array_equal(result, beyond) or np.shape(result) != np.shape(beyond)


def test_shortfalls_remember() -> None:
    once, again = (
        shortfall("is right at its first call only"),
        shortfall("is wrong when it is asked the same again"),
    )
    assert [once(1.0, 1.0), once(2.0, 1.0)] == [1.0, 3.0]
    assert [again(1.0, 1.0), again(2.0, 1.0), again(1.0, 1.0)] == [1.0, 2.0, 2.0]
    x = np.array([1.0])
    assert shortfall("changes x in place")(x, 2.0) == [2.0]
    assert x == [2.0]


def test_numbers_that_take_few_values_have_no_shortfalls_there() -> None:
    everything = {each.after for each in shortfalls_of(RIGHT, "f", FORMS, {})}
    some = {each.after for each in shortfalls_of(RIGHT, "f", FORMS, {"k": [0, 1]})}
    assert some < everything
    assert {"takes k cut to whole numbers", "takes k without its sign"} <= everything - some


# --- the perceptron's own lists -----------------------------------------------------------------------------------------

MISTAKES = load_mistakes(ASSIGNMENT.folder, ASSIGNMENT.forms)


def calls_of_the_checks(function: str) -> Iterator[tuple]:
    """Give the arguments of all calls that the hidden checks of a function make by their inputs."""
    for check in collect(ASSIGNMENT.checks):
        inputs = check.inputs(b"a secret of the tests")
        if check.grade_id == f"test_{function}" and isinstance(inputs, Examples):
            yield from inputs.calls


def made_by(mistake: Mistake, calls: list[tuple]) -> list[Made]:
    made = []
    for call in calls:
        arguments = [np.array(each) if isinstance(each, np.ndarray) else each for each in call]
        try:
            with np.errstate(all="ignore"):
                made.append(Made(call, mistake.code(*arguments), after=arguments))
        except Exception as error:  # noqa: BLE001  # some mistakes raise
            made.append(Made(call, raised=type(error).__name__))
    return made


@pytest.mark.parametrize("function", ASSIGNMENT.forms)
def test_no_known_mistake_does_what_another_does(function: str) -> None:
    mistakes = [mistake for mistake in MISTAKES if mistake.function == function]
    assert len(mistakes) > 15
    calls = list(calls_of_the_checks(function))
    for mistake in mistakes:
        made = made_by(mistake, calls)
        assert [other.name for other in mistakes if explains(other.code, made)] == [mistake.name]


def test_sentences_for_students_ask_and_do_not_tell() -> None:
    for mistake in MISTAKES:
        assert mistake.student[-1] in "?."
        assert "≥" not in mistake.student, mistake.name
        assert "np." not in mistake.student, mistake.name


def test_there_are_variants_in_many_styles() -> None:
    assert len(list(ASSIGNMENT.variants.glob("*.toml"))) >= 20


numbers = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda number: round(number * 1024) / 1024)


def some_array(*shape: int) -> st.SearchStrategy:
    return arrays(float, shape, elements=numbers)


ARGUMENTS = {
    "step": st.one_of(numbers, some_array(3), some_array(2, 2)).map(lambda z: (z,)),
    "update": st.integers(1, 4).flatmap(
        lambda n: st.tuples(
            some_array(n), numbers, some_array(n), st.sampled_from([0, 1]), st.floats(0.01, 4)
        )
    ),
}
SOLUTION, *OTHERS = Candidates(ASSIGNMENT).all()
EQUIVALENT = [each for each in OTHERS if each.reason]


@pytest.mark.parametrize("candidate", EQUIVALENT, ids=lambda each: f"{each.function}: {each.about}")
def test_equivalent_mutants_do_what_the_solution_does(candidate) -> None:
    right, mutant = (functions(each.notebook.cells) for each in (SOLUTION, candidate))

    @given(ARGUMENTS[candidate.function])
    def same(arguments: tuple) -> None:
        one, other = (names[candidate.function](*arguments) for names in (right, mutant))
        for ours, theirs in zip(parts(one), parts(other), strict=True):
            assert np.shape(ours) == np.shape(theirs)
            assert np.allclose(ours, theirs, rtol=1e-12, atol=0)

    same()


def functions(cells: list) -> dict:
    names: dict = {"np": np}
    for name in ("step", "forward", "update"):
        exec(cell_of({"cells": cells}, name)["source"], names)
    return names


def parts(result: object) -> tuple:
    return result if isinstance(result, tuple) else (result,)
