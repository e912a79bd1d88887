"""Kernel "huffman": CONV_2D with weights as a Huffman code, decoded for the kernel "columns".

In: an int8 operator. Out: the call of `conv_2d_huffman_dsp.c`, its scratch memory, what it costs, why it cannot be had.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels import conv_2d_decoded
from tdl_course.kernels.huffman_stream import stream_params, would_not_shrink
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import KernelCall
from tdl_course.ops.weighted import operands

WITHOUT_DSP = True
WEIGHT_CYCLES = 45
overlap = conv_2d_decoded.overlap
scratch = conv_2d_decoded.scratch


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly, from fewer bytes."""
    inexact = conv_2d_decoded.why_not(graph, op, ("int8",))
    return inexact or would_not_shrink(values(graph, op), operands(graph, op)[1].nbytes)


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: 45 for a weight, and what the decoded weights take."""
    return WEIGHT_CYCLES * operands(graph, op)[1].size + conv_2d_decoded.cycles(graph, op)


def values(graph: Graph, op: Op) -> np.ndarray:
    """The weights as they are decoded; one value, which they have already, where a channel is not kept."""
    weights = np.asarray(operands(graph, op)[1].data)
    return conv_2d_decoded.in_order(graph, op, int(weights.flat[0])).astype(np.int8)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_conv_2d_huffman_s8`."""
    params = (*conv_2d_decoded.params(graph, op), *stream_params(values(graph, op)))
    return typed_call("conv_2d_huffman", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
