"""Weights of pruned layers: what is packed, where the kernel is chosen, and where it cannot be had."""

from __future__ import annotations

import numpy as np
import pytest
from build_graph import activation, constant, one_op, quantization
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from test_goals import fully_connected

from tdl_course import kernels
from tdl_course.compiler.passes import choose_kernels
from tdl_course.compiler.passes.kernels import why
from tdl_course.graph import Graph
from tdl_course.kernels import conv_2d_sparse, fully_connected_sparse
from tdl_course.kernels.sparse import entries_of

FEW = st.one_of(st.just(0), st.just(0), st.integers(-128, 127))
WEIGHTS = arrays.arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 300)), elements=FEW, fill=st.just(0))


def conv_2d(weights: np.ndarray) -> Graph:
    """1 x 1 over 5 x 5 pixels, from weights [channels, taps]."""
    channels, taps = weights.shape
    stored = weights.astype(np.int8).reshape(channels, 1, 1, taps)
    tensors = [
        activation("x", (1, 5, 5, taps), 0.5, 3),
        constant("w", stored, quantization(np.full(channels, 0.01, np.float32))),
        activation("y", (1, 5, 5, channels), 5.0, 0),
    ]
    options = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "fused_activation_function": "NONE"}
    return one_op("CONV_2D", tensors, options, []).graph


def pruned(density: float, shape: tuple[int, int] = (64, 100)) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(1, 60, shape) * (rng.permutation(np.prod(shape)).reshape(shape) < density * np.prod(shape))


@given(WEIGHTS, st.integers(1, 100))
def test_entries_lead_to_every_weight_and_no_step_is_too_long(weights: np.ndarray, reach: int) -> None:
    entries = entries_of(weights, reach)
    assert entries.counts.min() >= 1 and entries.counts.sum() == len(entries.steps) == len(entries.weights)
    assert entries.steps.min() >= 0 and entries.steps.max() <= reach
    walked = np.zeros_like(weights)
    ends = np.cumsum(entries.counts)
    for channel, (end, count) in enumerate(zip(ends, entries.counts, strict=True)):
        places = np.cumsum(entries.steps[end - count : end])
        np.add.at(walked[channel], places, entries.weights[end - count : end])
    np.testing.assert_array_equal(walked, weights)


@given(WEIGHTS)
def test_a_reach_over_all_taps_needs_no_entries_between(weights: np.ndarray) -> None:
    expected = np.maximum(np.count_nonzero(weights, axis=1), 1)
    np.testing.assert_array_equal(entries_of(weights, weights.shape[1]).counts, expected)


@given(WEIGHTS)
def test_groups_hold_places_that_are_bytes(weights: np.ndarray) -> None:
    grouped = fully_connected_sparse.grouped(weights)
    assert (grouped.counts % 4 == 0).all()
    assert grouped.steps.reshape(-1, 4).sum(axis=1).max() <= 255
    assert fully_connected_sparse.packed(grouped).size == 2 * len(weights) + 2 * len(grouped.steps)


@pytest.mark.parametrize("make", [conv_2d, fully_connected])
def test_few_weights_make_it_the_choice_and_the_reason_says_how_few(make) -> None:
    few, all_of_them = make(pruned(0.1)), make(pruned(1.0))
    (op,), (dense,) = choose_kernels(few).ops, choose_kernels(all_of_them).ops
    assert kernels.kernel_name(op) == "sparse"
    said, *others = why(few, op).split("; not ")
    assert said.startswith("sparse: about ") and said.endswith(" cycles, 10 % of its weights are not zero")
    assert others and not any("weights are not zero" in text for text in others)
    assert kernels.kernel_name(dense) != "sparse"
    assert "100 % of its weights are not zero" in why(all_of_them, dense)
    assert kernels.kernel_name(choose_kernels(all_of_them, prefer=("sparse",)).ops[0]) == "sparse"


def test_it_is_also_the_smallest_convolution() -> None:
    graph = conv_2d(pruned(0.1))
    (op,) = choose_kernels(graph, goal="size").ops
    assert kernels.kernel_name(op) == "sparse"
    assert "sparse: about" in why(graph, op) and " bytes, 10 % of its weights are not zero; not" in why(graph, op)


def test_a_core_without_dsp_keeps_its_plain_loop_unless_asked() -> None:
    graph = conv_2d(pruned(0.1))
    assert kernels.kernel_name(choose_kernels(graph, dsp=False).ops[0]) == kernels.REFERENCE
    assert kernels.kernel_name(choose_kernels(graph, dsp=False, prefer=("sparse",)).ops[0]) == "sparse"


def test_a_sum_of_more_than_24_bits_is_refused() -> None:
    fits, larger = np.full((1, 600), 109), np.full((1, 600), 110)
    assert conv_2d_sparse.why_not(conv_2d(fits), conv_2d(fits).ops[0]) is None
    reason = conv_2d_sparse.why_not(conv_2d(larger), conv_2d(larger).ops[0])
    assert reason == "a sum of values from 0 to 255 may reach 16830000; 24 bits are there for it"
    assert fully_connected_sparse.why_not(fully_connected(larger), fully_connected(larger).ops[0]) is None


def test_more_entries_than_a_halfword_counts_are_refused() -> None:
    weights = np.ones((1, 4 * 0xFFFF + 1))
    graph = fully_connected(weights[:, 1:])
    assert fully_connected_sparse.why_not(graph, graph.ops[0]) is None
    graph = fully_connected(weights)
    reason = fully_connected_sparse.why_not(graph, graph.ops[0])
    assert reason == "a channel has 262,141 entries; at most 262,140 can be counted"
