"""fuse_activations: clamps of the same scale disappear into the operator in front; others stay."""

from __future__ import annotations

import numpy as np
import pytest

from tdl_course.compiler import interpret
from tdl_course.compiler.passes import fuse_activations
from tdl_course.compiler.passes.activations import CLAMPS
from tdl_course.graph import Graph, Op, Quantization, Tensor
from tdl_course.ops import OPERATORS
from tdl_course.ops.fixed_point import activation_range
from tests.compiler.layers import RELU_Q, Q, assert_equal, conv_2d, dense, kinds, plain_sketch, unary


def conv_then(*clamps: str, fused: str = "NONE", output: Quantization = Q, after: Quantization | None = None) -> Graph:
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), Q)
    last = conv_2d(sketch, source, dense(sketch, 4, 1, 1, 3), output=output, fused_activation_function=fused)
    for kind in clamps:
        last = unary(sketch, kind, last, after)
    return sketch.graph([source], [last])


@pytest.mark.parametrize(
    ("fused", "clamps", "result"),
    [
        ("NONE", ["RELU"], "RELU"),
        ("NONE", ["RELU6"], "RELU6"),
        ("NONE", ["RELU", "RELU6"], "RELU6"),
        ("RELU", ["RELU6"], "RELU6"),
        ("RELU6", ["RELU"], "RELU6"),
        ("RELU", ["RELU"], "RELU"),
        ("NONE", ["QUANTIZE", "RELU", "QUANTIZE"], "RELU"),
        ("RELU_N1_TO_1", ["QUANTIZE"], "RELU_N1_TO_1"),
    ],
)
def test_a_clamp_of_the_same_scale_is_fused(fused: str, clamps: list[str], result: str) -> None:
    graph = conv_then(*clamps, fused=fused)
    after = fuse_activations(graph)
    assert kinds(after) == ["CONV_2D"]
    assert after.ops[0].options["fused_activation_function"] == result
    assert_equal(graph, after)


def test_two_clamps_that_are_no_single_one_stay() -> None:
    graph = conv_then("RELU", fused="RELU_N1_TO_1")
    assert fuse_activations(graph) is graph


@pytest.mark.parametrize("kind", ["RELU", "QUANTIZE"])
@pytest.mark.parametrize("other", [Quantization((0.04,), (3,)), Quantization((0.05,), (4,))])
def test_a_clamp_that_rescales_stays(kind: str, other: Quantization) -> None:
    graph = conv_then(kind, after=other)
    assert fuse_activations(graph) is graph


def test_a_clamp_at_the_ends_of_the_range_is_dropped() -> None:
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), RELU_Q)
    last = conv_2d(sketch, unary(sketch, "RELU", source), dense(sketch, 4, 1, 1, 3))
    graph = sketch.graph([source], [last])
    after = fuse_activations(graph)
    assert kinds(after) == ["CONV_2D"]
    assert_equal(graph, after)


def test_a_value_that_is_read_elsewhere_is_not_clamped() -> None:
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), Q)
    middle = conv_2d(sketch, source, dense(sketch, 4, 1, 1, 3))
    clamped = unary(sketch, "RELU", middle)
    other = conv_2d(sketch, middle, dense(sketch, 2, 1, 1, 4))
    for outputs in ([clamped, other], [clamped, middle]):
        graph = sketch.graph([source], outputs)
        assert fuse_activations(graph) is graph


def test_what_copies_the_input_to_the_output_stays() -> None:
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), Q)
    graph = sketch.graph([source], [unary(sketch, "QUANTIZE", source)])
    assert fuse_activations(graph) is graph


@pytest.mark.parametrize(("dtype", "zero_point"), [("int8", 3), ("int8", -128), ("int16", 0)])
@pytest.mark.parametrize("kind", sorted(set(CLAMPS) & set(OPERATORS)))
def test_a_clamp_of_one_scale_only_clamps(kind: str, dtype: str, zero_point: int) -> None:
    """Every value there is: the rescaling by 1 in fixed point gives it back."""
    limits = np.iinfo(dtype)
    values = np.arange(limits.min, limits.max + 1).astype(dtype)
    tensors = [Tensor(name, values.shape, dtype, Quantization((0.003,), (zero_point,))) for name in "xy"]
    graph = Graph("clamp", tuple(tensors), (Op(kind, (0,), (1,)),), (0,), (1,))
    (got,) = interpret(graph, values)
    np.testing.assert_array_equal(got, values.clip(*activation_range(CLAMPS[kind], 0.003, zero_point, dtype)))
