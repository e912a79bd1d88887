"""MUL: the product of two tensors, element by element, broadcast against each other.

In: two int8 or int16 tensors, either of which may be a constant. Out: the same dtype, requantized once.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.broadcast import require_broadcast, walk_params
from tdl_course.ops.check import require_activation_function, require_multiplier, require_operands, require_quantized
from tdl_course.ops.fixed_point import ACTIVATIONS, quantize_multiplier, requantize
from tdl_course.ops.lookup import lookup_of_one
from tdl_course.ops.numbers import SUFFIXES, typed_call
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.weighted import clamp

KIND = "MUL"
OPTIONS = OptionTable(21, "MulOptions", (Option("fused_activation_function", 0, ACTIVATIONS, "NONE"),))
overlap = element_wise


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless operands broadcast to the output's shape."""
    require_operands(graph, op, (2,))
    a, b, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    require_quantized(op, a, b, target)
    require_activation_function(op)
    require_broadcast(op, a, b, target)
    require_multiplier(op, np.array([_ratio(graph, op)]))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: the product of (value - zero point), times the ratio of scales in fixed point."""
    a, b, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    assert inputs[0] is not None and inputs[1] is not None
    product = (inputs[0].astype(np.int32) - a.zero_point) * (inputs[1].astype(np.int32) - b.zero_point)
    scale = quantize_multiplier(_ratio(graph, op))
    return [requantize(product, *scale, target.zero_point, clamp(op, target), target.dtype)]


def macs(graph: Graph, op: Op) -> int:
    """0: products that are not summed up."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_mul_s8` or `_s16`; a table where one value alone decides."""
    looked_up = lookup_of_one(graph, op, reference)
    if looked_up is not None:
        return looked_up
    a, b, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    multiplier, shift = quantize_multiplier(_ratio(graph, op))
    low, high = clamp(op, target)
    params = (
        *walk_params(a, b),
        Param("int32_t", "a_zero_point", a.zero_point),
        Param("int32_t", "b_zero_point", b.zero_point),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "multiplier", multiplier),
        Param("int32_t", "shift", shift),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
    )
    return typed_call("mul", SUFFIXES[target.dtype], params, op.inputs, op.outputs)


def _ratio(graph: Graph, op: Op) -> float:
    a, b, target = (graph.tensors[i].scale for i in (*op.inputs, *op.outputs))
    return a * b / target
