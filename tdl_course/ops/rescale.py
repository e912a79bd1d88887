"""What RELU, RELU6 and QUANTIZE between integers share: y = clamp(round(x scale / y scale * (x - x zero) + y zero)).

In: a graph, an element-wise operator and the bounds to clamp to. Out: values and the call of a kernel: `tdl_rescale_*`,
named after the types that it reads and writes, or a table where both are int8.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.check import (
    require_multiplier,
    require_operands,
    require_quantized,
    require_shape,
)
from tdl_course.ops.fixed_point import quantize_multiplier, requantize
from tdl_course.ops.lookup import EVERY_INT8, lookup_call
from tdl_course.ops.numbers import SUFFIXES
from tdl_course.ops.operator import KernelCall, Param
from tdl_course.ops.overlap import apart, element_wise


def validate_rescale(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless input and output are int8 or int16, both the same, of one shape."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_quantized(op, source, target)
    require_rescalable(op, source, target)


def require_rescalable(op: Op, source: Tensor, target: Tensor) -> None:
    """Shapes are equal, and the ratio of scales is one that the kernel can multiply by."""
    require_shape(op, target, source.shape)
    require_multiplier(op, np.array([source.scale / target.scale]))


def rescale(graph: Graph, op: Op, x: np.ndarray, bounds: tuple[int, int]) -> np.ndarray:
    """`x` on the output's scale, clamped to `bounds` (inclusive)."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    multiplier, shift = quantize_multiplier(source.scale / target.scale)
    return requantize(
        x.astype(np.int32) - source.zero_point, multiplier, shift, target.zero_point, bounds, target.dtype
    )


def rescale_call(graph: Graph, op: Op, bounds: tuple[int, int]) -> KernelCall:
    """`tdl_lookup_s8` from int8 to int8; else `tdl_rescale_<type>`, `tdl_rescale_<type>_<type>` between types."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    if source.dtype == target.dtype == "int8":
        return lookup_call(graph, op, rescale(graph, op, EVERY_INT8, bounds))
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
    types = dict.fromkeys(SUFFIXES[tensor.dtype] for tensor in (source, target))
    return KernelCall("rescale", "_".join(("tdl_rescale", *types)), "tdl_rescale_params", params, op.inputs, op.outputs)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """Element by element; but a C compiler may reorder reads and writes of two types, unless one is that of bytes."""
    dtypes = {graph.tensors[index].dtype for index in (op.inputs[0], op.outputs[0])}
    return element_wise(graph, op) if len(dtypes) == 1 or "int8" in dtypes else apart(graph, op)
