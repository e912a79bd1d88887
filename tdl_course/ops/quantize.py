"""QUANTIZE: real numbers to integers, or integers to integers of another scale or dtype.

In: float32 or an integer. Out: an integer, `round(x / scale) + zero_point` (halves away from zero) clamped to the
dtype; values out of range saturate. uint8 is met at the edges of models only, where its other side is int8.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require_dtype, require_operands, require_scale, require_shape
from tdl_course.ops.numbers import SUFFIXES
from tdl_course.ops.operator import KernelCall, OptionTable, Param
from tdl_course.ops.rescale import overlap, require_rescalable, rescale, rescale_call

KIND = "QUANTIZE"
OPTIONS = OptionTable(89, "QuantizeOptions", ())

PAIRS = {
    "float32": ("int8", "int16"),
    "int8": ("int8", "int16", "uint8"),
    "int16": ("int8", "int16"),
    "uint8": ("int8",),
}
"""From which dtype to which."""

LIMIT = 1 << 17
"""Quotients are cut to this before a zero point is added: no sum comes back from there into int16."""


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless one of `PAIRS` goes to the other, in one shape."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_dtype(op, source, *PAIRS)
    require_dtype(op, target, *PAIRS[source.dtype])
    require_scale(op, target)
    if source.dtype == "float32":
        require_shape(op, target, source.shape)
        return
    require_scale(op, source)
    require_rescalable(op, source, target)


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition. The quotient is float32; NaN becomes the lowest value."""
    x, target = inputs[0], graph.tensors[op.outputs[0]]
    assert x is not None
    bounds = _bounds(target.dtype)
    if x.dtype != np.float32:
        return [rescale(graph, op, x, bounds)]
    with np.errstate(over="ignore"):
        ratio = (x / np.float32(target.scale)).astype(np.float64)
    ratio = np.clip(np.nan_to_num(ratio, nan=-LIMIT), -LIMIT, LIMIT)
    rounded = np.sign(ratio) * np.floor(np.abs(ratio) + 0.5)
    return [np.clip(rounded + target.zero_point, *bounds).astype(target.dtype)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_quantize_f32_<type>` from float32, that of `rescale_call` from integers."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    if source.dtype != "float32":
        return rescale_call(graph, op, _bounds(target.dtype))
    params = (
        Param("int32_t", "size", source.size),
        Param("float", "scale", target.scale),
        Param("int32_t", "zero_point", target.zero_point),
    )
    kernel = f"tdl_quantize_f32_{SUFFIXES[target.dtype]}"
    return KernelCall("quantize", kernel, "tdl_quantize_params", params, op.inputs, op.outputs)


def _bounds(dtype: str) -> tuple[int, int]:
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)


__all__ = ["KIND", "OPTIONS", "kernel_call", "macs", "overlap", "reference", "validate"]
