"""exp(x) for x <= 0 and 1 / (1 + x) for x in 0..1, in fixed point: what SOFTMAX, LOGISTIC and TANH are made of.

In and out: int32 arrays. Qa.b is an int32 with a integer bits and b fractional ones: Q4.27 lies between -16 and 16,
Q0.31 between -1 and 1. Both functions are those of the gemmlowp library, integer by integer, as TensorFlow Lite uses
them. This module knows no operator; SOFTMAX's kernel has their twins in C.
"""

from __future__ import annotations

import numpy as np

from tdl_course.ops.fixed_point import divide_by_power_of_two, multiply_high

INT32 = (-(2**31), 2**31 - 1)
ONE = 2**31 - 1
"""1 in Q0.31, as near as it comes."""
EXP_MINUS_EIGHTH = 1895147668
ONE_THIRD = 715827883
EXP_OF_MINUS_POWERS = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
"""exp(-1/4), exp(-1/2), exp(-1), ... exp(-16) in Q0.31."""
FORTY_EIGHT_17THS = 1515870810
MINUS_THIRTY_TWO_17THS = -1010580540


def exp_of_negative(x: np.ndarray, integer_bits: int) -> np.ndarray:
    """exp(x) in Q0.31 for x <= 0 with 4 or 5 integer bits: a series on [-1/4, 0), times tabled powers for the rest."""
    quarter_bits = 31 - integer_bits - 2
    quarter = 1 << quarter_bits
    fraction = (x & (quarter - 1)) - quarter
    remainder = fraction - x
    result = exp_of_fraction(fraction << integer_bits)
    for power, factor in enumerate(EXP_OF_MINUS_POWERS[: integer_bits + 2]):
        result = np.where(remainder & (quarter << power), multiply_high(result, factor), result)
    return np.where(x == 0, np.int32(ONE), result).astype(np.int32)


def exp_of_fraction(x: np.ndarray) -> np.ndarray:
    """exp(x) in Q0.31 for x in [-1/4, 0) in Q0.31: four terms around -1/8."""
    t = x + (1 << 28)
    t2 = multiply_high(t, t)
    t3 = multiply_high(t2, t)
    t4 = multiply_high(t2, t2)
    tail = multiply_high(divide_by_power_of_two(t4, 2) + t3, ONE_THIRD)
    tail = divide_by_power_of_two(tail + t2, 1)
    return EXP_MINUS_EIGHTH + multiply_high(EXP_MINUS_EIGHTH, t + tail)


def two_over_one_plus(x: np.ndarray) -> np.ndarray:
    """2 / (1 + x) in Q2.29 for x in [0, 1) in Q0.31; int64.

    Three Newton-Raphson steps from the best straight line, 48/17 - 32/17 d, on d = (1 + x) / 2.
    """
    half = (x.astype(np.int64) + (1 << 31)) >> 1
    estimate = (FORTY_EIGHT_17THS + multiply_high(half, MINUS_THIRTY_TWO_17THS)).astype(np.int64)
    for _ in range(3):
        error = (1 << 29) - multiply_high(half, estimate).astype(np.int64)
        step = multiply_high(estimate, error).astype(np.int64)
        estimate = estimate + np.clip(step << 2, *INT32)
    return estimate


def one_over_one_plus(x: np.ndarray) -> np.ndarray:
    """1 / (1 + x) in Q0.31 for x in [0, 1) in Q0.31; saturates just under 1."""
    return np.clip(two_over_one_plus(x) << 1, *INT32).astype(np.int32)


def one_minus_over_one_plus(x: np.ndarray) -> np.ndarray:
    """(1 - x) / (1 + x) = 2 / (1 + x) - 1 in Q0.31 for x in [0, 1) in Q0.31."""
    return np.clip((two_over_one_plus(x) - (1 << 29)) << 2, *INT32).astype(np.int32)
