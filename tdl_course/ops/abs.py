"""ABS: |x|. int8 in and out, each with its own scale and zero point."""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.fixed_point import quantize_multiplier, requantize
from tdl_course.ops.lookup import EVERY_INT8, lookup_call, validate_unary
from tdl_course.ops.operator import NO_OPTIONS, KernelCall
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.rescale import require_rescalable

KIND = "ABS"
OPTIONS = NO_OPTIONS
overlap = element_wise


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int8 goes to int8 of the same shape, by a ratio of scales that can be multiplied."""
    validate_unary(graph, op)
    require_rescalable(op, graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]])


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: the distance from the input's zero point, on the output's scale."""
    assert inputs[0] is not None
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    distance = np.abs(inputs[0].astype(np.int32) - source.zero_point)
    multiplier, shift = quantize_multiplier(source.scale / target.scale)
    return [requantize(distance, multiplier, shift, target.zero_point, (-128, 127), target.dtype)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_lookup_s8`: a table of the 256 answers."""
    return lookup_call(graph, op, reference(graph, op, [EVERY_INT8])[0])
