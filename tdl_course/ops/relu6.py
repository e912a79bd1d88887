"""RELU6: values are clamped to between 0 and 6. int8 or int16, of one scale: TFLM clamps and does not rescale."""

from __future__ import annotations

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require_same_quantization
from tdl_course.ops.operator import NO_OPTIONS
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.relu import kernel_call, macs, reference
from tdl_course.ops.rescale import validate_rescale

KIND = "RELU6"
OPTIONS = NO_OPTIONS
overlap = element_wise


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless input and output are of one dtype, shape and quantization."""
    validate_rescale(graph, op)
    require_same_quantization(op, graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]])


__all__ = ["KIND", "OPTIONS", "kernel_call", "macs", "overlap", "reference", "validate"]
