"""fold_input_offset: biases take in the zero point of the input, exactly where no window sees padding."""

from __future__ import annotations

import numpy as np
import pytest

from tdl_course.compiler.passes import fold_input_offset
from tdl_course.graph import Quantization
from tdl_course.ops import operator
from tests.compiler.layers import Q, assert_equal, conv_2d, dense, depthwise, fully_connected, plain_sketch


def folded(graph):
    return [bool(op.options.get("input_offset_in_bias", False)) for op in graph.ops]


@pytest.mark.parametrize("bias", [None, [100, -200, 300]])
def test_the_bias_of_a_fully_connected_layer(bias):
    sketch = plain_sketch()
    source = sketch.activation((1, 4), Q)
    weights = dense(sketch, 3, 4)
    graph = sketch.graph([source], [fully_connected(sketch, source, weights, bias)])
    after = fold_input_offset(graph)
    expected = np.array(bias or [0, 0, 0]) - 3 * weights.astype(int).sum(axis=1)
    np.testing.assert_array_equal(after.tensors[after.ops[0].inputs[2]].data, expected)
    zero_point = {p.name: p.value for p in operator("FULLY_CONNECTED").kernel_call(after, after.ops[0]).params}
    assert zero_point["input_zero_point"] == 0
    assert_equal(graph, after)


@pytest.mark.parametrize(
    ("size", "taps", "options", "expected"),
    [
        (5, 3, {"padding": "VALID"}, True),
        (5, 1, {"padding": "SAME", "stride_h": 2, "stride_w": 2}, True),
        (5, 3, {"padding": "SAME"}, False),
        (4, 3, {"padding": "SAME", "stride_h": 2, "stride_w": 2}, False),  # at the lower and right border only
        (4, 2, {"padding": "SAME", "stride_h": 2, "stride_w": 2}, True),
    ],
)
@pytest.mark.parametrize("layer", [conv_2d, depthwise])
def test_a_convolution_that_sees_no_padding(layer, size, taps, options, expected):
    sketch = plain_sketch()
    source = sketch.activation((1, size, size, 3), Q)
    shape = (3, taps, taps, 3) if layer is conv_2d else (1, taps, taps, 3)
    graph = sketch.graph([source], [layer(sketch, source, dense(sketch, *shape), [1, 2, 3], **options)])
    after = fold_input_offset(graph)
    assert folded(after) == [expected]
    assert_equal(graph, after)


def test_padding_that_is_given_one_by_one_counts():
    sketch = plain_sketch()
    source = sketch.activation((1, 5, 5, 3), Q)
    last = conv_2d(sketch, source, dense(sketch, 3, 3, 3, 3))
    sketch.ops[0].options["explicit_padding"] = (0, 0, 0, 1)
    sketch.tensors[last] = sketch.tensors[last].__class__("y", (1, 3, 4, 3), "int8", Q)
    graph = sketch.graph([source], [last])
    assert fold_input_offset(graph) is graph


def test_a_zero_point_of_zero_has_nothing_to_give():
    sketch = plain_sketch()
    source = sketch.activation((1, 4), Quantization((0.05,), (0,)))
    graph = sketch.graph([source], [fully_connected(sketch, source, dense(sketch, 3, 4))])
    assert fold_input_offset(graph) is graph


@pytest.mark.parametrize("bias", [2**31 - 1, -(2**31)])
def test_a_bias_near_the_ends_of_32_bits_stays(bias):
    sketch = plain_sketch()
    source = sketch.activation((1, 4), Quantization((0.05,), (-128,)))
    weights = np.array([[127] * 4, [-127] * 4], np.int8)
    graph = sketch.graph([source], [fully_connected(sketch, source, weights, [bias, bias])])
    assert fold_input_offset(graph) is graph
