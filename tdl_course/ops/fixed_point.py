"""Fixed-point arithmetic: how int8 inference multiplies by a real number without floating point.

In: real scales (when the model is compiled) and int32 accumulators (when it runs). Out: a Q31 multiplier with a shift,
and int32 values. The arithmetic is TensorFlow Lite's double-rounding one, bit for bit; `tdl_requantize.h` is its twin
in C. This module knows no operator and no graph.

Source of the method: B. Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", 2018.
"""

from __future__ import annotations

import math

import numpy as np

SHIFT_MAX = 30
"""Largest left shift that the kernels take: `x << shift` is 32 bits wide."""

WIDE_SHIFT_MAX = 7
"""The same for sums of 48 bits, in int64 with a multiplier of 15 bits."""

ACTIVATIONS = ("NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT")
"""TFLite's fused activations in the order of the schema's enum."""

ACTIVATION_BOUNDS = {"NONE": (None, None), "RELU": (0.0, None), "RELU_N1_TO_1": (-1.0, 1.0), "RELU6": (0.0, 6.0)}
"""The supported ones: real lower and upper bound, None where there is none."""


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Write a non-negative real number as `multiplier * 2**(shift - 31)`.

    Parameters
    ----------
    real : float
        Zero or positive, finite; float64.

    Returns
    -------
    multiplier : int
        0, or in [2**30, 2**31 - 1].
    shift : int
        At least -31; positive shifts left. Numbers under about 2**-32 become (0, 0).

    Raises
    ------
    ValueError
        `real` is negative, infinite or not a number.

    Examples
    --------
    >>> quantize_multiplier(0.25)
    (1073741824, -1)
    """
    if not (math.isfinite(real) and real >= 0):
        raise ValueError(f"a multiplier must be finite and not negative, got {real}; check the tensors' scales")
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * (1 << 31) + 0.5)
    if multiplier == 1 << 31:
        multiplier //= 2
        shift += 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def quantize_multipliers(reals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`quantize_multiplier` of each element: two int32 arrays of the same length."""
    pairs = [quantize_multiplier(float(real)) for real in np.asarray(reals).reshape(-1)]
    return np.array([m for m, _ in pairs], np.int32), np.array([s for _, s in pairs], np.int32)


def multiply_high(a: np.ndarray | int, b: np.ndarray | int) -> np.ndarray:
    """`a * b / 2**31`, rounded half up: the high half of the doubled product. int32 in, int32 out.

    The one product that does not fit, -2**31 by -2**31, becomes 2**31 - 1.
    """
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    return np.minimum((product + (1 << 30)) >> 31, 2**31 - 1).astype(np.int32)


def divide_by_power_of_two(x: np.ndarray | int, exponent: np.ndarray | int) -> np.ndarray:
    """`x / 2**exponent`, rounded to nearest, halves away from zero. int32 in, int32 out; exponent in 0..31."""
    wide = np.asarray(x, np.int64)
    exponent = np.asarray(exponent, np.int64)
    mask = (np.int64(1) << exponent) - 1
    threshold = (mask >> 1) + (wide < 0)
    return ((wide >> exponent) + ((wide & mask) > threshold)).astype(np.int32)


def multiply_by_quantized_multiplier(
    x: np.ndarray, multiplier: np.ndarray | int, shift: np.ndarray | int
) -> np.ndarray:
    """`x * multiplier * 2**(shift - 31)` as TFLite computes it: shift left, multiply high, round right.

    Parameters
    ----------
    x : int32 array
        Accumulators.
    multiplier, shift : int or int32 array
        From `quantize_multiplier`; arrays broadcast against `x` (per channel: along its last axis).

    Returns
    -------
    int32 array of the broadcast shape. A left shift that overflows wraps, as the C does.
    """
    shift = np.asarray(shift, np.int64)
    shifted = (np.asarray(x, np.int64) << np.maximum(shift, 0)).astype(np.int32)
    return divide_by_power_of_two(multiply_high(shifted, multiplier), np.maximum(-shift, 0))


def narrow_multipliers(multiplier: np.ndarray | int) -> np.ndarray:
    """Q31 multipliers rounded to Q15: at most 2**15 - 1, so that the product with 48 bits fits an int64."""
    return np.minimum((np.asarray(multiplier, np.int64) + (1 << 15)) >> 16, (1 << 15) - 1).astype(np.int32)


def multiply_wide(x: np.ndarray, multiplier: np.ndarray | int, shift: np.ndarray | int) -> np.ndarray:
    """`x * multiplier * 2**(shift - 15)`, rounded once, halves up; int64 in, int32 out.

    Parameters
    ----------
    x : int64 array
        Accumulators between -2**47 and 2**47.
    multiplier : int or int32 array
        From `narrow_multipliers`.
    shift : int or int32 array
        From `quantize_multiplier`, at most `WIDE_SHIFT_MAX`.
    """
    right = 15 - np.asarray(shift, np.int64)
    product = np.asarray(x, np.int64) * np.asarray(multiplier, np.int64)
    return ((product + (np.int64(1) << (right - 1))) >> right).astype(np.int32)


def requantize(
    accumulator: np.ndarray,
    multiplier: np.ndarray | int,
    shift: np.ndarray | int,
    zero_point: int,
    bounds: tuple[int, int] = (-128, 127),
    dtype: str = "int8",
) -> np.ndarray:
    """int32 accumulators as int8 or another `dtype`, with integers only.

    `accumulator * multiplier * 2**(shift - 31) + zero_point`, clamped to `bounds`; same shape as `accumulator`.
    `multiplier` (Q31) and `shift` come from `quantize_multiplier`: one pair, or one for each last-dimension channel.
    """
    scaled = multiply_by_quantized_multiplier(accumulator, multiplier, shift).astype(np.int64) + zero_point
    return np.clip(scaled, *bounds).astype(dtype)


def activation_range(activation: str, scale: float, zero_point: int, dtype: str = "int8") -> tuple[int, int]:
    """The quantized bounds that a fused activation clamps to.

    Parameters
    ----------
    activation : str
        "NONE", "RELU", "RELU6" or "RELU_N1_TO_1".
    scale, zero_point : float, int
        Of the output tensor.
    dtype : str
        Integer dtype of the output tensor.

    Returns
    -------
    (int, int)
        Lowest and highest value, inclusive.

    Raises
    ------
    ValueError
        The activation is not one of the four.

    Examples
    --------
    >>> activation_range("RELU6", 0.05, -128)
    (-128, -8)
    """
    if activation not in ACTIVATION_BOUNDS:
        raise ValueError(f"fused activation {activation!r} is not supported; use one of {', '.join(ACTIVATION_BOUNDS)}")
    info = np.iinfo(dtype)
    low, high = ACTIVATION_BOUNDS[activation]
    bottom = info.min if low is None else max(info.min, quantize_bound(low, scale, zero_point))
    top = info.max if high is None else min(info.max, quantize_bound(high, scale, zero_point))
    return int(bottom), int(top)


def quantize_bound(real: float, scale: float, zero_point: int) -> int:
    """`real` on the quantized scale, in float32 as TFLite does, halves away from zero."""
    ratio = float(np.float32(real) / np.float32(scale))
    return zero_point + int(math.copysign(math.floor(abs(ratio) + 0.5), ratio))
