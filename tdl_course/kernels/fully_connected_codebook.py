"""Kernel "codebook": FULLY_CONNECTED from weights of at most 16 values, or of four bits, looked up two at a time.

In: an operator with int8 values. Out: the call of `fully_connected_codebook_dsp.c`, its scratch memory, what it costs,
why it cannot be had.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels import pairs
from tdl_course.kernels.codebook import BOOK, book_of, packed_words
from tdl_course.kernels.codebook import why_not as book_why_not
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import apart
from tdl_course.ops.weighted import clamp, operands

WITHOUT_DSP = False
SUM_FACTOR = 2
ROWS = 4  # of weights that share a pass over the inputs
TURN = 8  # inputs: four words
TURN_CYCLES, PAIR_CYCLES = 68, 6

overlap = apart


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly, from fewer bytes than int8 weights take."""
    weights = operands(graph, op)[1]
    inexact = pairs.why_not(graph, op, 0, SUM_FACTOR, pairs=False, weights=("int8", "int4"))
    return inexact or book_why_not(np.asarray(weights.data), weights.dtype, zero=False)


def turns(graph: Graph, op: Op) -> int:
    """Of a row of weights."""
    return -(-operands(graph, op)[1].shape[1] // TURN)


def scratch(graph: Graph, op: Op) -> int:
    """Bytes: a word for every two indices, and a row of inputs, two to a word."""
    return 4 * BOOK * BOOK + 2 * TURN * turns(graph, op)


def cycles(graph: Graph, op: Op) -> int:
    """6 for each of 256 pairs; for eight inputs 68 with four rows of weights, and 25; an output 52."""
    outputs = operands(graph, op)[1].shape[0]
    rows = graph.tensors[op.outputs[0]].size // outputs
    turn = TURN_CYCLES * -(-outputs // ROWS) + 25
    return PAIR_CYCLES * BOOK * BOOK + rows * (turns(graph, op) * turn + 52 * outputs)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_fully_connected_codebook_s8`."""
    weights = operands(graph, op)[1]
    target = graph.tensors[op.outputs[0]]
    low, high = clamp(op, target)
    book = book_of(np.asarray(weights.data), weights.dtype)
    matrix = pairs.matrix_of(graph, op, 0)
    outputs, inputs = matrix.weights.shape
    spare = ((0, -outputs % ROWS), (0, -inputs % TURN))
    filled = np.pad(matrix.weights, spare, constant_values=int(book[0]))
    evens_and_odds = filled.reshape(len(filled), -1, 2, 2).swapaxes(2, 3)
    by_block = evens_and_odds.reshape(-1, ROWS, filled.shape[1] // 2, 2).swapaxes(1, 2)
    table = pairs.filled(pairs.channel_table(matrix, matrix.bias), ROWS)
    params = (
        Param("int32_t", "rows", target.size // outputs),
        Param("int32_t", "inputs", inputs),
        Param("int32_t", "outputs", outputs),
        Param("int32_t", "words", filled.shape[1] // 2),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param("const uint32_t *", "packed", ConstArray("uint32_t", packed_words(by_block, book))),
        Param("const int32_t *", "channels", ConstArray("int32_t", table)),
        Param("const int8_t *", "book", ConstArray("int8_t", book)),
    )
    return typed_call("fully_connected_codebook", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
