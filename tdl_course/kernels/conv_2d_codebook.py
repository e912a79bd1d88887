"""Kernel "codebook": CONV_2D from weights of at most 16 values, or of four bits, decoded for the kernel "columns".

In: an operator with int8 values. Out: the call of `conv_2d_codebook_dsp.c`, its scratch memory, what it costs, why it
cannot be had.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels import conv_2d_decoded
from tdl_course.kernels.codebook import BOOK, book_of, packed_words
from tdl_course.kernels.codebook import why_not as book_why_not
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.weighted import operands

WITHOUT_DSP = False
WEIGHT_CYCLES, PAIR_CYCLES = 3, 6
overlap = conv_2d_decoded.overlap


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly, from fewer bytes than int8 weights take."""
    inexact = conv_2d_decoded.why_not(graph, op, ("int8", "int4"))
    if inexact:
        return inexact
    weights = operands(graph, op)[1]
    return book_why_not(np.asarray(weights.data), weights.dtype, zero=conv_2d_decoded.are_padded(graph, op))


def scratch(graph: Graph, op: Op) -> int:
    """Bytes: a halfword for every two indices, the decoded weights, and what "columns" needs."""
    return 2 * BOOK * BOOK + conv_2d_decoded.scratch(graph, op)


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: 6 for each of 256 pairs, 3 for a weight, and what the decoded weights take."""
    decoding = PAIR_CYCLES * BOOK * BOOK + WEIGHT_CYCLES * operands(graph, op)[1].size
    return decoding + conv_2d_decoded.cycles(graph, op)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_conv_2d_codebook_s8`."""
    weights = operands(graph, op)[1]
    book = book_of(np.asarray(weights.data), weights.dtype)
    packed = packed_words(conv_2d_decoded.in_order(graph, op, int(book[0])), book)
    params = (
        *conv_2d_decoded.params(graph, op),
        Param("const uint32_t *", "packed", ConstArray("uint32_t", packed)),
        Param("const int8_t *", "book", ConstArray("int8_t", book)),
    )
    return typed_call("conv_2d_codebook", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
