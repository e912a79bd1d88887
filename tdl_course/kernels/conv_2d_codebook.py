"""Kernel "codebook": CONV_2D from weights of at most 16 values, or of four bits, decoded for the kernel "columns".

In: an operator with int8 values. Out: the call of `conv_2d_codebook_dsp.c`, its scratch memory, what it costs, why it
cannot be had.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels import conv_2d_columns as columns
from tdl_course.kernels import pairs
from tdl_course.kernels.codebook import BOOK, book_of, packed_words
from tdl_course.kernels.codebook import why_not as book_why_not
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.weighted import operands

WITHOUT_DSP = False
MOST_DECODED = 4096
"""Bytes of decoded weights, where two channels need no more. All channels at once would take as much RAM as int8
weights take flash; but each turn unpacks the whole image once more."""

WORD_CYCLES, PAIR_CYCLES = 22, 6


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly, from fewer bytes than int8 weights take."""
    source, weights, _ = operands(graph, op)
    if source.shape[3] != weights.shape[3]:
        return "its channels are in groups"
    inexact = pairs.why_not(graph, op, 0, columns.SUM_FACTOR, pairs=True, weights=("int8", "int4"))
    padded = 4 * columns.groups_of(graph, op).count * weights.shape[0] > weights.size
    return inexact or book_why_not(np.asarray(weights.data), weights.dtype, padded)


def decoded(graph: Graph, op: Op) -> int:
    """Channels that are decoded at a time, an even number."""
    channels = operands(graph, op)[1].shape[0]
    fitting = MOST_DECODED // (4 * columns.groups_of(graph, op).count) & ~1
    return min(max(fitting, 2), channels + channels % 2)


def scratch(graph: Graph, op: Op) -> int:
    """Bytes: a halfword for every two indices, the decoded weights, and what "columns" needs."""
    weights = 4 * decoded(graph, op) * columns.groups_of(graph, op).count
    return 2 * BOOK * BOOK + weights + columns.scratch(graph, op)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """As that of "columns" where all channels are decoded at once; else the input is read again and again."""
    at_once = decoded(graph, op) >= operands(graph, op)[1].shape[0]
    return columns.overlap(graph, op) if at_once else {}


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: as "columns"; 6 for each of 256 pairs, 22 for eight weights; unpacking in each turn."""
    channels, groups = operands(graph, op)[1].shape[0], columns.groups_of(graph, op).count
    blocks = -(-graph.tensors[op.outputs[0]].size // channels // columns.PIXELS)
    turns = -(-channels // decoded(graph, op))
    again = (turns - 1) * blocks * (25 * groups + 150)
    return columns.cycles(graph, op) + again + PAIR_CYCLES * BOOK * BOOK + WORD_CYCLES * groups * -(-channels // 2)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_conv_2d_codebook_s8`: the parameters of "columns", for the channels that are decoded at a time."""
    weights = operands(graph, op)[1]
    book = book_of(np.asarray(weights.data), weights.dtype)
    taps = columns.groups_of(graph, op).ordered(pairs.matrix_of(graph, op, 0).weights)
    even = pairs.filled(taps, 2)
    even[len(taps) :] = book[0]
    by_group = even.reshape(len(even) // 2, 2, -1, 4).swapaxes(1, 2)
    changed = {"weights": None, "output_channels": decoded(graph, op)}
    params = (
        *(replace(p, value=changed.get(p.name, p.value)) for p in columns.kernel_call(graph, op).params),
        Param("int32_t", "layer_channels", len(taps)),
        Param("int32_t", "first_channel", 0),
        Param("const uint32_t *", "packed", ConstArray("uint32_t", packed_words(by_group, book))),
        Param("const int8_t *", "book", ConstArray("int8_t", book)),
    )
    return typed_call("conv_2d_codebook", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
