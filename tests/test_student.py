"""The student as a check sees them: batches, loops, and the calls that feedback shows."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.course import Limits
from autograder.errors import GraderError, InstructorError, StudentError
from autograder.judge import Examples, close
from autograder.judge.calls import of_batch
from autograder.judge.checks import collect
from autograder.judge.compare import is_close
from autograder.judge.examples import Group
from autograder.judge.student import Student
from autograder.judge.trial import try_check
from autograder.sandbox.choose import open_sandbox
from autograder.sandbox.inside import records
from autograder.sandbox.process import Cell, Sandbox
from autograder.sandbox.replies import Answers, read_answers
from autograder.sandbox.run import NotebookRun
from autograder.signatures import Form, parse_form

LIMITS = Limits(call_seconds=0.5)
FORMS = {
    "half": (parse_form("half(z) -> a"), parse_form("half(z[n]) -> a[n]")),
    "update": (parse_form("update(w[n], b) -> w[n], b"),),
}
TRAIN = {
    "train": "def train(w, b, steps):\n    for _ in range(steps):\n        w, b = update(w, b)\n    return w, b"
}
HALF = "def half(z):\n    return z / 2"
UPDATE = "def update(w, b):\n    return w + 1, b + 1.5"

New = Callable[[str], Student]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(LIMITS) as the_sandbox:
        yield the_sandbox


@pytest.fixture
def student_with(sandbox: Sandbox) -> Iterator[New]:
    with NotebookRun(sandbox, LIMITS) as run:

        def new(source: str) -> Student:
            run.run_cell(Cell(1, f"import numpy as np\nimport os\n{source}"))
            return Student(run, FORMS, TRAIN)

        yield new


def shown(student: Student) -> list[str]:
    return [f"{call.called} {call.answer}" for call in student.last_calls()]


def halves(*values: object) -> Examples:
    return Examples.of(lambda z: z / 2, [(value,) for value in values])


def test_right_answers_agree(student_with: New) -> None:
    student = student_with(HALF)
    student.half.agrees(halves(1.0, 3.0, np.array([1.0, 2.0]), np.zeros(3), 5.0))
    assert shown(student)[-1] == "half(5.0) returned 2.5"


def test_results_are_floats_and_arrays_as_single_calls_give_them(student_with: New) -> None:
    student = student_with("def half(z):\n    return [z / 2] if np.ndim(z) == 0 else list(z / 2)")
    answers = student.half.each([(1.0,), (np.array([1.0, 2.0]),), (3.0,)])
    assert len(answers) == 3
    assert [type(result) for result in answers] == [float, np.ndarray, float]
    assert answers[1].tolist() == student.half(np.array([1.0, 2.0])).tolist() == [0.5, 1]
    assert answers[-1] == 1.5
    assert student.half.each([(1.0,), (2.0,)]).results.tolist() == [0.5, 1]


@pytest.mark.parametrize("one", ["np.array([z / 2])", "[z / 2]", "(z / 2,)", "np.array([[z / 2]])"])
def test_an_array_of_one_is_no_number_where_a_check_asks(student_with: New, one: str) -> None:
    student = student_with(f"def half(z):\n    return {one} if np.ndim(z) == 0 and z > 2 else z / 2")
    answers = student.half.each([(1.0,), (np.array([4.0]),), (3.0,), (5.0,)])
    with pytest.raises(StudentError, match=r"half returned an? .* where a number is due"):
        answers.assert_numbers()
    assert shown(student)[-1].startswith("half(3.0)")
    student.half.agrees(halves(3.0))  # elsewhere it is taken for the number


def test_an_array_of_one_within_several_results_is_seen(student_with: New) -> None:
    student = student_with("def update(w, b):\n    return w, np.atleast_1d(b)")
    with pytest.raises(StudentError, match=r"update returned an array of shape \(1,\) where a number is due"):
        student.update.each([(np.zeros(1), 1.0)]).assert_numbers()


@pytest.mark.parametrize("number", ["float(z)", "int(z)", "z > 0", "np.float32(z)", "np.array(z)"])
def test_any_single_number_is_a_number(student_with: New, number: str) -> None:
    student = student_with(f"def half(z):\n    return {number} if np.ndim(z) == 0 else z")
    student.half.each([(1.0,), (np.array([4.0]),), (-3.0,)]).assert_numbers()


def test_feedback_shows_the_first_wrong_answer(student_with: New) -> None:
    student = student_with("def half(z):\n    return 9 if z == 4.0 else z / 2")
    with pytest.raises(AssertionError, match=r"half\(4\.0\) returned 9"):
        student.half.agrees(halves(1.0, 2.0, 3.0, 4.0, 5.0, 4.0))
    assert shown(student) == ["half(2.0) returned 1.0", "half(3.0) returned 1.5", "half(4.0) returned 9"]


@pytest.mark.parametrize(
    ("ends", "answer", "message"),
    [
        ("raise KeyError('no')", "raised KeyError: 'no'", "half raised KeyError in cell 1, line 5: 'no'"),
        ("os._exit(0)", "gave no answer: its process ended", "half gave no answer: its process ended."),
        ("return 'text'", "returned 'text'", "half returned a str where a number is due."),
        ("return None", "returned None", "half returned None (is a return missing?) where a number is due."),
        (
            "return np.ones(2)",
            "returned array([1.0, 1.0])",
            "half returned an array of shape (2,) where a number is due.",
        ),
    ],
)
def test_a_call_that_fails_is_met_in_its_turn(
    student_with: New, ends: str, answer: str, message: str
) -> None:
    student = student_with(f"def half(z):\n    if z == 3.0:\n        {ends}\n    return z / 2")
    answers = student.half.each([(1.0,), (2.0,), (3.0,), (4.0,)])
    assert answers[1] == 1
    with pytest.raises(StudentError) as raised:
        answers[2]
    assert str(raised.value) == message
    with pytest.raises(StudentError):
        answers.raise_trouble()
    with pytest.raises(StudentError):
        answers.agree([0.5, 1, 1.5, 2])
    with pytest.raises(StudentError) as raised:
        student.half.agrees(halves(1.0, 2.0, 3.0, 4.0))
    assert str(raised.value) == message
    assert shown(student)[-1] == f"half(3.0) {answer}"
    with pytest.raises(AssertionError, match=r"half\(2\.0\) returned 1\.0"):
        student.half.agrees(Examples([(2.0,), (3.0,)], [7.0, 1.5]))
    assert shown(student)[-1] == "half(2.0) returned 1.0"


def test_a_number_is_not_an_array_of_it(student_with: New) -> None:
    student = student_with("def half(z):\n    return float(np.mean(z / 2))")
    with pytest.raises(StudentError, match="where an array of 2 numbers is due"):
        student.half.agrees(halves(np.ones(2)))


def test_calls_that_no_form_fits_are_the_graders_fault(student_with: New) -> None:
    student = student_with(HALF)
    with pytest.raises(GraderError, match="does not declare"):
        student.half.each([(1.0,), (np.ones((2, 2)),)])
    with pytest.raises(GraderError, match="what the check says is due"):
        student.half.agrees(Examples([(1.0,)], [np.ones(2)]))
    with pytest.raises(GraderError, match="due for 1 calls"):
        student.half.agrees(Examples([(1.0,), (2.0,)], [0.5]))
    with pytest.raises(GraderError, match="does not say what is due"):
        student.half.agrees(Examples([(1.0,)]))


def test_examples_cannot_be_changed_and_serve_again(student_with: New) -> None:
    array = np.array([1.0, 2.0])
    examples = halves(array)
    array += 1
    assert examples.calls[0][0].tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        examples.calls[0][0][:] = 0
    student = student_with("def half(z):\n    z /= 2\n    return z")
    for _ in range(2):
        student.half.agrees(examples)
    with pytest.raises(StudentError, match="half changed an array"):
        student.assert_arrays_untouched()


def test_results_that_share_their_memory_are_seen(student_with: New) -> None:
    shared = "kept = np.zeros(2)\n\n\ndef half(z):\n    np.divide(z, 2, out=kept)\n    return kept"
    student = student_with(shared)
    student.half.agrees(halves(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    with pytest.raises(StudentError, match="given back before"):
        student.assert_arrays_untouched()
    assert [made.called for made in student.last_calls(1)] == ["half(array([1.0, 2.0]))"]
    remembers = "kept = {}\n\n\ndef half(z):\n    return kept.setdefault(z.tobytes(), z / 2)"
    again = student_with(remembers)
    again.half.agrees(halves(np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([1.0, 2.0])))
    again.assert_arrays_untouched()


def test_a_loop_comes_back_stacked(student_with: New) -> None:
    student = student_with(UPDATE)
    steps = student.loop("train", np.zeros(2), 0.0, 3, through="update", again=[2, 0])
    w, b = steps.arguments
    assert w.tolist() == [[0, 0], [1, 1], [2, 2]]
    assert b.tolist() == [0, 1.5, 3]
    new_w, new_b = steps.results
    close(new_w, w + 1)
    close(new_b, b + 1.5)
    assert len(steps) == 3
    assert shown(student)[0] == "train(array([0.0, 0.0]), 0.0, 3) made 3 steps"


@pytest.mark.parametrize(
    "kind", ["float(b)", "np.float32(b)", "np.array(b)", "np.array([b])", "int(b)", "Fraction(b)", "[b]"]
)
def test_a_step_is_asked_again_with_the_same_kind_of_argument(student_with: New, kind: str) -> None:
    """A function that sees another kind of number in a call than in the loop would be told apart by it."""
    student = student_with(
        f"from fractions import Fraction\nseen = set()\n\n\ndef update(w, b):\n    b = b[0] if isinstance(b, list) else b\n    seen.add(str(type(b)))\n    b = np.asarray(b, dtype=float).item() + 1\n    return w, {kind}"
    )
    steps = student.loop("train", np.zeros(2), 0.0, 3, through="update", again=[0, 1, 2])
    assert steps.arguments[1].tolist() == [0, 1, 2]


def test_a_loop_may_end_before_a_step_that_is_to_be_asked_again(student_with: New) -> None:
    steps = student_with(UPDATE).loop("train", np.zeros(2), 0.0, 3, through="update", again=[2, 3])
    assert len(steps) == 3


def test_another_answer_when_asked_again_is_told(student_with: New) -> None:
    student = student_with(
        "n = 0\n\n\ndef update(w, b):\n    global n\n    n += 1\n    return w, b + (n > 3)"
    )
    with pytest.raises(StudentError, match="another one when asked again"):
        student.loop("train", np.zeros(2), 0.0, 3, through="update", again=[1])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 'x', b", "update returned a str where an array of 2 numbers is due"),
        ("return w, (b, b)", "update returned a tuple of 2 values where a number is due"),
        ("return np.ones(3), b", "update returned an array of shape"),
        ("return None", "update raised TypeError"),
        ("return w, b, b", "update raised ValueError"),
        ("return 1 / 0", "update raised ZeroDivisionError"),
    ],
)
def test_a_loop_through_what_does_not_fit_is_told(student_with: New, body: str, said: str) -> None:
    student = student_with(f"def update(w, b):\n    {body}")
    with pytest.raises(StudentError) as raised:
        student.loop("train", np.zeros(2), 0.0, 3, through="update")
    assert said in str(raised.value)


def test_values_are_taken_when_they_come(student_with: New) -> None:
    """A function that changes in place what it returned before does not rewrite the record."""
    student = student_with(
        "total = np.zeros(2)\n\n\ndef update(w, b):\n    global total\n    total += 1\n    return total, b"
    )
    steps = student.loop("train", np.zeros(2), 0.0, 3, through="update")
    assert steps.results[0].tolist() == [[1, 1], [2, 2], [3, 3]]


def test_a_check_may_fail_by_pytests_own_word(tmp_path: Path, student_with: New) -> None:
    text = '@pytest.mark.check("cell", points=1)\ndef test_half(student):\n    """half"""\n    pytest.fail("due is 7")\n'
    (check,) = checks_in(tmp_path, text)
    result = try_check(check, student_with(HALF), b"one")
    assert (result.outcome, result.message) == ("failed", "The answer is not right.")


# ---- looked at together, results are what they are one by one

odd_parts = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([0.5, -0.0, float("nan"), float("inf"), 10**400, "text"]),
    st.sampled_from([np.float64(1), np.float32(2), np.int8(3), np.bool_(True)]),
    hnp.arrays(
        st.sampled_from([np.float64, np.int64, np.bool_, np.complex128]),
        st.sampled_from([(), (1,), (2,), (3,), (1, 1), (2, 1), (0,)]),
    ),
)
odd_results: st.SearchStrategy[object] = st.recursive(
    odd_parts,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.tuples(inner), st.tuples(inner, inner)),
    max_leaves=4,
)
ONE = parse_form("f(z) -> a")
MANY = parse_form("f(z[n]) -> a[n]")
TWO = parse_form("f(w[n], b) -> w[n], b")


def one_by_one(form: Form, sizes: dict[str, int], results: list[object]) -> list[object]:
    """Hold each result against the form, up to the first that does not fit; that one is what it is told."""
    fitted: list[object] = []
    for result in results:
        try:
            fitted.append(form.conform(result, sizes))
        except StudentError as error:
            return [*fitted, str(error)]
    return fitted


def together(form: Form, sizes: dict[str, int], columns: list[records.Column], count: int) -> list[object]:
    calls = of_batch(form.function, [()] * count, [Group(count, form, sizes)], Answers(columns))
    fitted: list[object] = []
    for index in range(count):
        try:
            fitted.append(calls[index])
        except StudentError as error:
            return [*fitted, str(error)]
    return fitted


@settings(max_examples=2000, deadline=None)
@given(
    st.sampled_from([ONE, MANY, TWO]),
    st.lists(st.tuples(odd_results, st.integers(1, 3)), min_size=1, max_size=3),
)
def test_results_fit_together_as_they_fit_alone(form: Form, counted: list[tuple[object, int]]) -> None:
    many = [result for result, count in counted for _ in range(count)]
    reply = {"results": records.encode(map(records.take, many)), "changed": []}
    columns = list(read_answers(reply, len(many)).results)
    came = [value for column in columns for value in column.values()]
    alone = one_by_one(form, {"n": 2}, came)
    assert repr(together(form, {"n": 2}, columns, len(many))) == repr(alone)


@pytest.mark.parametrize(
    ("form", "result"),
    [
        (ONE, (0.5, None)),
        (ONE, [1, [2]]),
        (ONE, (0.5, 0.5)),
        (MANY, [np.ones(2)]),
        (MANY, (np.ones(2), "x")),
        (TWO, (np.ones(2), 1.0, None)),
        (TWO, ([np.ones(2)], 1.0)),
        (TWO, (np.ones(2),)),
    ],
)
def test_what_only_nearly_fits_does_not(form: Form, result: object) -> None:
    columns = list(read_answers({"results": records.encode([records.take(result)] * 2)}, 2).results)
    (told,) = together(form, {"n": 2}, columns, 2)
    assert "is due" in str(told) or "were due" in str(told)


# ---- inputs that are made once

HEAD = "import pytest\nfrom autograder.judge import Examples\n\n\ndef inputs(rng):\n    return Examples.of(lambda z: z / 2, [(float(z),) for z in rng.integers(9, size=3)])\n\n\n"
ASKS = '@pytest.mark.check("cell", points=1, inputs=inputs)\ndef test_half(student, inputs):\n    """half"""\n    student.half.agrees(inputs)\n'


def checks_in(folder: Path, text: str) -> list:
    (folder / "test_half.py").write_text(HEAD + text)
    return collect(folder)


def test_inputs_are_made_once_and_are_the_courses_own(tmp_path: Path, student_with: New) -> None:
    (check,) = checks_in(tmp_path, ASKS)
    assert check.inputs(b"one") is check.inputs(b"one")
    assert check.inputs(b"one").calls != check.inputs(b"other").calls
    (again,) = checks_in(tmp_path, ASKS)
    assert again.inputs(b"one").calls == check.inputs(b"one").calls
    assert try_check(check, student_with(HALF), b"one").outcome == "passed"
    assert try_check(check, student_with("def half(z):\n    return z"), b"one").outcome == "failed"


def test_inputs_that_fail_are_the_graders_fault(tmp_path: Path, student_with: New) -> None:
    (check,) = checks_in(tmp_path, ASKS.replace("inputs=inputs", "inputs=lambda rng: 1 / 0"))
    with pytest.raises(GraderError, match="its inputs raised"):
        try_check(check, student_with(HALF), b"one")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", inputs=inputs", "", "must both ask for inputs"),
        ("student, inputs", "student", "must both ask for inputs"),
        ("inputs=inputs", "inputs=[1]", "a function of rng"),
    ],
)
def test_inputs_that_are_half_said_are_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(InstructorError, match=said):
        checks_in(tmp_path, ASKS.replace(old, new))


@pytest.mark.parametrize("index", [1, 4, -1])
def test_a_result_past_the_one_that_failed_is_the_students_trouble(student_with: New, index: int) -> None:
    student = student_with("def half(z):\n    raise ValueError('no')")
    answers = student.half.each([(float(number),) for number in range(5)])
    with pytest.raises(StudentError, match="half raised ValueError"):
        answers[index]
    assert shown(student) == ["half(0.0) raised ValueError: no"]


def test_a_loop_that_made_no_calls_is_told(student_with: New) -> None:
    student = student_with(UPDATE)
    with pytest.raises(StudentError, match="train made no call of update"):
        student.loop("train", np.zeros(2), 0.0, 0, through="update")


@pytest.mark.parametrize("value", [np.ones(600_000), [0.5] * 140_000])
def test_arguments_that_cannot_be_sent_are_the_graders_fault(student_with: New, value: object) -> None:
    student = student_with("def half(z):\n    return np.asarray(z) / 2")
    with pytest.raises(GraderError, match="cannot be sent"):
        student.half(value)


def test_an_infinity_less_another_is_not_close_and_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not is_close([np.inf, np.nan], [np.inf, np.nan])
