"""Kernel "sparse" of FULLY_CONNECTED: of a pruned layer's weights only those that are not zero, row by row.

In: an int8 operator. Out: the call of `fully_connected_sparse_dsp.c`, what it costs, why it cannot be had.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels import sparse
from tdl_course.kernels.pairs import channel_table, matrix_of
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import apart
from tdl_course.ops.weighted import clamp, operands

WITHOUT_DSP = False
GROUP = 4
"""Entries that lie side by side: the places of four, then their weights."""
note, overlap = sparse.note, apart


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly."""
    return sparse.why_not(graph, op, reach(operands(graph, op)[1].shape[1]), GROUP)


def reach(inputs: int) -> int:
    """Longest step, so that a group's places are bytes: a whole row of 256, or a quarter."""
    return 255 if inputs <= 256 else 255 // GROUP


def scratch(graph: Graph, op: Op) -> int:
    """None is needed."""
    return 0


def grouped(weights: np.ndarray) -> sparse.Entries:
    """The entries of `weights` [outputs, inputs], filled up to whole groups with steps and weights of zero."""
    entries = sparse.entries_of(weights, reach(weights.shape[1]))
    short = -entries.counts % GROUP
    behind = np.repeat(np.cumsum(entries.counts), short)
    return sparse.Entries(
        entries.counts + short, np.insert(entries.steps, behind, 0), np.insert(entries.weights, behind, 0)
    )


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: per group of four 19, per output 34."""
    weights = operands(graph, op)[1]
    groups = len(grouped(np.asarray(weights.data)).steps) // GROUP
    rows = graph.tensors[op.outputs[0]].size // weights.shape[0]
    return rows * (19 * groups + 34 * weights.shape[0])


def packed(entries: sparse.Entries) -> np.ndarray:
    """uint8: of each output the number of its groups as a halfword, then the groups.

    A place is counted from the last one of the group before.
    """
    places = np.cumsum(entries.steps.reshape(-1, GROUP), axis=1)
    groups = np.concatenate([places, entries.weights.reshape(-1, GROUP)], axis=1).astype(np.int64).astype(np.uint8)
    starts = (np.cumsum(entries.counts) - entries.counts) // GROUP * groups.shape[1]
    return np.insert(groups.reshape(-1), np.repeat(starts, 2), sparse.counted(entries, GROUP).reshape(-1))


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_fully_connected_sparse_s8`."""
    weights = operands(graph, op)[1]
    target = graph.tensors[op.outputs[0]]
    low, high = clamp(op, target)
    matrix = matrix_of(graph, op, 0)
    params = (
        Param("int32_t", "rows", target.size // weights.shape[0]),
        Param("int32_t", "inputs", weights.shape[1]),
        Param("int32_t", "outputs", weights.shape[0]),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param("const uint8_t *", "entries", ConstArray("uint8_t", packed(grouped(matrix.weights)))),
        Param("const int32_t *", "channels", ConstArray("int32_t", channel_table(matrix, matrix.bias))),
    )
    return typed_call("fully_connected_sparse", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
