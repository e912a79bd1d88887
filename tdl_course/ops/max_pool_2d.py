"""MAX_POOL_2D: the largest value under a sliding window, channel by channel. NHWC int8 in and out."""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.operator import KernelCall
from tdl_course.ops.overlap import by_windows
from tdl_course.ops.pool import POOL_OPTIONS, pool_call, pool_window, validate_pool
from tdl_course.ops.weighted import clamp
from tdl_course.ops.window import padded, taps

KIND = "MAX_POOL_2D"
OPTIONS = POOL_OPTIONS
validate = validate_pool


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: the maximum over the taps; padding is -128, which never wins over a value."""
    assert inputs[0] is not None
    window = pool_window(graph, op)
    views = [view for _, _, view in taps(padded(inputs[0], window, -128), window)]
    largest = np.maximum.reduce(views)
    return [np.clip(largest, *clamp(op, graph.tensors[op.outputs[0]])).astype(np.int8)]


def macs(graph: Graph, op: Op) -> int:
    """0: pooling compares, it does not multiply."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_max_pool_2d_s8`."""
    return pool_call(graph, op, "max_pool_2d")


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel."""
    return by_windows(graph, op, pool_window(graph, op))
