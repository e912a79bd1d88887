"""AVERAGE_POOL_2D: the mean under a sliding window, channel by channel. NHWC int8 or int16 in and out.

Padding does not count: at a border the sum is divided by the number of values that lie inside the input. The quotient
is rounded to nearest, halves away from zero.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.operator import KernelCall
from tdl_course.ops.overlap import by_windows
from tdl_course.ops.pool import POOL_OPTIONS, pool_call, pool_window, validate_pool
from tdl_course.ops.weighted import clamp
from tdl_course.ops.window import padded, taps

KIND = "AVERAGE_POOL_2D"
OPTIONS = POOL_OPTIONS
validate = validate_pool


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: sum over the taps, divided by the number of taps inside the input."""
    assert inputs[0] is not None
    window = pool_window(graph, op)
    x = inputs[0].astype(np.int64)
    total = sum(view for _, _, view in taps(padded(x, window, 0), window))
    count = sum(view for _, _, view in taps(padded(np.ones_like(x), window, 0), window))
    magnitude = (np.abs(total) + count // 2) // count
    mean = np.where(total > 0, magnitude, -magnitude)
    return [np.clip(mean, *clamp(op, graph.tensors[op.outputs[0]])).astype(inputs[0].dtype)]


def macs(graph: Graph, op: Op) -> int:
    """0: pooling adds and divides, it does not multiply."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_average_pool_2d_s8` or `_s16`."""
    return pool_call(graph, op, "average_pool_2d")


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel."""
    return by_windows(graph, op, pool_window(graph, op))
