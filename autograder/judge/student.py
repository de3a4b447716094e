"""The student as a check sees them: their functions, called in a process apart, answering with plain data."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

import numpy as np

from autograder.errors import GraderError, StudentError
from autograder.judge.calls import Calls, of_batch, of_loop, value_at
from autograder.judge.examples import Examples, Forms, Prepared, Result, prepare
from autograder.judge.trace import Made, same
from autograder.judge.words import answer, called, failure
from autograder.results import Call
from autograder.sandbox.inside.records import Column
from autograder.sandbox.replies import Answers, Looped, LoopReply, Raised
from autograder.sandbox.requests import CallRequest, LoopRequest, Request
from autograder.sandbox.run import NotebookRun

_MOST_CALLS = 3
# Known mistakes are tried on what a loop did, in this process: a forged reply may say that it did much.
_MOST_EVIDENCE = 200


class Student:
    """Calls a student's functions by name: `student.update(w, b, x, y, lr)`.

    A result comes back as floats and float arrays of the shapes that the assignment declares; whatever does
    not fit, raises, or never ends becomes a StudentError. All calls are kept, for feedback.

    `known` are answers to what was asked for ahead, which are taken from it.
    """

    def __init__(
        self,
        run: NotebookRun,
        forms: Forms,
        given: Mapping[str, str],
        known: dict[Request, Answers | LoopReply] | None = None,
    ) -> None:
        self._run = run
        self._known = {} if known is None else known
        self._forms = forms
        self._given = given
        self._made: list[Calls] = []
        self._told: list[Callable[[int], Sequence[Call]]] = []
        self._evidence: list[tuple[str, Callable[[], Iterator[Made]]]] = []

    def __getattr__(self, function: str) -> "Function":
        if function.startswith("_") or function not in self._forms:
            raise GraderError(f"the check calls '{function}', which assignment.toml does not declare")
        return Function(function, self._forms, self._make)

    def loop(self, given: str, *arguments: object, through: str, again: Sequence[int] = ()) -> Calls:
        """Run a function that the notebook gives, and return the calls it made of the student's `through`.

        It runs as it was released, whatever the submission made of it, over the functions of this moment. Of the calls,
        those with the indexes `again` are made once more, with the very same arguments. Raises StudentError where one
        of them then gives something else.
        """
        request = loop_request(self._given, given, through, arguments, again)
        known = self._known.pop(request, None)
        reply = self._run.loop(request) if known is None or isinstance(known, Answers) else known
        self._told.append(lambda _: [_loop_call(given, arguments, reply)])
        if not isinstance(reply, Looped):
            raise StudentError(failure(reply, through))
        calls = of_loop(given, through, self._forms, reply)
        self._evidence.append((through, partial(_made_in_loop, reply)))
        for place, index in enumerate(index for index in again if index < reply.count):
            if not same(value_at(reply.results, index), value_at(reply.again, place)):
                raise StudentError(f"{through} gave one answer in {given} and another one when asked again.")
        return calls

    def assert_arrays_untouched(self) -> None:
        """Assert that no call so far has changed the arrays that it was given, or one that was given back before."""
        for calls in self._made:
            if not all(_same(sent, after) for sent, after in calls.changed()):
                raise StudentError(f"{calls.function} changed an array that it was given.")
            if calls.spoils_its_results():
                raise StudentError(
                    f"{calls.function} changed an array that it had given back before: each call needs its own."
                )

    def made(self, function: str) -> Iterator[Made]:
        """Give all calls of a function so far, with what came of each."""
        for name, calls in self._evidence:
            if name == function:
                yield from calls()

    def last_calls(self, most: int = _MOST_CALLS) -> list[Call]:
        """Give the last few calls as text."""
        calls: list[Call] = []
        for tell in reversed(self._told):
            if len(calls) < most:
                calls = [*tell(most - len(calls)), *calls]
        return calls

    def _make(self, function: str, prepared: Prepared) -> Calls:
        # Each answer serves once: who asks again wants to know what comes then.
        known = self._known.pop(CallRequest(function, prepared.batch), None)
        answers = known if isinstance(known, Answers) else self._run.calls(function, prepared.batch)
        self._evidence.append((function, partial(_made_in_batch, prepared.batch.calls, answers)))
        calls = of_batch(function, prepared.batch.calls, prepared.groups, answers)
        self._made.append(calls)
        self._told.append(calls.last)
        return calls


class Function:
    """One of a student's functions."""

    def __init__(self, name: str, forms: Forms, make: Callable[[str, Prepared], Calls]) -> None:
        self._name = name
        self._forms = forms
        self._make = make

    def __call__(self, *arguments: object) -> Result:
        """Call it, and give what it returned."""
        return self._make(self._name, prepare(self._name, [arguments], self._forms))[0]

    def each(self, examples: Examples | Sequence[Sequence[object]]) -> Calls:
        """Call it with each of these tuples of arguments, in one message.

        A call that does not return ends the calls; whoever takes its result gets the StudentError.
        """
        if not isinstance(examples, Examples):
            examples = Examples(examples)
        return self._make(self._name, examples.prepared(self._name, self._forms)[0])

    def agrees(self, examples: Examples) -> Calls:
        """Assert that it gives what is due for each example. Feedback shows the first call that does not.

        Gives the calls, of which more can be asserted.
        """
        __tracebackhide__ = True
        prepared, due = examples.prepared(self._name, self._forms)
        if due is None:
            raise GraderError(f"the check does not say what is due for its calls of {self._name}")
        calls = self._make(self._name, prepared)
        calls.agree_with(due)
        return calls


def loop_request(
    sources: Mapping[str, str], given: str, through: str, arguments: Sequence[object], again: Sequence[int]
) -> LoopRequest:
    """Give the request for a run of a given function. Raises GraderError where there is none of that name."""
    if given not in sources:
        raise GraderError(f"the check runs '{given}', which assignment.toml does not give")
    return LoopRequest.of(sources[given], given, through, arguments, again)


def _made_in_batch(calls: Sequence[Sequence[object]], answers: Answers) -> Iterator[Made]:
    values = chain.from_iterable(column.values() for column in answers.results)
    seen: set[tuple[object, ...]] = set()
    for index, (arguments, value) in enumerate(
        zip(calls, values, strict=False)
    ):  # some may not have come back
        # Of calls with equal numbers that came to the same one is evidence enough; arrays are not looked up.
        numbers = (*arguments, value)
        if all(isinstance(number, float | int) for number in numbers):
            if numbers in seen:
                continue
            seen.add(numbers)
        yield Made(arguments, value, after=answers.changed.get(index, arguments))
    if isinstance(answers.ended, Raised):
        yield Made(calls[answers.count], raised=answers.ended.exception)
    elif answers.ended is not None:
        yield Made(calls[answers.count], ended=True)


def _made_in_loop(loop: Looped) -> Iterator[Made]:
    """Give the calls of a loop, each once: training that has come to rest makes the same ones again and again."""
    for index in _first_of_equals([*loop.arguments, *loop.results], min(loop.count, _MOST_EVIDENCE)):
        sent = value_at(loop.arguments, index)
        if isinstance(sent, tuple):  # as what a loop sends is
            yield Made(sent, value_at(loop.results, index))


def _first_of_equals(columns: Sequence[Column], count: int) -> Iterator[int]:
    """Give the indexes at which columns, of one run each, first have what they have there; of more runs, all."""
    if not count or any(column.count < count for column in columns):
        yield from range(count)
        return
    stacks = [stack[:count].reshape(count, -1) for column in columns for stack in column.stacks()]
    rows = np.concatenate([stack.view(np.uint8) for stack in stacks], axis=1) if stacks else None
    seen: set[bytes] = set()
    for index in range(count):
        row = b"" if rows is None else rows[index].tobytes()
        if row not in seen:
            seen.add(row)
            yield index


def _loop_call(given: str, arguments: Sequence[object], reply: LoopReply) -> Call:
    did = f"made {reply.count} steps" if isinstance(reply, Looped) else answer(reply)
    return Call(called(given, arguments), did)


def _same(sent: Sequence[object], after: Sequence[object]) -> bool:
    """Tell whether the arguments are, bit for bit, what was sent. Only arrays can be changed in place."""
    if len(sent) != len(after):
        return False
    arrays = [
        (ours, theirs) for ours, theirs in zip(sent, after, strict=True) if isinstance(ours, np.ndarray)
    ]
    return all(
        isinstance(theirs, np.ndarray) and ours.dtype == theirs.dtype and np.array_equal(ours, theirs)
        for ours, theirs in arrays
    )


def given_functions(sources: Mapping[str, str]) -> dict[str, str]:
    """Find the functions that given cells define: the name of each, with the source of its cell."""
    found = {}
    for source in sources.values():
        for name in _defined(source):
            found[name] = source
    return found


def _defined(source: str) -> Iterator[str]:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
