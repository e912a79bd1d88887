"""What RELU, RELU6 and QUANTIZE from int8 share: y = clamp(round(x scale / y scale * (x - x zero) + y zero)).

In: a graph, an element-wise int8 operator and the bounds to clamp to. Out: values and the call of `tdl_rescale_s8`.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    require_int8,
    require_multiplier,
    require_operands,
    require_shape,
)
from tdl_course.ops.fixed_point import quantize_multiplier, requantize
from tdl_course.ops.operator import KernelCall, Param


def validate_rescale(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless input and output are int8 of one shape."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_int8(op, source, target)
    require_shape(op, target, source.shape)
    require_multiplier(op, np.array([source.scale / target.scale]))


def rescale(graph: Graph, op: Op, x: np.ndarray, bounds: tuple[int, int]) -> np.ndarray:
    """`x` on the output's scale, clamped to `bounds` (inclusive); int8."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    multiplier, shift = quantize_multiplier(source.scale / target.scale)
    return requantize(x.astype(np.int32) - source.zero_point, multiplier, shift, target.zero_point, bounds)


def rescale_call(graph: Graph, op: Op, bounds: tuple[int, int]) -> KernelCall:
    """`tdl_rescale_s8`."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    multiplier, shift = quantize_multiplier(source.scale / target.scale)
    params = (
        Param("int32_t", "size", source.size),
        Param("int32_t", "input_zero_point", source.zero_point),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "multiplier", multiplier),
        Param("int32_t", "shift", shift),
        Param("int32_t", "activation_min", bounds[0]),
        Param("int32_t", "activation_max", bounds[1]),
    )
    return KernelCall("rescale", "tdl_rescale_s8", "tdl_rescale_params", params, op.inputs, op.outputs)
