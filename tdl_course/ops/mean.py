"""MEAN: the average over any axes. The division by the count is folded into the multiplier at compile time."""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops import reduce
from tdl_course.ops.fixed_point import quantize_multiplier
from tdl_course.ops.operator import KernelCall
from tdl_course.ops.overlap import apart

KIND = "MEAN"
OPTIONS = reduce.OPTIONS
overlap = apart
validate = reduce.validate_reduction


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: sum of (value - zero point), times scale ratio / count in fixed point."""
    assert inputs[0] is not None
    return [reduce.reduced(graph, op, inputs[0], mean_multiplier)]


def macs(graph: Graph, op: Op) -> int:
    """0: a mean adds; the one multiplication of each output is its requantization."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_reduce_s8` or `_s16`."""
    return reduce.reduce_call(graph, op, mean_multiplier)


def mean_multiplier(input_scale: float, output_scale: float, count: int) -> tuple[int, int]:
    """`input_scale / output_scale / count` in fixed point, keeping as many bits as TFLM does."""
    multiplier, shift = quantize_multiplier(input_scale / output_scale)
    bits = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << bits) // count, shift - bits
