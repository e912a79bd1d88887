"""What LOGISTIC and TANH share: checks, the real number that an int8 stands for, and the choice of the kernel.

In: a graph and one of the two operators. Out: checks, fixed-point numbers, a `KernelCall`. The two functions themselves
are in their operators; what both do with 16 bits is in `sigmoid_int16`.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require
from tdl_course.ops.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from tdl_course.ops.lookup import EVERY_INT8, Reference, lookup_call, validate_unary
from tdl_course.ops.operator import KernelCall
from tdl_course.ops.sigmoid_int16 import call_int16, is_int16, validate_int16

INPUT_BITS = 4
"""Integer bits of the number that the functions take: beyond 16 they are at their ends."""


def validate_sigmoid(graph: Graph, op: Op, scale: float, zero_point: int) -> None:
    """Raise `OperatorError` unless int8 goes to int8 of this quantization, or int16 to int16 of scale 1/32768."""
    if is_int16(graph, op):
        validate_int16(graph, op)
        return
    validate_unary(graph, op)
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require(
        target.scale == scale and target.zero_point == zero_point,
        op,
        f"output has scale {target.scale} and zero point {target.zero_point}; {scale} and {zero_point} are needed",
    )
    require(
        source.scale >= 2.0 ** (INPUT_BITS - 31),
        op,
        f"the input's scale {source.scale} must be at least 2**{INPUT_BITS - 31}",
    )


def sigmoid_call(graph: Graph, op: Op, reference: Reference) -> KernelCall:
    """`tdl_lookup_s8` with what `reference` gives for every int8, or the kernel for int16."""
    if is_int16(graph, op):
        return call_int16(graph, op)
    return lookup_call(graph, op, reference(graph, op, [EVERY_INT8])[0])


def real_input(graph: Graph, op: Op, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The real numbers that int8 `x` stands for in Q4.27; where they are out of its range below, and above."""
    source = graph.tensors[op.inputs[0]]
    multiplier, shift = quantize_multiplier(source.scale * (1 << (31 - INPUT_BITS)))
    radius = ((1 << INPUT_BITS) - 1) * (1 << (31 - INPUT_BITS)) // (1 << shift)
    centred = x.astype(np.int32) - source.zero_point
    low, high = centred <= -radius, centred >= radius
    return multiply_by_quantized_multiplier(np.where(low | high, 0, centred), multiplier, shift), low, high
