"""SOFTMAX: scores into probabilities, exp(beta * x) / sum of exp(beta * x), along the last axis.

In: int8. Out: int8 of scale 1/256 and zero point -128. Both exponential and reciprocal are fixed-point series (the
scheme of the gemmlowp library), so that no target needs floating point. Notation: Q5.26 is an int32 with 5 integer
bits and 26 fractional ones, between -32 and 32.
"""

from __future__ import annotations

import math

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    number_option,
    require,
    require_int8,
    require_operands,
    require_shape,
)
from tdl_course.ops.fixed_point import (
    divide_by_power_of_two,
    multiply_by_quantized_multiplier,
    multiply_high,
    quantize_multiplier,
)
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import element_wise

KIND = "SOFTMAX"
OPTIONS = OptionTable(9, "SoftmaxOptions", (Option("beta", 0, "float32", 0.0),))
overlap = element_wise

INPUT_BITS = 5
"""Integer bits of a scaled difference: differences under -32 have no weight."""
SUM_BITS = 12
"""Integer bits of the sum of exponentials."""
DEPTH_MAX = (1 << SUM_BITS) - 1
EXP_MINUS_EIGHTH = 1895147668
ONE_THIRD = 715827883
EXP_OF_MINUS_POWERS = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
"""exp(-1/4), exp(-1/2), exp(-1), ... exp(-16) in Q0.31."""
FORTY_EIGHT_17THS = 1515870810
MINUS_THIRTY_TWO_17THS = -1010580540


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int8 goes to int8 of scale 1/256 and zero point -128, and beta is usable."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_int8(op, source, target)
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
    x = inputs[0].astype(np.int32)
    multiplier, shift, smallest = softmax_parameters(graph, op)
    difference = x - x.max(axis=-1, keepdims=True)
    counted = difference >= smallest
    scaled = multiply_by_quantized_multiplier(np.where(counted, difference, 0), multiplier, shift)
    exponentials = exp_of_negative(scaled)
    total = np.where(counted, divide_by_power_of_two(exponentials, SUM_BITS), 0).astype(np.int64)
    inverse, exponent = reciprocal(total.sum(axis=-1, keepdims=True))
    probability = divide_by_power_of_two(multiply_high(inverse, exponentials), exponent + 31 - 8)
    return [np.where(counted, np.clip(probability - 128, -128, 127), -128).astype(np.int8)]


def macs(graph: Graph, op: Op) -> int:
    """0: the multiplications of the series are no weighted sum."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_softmax_s8`."""
    source = graph.tensors[op.inputs[0]]
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


def exp_of_negative(x: np.ndarray) -> np.ndarray:
    """exp(x) in Q0.31 for x <= 0 in Q5.26: a Taylor series on [-1/4, 0), times tabled powers for the rest."""
    quarter = 1 << 24
    fraction = (x & (quarter - 1)) - quarter
    remainder = fraction - x
    result = exp_of_fraction(fraction << INPUT_BITS)
    for bit, factor in enumerate(EXP_OF_MINUS_POWERS, start=24):
        result = np.where(remainder & (1 << bit), multiply_high(result, factor), result)
    return np.where(x == 0, np.int32(2**31 - 1), result).astype(np.int32)


def exp_of_fraction(x: np.ndarray) -> np.ndarray:
    """exp(x) in Q0.31 for x in [-1/4, 0) in Q0.31: four terms around -1/8."""
    t = x + (1 << 28)
    t2 = multiply_high(t, t)
    t3 = multiply_high(t2, t)
    t4 = multiply_high(t2, t2)
    tail = multiply_high(divide_by_power_of_two(t4, 2) + t3, ONE_THIRD)
    tail = divide_by_power_of_two(tail + t2, 1)
    return EXP_MINUS_EIGHTH + multiply_high(EXP_MINUS_EIGHTH, t + tail)


def reciprocal(total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """1 / total for a positive Q12.19 number: (m, e) with m in Q0.31 in (1/2, 1] and 1/total = m * 2**-e.

    Three Newton-Raphson steps from the best straight line, 48/17 - 32/17 d, on d = half of the mantissa.
    """
    leading = np.array([32 - int(v).bit_length() for v in total.reshape(-1)], np.int64).reshape(total.shape)
    mantissa = (total << leading) - (1 << 31)
    half = (mantissa + (1 << 31)) >> 1
    estimate = (FORTY_EIGHT_17THS + multiply_high(half, MINUS_THIRTY_TWO_17THS)).astype(np.int64)
    for _ in range(3):
        error = (1 << 29) - multiply_high(half, estimate).astype(np.int64)
        step = multiply_high(estimate, error).astype(np.int64)
        estimate = estimate + np.clip(step << 2, -(2**31), 2**31 - 1)
    return np.clip(estimate << 1, -(2**31), 2**31 - 1).astype(np.int32), SUM_BITS - leading
