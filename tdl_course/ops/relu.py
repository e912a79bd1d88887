"""RELU: negative values become zero. int8 or int16 in and out, each with its own scale."""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.fixed_point import activation_range
from tdl_course.ops.operator import NO_OPTIONS, KernelCall
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.rescale import rescale, rescale_call, validate_rescale

KIND = "RELU"
OPTIONS = NO_OPTIONS
overlap = element_wise
validate = validate_rescale


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: rescale, then clamp at the output's zero point."""
    assert inputs[0] is not None
    return [rescale(graph, op, inputs[0], _bounds(graph, op))]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_lookup_s8` or `tdl_rescale_s16`."""
    return rescale_call(graph, op, _bounds(graph, op))


def _bounds(graph: Graph, op: Op) -> tuple[int, int]:
    target = graph.tensors[op.outputs[0]]
    return activation_range(op.kind, target.scale, target.zero_point, target.dtype)
