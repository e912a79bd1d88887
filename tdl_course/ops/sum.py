"""SUM: the sum over any axes, on the output's scale."""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops import reduce
from tdl_course.ops.fixed_point import quantize_multiplier
from tdl_course.ops.operator import KernelCall
from tdl_course.ops.overlap import apart

KIND = "SUM"
OPTIONS = reduce.OPTIONS
overlap = apart
validate = reduce.validate_reduction


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: sum of (value - zero point), times scale ratio in fixed point."""
    assert inputs[0] is not None
    return [reduce.reduced(graph, op, inputs[0], sum_multiplier)]


def macs(graph: Graph, op: Op) -> int:
    """0: the one multiplication of each output is its requantization."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_reduce_s8` or `_s16`."""
    return reduce.reduce_call(graph, op, sum_multiplier)


def sum_multiplier(input_scale: float, output_scale: float, count: int) -> tuple[int, int]:
    """`input_scale / output_scale` in fixed point, whatever the count."""
    return quantize_multiplier(input_scale / output_scale)
