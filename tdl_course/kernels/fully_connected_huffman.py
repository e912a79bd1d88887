"""Kernel "huffman": FULLY_CONNECTED with weights as a Huffman code, decoded while they are multiplied.

In: an int8 operator. Out: the call of `fully_connected_huffman_ref.c`, what it costs, why it cannot be had.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels.huffman_stream import stream_params, would_not_shrink
from tdl_course.kernels.pairs import matrix_of
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import apart
from tdl_course.ops.weighted import clamp, operands

WITHOUT_DSP = True
WEIGHT_CYCLES, OUTPUT_CYCLES = 34, 40
overlap = apart


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly, from fewer bytes."""
    source, weights, _ = operands(graph, op)
    if source.dtype != "int8" or weights.dtype != "int8":
        return f"values are {source.dtype}, weights {weights.dtype}; int8 is needed"
    return would_not_shrink(np.asarray(weights.data), weights.nbytes)


def scratch(graph: Graph, op: Op) -> int:
    """None is needed."""
    return 0


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: 34 a weight, 40 an output."""
    inputs = operands(graph, op)[1].shape[1]
    return graph.tensors[op.outputs[0]].size * (WEIGHT_CYCLES * inputs + OUTPUT_CYCLES)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_fully_connected_huffman_s8`."""
    weights = np.asarray(operands(graph, op)[1].data)
    target = graph.tensors[op.outputs[0]]
    outputs, inputs = weights.shape
    low, high = clamp(op, target)
    matrix = matrix_of(graph, op, 0)
    scales = np.stack([matrix.multiplier, matrix.shift])
    alike = bool((scales == scales[:, :1]).all())
    multiplier, shift = scales[:, :1] if alike else scales
    params = (
        Param("int32_t", "rows", target.size // outputs),
        Param("int32_t", "inputs", inputs),
        Param("int32_t", "outputs", outputs),
        Param("int32_t", "per_channel", int(not alike)),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        *stream_params(weights),
        Param("const int32_t *", "bias", ConstArray("int32_t", matrix.bias.astype(np.int32))),  # wraps, as sums do
        Param("const int32_t *", "multiplier", ConstArray("int32_t", multiplier)),
        Param("const int32_t *", "shift", ConstArray("int32_t", shift)),
    )
    return typed_call("fully_connected_huffman", "s8", params, (op.inputs[0],), op.outputs)
