"""SOFTMAX: scores into probabilities, exp(beta * x) / sum of exp(beta * x), along the last axis.

In: int8. Out: int8 of scale 1/256 and zero point -128. Exponential and reciprocal are in fixed point (see
`exponential`), so that no target needs floating point. int16 has an arithmetic of its own: see `softmax_int16`.
"""

from __future__ import annotations

import math

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    number_option,
    require,
    require_operands,
    require_quantized,
    require_shape,
)
from tdl_course.ops.exponential import exp_of_negative, one_over_one_plus
from tdl_course.ops.fixed_point import (
    divide_by_power_of_two,
    multiply_by_quantized_multiplier,
    multiply_high,
    quantize_multiplier,
)
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.softmax_int16 import call_int16, reference_int16, validate_int16

KIND = "SOFTMAX"
OPTIONS = OptionTable(9, "SoftmaxOptions", (Option("beta", 0, "float32", 0.0),))
overlap = element_wise

INPUT_BITS = 5
"""Integer bits of a scaled difference: differences under -32 have no weight."""
SUM_BITS = 12
"""Integer bits of the sum of exponentials."""
DEPTH_MAX = (2 << SUM_BITS) - 1
"""Values in a row: as many ones as a sum of 32 bits without sign holds. TFLM gives up where the sum reaches 512."""


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int8 goes to scale 1/256 and zero point -128, or int16 to 1/32768."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_quantized(op, source, target)
    if source.dtype == "int16":
        validate_int16(graph, op)
        return
    require_shape(op, target, source.shape)
    require(
        target.scale == 1 / 256 and target.zero_point == -128,
        op,
        f"output has scale {target.scale} and zero point {target.zero_point}; 1/256 and -128 are needed",
    )
    require(
        len(source.shape) >= 1 and 1 <= source.shape[-1] <= DEPTH_MAX,
        op,
        f"input is {list(source.shape)}; the last axis must have 1 to {DEPTH_MAX} values",
    )
    step = number_option(op, "beta") * source.scale
    require(
        math.isfinite(step) and step * (1 << (31 - INPUT_BITS)) > 1,
        op,
        f"beta {number_option(op, 'beta')} times the input scale {source.scale} must be finite and over 2**-26",
    )


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition, integer by integer."""
    assert inputs[0] is not None
    if inputs[0].dtype == np.int16:
        return [reference_int16(graph, op, inputs[0])]
    x = inputs[0].astype(np.int32)
    multiplier, shift, smallest = softmax_parameters(graph, op)
    difference = x - x.max(axis=-1, keepdims=True)
    counted = difference >= smallest
    scaled = multiply_by_quantized_multiplier(np.where(counted, difference, 0), multiplier, shift)
    exponentials = exp_of_negative(scaled, INPUT_BITS)
    total = np.where(counted, divide_by_power_of_two(exponentials, SUM_BITS), 0).astype(np.int64)
    inverse, exponent = reciprocal(total.sum(axis=-1, keepdims=True))
    probability = divide_by_power_of_two(multiply_high(inverse, exponentials), exponent + 31 - 8)
    return [np.where(counted, np.clip(probability - 128, -128, 127), -128).astype(np.int8)]


def macs(graph: Graph, op: Op) -> int:
    """0: the multiplications of the series are no weighted sum."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_softmax_s8` or `_s16`."""
    source = graph.tensors[op.inputs[0]]
    if source.dtype == "int16":
        return call_int16(graph, op)
    multiplier, shift, smallest = softmax_parameters(graph, op)
    params = (
        Param("int32_t", "rows", source.size // source.shape[-1]),
        Param("int32_t", "depth", source.shape[-1]),
        Param("int32_t", "input_multiplier", multiplier),
        Param("int32_t", "input_shift", shift),
        Param("int32_t", "smallest_difference", smallest),
    )
    return KernelCall("softmax", "tdl_softmax_s8", "tdl_softmax_params", params, op.inputs, op.outputs)


def softmax_parameters(graph: Graph, op: Op) -> tuple[int, int, int]:
    """Multiplier and shift that take a difference of inputs to Q5.26, and the smallest difference that counts."""
    scale = number_option(op, "beta") * graph.tensors[op.inputs[0]].scale * (1 << (31 - INPUT_BITS))
    multiplier, shift = quantize_multiplier(min(scale, float((1 << 31) - 1)))
    largest = ((1 << INPUT_BITS) - 1) * (1 << (31 - INPUT_BITS)) // (1 << shift)
    return multiplier, shift, -largest


def reciprocal(total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 / total for a positive Q12.19 number: (m, e) with m in Q0.31 in (1/2, 1] and 1/total = m * 2**-e."""
    leading = np.array([32 - int(v).bit_length() for v in total.reshape(-1)], np.int64).reshape(total.shape)
    mantissa_minus_one = (total << leading) - (1 << 31)
    return one_over_one_plus(mantissa_minus_one), SUM_BITS - leading
