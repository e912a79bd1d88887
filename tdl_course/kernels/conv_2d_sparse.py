"""Kernel "sparse" of CONV_2D: of a pruned layer's weights only those that are not zero, six pixels at a time.

In: an int8 operator. Out: the call of `conv_2d_sparse_dsp.c`, its scratch memory, what it costs, why it cannot be had.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels import sparse
from tdl_course.kernels.pairs import channel_table, matrix_of
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import by_windows
from tdl_course.ops.weighted import clamp, input_zero_point, operands
from tdl_course.ops.window import Window, window_of

WITHOUT_DSP = False
PIXELS = 6
WORDS = PIXELS // 2  # of a tap in the columns
REACH = 255 // WORDS
"""Taps of a step: in words it is a byte."""
LANE = 1 << 24
"""A sum of the lower pixel of a pair stays below."""
note = sparse.note


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly."""
    source, weights, _ = operands(graph, op)
    if source.shape[3] != weights.shape[3]:
        return "its channels are in groups"
    reason = sparse.why_not(graph, op, REACH)
    if reason:
        return reason
    largest = 255 * int(np.abs(matrix_of(graph, op, 0).weights).sum(axis=1).max())
    return f"a sum of values from 0 to 255 may reach {largest}; 24 bits are there for it" if largest >= LANE else None


def window(graph: Graph, op: Op) -> Window:
    source, weights, _ = operands(graph, op)
    return window_of(op, source.shape, (weights.shape[1], weights.shape[2]))


def run_of(graph: Graph, op: Op) -> int:
    """Bytes of a kernel row of a window."""
    weights, at = operands(graph, op)[1], window(graph, op)
    return weights.shape[3] * (at.kernel[0] if at.is_column else at.kernel[1])


def scratch(graph: Graph, op: Op) -> int:
    """Bytes: columns of the six pixels, then a kernel row of each, or all their outputs."""
    weights = operands(graph, op)[1]
    taps = weights.size // weights.shape[0]
    return 4 * WORDS * taps + -(-PIXELS * max(run_of(graph, op), weights.shape[0]) // 4) * 4


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel reads the windows of six pixels, then writes these."""
    return by_windows(graph, op, window(graph, op), PIXELS)


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: for six pixels, per entry 11, per channel 97, per tap 17, per kernel row 300."""
    weights = operands(graph, op)[1]
    flat = np.asarray(weights.data).reshape(weights.shape[0], -1)
    entries = len(sparse.entries_of(flat, REACH).steps)
    pixels = graph.tensors[op.outputs[0]].size // weights.shape[0]
    rows = flat.shape[1] // run_of(graph, op)
    return -(-pixels // PIXELS) * (11 * entries + 97 * weights.shape[0] + 17 * flat.shape[1] + 300 * rows)


def packed(entries: sparse.Entries) -> np.ndarray:
    """uint8: of each channel the number of entries as a halfword, then of each a step in words, and the weight.

    A pair of zeros ends it: the kernel reads a step ahead.
    """
    pairs = np.stack([WORDS * entries.steps, entries.weights], axis=1).astype(np.int64).astype(np.uint8)
    starts = np.cumsum(entries.counts) - entries.counts
    return np.append(np.insert(pairs, starts, sparse.counted(entries), axis=0), np.zeros((1, 2), np.uint8), axis=0)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_conv_2d_sparse_s8`."""
    source, weights, _ = operands(graph, op)
    low, high = clamp(op, graph.tensors[op.outputs[0]])
    matrix = matrix_of(graph, op, 0)
    least = -255 * np.minimum(matrix.weights, 0).sum(axis=1)  # a lane that starts here is never negative
    lower = 2 * (matrix.bias - 128 * matrix.weights.sum(axis=1) - least)
    table = np.column_stack([least, lower, channel_table(matrix, 2 * matrix.bias)])
    params = (
        Param("int32_t", "batches", source.shape[0]),
        *window(graph, op).params(),
        Param("int32_t", "input_channels", weights.shape[3]),
        Param("int32_t", "output_channels", weights.shape[0]),
        Param("int32_t", "input_zero_point", input_zero_point(graph, op)),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param("const uint8_t *", "entries", ConstArray("uint8_t", packed(sparse.entries_of(matrix.weights, REACH)))),
        Param("const int32_t *", "channels", ConstArray("int32_t", table)),
    )
    return typed_call("conv_2d_sparse", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
