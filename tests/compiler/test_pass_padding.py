"""fuse_pad: PAD in space becomes a convolution's own padding; a border of another kind or another reader keeps it."""

from __future__ import annotations

import pytest

from tdl_course.compiler.passes import fuse_pad
from tests.compiler.layers import Q, assert_equal, conv_2d, dense, depthwise, kinds, pad, plain_sketch

BORDER = [[0, 0], [1, 2], [0, 3], [0, 0]]


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("layer", [conv_2d, depthwise])
def test_pad_and_convolution_become_one(layer, stride, padding):
    for size in range(1, 7):
        sketch = plain_sketch()
        source = sketch.activation((1, size, size + 1, 3), Q)
        weights = dense(sketch, 2, 3, 3, 3) if layer is conv_2d else dense(sketch, 1, 3, 3, 3)
        options = {"padding": padding, "stride_h": stride, "stride_w": stride}
        last = layer(sketch, pad(sketch, source, BORDER), weights, **options)
        graph = sketch.graph([source], [last])
        after = fuse_pad(graph)
        assert len(after.ops) == 1 and after.ops[0].inputs[0] == source
        assert_equal(graph, after)


def test_the_padding_that_a_mobilenet_has_in_front_of_stride_2():
    sketch = plain_sketch()
    source = sketch.activation((1, 8, 8, 3), Q)
    padded = pad(sketch, source, [[0, 0], [0, 1], [0, 1], [0, 0]])
    last = conv_2d(sketch, padded, dense(sketch, 2, 3, 3, 3), stride_h=2, stride_w=2)
    (op,) = fuse_pad(sketch.graph([source], [last])).ops
    assert op.options["explicit_padding"] == (0, 1, 0, 1)


def test_pads_in_a_row_and_several_readers():
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), Q)
    padded = pad(sketch, pad(sketch, source, BORDER), BORDER)
    outputs = [conv_2d(sketch, padded, dense(sketch, 2, 3, 3, 3)), depthwise(sketch, padded, dense(sketch, 1, 2, 2, 3))]
    graph = sketch.graph([source], outputs)
    after = fuse_pad(graph)
    assert kinds(after) == ["CONV_2D", "DEPTHWISE_CONV_2D"]
    assert_equal(graph, after)


@pytest.mark.parametrize(("value", "fused"), [(3, True), (4, False)])
def test_only_a_border_of_the_zero_point_is_padding(value, fused):
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), Q)
    last = conv_2d(sketch, pad(sketch, source, BORDER, "PADV2", value), dense(sketch, 2, 3, 3, 3))
    graph = sketch.graph([source], [last])
    after = fuse_pad(graph)
    assert (after is not graph) == fused
    assert_equal(graph, after)


@pytest.mark.parametrize("axis", [0, 3])
def test_a_border_of_batch_or_channels_stays(axis):
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 2), Q)
    widths = [[0, 0] for _ in range(4)]
    widths[axis] = [0, 1]
    padded = pad(sketch, source, widths)
    weights = dense(sketch, 2, 3, 3, sketch.shape(padded)[3])
    last = conv_2d(sketch, padded, weights)
    sketch.tensors[last] = sketch.tensors[last].__class__("y", (sketch.shape(padded)[0], 2, 2, 2), "int8", Q)
    graph = sketch.graph([source], [last])
    assert fuse_pad(graph) is graph


def test_pad_stays_where_something_else_reads_it():
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), Q)
    padded = pad(sketch, source, BORDER)
    last = conv_2d(sketch, padded, dense(sketch, 2, 3, 3, 3))
    other = sketch.apply("SOFTMAX", (padded,), sketch.shape(padded), Q, beta=1.0)
    assert fuse_pad(graph := sketch.graph([source], [last, other])) is graph
    assert fuse_pad(graph := sketch.graph([source], [last, padded])) is graph
