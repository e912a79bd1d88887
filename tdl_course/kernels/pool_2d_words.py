"""Kernel "words": MAX_POOL_2D and AVERAGE_POOL_2D of four channels at a time.

In: an int8 operator. Out: the call of `max_pool_2d_words_dsp.c` or `average_pool_2d_words_dsp.c`, what it costs, why it
cannot be had.
"""

from __future__ import annotations

from math import prod

from tdl_course.graph import Graph, Op
from tdl_course.ops.operator import KernelCall
from tdl_course.ops.overlap import by_windows
from tdl_course.ops.pool import pool_call, pool_window

WITHOUT_DSP = True
MOST_TAPS = 256


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly."""
    source = graph.tensors[op.inputs[0]]
    if source.dtype != "int8":
        return f"values are {source.dtype}; int8 is needed"
    if source.shape[3] < 4:
        return f"{source.shape[3]} channels; 4 are needed"
    taps = prod(pool_window(graph, op).kernel)
    if op.kind == "AVERAGE_POOL_2D" and taps > MOST_TAPS:
        return f"the sum of {taps} values may leave 16 bits; up to {MOST_TAPS} are summed so"
    return None


def scratch(graph: Graph, op: Op) -> int:
    """None is needed."""
    return 0


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: for four channels 9 a tap, and 60."""
    target = graph.tensors[op.outputs[0]]
    return target.size // target.shape[3] * -(-target.shape[3] // 4) * (9 * prod(pool_window(graph, op).kernel) + 60)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel."""
    return by_windows(graph, op, pool_window(graph, op))


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_max_pool_2d_words_s8` or `tdl_average_pool_2d_words_s8`."""
    return pool_call(graph, op, f"{op.kind.lower()}_words", variant="dsp")
