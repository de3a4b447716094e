"""What crosses between the grader and a student's process, byte by byte, with a hostile writer at the other end."""

import base64
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox.child import Child, ChildGone, ChildIdle, Deadline
from autograder.sandbox.inside import codec, records
from autograder.sandbox.replies import Answers, TooLong, read_answers, read_cells, read_loop, read_together

SOON = Deadline(cpu=0.2, wall=0.6)


@contextmanager
def child_that(behave: Callable[[socket.socket], None]) -> Iterator[Child]:
    """Give the child of a process that only sleeps, while this process behaves as it likes on its socket."""
    ours, theirs = socket.socketpair()
    sleeper = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"], process_group=0)
    child = Child(ours, os.pidfd_open(sleeper.pid))
    writer = threading.Thread(target=_quietly, args=(behave, theirs))
    writer.start()
    try:
        yield child
    finally:
        child.close()
        theirs.shutdown(socket.SHUT_RDWR)
        writer.join(timeout=10)
        theirs.close()
        sleeper.wait()


def _quietly(behave: Callable[[socket.socket], None], theirs: socket.socket) -> None:
    with suppress(OSError):  # the grader hung up
        behave(theirs)


def drips(theirs: socket.socket) -> None:
    theirs.recv(1 << 16)
    theirs.sendall((1 << 22).to_bytes(4, "little"))
    while theirs.send(b" "):
        time.sleep(0.05)


def drips_a_header(theirs: socket.socket) -> None:
    theirs.recv(1 << 16)
    for byte in b"\x10\0\0\0" * 100:
        theirs.send(bytes([byte]))
        time.sleep(0.3)


def sips(theirs: socket.socket) -> None:
    for _ in range(40):
        theirs.recv(256)
        time.sleep(0.05)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("behave", [drips, drips_a_header, sips])
def test_a_reply_that_trickles_ends_at_the_wall_limit(behave: Callable[[socket.socket], None]) -> None:
    with child_that(behave) as child:
        start = time.monotonic()
        with pytest.raises(ChildIdle, match=r"took more than 0\.6 seconds"):
            child.request({"do": "call", "padding": "x" * (3 << 20 if behave is sips else 10)}, SOON)
        assert time.monotonic() - start < 3
        with pytest.raises(ChildGone, match="had ended"):
            child.request({"do": "call"}, SOON)


@pytest.mark.timeout(20)
def test_a_slow_but_steady_reply_is_read() -> None:
    def behave(theirs: socket.socket) -> None:
        theirs.recv(1 << 16)
        reply = b'{"n":1,"x":2}'
        for byte in len(reply).to_bytes(4, "little") + reply:
            theirs.send(bytes([byte]))
            time.sleep(0.01)

    with child_that(behave) as child:
        assert child.request({"do": "call"}, SOON) == {"n": 1, "x": 2}


# ---- values

numbers = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_, ">f8", "<u2"]),
    hnp.array_shapes(min_dims=0, max_side=4, min_side=0),
)
scalars = st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.bool_]).flatmap(
    lambda kind: st.integers(0, 100).map(kind)
)
values = st.recursive(
    st.one_of(numbers, arrays, scalars),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.tuples(inner, inner), st.just(())),
    max_leaves=8,
)


def same(left: object, right: object) -> bool:
    if isinstance(left, np.ndarray | np.generic):
        return (
            type(left) is type(right)
            and left.dtype == right.dtype
            and left.shape == right.shape
            and left.tobytes() == right.tobytes()
        )
    if isinstance(left, list | tuple):
        return type(left) is type(right) and len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and repr(left) == repr(right)


def over_the_wire(data: object) -> object:
    return json.loads(json.dumps(data, allow_nan=False))


@given(values)
def test_values_survive_the_wire(value: object) -> None:
    assert same(codec.decode(over_the_wire(codec.encode(value))), value)


@given(st.lists(st.tuples(values, st.integers(1, 4)), max_size=5))
def test_records_survive_the_wire(counted: list[tuple[object, int]]) -> None:
    many = [value for value, count in counted for _ in range(count)]
    columns = records.decode(over_the_wire(records.encode(map(records.take, many))), len(many))
    back = [value for column in columns for value in column.values()]
    assert same(back, many)
    assert same([column.value(index) for column in columns for index in range(column.count)], many)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -0.0, 2**63, -(10**400), 1e308, "text", {}, 1j, 2 + 0j]
)
def test_odd_values_come_as_they_would_alone(value: object) -> None:
    (column,) = records.decode(over_the_wire(records.encode([records.take([value])])), 1)
    ((back,),) = column.values()
    alone = codec.decode(over_the_wire(codec.encode(value)))
    assert repr(back) == repr(alone) or vars(back) == vars(alone)


def test_a_list_that_holds_itself_can_be_sent() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert records.decode(over_the_wire(records.encode([records.take(endless)])), 1)[0].count == 1


def test_what_is_taken_is_a_copy() -> None:
    array, inside = np.zeros(2), [np.ones(1)]
    taken = [records.take((array, inside))]
    array += 7
    inside[0][:] = 7
    inside.append(7)
    (column,) = records.decode(records.encode(taken), 1)
    ((first, second),) = column.values()
    assert first.tolist() == [0, 0]
    assert [item.tolist() for item in second] == [[1]]


def test_arrays_that_come_in_a_run_are_independent() -> None:
    (column,) = records.decode(records.encode([records.take(np.zeros(2))] * 3), 3)
    first, second, _ = column.values()
    first += 1
    assert second.tolist() == [0, 0]


# ---- forged replies

KEYS = [
    "l",
    "t",
    "a",
    "n",
    "o",
    "f",
    "runs",
    "data",
    "results",
    "arguments",
    "changed",
    "apart",
    "raised",
    "missing",
    "outputs",
    "output_type",
    "text",
    "name",
]
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(
            [
                "l",
                "t",
                "a",
                "n",
                "o",
                "f",
                "p",
                "v",
                "<f8",
                "|b1",
                "<f99",
                ">u8",
                "<c16",
                "AAAA",
                "AAAAAAAAAAA=",
                10**400,
                -(2**63),
                2**31,
            ]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=12,
)
kinds = st.one_of(
    st.tuples(st.sampled_from(["l", "t"]), st.integers(-1, 3)),
    st.tuples(
        st.just("a"),
        st.sampled_from(["<f8", "|b1", "<f99", "O", "<i8"]),
        st.lists(st.sampled_from([0, 1, 2, -1, True, 1 << 22, 1 << 70]), max_size=34),
    ),
    st.tuples(st.sampled_from(["n", "p"]), st.sampled_from(["<f8", "<i8", "|b1", "<f4", "<f\u0663"])),
    st.tuples(st.just("v"), json_values),
    json_values,
)
runs = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, 3, True, -1, 1 << 22, 1 << 70]), st.lists(kinds, min_size=1, max_size=5)
    ).map(lambda run: [run[0], *run[1]]),
    max_size=3,
)
forged_records = st.fixed_dictionaries(
    {
        "runs": runs,
        "data": st.binary(max_size=40).map(lambda raw: base64.b64encode(raw).decode()),
    }
)
RIGHT_RECORD = records.encode([records.take((np.zeros(2), np.float64(1), 0.5))] * 3)
forged_objects = st.fixed_dictionaries(
    {},
    optional={
        "results": st.one_of(forged_records, json_values, st.just(RIGHT_RECORD)),
        "arguments": st.one_of(forged_records, json_values, st.just(RIGHT_RECORD)),
        "again": st.one_of(forged_records, json_values, st.just(RIGHT_RECORD)),
        "changed": json_values,
        "raised": st.one_of(json_values, st.lists(st.text(max_size=3), max_size=4)),
        "missing": json_values,
        "apart": json_values,
        "cells": st.one_of(json_values, st.lists(json_values, min_size=1, max_size=2)),
    },
)
forged_objects = st.one_of(
    forged_objects,
    st.fixed_dictionaries({"replies": st.lists(forged_objects, min_size=1, max_size=2)}),
)


def read_all(reply: dict) -> None:
    """Read a reply as whatever it may be: plain data, or a ValueError."""
    for read in (
        lambda reply: read_cells(reply, 1, 1_000),
        lambda reply: read_cells(reply, 2, 1_000),
        lambda reply: read_loop(reply, ()),
        lambda reply: read_loop(reply, (0, 1, 2)),
        lambda reply: read_together(reply, [partial(read_answers, asked=3)]),
        lambda reply: read_together(reply, [partial(read_answers, asked=1), partial(read_loop, again=())]),
        lambda reply: read_answers(reply, 3),
        lambda reply: read_answers(reply, 1),
    ):
        with suppress(ValueError, TooLong):
            found = read(reply)
            for answers in found if isinstance(found, list) else [found]:
                for columns in (getattr(answers, "results", ()), getattr(answers, "arguments", ())):
                    for column in columns:
                        assert len(column.values()) == column.count


forged_replies = st.one_of(forged_objects, st.dictionaries(st.sampled_from(KEYS), json_values))


@settings(max_examples=1000, deadline=None)
@given(forged_replies, forged_replies)
def test_forged_objects_are_read_or_refused(one: dict, other: dict) -> None:
    """Six thousand replies: drawing them takes longer than reading them, so each is used several times."""
    for reply in (
        one,
        other,
        {**one, **other},
        {**other, **one},
        {"results": one, "changed": other},
        {"results": other, "arguments": one},
    ):
        read_all(reply)


@pytest.fixture(scope="module")
def dead() -> Iterator[int]:
    """Give the pidfd of a process that has ended, in a group of its own, for children whose every byte is there."""
    process = subprocess.Popen(["/bin/true"], process_group=0)
    descriptor = os.pidfd_open(process.pid)
    os.waitid(os.P_PIDFD, descriptor, os.WEXITED | os.WNOWAIT)
    yield descriptor
    process.wait()
    os.close(descriptor)


def replies_to(dead: int, written: bytes, requests: int = 2) -> list[dict]:
    """Ask a child that has written all that it will ever write, and give its replies."""
    ours, theirs = socket.socketpair()
    child = Child(ours, os.dup(dead))
    replies = []
    try:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 23)
        theirs.settimeout(5)
        theirs.sendall(written)
        theirs.shutdown(socket.SHUT_WR)
        with suppress(ChildGone):
            replies.extend(child.request({"do": "calls"}, SOON) for _ in range(requests))
    finally:
        child.close()
        theirs.close()
    return replies


def frame(text: bytes, length: int | None = None) -> bytes:
    return struct.pack("<I", len(text) if length is None else length) + text


RIGHT = [{"n": number, "results": RIGHT_RECORD, "changed": [], "outputs": []} for number in (1, 2)]
right_frames = st.sampled_from([frame(json.dumps(reply).encode()) for reply in RIGHT])
forged_frames = st.one_of(
    right_frames,
    st.binary(max_size=64),
    st.binary(max_size=64).map(frame),
    st.tuples(json_values, st.sampled_from([1, 2, 3, None, True, "1"])).map(
        lambda pair: frame(json.dumps({"n": pair[1], "results": pair[0]}).encode())
    ),
    st.tuples(forged_objects, st.integers(1, 2)).map(
        lambda pair: frame(json.dumps({**pair[0], "n": pair[1]}).encode())
    ),
    st.tuples(st.binary(max_size=20), st.integers(0, 2**32 - 1)).map(lambda pair: frame(*pair)),
    st.sampled_from(
        [
            frame(b"[" * 100_000),
            frame(b'{"n":' * 50_000),
            frame(b'{"n":1,"n":2,"n":1}'),
            frame(b'{"n":1e999}'),
            frame(b'{"n":1,"results":' + b"9" * 20_000 + b"}"),
            frame(b'{"n":1,"results":NaN,"raised":["\\ud800","\\udfff\\u0000","\\u202e"]}'),
            frame(b'{"n":1,"raised":["\xff","",""]}'),
            frame(b"\xef\xbb\xbf{}"),
            frame('{"n":1}'.encode("utf-16")),
        ]
    ),
)


def mutated(frames: list[bytes], random: Random) -> bytes:
    """Give the frames with some bytes changed, cut out or put in, and perhaps without their end."""
    data = bytearray(b"".join(frames))
    for _ in range(random.randrange(4)):
        position = random.randint(0, len(data))
        data[position : position + random.randrange(3)] = random.randbytes(random.randrange(4))
    return bytes(data[: random.choice([len(data), random.randint(0, len(data))])])


@settings(max_examples=1000, deadline=None)
@given(st.lists(forged_frames, min_size=1, max_size=3), st.integers(0, 2**32))
def test_hostile_bytes_end_in_replies_or_in_a_child_gone(dead: int, frames: list[bytes], seed: int) -> None:
    """Ten thousand streams and more: each list of frames as it is, and ten times damaged."""
    random = Random(seed)
    for data in (b"".join(frames), *(mutated(frames, random) for _ in range(10))):
        start = time.process_time()
        for number, reply in enumerate(replies_to(dead, data), 1):
            assert reply["n"] == number
            read_all(reply)
        assert time.process_time() - start < 1


def test_the_hostile_writer_can_also_tell_the_truth(dead: int) -> None:
    """Otherwise the fuzzer would only ever see a child that is gone."""
    replies = replies_to(dead, b"".join(frame(json.dumps(reply).encode()) for reply in RIGHT))
    assert len(replies) == 2
    answers = read_answers(replies[1], 3)
    assert isinstance(answers, Answers)
    assert answers.count == 3


@pytest.mark.parametrize("number", [0, 2, "1", None, [1], {"n": 1}])
def test_a_reply_to_another_request_is_none(dead: int, number: object) -> None:
    assert replies_to(dead, frame(json.dumps({"n": number}).encode())) == []


@pytest.mark.parametrize("length", [2**32 - 1, codec.MAX_BYTES + 1])
def test_too_long_a_message_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="at most"):
        codec.end_of(struct.pack("<I", length))


def test_long_text_with_many_commas_is_no_heap_of_values() -> None:
    text = "a, b, c\\" * (codec.MAX_VALUES // 2)
    assert codec.unpack(json.dumps({"text": text}).encode()) == {"text": text}


HEAPS = {
    "lists": b'{"n":1,"results":[' + b"[]," * 1_390_000 + b"[]]}",
    "objects": b'{"n":1,"results":[' + b"{}," * 1_390_000 + b"{}]}",
    "numbers": b'{"n":1,"results":[' + b"1," * 2_000_000 + b"1]}",
    "keys": b'{"n":1,' + b",".join(b'"%d":0' % number for number in range(350_000)) + b"}",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("heap", HEAPS)
def test_a_reply_of_millions_of_values_costs_little_more_than_its_bytes(heap: str) -> None:
    text = HEAPS[heap]
    assert len(text) <= codec.MAX_BYTES
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than"):
            codec.unpack(text)
        assert tracemalloc.get_traced_memory()[1] < 4 * codec.MAX_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "run",
    [
        [1 << 22, ["t", 0]],
        [1 << 22, ["v", None]],
        [1000, ["t", 1000], *[["v", None]] * 1000],
        [1, ["a", "<f8", [0, 1 << 22, 1 << 22, 1 << 22]]],
        [1 << 22, ["a", "<f8", [0]]],
        [1, ["a", "<f8", [1 << 22]]],
        [3, ["a", "<f8", [1] * 33]],
        [3, *[["t", 1]] * 500, ["v", None]],
        [1, ["t", 1 << 22]],
        [True, ["v", None]],
        [-1, ["v", None]],
        [3],
        [],
    ],
)
def test_a_small_record_of_many_values_is_refused_and_costs_nothing(run: list) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"."):
            records.decode({"runs": [run], "data": ""}, 1 << 22)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_more_answers_than_were_asked_for_are_refused() -> None:
    with pytest.raises(ValueError, match="more values"):
        read_answers({"results": RIGHT_RECORD}, 2)
    with pytest.raises(ValueError, match="not as many"):
        read_answers({"results": RIGHT_RECORD}, 4)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("end", [b'\\"', b"\\\\", b'"', b"\\\n", b"x"])
def test_a_message_is_counted_in_linear_time(end: bytes) -> None:
    """A string without an end is looked through once, not once from each of its quotes."""
    text = b"," * 140_000 + b'"' + end * 1_000_000
    with pytest.raises(ValueError, match=r"more than|Expecting|Invalid"):
        codec.unpack(text)


@pytest.mark.parametrize(
    "array", [np.ones((2, 3)), np.ones((3, 2)).T, np.ones((2, 3, 4)).T, np.ones((1, 3)).T]
)
def test_an_array_lies_in_memory_as_it_did(array: np.ndarray) -> None:
    """A function that goes through an array in the order of memory is wrong for a transposed one, and is to be seen."""
    (column,) = records.decode(over_the_wire(records.encode([records.take(array)] * 2)), 2)
    for value in [column.value(1), *column.values()]:
        assert same(value, array)
        assert value.flags.fnc == array.flags.fnc


def test_outputs_are_cut_whatever_the_process_sent() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "x" * 100_000}
    error = {"output_type": "error", "ename": "E" * 9_000, "evalue": "", "traceback": ["y" * 9_000] * 90}
    shown = read_cells({"cells": [[stream, error] * 90] * 2}, 2, 1_000)
    assert len(json.dumps(shown)) < 2 * 20_000
