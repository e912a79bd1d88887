"""DEQUANTIZE: int8 or int16 to real numbers, float32 `scale * (q - zero_point)`."""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    require_dtype,
    require_operands,
    require_scale,
    require_shape,
)
from tdl_course.ops.numbers import SUFFIXES
from tdl_course.ops.operator import KernelCall, OptionTable, Param
from tdl_course.ops.rescale import overlap

KIND = "DEQUANTIZE"
OPTIONS = OptionTable(38, "DequantizeOptions", ())


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int8 or int16 goes to float32 of one shape."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_dtype(op, source, "int8", "int16")
    require_scale(op, source)
    require_dtype(op, target, "float32")
    require_shape(op, target, source.shape)


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition, in float32."""
    source = graph.tensors[op.inputs[0]]
    assert inputs[0] is not None
    return [np.float32(source.scale) * (inputs[0].astype(np.int32) - source.zero_point).astype(np.float32)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_dequantize_<type>_f32`."""
    source = graph.tensors[op.inputs[0]]
    params = (
        Param("int32_t", "size", source.size),
        Param("float", "scale", source.scale),
        Param("int32_t", "zero_point", source.zero_point),
    )
    kernel = f"tdl_dequantize_{SUFFIXES[source.dtype]}_f32"
    return KernelCall("quantize", kernel, "tdl_quantize_params", params, op.inputs, op.outputs)


__all__ = ["KIND", "OPTIONS", "kernel_call", "macs", "overlap", "reference", "validate"]
