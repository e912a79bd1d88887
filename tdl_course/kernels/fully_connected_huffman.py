"""Kernel "huffman": FULLY_CONNECTED with weights as a Huffman code, decoded while they are multiplied.

In: an int8 operator. Out: the call of `fully_connected_huffman_ref.c`, what it costs, why it cannot be had.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels.huffman import encode, encoded_bits, huffman_code, tables
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
    values = np.asarray(weights.data)
    code = huffman_code(values)
    if 2 * halfwords(encoded_bits(values, code)) + tables(code).nbytes >= weights.nbytes:
        return "its weights would not shrink"
    return None


def scratch(graph: Graph, op: Op) -> int:
    """None is needed."""
    return 0


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: 34 a weight, 40 an output."""
    inputs = operands(graph, op)[1].shape[1]
    return graph.tensors[op.outputs[0]].size * (WEIGHT_CYCLES * inputs + OUTPUT_CYCLES)


def halfwords(bits: int) -> int:
    """Of a stream: it is read a halfword at a time, and up to one ahead."""
    return -(-bits // 16) + 1


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_fully_connected_huffman_s8`."""
    weights = np.asarray(operands(graph, op)[1].data)
    target = graph.tensors[op.outputs[0]]
    outputs, inputs = weights.shape
    low, high = clamp(op, target)
    matrix = matrix_of(graph, op, 0)
    code = huffman_code(weights)
    table, stream = tables(code), encode(weights, code)
    padded = stream.ljust(2 * halfwords(encoded_bits(weights, code)), b"\0")
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
        Param("const uint16_t *", "stream", ConstArray("uint16_t", np.frombuffer(padded, ">u2"))),
        Param("const int8_t *", "symbols", ConstArray("int8_t", table.symbols)),
        Param("const uint16_t *", "last", ConstArray("uint16_t", table.last)),
        Param("const uint8_t *", "offset", ConstArray("uint8_t", table.offset)),
        Param("const uint8_t *", "start", ConstArray("uint8_t", table.start)),
        Param("const int32_t *", "bias", ConstArray("int32_t", matrix.bias.astype(np.int32))),  # wraps, as sums do
        Param("const int32_t *", "multiplier", ConstArray("int32_t", multiplier)),
        Param("const int32_t *", "shift", ConstArray("int32_t", shift)),
    )
    return typed_call("fully_connected_huffman", "s8", params, (op.inputs[0],), op.outputs)
