"""drop_no_op_reshapes: what only renames a shape goes, unless a reader or the outside needs that shape."""

from __future__ import annotations

import numpy as np
import pytest

from tdl_course.compiler.passes import drop_no_op_reshapes
from tests.compiler.layers import Q, assert_equal, conv_2d, dense, fully_connected, kinds, plain_sketch, reshape


def transpose(sketch, source, *order):
    shape = tuple(sketch.shape(source)[axis] for axis in order)
    return sketch.apply("TRANSPOSE", (source, sketch.constant(np.array(order, np.int32))), shape, Q)


def test_a_flattening_in_front_of_a_fully_connected_layer_goes():
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), Q)
    flat = reshape(sketch, conv_2d(sketch, source, dense(sketch, 2, 1, 1, 3)), 1, 32)
    graph = sketch.graph([source], [fully_connected(sketch, flat, dense(sketch, 5, 32))])
    after = drop_no_op_reshapes(graph)
    assert kinds(after) == ["CONV_2D", "FULLY_CONNECTED"]
    assert_equal(graph, after)


def test_several_in_a_row_become_one():
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 6, 2), Q)
    axis = sketch.constant(np.array([0], np.int32))
    squeezed = sketch.apply("SQUEEZE", (source,), (4, 6, 2), Q, squeeze_dims=(0,))
    wide = sketch.apply("EXPAND_DIMS", (reshape(sketch, squeezed, 6, 4, 2), axis), (1, 6, 4, 2), Q)
    graph = sketch.graph([source], [conv_2d(sketch, wide, dense(sketch, 3, 2, 2, 2))])
    after = drop_no_op_reshapes(graph)
    assert kinds(after) == ["RESHAPE", "CONV_2D"]
    assert after.ops[0].options["new_shape"] == (1, 6, 4, 2)
    assert_equal(graph, after)


def test_there_and_back_is_nothing():
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 6, 2), Q)
    back = reshape(sketch, reshape(sketch, source, 1, 48), 1, 4, 6, 2)
    graph = sketch.graph([source], [conv_2d(sketch, back, dense(sketch, 3, 2, 2, 2))])
    after = drop_no_op_reshapes(graph)
    assert kinds(after) == ["CONV_2D"]
    assert_equal(graph, after)


@pytest.mark.parametrize(("order", "result"), [((0, 2, 1, 3), "RESHAPE"), ((0, 1, 3, 2), "TRANSPOSE")])
def test_a_transpose_that_moves_no_byte_is_a_reshape(order, result):
    sketch = plain_sketch()
    source = sketch.activation((1, 1, 4, 3), Q)
    graph = sketch.graph([source], [transpose(sketch, source, *order)])
    after = drop_no_op_reshapes(graph)
    assert kinds(after) == [result]
    assert_equal(graph, after)


def test_an_identical_transpose_goes():
    sketch = plain_sketch()
    source = sketch.activation((1, 4, 4, 3), Q)
    middle = transpose(sketch, conv_2d(sketch, source, dense(sketch, 2, 1, 1, 3)), 0, 1, 2, 3)
    graph = sketch.graph([source], [middle])
    after = drop_no_op_reshapes(graph)
    assert kinds(after) == ["CONV_2D"]
    assert_equal(graph, after)


def test_a_shape_that_a_reader_or_the_outside_needs_stays():
    sketch = plain_sketch()
    source = sketch.activation((1, 2, 8, 3), Q)
    square = reshape(sketch, source, 1, 4, 4, 3)
    last = reshape(sketch, conv_2d(sketch, square, dense(sketch, 2, 3, 3, 3)), 1, 8)
    graph = sketch.graph([source], [last])
    assert drop_no_op_reshapes(graph) is graph
