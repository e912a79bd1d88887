"""ADD: the sum of two tensors, broadcast against each other.

In: two int8 or int16 tensors, either of which may be a constant. Out: the same dtype. Both operands are first brought
to one scale, twice the larger of theirs, with 20 or 15 extra bits so that the rounding of that step does not show. SUB
is the same with the second operand's sign turned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.broadcast import require_broadcast, walk_params
from tdl_course.ops.check import require, require_activation_function, require_operands, require_quantized
from tdl_course.ops.fixed_point import (
    ACTIVATIONS,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    requantize,
)
from tdl_course.ops.lookup import lookup_of_one
from tdl_course.ops.numbers import SUFFIXES, typed_call
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.weighted import clamp

KIND = "ADD"
OPTIONS = OptionTable(
    11,
    "AddOptions",
    (
        Option("fused_activation_function", 0, ACTIVATIONS, "NONE"),
        Option("pot_scale_int16", 1, "bool", True),
    ),
)
overlap = element_wise

EXTRA_BITS = {"int8": 20, "int16": 15}


@dataclass(frozen=True)
class SumScales:
    """Multiplier and shift of operand a, of operand b, and of their sum."""

    a: tuple[int, int]
    b: tuple[int, int]
    output: tuple[int, int]


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless operands broadcast to the output's shape and scales are in proportion."""
    require_operands(graph, op, (2,))
    a, b, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    require_quantized(op, a, b, target)
    require_activation_function(op)
    require_broadcast(op, a, b, target)
    multiplier, shift = sum_scales(graph, op).output
    require(
        multiplier > 0 and shift <= 0,
        op,
        f"the output's scale {target.scale} is out of proportion to the operands' {a.scale} and {b.scale}",
    )


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: two operands on one fine scale, added or subtracted, requantized."""
    a, b, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    scales = sum_scales(graph, op)
    first, second = (
        multiply_by_quantized_multiplier((x.astype(np.int32) - tensor.zero_point) << EXTRA_BITS[target.dtype], *scale)
        for x, tensor, scale in zip(inputs, (a, b), (scales.a, scales.b), strict=True)
        if x is not None
    )
    total = first + _sign(op) * second
    return [requantize(total, *scales.output, target.zero_point, clamp(op, target), target.dtype)]


def macs(graph: Graph, op: Op) -> int:
    """0: its multiplications are rescalings, no weighted sum."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_add_s8` or `_s16`; a table where one value alone decides."""
    looked_up = lookup_of_one(graph, op, reference)
    if looked_up is not None:
        return looked_up
    a, b, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    scales = sum_scales(graph, op)
    low, high = clamp(op, target)
    params = (
        *walk_params(a, b),
        Param("int32_t", "a_zero_point", a.zero_point),
        Param("int32_t", "a_multiplier", scales.a[0]),
        Param("int32_t", "a_shift", scales.a[1]),
        Param("int32_t", "b_sign", _sign(op)),
        Param("int32_t", "b_zero_point", b.zero_point),
        Param("int32_t", "b_multiplier", scales.b[0]),
        Param("int32_t", "b_shift", scales.b[1]),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "output_multiplier", scales.output[0]),
        Param("int32_t", "output_shift", scales.output[1]),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
    )
    return typed_call("add", SUFFIXES[target.dtype], params, op.inputs, op.outputs)


def sum_scales(graph: Graph, op: Op) -> SumScales:
    """The multipliers, from the three tensors' scales, in float64."""
    a, b, target = (graph.tensors[i].scale for i in (*op.inputs, *op.outputs))
    common, extra = 2 * max(a, b), 1 << EXTRA_BITS[graph.tensors[op.outputs[0]].dtype]
    ratios = (a / common, b / common, common / (extra * target))
    return SumScales(*map(quantize_multiplier, ratios))


def _sign(op: Op) -> int:
    return -1 if op.kind == "SUB" else 1
