"""MAX_POOL_2D: the largest value under a sliding window, channel by channel. NHWC int8 or int16 in and out."""

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
    """The definition: the maximum over the taps; padding is the dtype's lowest value, which never wins."""
    assert inputs[0] is not None
    window = pool_window(graph, op)
    views = [view for _, _, view in taps(padded(inputs[0], window, np.iinfo(inputs[0].dtype).min), window)]
    largest = np.maximum.reduce(views)
    return [np.clip(largest, *clamp(op, graph.tensors[op.outputs[0]])).astype(inputs[0].dtype)]


def macs(graph: Graph, op: Op) -> int:
    """0: pooling compares, it does not multiply."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_max_pool_2d_s8` or `_s16`."""
    return pool_call(graph, op, "max_pool_2d")


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel."""
    return by_windows(graph, op, pool_window(graph, op))
