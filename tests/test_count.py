"""Counts from shapes: against counting by brute force, against the graph that the compiler reads, against the plan."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course import count
from tdl_course.compiler import plan_memory
from tdl_course.graph import Graph, Op, Quantization, Tensor

SIZES = st.integers(1, 12)


def brute_force(length, in_channels, out_channels, kernel, stride):
    """Walk the loops of a convolution and count; the padding is counted like the rest."""
    macs = 0
    for _position in range(0, length, stride):
        for _filter in range(out_channels):
            macs += len([(tap, channel) for tap in range(kernel) for channel in range(in_channels)])
    weights = np.zeros((out_channels, kernel, in_channels))
    return weights.size + np.zeros(out_channels).size, macs


@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, SIZES, SIZES, st.integers(1, 4))
def test_a_convolution_counts_what_its_loops_do(length, in_channels, out_channels, kernel, stride):
    expected = brute_force(length, in_channels, out_channels, kernel, stride)
    assert count.conv_cost(length, in_channels, out_channels, kernel, stride) == expected


@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, SIZES, SIZES, st.integers(1, 4))
def test_a_separable_block_is_one_convolution_a_channel_and_a_pointwise_one(length, inputs, outputs, kernel, stride):
    each = brute_force(length, 1, 1, kernel, stride)
    pointwise = brute_force(len(range(0, length, stride)), inputs, outputs, 1, 1)
    expected = (inputs * each[0] + pointwise[0], inputs * each[1] + pointwise[1])
    assert count.separable_cost(length, inputs, outputs, kernel, stride) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SIZES, SIZES), min_size=2, max_size=7))
def test_the_peak_of_a_chain_is_what_its_memory_plan_needs_at_its_fullest_moment(shapes):
    scale = Quantization((1.0,), (0,))
    tensors = tuple(Tensor(f"t{i}", (1, a, 1, b), "int8", scale) for i, (a, b) in enumerate(shapes))
    chain = Graph(
        "chain", tensors, tuple(Op("SOFTMAX", (i,), (i + 1,)) for i in range(len(shapes) - 1)), (0,), (len(shapes) - 1,)
    )
    sizes = [a * b for a, b in shapes]
    assert count.peak_bytes(shapes) == max(map(sum, zip(sizes, sizes[1:], strict=False)))
    assert count.count_graph(chain).peak_bytes == count.peak_bytes(shapes)
    plan = plan_memory(chain)
    assert max(plan.live_bytes) <= plan.arena_bytes


def small_graph():
    scale = Quantization((1.0,), (0,))
    constants = (
        Tensor("weights", (8, 7, 1, 3), "int8", scale, np.zeros((8, 7, 1, 3), np.int8)),
        Tensor("bias", (8,), "int32", scale, np.zeros(8, np.int32)),
        Tensor("axes", (2,), "int32", None, np.array([1, 2], np.int32)),
    )
    values = (
        Tensor("x", (1, 128, 1, 3), "int8", scale),
        Tensor("h", (1, 64, 1, 8), "int8", scale),
        Tensor("y", (1, 8), "int8", scale),
    )
    ops = (Op("CONV_2D", (3, 0, 1), (4,)), Op("MEAN", (4, 2), (5,)))
    return Graph("small", (*constants, *values), ops, (3,), (5,))


def test_a_graph_counts_weights_and_biases_but_not_axes():
    counted = count.count_graph(small_graph())
    convolution, mean = counted.layers
    assert (convolution.parameters, convolution.macs) == count.conv_cost(128, 3, 8, 7, 2)
    assert convolution.weight_bytes == 168 + 4 * 8 and convolution.shape == (64, 8) and convolution.outputs == 512
    assert (mean.parameters, mean.macs, mean.input_bytes, mean.output_bytes) == (0, 0, 512, 8)
    assert counted.peak_bytes == 128 * 3 + 64 * 8
    assert "10,752" in counted._repr_html_() and "176" in str(counted)


def test_a_described_chain_equals_the_graph_of_the_same_network():
    rows = [("conv", 8, 7, 2), ("separable", 16, 5, 2)]
    described = count.count_chain("described", 128, 3, rows, classes=3)
    kinds = [layer.kind for layer in described.layers]
    assert kinds == ["CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
    first = count.count_graph(small_graph()).layers[0]
    assert described.layers[0] == first
    together = described.layers[1].parameters + described.layers[2].parameters
    assert together == count.separable_cost(64, 8, 16, 5, 2)[0]
    assert described.layers[4].weight_bytes == 16 * 3 + 4 * 3


@pytest.mark.parametrize("row", [("dense", 8, 1, 1), ("conv", 0, 3, 1), ("separable", 8, 3, 0)])
def test_a_row_that_makes_no_sense_is_refused(row):
    with pytest.raises(ValueError, match="'conv' or 'separable'"):
        count.count_chain("odd", 128, 3, [row], 3)


def test_two_costs_are_found_again_and_are_never_negative():
    macs, outputs = np.array([100, 400, 1000]), np.array([50, 20, 10])
    a, b = count.cycles_per_unit(macs, outputs, 3 * macs + 40 * outputs)
    assert (a, b) == (pytest.approx(3), pytest.approx(40))
    assert count.cycles_per_unit([100, 200], [10, 40], [200, 300])[1] >= 0
    only_macs = count.cycles_per_unit([100, 200, 300], [30, 20, 10], [100, 210, 330])
    assert min(only_macs) >= 0 and only_macs[0] == pytest.approx(1.04, abs=0.06)
