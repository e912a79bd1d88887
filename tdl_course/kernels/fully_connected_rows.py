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
    """About what it takes: per group 31 for six rows of weights, 22 for four; per output 12."""
    weights = operands(graph, op)[1]
    outputs, taps = weights.shape[0], weights.size // weights.shape[0]
    six, four = blocks(outputs)
    rows = graph.tensors[op.outputs[0]].size // outputs
    return rows * (-(-taps // 4) * (31 * six + 22 * four) + 20 * (six + four) + 12 * outputs)


def blocks(outputs: int) -> tuple[int, int]:
    """How many blocks of six and of four rows: six where four leave no gap, else one of four with a gap."""
    for fours in range(3):
        if outputs >= 4 * fours and (outputs - 4 * fours) % 6 == 0:
            return (outputs - 4 * fours) // 6, fours
    six, rest = divmod(outputs, 6)
    return six, -(-rest // 4)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_fully_connected_rows_s8`."""
    weights = operands(graph, op)[1]
    target = graph.tensors[op.outputs[0]]
    outputs, taps = weights.shape[0], weights.size // weights.shape[0]
    six, four = blocks(outputs)
    low, high = clamp(op, target)
    matrix = matrix_of(graph, op, 0)
    words, table = pair_words(matrix.weights), channel_table(matrix, pair_start(matrix.bias, matrix.weights))
    missing = 6 * six + 4 * four - outputs
    if missing > 0:
        words = np.concatenate([words, np.zeros((missing, words.shape[1]), np.int32)])
        table = np.concatenate([table, np.zeros((missing, table.shape[1]), np.int32)])
    groups = words.shape[1]
    by_block = [words[: 6 * six].reshape(six, 6, groups), words[6 * six :].reshape(four, 4, groups)]
    params = (
        Param("int32_t", "rows", target.size // outputs),
        Param("int32_t", "inputs", taps),
        Param("int32_t", "outputs", outputs),
        Param("int32_t", "groups", groups),
        Param("int32_t", "blocks_of_6", six),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param(
            "const int32_t *",
            "weights",
            ConstArray("int32_t", np.concatenate([np.swapaxes(part, 1, 2).reshape(-1) for part in by_block])),
        ),
        Param("const int32_t *", "channels", ConstArray("int32_t", table)),
    )
    return typed_call("fully_connected_rows", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
