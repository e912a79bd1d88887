"""Operators that move values, beyond what TFLM takes: more axes, and what a walk over the input costs.

The oracles are Python's own slices and NumPy's functions.
"""

from __future__ import annotations

import numpy as np
import pytest
from build_graph import Case, activation, constant, one_op, run_c, run_numpy
from draw_movement import CASES
from edit_case import operands
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tdl_course.ops import operator

RELAXED = settings(max_examples=50, deadline=None)
MAX_AXES = 8


def shape(draw: st.DrawFn) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(1, 3), min_size=5, max_size=MAX_AXES)))


def values(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(len(shape)).integers(-128, 128, shape).astype(np.int8)


def check(case: Case, expected: np.ndarray) -> None:
    """NumPy and C give what is expected, C also where the output lies over the input."""
    operator(case.op.kind).validate(case.graph, case.op)
    np.testing.assert_array_equal(run_numpy(case)[0], expected)
    np.testing.assert_array_equal(run_c(case)[0], expected)
    np.testing.assert_array_equal(run_c(case, over=0)[0], expected)


@RELAXED
@given(data=st.data())
def test_slices_are_pythons(data: st.DataObject) -> None:
    x = values(shape(data.draw))
    index = []
    for length in x.shape:
        number = st.integers(-length - 1, length + 1)
        ranges = st.builds(slice, st.none() | number, st.none() | number, st.sampled_from([1, 2, -1, -3]))
        index.append(data.draw(st.integers(-length, length - 1) | ranges))
    expected = x[tuple(index)]
    assume(expected.size)
    single = [isinstance(i, int) for i in index]
    ranges = [slice(i, None, 1) if isinstance(i, int) else i for i in index]
    given = {"begin": [r.start or 0 for r in ranges], "end": [r.stop or 0 for r in ranges]}
    given["strides"] = [r.step for r in ranges]
    masks = {
        "begin_mask": [r.start is None for r in ranges],
        "end_mask": [r.stop is None for r in ranges],
        "shrink_axis_mask": single,
    }
    tensors = [activation("x", x.shape, 0.1, 0)]
    tensors += [constant(name, np.array(numbers, np.int32)) for name, numbers in given.items()]
    options = {name: sum(bit << axis for axis, bit in enumerate(bits)) for name, bits in masks.items()}
    check(one_op("STRIDED_SLICE", [*tensors, activation("y", expected.shape, 0.1, 0)], options, [x]), expected)


@RELAXED
@given(data=st.data())
def test_any_axes_change_places(data: st.DataObject) -> None:
    x = values(shape(data.draw))
    order = data.draw(st.permutations(range(x.ndim)))
    expected = np.transpose(x, order)
    tensors = [activation("x", x.shape, 0.1, 0), constant("order", np.array(order, np.int32))]
    check(one_op("TRANSPOSE", [*tensors, activation("y", expected.shape, 0.1, 0)], {}, [x]), expected)


@RELAXED
@given(data=st.data())
def test_any_axes_get_a_border(data: st.DataObject) -> None:
    x = values(shape(data.draw)[:6])
    widths = np.array([[data.draw(st.integers(0, 1)) for _ in range(2)] for _ in x.shape], np.int32)
    expected = np.pad(x, widths, constant_values=9)
    tensors = [activation("x", x.shape, 0.1, 9), constant("widths", widths)]
    check(one_op("PAD", [*tensors, activation("y", expected.shape, 0.1, 9)], {}, [x]), expected)


def test_an_input_that_is_joined_twice_stands_the_longer_way() -> None:
    tensors = [activation("x", (3, 2), 0.1, 0), activation("y", (3, 4), 0.1, 0)]
    case = operands(0, 0)(one_op("CONCATENATION", tensors, {"axis": 1}, []))
    assert operator("CONCATENATION").overlap(case.graph, case.op) == {0: 6, 1: 6}


@pytest.mark.parametrize("kind", ["TRANSPOSE", "STRIDED_SLICE", "PAD"])
@RELAXED
@given(data=st.data())
def test_a_walk_meets_every_byte_once(kind: str, data: st.DataObject) -> None:
    """The number of runs times their length: the bytes that are written, or, of PAD, read."""
    case = data.draw(CASES[kind])
    params = {p.name: p.value for p in operator(kind).kernel_call(case.graph, case.op).params}
    moved = case.graph.tensors[case.op.inputs[0] if kind == "PAD" else case.op.outputs[0]]
    assert np.prod(params["length"].values) * params["run"] == moved.nbytes
    assert params["axes"] == len(params["length"].values)


def test_bytes_that_stay_together_are_one_run() -> None:
    """Moving an axis of length 1, and taking whole rows, copies one block."""
    x = activation("x", (1, 6, 5, 3), 0.1, 0)
    order = constant("order", np.array([1, 2, 0, 3], np.int32))
    moved = one_op("TRANSPOSE", [x, order, activation("y", (6, 5, 1, 3), 0.1, 0)], {}, [])
    bounds = [constant(name, np.array(given, np.int32)) for name, given in [("b", [0, 2, 0, 0]), ("e", [1, 5, 5, 3])]]
    strides = constant("s", np.ones(4, np.int32))
    rows = one_op("STRIDED_SLICE", [x, *bounds, strides, activation("y", (1, 3, 5, 3), 0.1, 0)], {}, [])
    for case, start in ((moved, 0), (rows, 30)):
        params = {p.name: p.value for p in operator(case.op.kind).kernel_call(case.graph, case.op).params}
        assert (params["start"], params["run"]) == (start, case.graph.tensors[case.op.outputs[0]].nbytes)
        assert operator(case.op.kind).overlap(case.graph, case.op) == {0: 0}
