"""HARD_SWISH: x * relu6(x + 3) / 6. int8 in and out, each with its own scale.

The definition computes in 16 bits, as TensorFlow Lite does: x twice, once on the output's scale and once on a scale
where 3 is 2**15, from which the factor relu6(x + 3) / 6 is made.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require
from tdl_course.ops.fixed_point import divide_by_power_of_two, quantize_multiplier
from tdl_course.ops.lookup import EVERY_INT8, lookup_call, validate_unary
from tdl_course.ops.operator import KernelCall, OptionTable
from tdl_course.ops.overlap import element_wise

KIND = "HARD_SWISH"
OPTIONS = OptionTable(91, "HardSwishOptions", ())
overlap = element_wise

EXTRA_BITS = 7
INT16 = (-(1 << 15), (1 << 15) - 1)


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless input and output are int8 of one shape, their scales in proportion."""
    validate_unary(graph, op)
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    _, output_shift, _, factor_shift = _multipliers(graph, op)
    require(
        output_shift <= 0 and factor_shift <= 30,
        op,
        f"the input's scale {source.scale} is out of proportion: less than 2**7 of the output's, {target.scale}, and"
        " less than 2**23 are supported",
    )


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition, in 16 bits."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    assert inputs[0] is not None
    output_multiplier, output_shift, factor_multiplier, factor_shift = _multipliers(graph, op)
    x = (inputs[0].astype(np.int64) - source.zero_point) << EXTRA_BITS
    on_output_scale = _multiply_high_16(x, output_multiplier)
    # x / 3 in Q0.15, saturating. All but one of the left shifts come before the multiplication.
    third = _saturated(x << max(factor_shift - 1, 0))
    third = _multiply_high_16(third, factor_multiplier)
    third = _saturated(third << 1) if factor_shift > 0 else _divide_16(third, -factor_shift)
    factor = (third.astype(np.int64) + (1 << 15)) >> 1
    product = factor * on_output_scale
    high = np.sign(product) * (np.abs(product) >> 15)
    # the zero point is added in 16 bits, wrapping
    wide = _divide_16(high, -output_shift).astype(np.int16) + np.int16(target.zero_point)
    return [np.clip(wide, -128, 127).astype(np.int8)]


def macs(graph: Graph, op: Op) -> int:
    """0: products that are not summed up."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_lookup_s8`."""
    return lookup_call(graph, op, reference(graph, op, [EVERY_INT8])[0])


def _multipliers(graph: Graph, op: Op) -> tuple[int, int, int, int]:
    """Q15 multiplier and shift to the output's scale, and to the scale where 3 is 2**15."""
    source, target = (graph.tensors[i].scale for i in (*op.inputs, *op.outputs))
    fine = source / (1 << EXTRA_BITS)
    output, output_shift = quantize_multiplier(fine / target)
    factor, factor_shift = quantize_multiplier(fine / (3 / (1 << 15)))
    return _to_16_bits(output), output_shift, _to_16_bits(factor), factor_shift


def _to_16_bits(multiplier: int) -> int:
    """A Q31 multiplier as Q15."""
    return min((multiplier + (1 << 15)) >> 16, INT16[1])


def _multiply_high_16(a: np.ndarray, b: int) -> np.ndarray:
    """`a * b / 2**15`, rounded half up."""
    return (a * b + (1 << 14)) >> 15


def _divide_16(x: np.ndarray, exponent: int) -> np.ndarray:
    """`x / 2**exponent`, rounded to nearest. Beyond 15, where 0 were right, TensorFlow Lite's 16 bits give 1 or -1."""
    return divide_by_power_of_two(x, exponent) if exponent <= 15 else np.where(x < 0, -1, 1)


def _saturated(x: np.ndarray) -> np.ndarray:
    return np.clip(x, *INT16)
