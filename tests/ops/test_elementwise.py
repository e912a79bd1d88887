"""Axes, broadcasting, and the fixed-point functions, against NumPy and real arithmetic."""

from __future__ import annotations

import math
from math import prod

import numpy as np
import pytest
from build_graph import Case, activation, one_op, run_c, run_numpy
from draw import Shape
from draw_elementwise import broadcast_shapes
from edit_case import operands
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course.ops import operator
from tdl_course.ops.axes import Axis, merged, steps_of
from tdl_course.ops.broadcast import walk
from tdl_course.ops.exponential import exp_of_negative, one_minus_over_one_plus, one_over_one_plus


def elements(axes: list[Axis], tensor: int) -> list[int]:
    """The element of a tensor at each step of a walk."""
    found = [0]
    for axis in axes:
        found = [start + index * axis.steps[tensor] for start in found for index in range(axis.length)]
    return found


@given(shapes=broadcast_shapes(6))
def test_a_walk_meets_the_elements_that_numpy_broadcasts(shapes: tuple[Shape, Shape, Shape]) -> None:
    *operands, result = shapes
    axes = walk(*operands)
    for index, shape in enumerate(operands):
        expected = np.broadcast_to(np.arange(prod(shape)).reshape(shape), result)
        assert elements(axes, index) == expected.reshape(-1).tolist()
    assert axes[-1].steps in [(0, 0), (0, 1), (1, 0), (1, 1)], "a row steps by one element, or repeats it"


@given(shape=st.lists(st.integers(1, 4), max_size=6).map(tuple), data=st.data())
def test_merged_axes_are_the_same_walk_and_none_is_left_to_merge(shape: Shape, data: st.DataObject) -> None:
    kept = data.draw(st.permutations(range(len(shape))))[: data.draw(st.integers(0, len(shape)))]
    steps = steps_of(shape, len(shape))
    axes = [Axis(shape[i], (steps[i],)) for i in sorted(kept)]
    fewer = merged(axes)
    assert elements(fewer, 0) == elements(axes, 0)
    assert merged(fewer) == fewer and len(fewer) <= len(axes)


@pytest.mark.parametrize("integer_bits", [4, 5])
def test_exp_of_negative_numbers(integer_bits: int) -> None:
    x = -np.arange(0, 1 << 31, 100_003, dtype=np.int64).astype(np.int32)
    real = np.exp(x / 2.0 ** (31 - integer_bits))
    assert np.abs(exp_of_negative(x, integer_bits) / 2.0**31 - real).max() < 3e-7


def test_reciprocals_of_numbers_from_one_to_two() -> None:
    x = np.arange(0, 1 << 31, 100_003, dtype=np.int64).astype(np.int32)
    real = x / 2.0**31
    assert np.abs(one_over_one_plus(x) / 2.0**31 - 1 / (1 + real)).max() < 1e-8
    assert np.abs(one_minus_over_one_plus(x) / 2.0**31 - (1 - real) / (1 + real)).max() < 2e-8


UNARY = {
    "ABS": (0.06, -128, {}, abs),
    "HARD_SWISH": (0.05, -100, {}, lambda x: x * min(max(x + 3, 0), 6) / 6),
    "LEAKY_RELU": (0.05, -60, {"alpha": 0.3}, lambda x: x if x > 0 else 0.3 * x),
    "LOGISTIC": (1 / 256, -128, {}, lambda x: 1 / (1 + math.exp(-x))),
    "TANH": (1 / 128, 0, {}, math.tanh),
}


@pytest.mark.parametrize("kind", sorted(UNARY))
def test_a_function_is_near_its_real_values(kind: str) -> None:
    scale, zero_point, options, function = UNARY[kind]
    x = np.arange(-128, 128).astype(np.int8)
    tensors = [activation("x", (256,), 0.07, -10), activation("y", (256,), scale, zero_point)]
    (y,) = run_numpy(one_op(kind, tensors, options, [x]))
    real = np.array([function(0.07 * (int(q) + 10)) for q in x])
    steps = np.clip(np.round(real / scale) + zero_point, -128, 127) - y
    assert np.abs(steps).max() <= 1
    assert np.mean(steps == 0) > 0.85, "rounding twice costs a step now and then, not often"


@settings(max_examples=30)
@given(depth=st.integers(256, 8191), spread=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_long_rows_of_softmax(depth: int, spread: int, seed: int) -> None:
    """Where exponentials add up to 512 TFLM aborts; NumPy and C give what real arithmetic does, to one step."""
    x = np.random.default_rng(seed).integers(0, spread, (1, depth)).astype(np.int8)
    tensors = [activation("x", x.shape, 0.5, 0), activation("y", x.shape, 1 / 256, -128)]
    case = Case(one_op("SOFTMAX", tensors, {"beta": 1.0}, [x]).graph, (x,))
    operator("SOFTMAX").validate(case.graph, case.op)
    (y,) = run_numpy(case)
    np.testing.assert_array_equal(run_c(case)[0], y)
    exponentials = np.exp(0.5 * x.astype(np.float64))
    assert np.abs(256 * exponentials / exponentials.sum() - 128 - y).max() <= 1


@pytest.mark.parametrize("kind", ["ADD", "SUB", "MUL"])
def test_an_operand_with_itself(kind: str) -> None:
    """x + x, x - x and x * x are functions of one value: a table, over x if need be."""
    x = np.arange(-128, 128).astype(np.int8)
    tensors = [activation("x", (256,), 0.1, 7), activation("y", (256,), 0.9, -5)]
    case = one_op(kind, tensors, {"fused_activation_function": "NONE"}, [x])
    case = operands(0, 0)(case)
    case = Case(case.graph, (x,))
    apart = one_op(kind, [tensors[0], *tensors], dict(case.op.options), [x, x])
    assert operator(kind).kernel_call(case.graph, case.op).kernel == "tdl_lookup_s8"
    assert operator(kind).kernel_call(apart.graph, apart.op).kernel != "tdl_lookup_s8"
    for over in (None, 0):
        np.testing.assert_array_equal(run_c(case, over)[0], run_c(apart)[0])
