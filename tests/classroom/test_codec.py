"""The pipe from a student's process: values as they were, and no way for bytes to do anything else."""

import contextlib
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.classroom.codec import CodecError, decode, encode
from tdl_course.classroom.session import change

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)

KINDS = st.sampled_from(["tuple", "list", "dict", "array", "number", "foreign", "else"])
TREES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KINDS, inner, max_size=1),
)


@given(PLAIN)
def test_plain_values_arrive_as_they_were(value):
    got = decode(encode(value))
    assert got == json.loads(json.dumps(value)) or got == value
    assert repr(got) == repr(value) or "\ud800" <= max(repr(value)) <= "\udfff"


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, np.float32, np.float64, bool, complex, "U3"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)])
def test_arrays_keep_type_shape_and_values(dtype, shape):
    array = np.ones(shape, dtype)
    got = decode(encode(array))
    assert type(got) is np.ndarray and (got.dtype, got.shape) == (array.dtype, shape) and np.array_equal(got, array)


def test_numbers_of_numpy_stay_numbers_of_numpy():
    got = decode(encode((np.float32(0.1), np.int8(-3), np.bool_(True))))
    assert [type(each) for each in got] == [np.float32, np.int8, np.bool_]


class Thing:
    def __reduce__(self):
        raise AssertionError("somebody pickled it")


@pytest.mark.parametrize("value", [Thing(), {1, 2}, iter([]), np.array([Thing()]), b"bytes", 1 << 9999])
def test_what_does_not_travel_arrives_as_its_kind(value):
    assert repr(decode(encode(value))) == f"<{type(value).__name__}>"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_an_error(data):
    with contextlib.suppress(CodecError):
        decode(data)


@given(TREES, st.binary(max_size=99))
def test_any_json_is_a_value_or_an_error(tree, rest):
    text = json.dumps(tree).encode()
    with contextlib.suppress(CodecError):
        decode(struct.pack(">I", len(text)) + text + rest)


def header(text):
    """An .npy file with this header and no data."""
    raw = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(raw)) + raw


@pytest.mark.parametrize(
    "npy",
    [
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"),
        header("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}") + b"cos\nsystem\n(S'true'\ntR.",
        header("{'descr': __import__('os'), 'fortran_order': False, 'shape': ()}"),
        b"PK\x03\x04",
        b"",
    ],
)
def test_an_array_that_is_not_what_it_says_is_an_error(npy):
    text = json.dumps({"array": len(npy)}).encode()
    with pytest.raises(CodecError):
        decode(struct.pack(">I", len(text)) + text + npy)


def test_arguments_become_what_the_function_made_of_them():
    array, items, table = np.zeros(3), [1], {"a": 1}
    for argument, after in ((array, np.ones(3)), (items, [2, 3]), (table, {"b": 2}), (array, np.zeros(4))):
        change(argument, after)
    assert (array.tolist(), items, table) == ([1, 1, 1], [2, 3], {"b": 2})
