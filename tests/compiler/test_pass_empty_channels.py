"""scale_empty_channels: the same bytes from numbers that fast kernels can work with."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import kernels
from tdl_course.compiler import interpret, optimize
from tdl_course.compiler.passes import scale_empty_channels
from tdl_course.graph import Graph
from tests.compiler.layers import Q, conv_2d, dense, depthwise, plain_sketch

TINY = 4e-9  # what the converter gives a channel without weights


def layer(make=conv_2d, written: int = 40, empty: bool = True) -> Graph:
    """A layer of four channels; the second has no weights, a scale near zero and a bias that counts in it."""
    sketch = plain_sketch()
    source = sketch.activation((1, 5, 5, 4), Q)
    shape, axis = {conv_2d: ((4, 1, 1, 4), 0), depthwise: ((1, 3, 3, 4), 3)}[make]
    weights = dense(sketch, *shape)
    np.moveaxis(weights, axis, 0)[1] *= not empty
    graph = sketch.graph([source], [make(sketch, source, weights, [100, 0, -300, 7])])
    _, at, bias = graph.ops[0].inputs
    tensors = list(graph.tensors)
    scales = list(tensors[at].quantization.scale)
    if empty:
        scales[1] = TINY
        tensors[bias] = replace(tensors[bias], data=np.array([100, round(written / TINY), -300, 7], np.int32))
    tensors[at] = replace(tensors[at], quantization=replace(tensors[at].quantization, scale=tuple(scales)))
    return replace(graph, tensors=tuple(tensors))


def inputs(graph: Graph) -> np.ndarray:
    return np.random.default_rng(1).integers(-128, 128, graph.tensors[graph.inputs[0]].shape).astype(np.int8)


@pytest.mark.parametrize("make", [conv_2d, depthwise])
@given(st.floats(-8.0, 8.0).filter(lambda written: abs(written) > 0.1))
def test_every_output_is_the_same_and_the_bias_is_small(make, written):
    before = layer(make, written)
    after = scale_empty_channels(before)
    x = inputs(before)
    assert np.array_equal(interpret(before, x)[0], interpret(after, x)[0])
    assert np.abs(after.input_tensors(after.ops[0])[2].data).max() <= 1024
    assert scale_empty_channels(after) is after


def test_a_pruned_layer_gets_a_fast_kernel():
    graph = layer(written=2.0)
    assert kernels.kernel_name(optimize(graph).ops[0]) != kernels.REFERENCE


def test_a_channel_that_has_weights_stays():
    graph = layer(empty=False)
    assert scale_empty_channels(graph) is graph
