"""QUANTIZE: real numbers to int8, or int8 to int8 of another scale.

In: float32 or int8. Out: int8, `round(x / scale) + zero_point` (halves away from zero) clamped to -128..127; values out
of range saturate.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    require_dtype,
    require_int8,
    require_operands,
    require_shape,
)
from tdl_course.ops.operator import KernelCall, OptionTable, Param
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.rescale import rescale, rescale_call, validate_rescale

KIND = "QUANTIZE"
OPTIONS = OptionTable(89, "QuantizeOptions", ())
overlap = element_wise

INT8 = (-128, 127)


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless float32 or int8 goes to int8 of one shape."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_dtype(op, source, "float32", "int8")
    if source.dtype == "int8":
        validate_rescale(graph, op)
        return
    require_int8(op, target)
    require_shape(op, target, source.shape)


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition. The quotient is float32; NaN becomes -128."""
    x, target = inputs[0], graph.tensors[op.outputs[0]]
    assert x is not None
    if x.dtype == np.int8:
        return [rescale(graph, op, x, INT8)]
    with np.errstate(over="ignore"):
        ratio = (x / np.float32(target.scale)).astype(np.float64)
    ratio = np.clip(np.nan_to_num(ratio, nan=-512.0), -512, 512)
    rounded = np.sign(ratio) * np.floor(np.abs(ratio) + 0.5)
    return [np.clip(rounded + target.zero_point, *INT8).astype(np.int8)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_quantize_f32_s8` from float32, `tdl_rescale_s8` from int8."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    if source.dtype == "int8":
        return rescale_call(graph, op, INT8)
    params = (
        Param("int32_t", "size", source.size),
        Param("float", "scale", target.scale),
        Param("int32_t", "zero_point", target.zero_point),
    )
    return KernelCall("quantize", "tdl_quantize_f32_s8", "tdl_quantize_params", params, op.inputs, op.outputs)
