"""Quantization from scratch: float32 arrays to integers of a few bits, and arithmetic that stays in integers.

In: NumPy arrays. Out: NumPy arrays, scales and zero points. This module knows neither Keras nor a file format.

A quantized number `q` stands for the real number `scale * (q - zero_point)`; scale and zero point are shared by a whole
tensor or by one channel of it. The scheme and its integer-only evaluation are those of Jacob et al., "Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference" (CVPR 2018). Which tensors have scales by
channel and which ranges are narrow is as in TensorFlow Lite's int8 specification; products are rounded as its kernels
do it.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tdl_course.graph import Quantization
from tdl_course.ops.fixed_point import quantize_multiplier, requantize

Method = Literal["minmax", "percentile", "mse"]
METHODS: tuple[Method, ...] = ("minmax", "percentile", "mse")

__all__ = [
    "METHODS",
    "affine_params",
    "calibrate",
    "dense_int8",
    "dequantize",
    "fake_quantize",
    "integer_range",
    "quantize",
    "quantize_multiplier",
    "quantize_weights",
    "requantize",
    "signal_to_noise_db",
    "symmetric_params",
]


def integer_range(bits: int = 8, narrow: bool = False) -> tuple[int, int]:
    """Smallest and largest signed integer of `bits` bits; `narrow` leaves the most negative one out.

    >>> integer_range(8), integer_range(8, narrow=True), integer_range(4)
    ((-128, 127), (-127, 127), (-8, 7))
    """
    if not 2 <= bits <= 16:
        raise ValueError(f"bits is {bits}; 2 to 16 are allowed")
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return (low + 1 if narrow else low), high


def affine_params(r_min: float, r_max: float, bits: int = 8) -> tuple[float, int]:
    """Scale and zero point that map the real range [r_min, r_max], widened to hold zero, onto `bits`-bit integers.

    Zero becomes exactly representable, because padding and ReLU put many exact zeros into a network. A range too narrow
    for a float32 scale gets scale 1.

    Raises
    ------
    ValueError
        The range is not finite or is upside down.

    >>> affine_params(-1.0, 1.55)
    (0.01, -28)
    """
    if not (np.isfinite(r_min) and np.isfinite(r_max)) or r_min > r_max:
        raise ValueError(f"range [{r_min}, {r_max}]: finite numbers with r_min <= r_max are needed")
    low, high = integer_range(bits)
    r_min, r_max = min(float(r_min), 0.0), max(float(r_max), 0.0)
    scale = (r_max - r_min) / (high - low)
    if scale < np.finfo(np.float32).tiny:
        return 1.0, 0
    return scale, int(np.clip(np.rint(low - r_min / scale), low, high))


def symmetric_params(r_abs: float, bits: int = 8) -> tuple[float, int]:
    """Scale for the real range [-r_abs, r_abs] with zero point 0 and a narrow integer range, as weights use it.

    >>> symmetric_params(2.54)
    (0.02, 0)
    """
    _, high = integer_range(bits, narrow=True)
    return (float(r_abs) / high if r_abs > 0 else 1.0), 0


def quantize(real: np.ndarray, scale: float | np.ndarray, zero_point: int | np.ndarray, bits: int = 8) -> np.ndarray:
    """Nearest integers to `real / scale + zero_point`, saturated. int8 up to 8 bits, int16 above.

    >>> quantize(np.array([-9.0, 0.0, 0.5]), scale=0.01, zero_point=-28)
    array([-128,  -28,   22], dtype=int8)
    """
    low, high = integer_range(bits)
    q = np.rint(np.asarray(real, np.float64) / scale) + zero_point
    return np.clip(q, low, high).astype(np.int8 if bits <= 8 else np.int16)


def dequantize(q: np.ndarray, scale: float | np.ndarray, zero_point: int | np.ndarray) -> np.ndarray:
    """The real numbers (float32) that the integers stand for."""
    return (np.asarray(scale) * (q.astype(np.int32) - zero_point)).astype(np.float32)


def fake_quantize(
    real: np.ndarray, scale: float | np.ndarray, zero_point: int | np.ndarray, bits: int = 8
) -> np.ndarray:
    """`real` after a round trip through the integers (float32): what quantization leaves of it."""
    return dequantize(quantize(real, scale, zero_point, bits), scale, zero_point)


def quantize_weights(weights: np.ndarray, bits: int = 8, axis: int | None = None) -> tuple[np.ndarray, Quantization]:
    """Symmetric weights: integers in the narrow range, and their scales.

    Parameters
    ----------
    weights : float array
    axis : int, optional
        The output-channel dimension for one scale per channel; None for one scale for the whole tensor.
    """
    weights = np.asarray(weights, np.float64)
    if axis is None:
        scales = np.array([symmetric_params(np.abs(weights).max(initial=0.0), bits)[0]])
        shape = (1,) * weights.ndim
    else:
        others = tuple(d for d in range(weights.ndim) if d != axis % weights.ndim)
        scales = np.array([symmetric_params(r, bits)[0] for r in np.abs(weights).max(axis=others)])
        shape = tuple(-1 if d == axis % weights.ndim else 1 for d in range(weights.ndim))
    q = quantize(weights, scales.reshape(shape), 0, bits)
    return q, Quantization(tuple(scales.tolist()), (0,) * len(scales), 0 if axis is None else axis % weights.ndim)


def calibrate(
    values: np.ndarray, method: Method = "minmax", bits: int = 8, percentile: float = 99.9
) -> tuple[float, float]:
    """The real range to quantize, chosen from example values.

    Parameters
    ----------
    values : float array of any shape
    method : {"minmax", "percentile", "mse"}
        The extremes; the central `percentile` % of the values; or the range, shrunk from the extremes in steps of 1 %,
        whose quantization has the least mean squared error.
    """
    values = np.asarray(values, np.float64).ravel()
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError(
            f"calibration needs finite values; got {values.size} values, {np.isfinite(values).sum()} finite"
        )
    if method == "minmax":
        return float(values.min()), float(values.max())
    if method == "percentile":
        tail = (100.0 - percentile) / 2
        low, high = np.percentile(values, [tail, 100.0 - tail])
        return float(low), float(high)
    if method == "mse":
        return least_squares_range(values, bits)
    raise ValueError(f"calibration method {method!r}: {', '.join(METHODS)} are allowed")


def least_squares_range(values: np.ndarray, bits: int) -> tuple[float, float]:
    """The fraction of [min, max] that loses least: clipping errors against rounding errors."""
    low, high = float(values.min()), float(values.max())
    best = (np.inf, low, high)
    for fraction in np.linspace(1.0, 0.1, 91):
        scale, zero_point = affine_params(low * fraction, high * fraction, bits)
        error = float(np.mean((fake_quantize(values, scale, zero_point, bits) - values) ** 2))
        best = min(best, (error, low * fraction, high * fraction))
    return best[1], best[2]


def dense_int8(
    x: np.ndarray,
    weights: np.ndarray,
    bias: np.ndarray,
    x_zero_point: int,
    multiplier: int | np.ndarray,
    shift: int | np.ndarray,
    output_zero_point: int,
) -> np.ndarray:
    """A dense layer in integers only.

    Parameters
    ----------
    x : int8 [batch, inputs]
    weights : int8 [outputs, inputs], zero point 0
    bias : int32 [outputs], scale `x_scale * weight_scale`
    multiplier, shift
        `quantize_multiplier(x_scale * weight_scale / output_scale)`.

    Returns
    -------
    int8 [batch, outputs]
    """
    accumulator = (x.astype(np.int32) - x_zero_point) @ weights.astype(np.int32).T + bias
    return requantize(accumulator, multiplier, shift, output_zero_point)


def signal_to_noise_db(real: np.ndarray, approximation: np.ndarray) -> float:
    """Signal power over error power in decibels; infinite where nothing was lost."""
    real = np.asarray(real, np.float64)
    noise = float(np.mean((real - approximation) ** 2))
    return float("inf") if noise == 0.0 else 10.0 * float(np.log10(np.mean(real**2) / noise))
