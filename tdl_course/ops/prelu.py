"""PRELU: negative values are multiplied by a slope, which is a tensor that broadcasts against the input.

In: int8 input, int8 slopes (constant as a rule). Out: int8, of the input's shape.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.broadcast import require_broadcast, walk_params
from tdl_course.ops.check import require_int8, require_multiplier, require_operands, require_shape
from tdl_course.ops.fixed_point import quantize_multiplier, requantize
from tdl_course.ops.lookup import lookup_of_one
from tdl_course.ops.operator import NO_OPTIONS, KernelCall, Param
from tdl_course.ops.overlap import element_wise

KIND = "PRELU"
OPTIONS = NO_OPTIONS
overlap = element_wise


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int8 slopes broadcast to the shape that input and output have."""
    require_operands(graph, op, (2,))
    source, slope, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    require_int8(op, source, slope, target)
    require_shape(op, target, source.shape)
    require_broadcast(op, source, slope, target)
    require_multiplier(op, np.array(_ratios(graph, op)))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: two multipliers, for values at least zero and for those below."""
    source, slope, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    assert inputs[0] is not None and inputs[1] is not None
    x = inputs[0].astype(np.int32) - source.zero_point
    sloped = x * (inputs[1].astype(np.int32) - slope.zero_point)
    positive, negative = (
        requantize(value, *quantize_multiplier(ratio), target.zero_point)
        for value, ratio in zip((x, sloped), _ratios(graph, op), strict=True)
    )
    return [np.where(x >= 0, positive, negative)]


def macs(graph: Graph, op: Op) -> int:
    """0: products that are not summed up."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_prelu_s8`, or a table where there is one slope."""
    looked_up = lookup_of_one(graph, op, reference)
    if looked_up is not None:
        return looked_up
    source, slope, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    positive, negative = (quantize_multiplier(ratio) for ratio in _ratios(graph, op))
    params = (
        *walk_params(source, slope),
        Param("int32_t", "a_zero_point", source.zero_point),
        Param("int32_t", "b_zero_point", slope.zero_point),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "positive_multiplier", positive[0]),
        Param("int32_t", "positive_shift", positive[1]),
        Param("int32_t", "negative_multiplier", negative[0]),
        Param("int32_t", "negative_shift", negative[1]),
    )
    return KernelCall("prelu", "tdl_prelu_s8", "tdl_prelu_params", params, op.inputs, op.outputs)


def _ratios(graph: Graph, op: Op) -> tuple[float, float]:
    """Of positive values and of negative ones times their slope."""
    source, slope, target = (graph.tensors[i].scale for i in (*op.inputs, *op.outputs))
    return source / target, source * slope / target
