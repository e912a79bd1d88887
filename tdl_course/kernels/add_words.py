"""Kernel "words": ADD of two int8 tensors of one shape, four values at a time.

In: an operator. Out: the call of `add_words_dsp.c`, what it costs, why it cannot be had.
"""

from __future__ import annotations

from tdl_course.graph import Graph, Op
from tdl_course.kernels.pairs import fast_scale
from tdl_course.ops.add import sum_scales
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import KernelCall, Param
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.weighted import clamp

WITHOUT_DSP = True
overlap = element_wise
EXACT = (1 << 30, 0)
"""Multiplier and shift of the operand of the larger scale: one half."""
LARGEST_SUM = 1 << 28
"""No sum of two shares, each under 255 * 2^19, exceeds it."""


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly."""
    a, b, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    if target.dtype != "int8":
        return f"values are {target.dtype}; int8 is needed"
    if a.is_constant or b.is_constant or not a.shape == b.shape == target.shape:
        return "an operand is repeated or constant"
    if fast_scale(*sum_scales(graph, op).output, LARGEST_SUM, target.zero_point) is None:
        return "the output is more than half as fine as the sum, which needs another rounding"
    return None


def scratch(graph: Graph, op: Op) -> int:
    """None is needed."""
    return 0


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: 18 a value."""
    return 18 * graph.tensors[op.outputs[0]].size + 60


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_add_words_s8`, the operand of the larger scale first."""
    scales, target = sum_scales(graph, op), graph.tensors[op.outputs[0]]
    swapped = scales.a != EXACT
    first, second = op.inputs[::-1] if swapped else op.inputs
    multiplier, shift = scales.a if swapped else scales.b
    # A share that is exact too has no shift: one bit more, and a shift by one.
    factor, right = (1 << 22, 1) if shift == 0 else (1 << 21, -shift)
    scale = fast_scale(*scales.output, LARGEST_SUM, target.zero_point)
    assert scale is not None, "asked for although why_not says no"
    low, high = clamp(op, target)
    fields = {
        "size": target.size,
        "factor": factor,
        "start": -graph.tensors[second].zero_point * factor,
        "multiplier": multiplier,
        "shift": right,
        "zero": -graph.tensors[first].zero_point * (1 << 20),
        "output_multiplier": scale[0],
        "output_offset": scale[1],
        "output_shift": scale[2],
        "activation_min": low,
        "activation_max": high,
    }
    params = tuple(Param("int32_t", name, value) for name, value in fields.items())
    return typed_call("add_words", "s8", params, (first, second), op.outputs, variant="dsp")
