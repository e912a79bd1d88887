"""What the kernels "codebook" and "huffman" of CONV_2D share: weights that are decoded for the kernel "columns".

In: an operator with int8 values. Out: how many channels are decoded at a time, the order of their weights, scratch
memory, cycles and parameters, all without what the code itself needs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels import conv_2d_columns as columns
from tdl_course.kernels import pairs
from tdl_course.ops.operator import Param
from tdl_course.ops.weighted import operands

MOST_DECODED = 4096
"""Bytes of decoded weights, where two channels need no more. All channels at once would take as much RAM as int8
weights take flash; but each turn unpacks the whole image once more."""


def why_not(graph: Graph, op: Op, weights: tuple[str, ...]) -> str | None:
    """None where "columns" computes `op` exactly with weights of one of these dtypes."""
    source, stored, _ = operands(graph, op)
    if source.shape[3] != stored.shape[3]:
        return "its channels are in groups"
    return pairs.why_not(graph, op, 0, columns.SUM_FACTOR, pairs=True, weights=weights)


def decoded(graph: Graph, op: Op) -> int:
    """Channels that are decoded at a time, an even number."""
    channels = operands(graph, op)[1].shape[0]
    fitting = MOST_DECODED // (4 * columns.groups_of(graph, op).count) & ~1
    return min(max(fitting, 2), channels + channels % 2)


def scratch(graph: Graph, op: Op) -> int:
    """Bytes: the decoded weights, and what "columns" needs."""
    return 4 * decoded(graph, op) * columns.groups_of(graph, op).count + columns.scratch(graph, op)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """As that of "columns" where all channels are decoded at once; else the input is read again and again."""
    at_once = decoded(graph, op) >= operands(graph, op)[1].shape[0]
    return columns.overlap(graph, op) if at_once else {}


def cycles(graph: Graph, op: Op) -> int:
    """As "columns", and unpacking in each turn; without decoding."""
    channels, groups = operands(graph, op)[1].shape[0], columns.groups_of(graph, op).count
    blocks = -(-graph.tensors[op.outputs[0]].size // channels // columns.PIXELS)
    turns = -(-channels // decoded(graph, op))
    return columns.cycles(graph, op) + (turns - 1) * blocks * (25 * groups + 150)


def are_padded(graph: Graph, op: Op) -> bool:
    """True where zeros fill the last group of a channel."""
    weights = operands(graph, op)[1]
    return 4 * columns.groups_of(graph, op).count * weights.shape[0] > weights.size


def in_order(graph: Graph, op: Op, fill: int = 0) -> np.ndarray:
    """int64 [pairs of channels, groups, 2, 4]: weights as they are decoded, zeros behind the taps of a channel; `fill`
    for all weights of the channel that makes their number even."""
    taps = columns.groups_of(graph, op).ordered(pairs.matrix_of(graph, op, 0).weights)
    even = pairs.filled(taps, 2)
    even[len(taps) :] = fill
    return even.reshape(len(even) // 2, 2, -1, 4).swapaxes(1, 2)


def params(graph: Graph, op: Op) -> tuple[Param, ...]:
    """Those of "columns" for the channels that are decoded at a time; layer_channels and first_channel."""
    changed = {"weights": None, "output_channels": decoded(graph, op)}
    return (
        *(replace(p, value=changed.get(p.name, p.value)) for p in columns.kernel_call(graph, op).params),
        Param("int32_t", "layer_channels", operands(graph, op)[1].shape[0]),
        Param("int32_t", "first_channel", 0),
    )
