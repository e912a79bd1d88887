"""Kernel "rows": FULLY_CONNECTED of a few rows, or CONV_2D of a single window, by blocks of six rows of weights.

In: an int8 operator. Out: the call of `fully_connected_rows_dsp.c`, what it costs, why it cannot be had.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels.pairs import channel_table, matrix_of, pair_start, pair_words
from tdl_course.kernels.pairs import why_not as pairs_why_not
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import apart
from tdl_course.ops.weighted import clamp, operands
from tdl_course.ops.window import window_of

WITHOUT_DSP = False
SUM_FACTOR = 256
overlap = apart


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly."""
    source, weights, _ = operands(graph, op)
    taps = weights.size // weights.shape[0]
    if op.kind == "CONV_2D":
        at = window_of(op, source.shape, (weights.shape[1], weights.shape[2]))
        if source.size != taps * source.shape[0] or any(at.border) or at.output != (1, 1):
            return "the window is not the whole input"
    if taps % 4 and source.size > taps:
        return f"rows of {taps} values do not begin at whole words"
    return pairs_why_not(graph, op, 0, SUM_FACTOR, pairs=True)


def scratch(graph: Graph, op: Op) -> int:
    """None is needed."""
    return 0


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: per group 31 for six rows of weights, 22 for four; per block 20; per output 12."""
    weights = operands(graph, op)[1]
    outputs, taps = weights.shape[0], weights.size // weights.shape[0]
    blocks = blocks_of(outputs)
    steps = sum(31 if block == 6 else 22 for block in blocks)
    rows = graph.tensors[op.outputs[0]].size // outputs
    return rows * (-(-taps // 4) * steps + 20 * len(blocks) + 12 * outputs)


def blocks_of(outputs: int) -> list[int]:
    """Rows of each block: sixes, then fours where these leave no gap, else a last block with room for the rest."""
    for fours in range(3):
        if outputs >= 4 * fours and (outputs - 4 * fours) % 6 == 0:
            return [6] * ((outputs - 4 * fours) // 6) + [4] * fours
    return [6] * (outputs // 6) + [4 if outputs % 6 <= 4 else 6]


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_fully_connected_rows_s8`."""
    weights = operands(graph, op)[1]
    target = graph.tensors[op.outputs[0]]
    outputs, taps = weights.shape[0], weights.size // weights.shape[0]
    low, high = clamp(op, target)
    matrix = matrix_of(graph, op, 0)
    blocks = blocks_of(outputs)
    words, table = pair_words(matrix.weights), channel_table(matrix, pair_start(matrix.bias, matrix.weights))
    spare = ((0, sum(blocks) - outputs), (0, 0))
    words, table = np.pad(words, spare), np.pad(table, spare)
    whole = blocks if spare[0][1] == 0 else blocks[:-1]
    by_block = np.split(words, np.cumsum(blocks)[:-1])
    params = (
        Param("int32_t", "rows", target.size // outputs),
        Param("int32_t", "inputs", taps),
        Param("int32_t", "outputs", outputs),
        Param("int32_t", "groups", words.shape[1]),
        Param("int32_t", "blocks_of_6", whole.count(6)),
        Param("int32_t", "blocks_of_4", whole.count(4)),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param(
            "const int32_t *",
            "weights",
            ConstArray("int32_t", np.concatenate([block.T.reshape(-1) for block in by_block])),
        ),
        Param("const int32_t *", "channels", ConstArray("int32_t", table)),
    )
    return typed_call("fully_connected_rows", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
