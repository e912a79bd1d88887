"""The FFT of the integer front end: windowed frames to the power of their bins, bit for bit as the C has it.

512 real samples are 256 complex ones, even samples the real parts; their transform Z comes from a radix-4 FFT with
decimation in time, and that of the real samples is

    X[k] = E[k] + W[k] O[k]    E[k] = (Z[k] + conj Z[256 - k]) / 2    O[k] = (Z[k] - conj Z[256 - k]) / 2i

with `W[k] = exp(-2 pi i k / 512)`: J. W. Cooley, P. A. W. Lewis, P. D. Welch: The Fast Fourier Transform Algorithm:
Programming Considerations in the Calculation of Sine, Cosine and Laplace Transforms. J. Sound Vib. 12(3):315-337
(1970).

Products are those of the Cortex-M4's SMMULR, SMMLAR and SMMLSR: the upper 32 of 64 bits, rounded. Formats and bounds
are in `constants`. int64 holds what is int32 in C.
"""

from __future__ import annotations

import numpy as np

from tdl_course.audio.constants import FFT_BITS, POINTS, SPECTRUM_BITS, WINDOW_BITS, Tables

HALF = 1 << 31
PRODUCT_SHIFT = WINDOW_BITS - FFT_BITS
QUARTER = POINTS // 4
_DIGITS = np.arange(QUARTER)
REVERSED = (_DIGITS & 3) * 16 + (_DIGITS & 12) + (_DIGITS >> 4)
"""0 to 63 with the three digits of base 4 in reverse order."""


def windowed_fft(samples: np.ndarray, constants: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary part of Z, int64 [256, n] with 7 fractional bits, from int64 [512, n] of 16 bits."""
    products = samples * constants.window.astype(np.int64)[:, None]
    quarters = products.reshape(4, QUARTER, 2, -1)[:, REVERSED]
    real, imaginary = _first_stage(quarters[:, :, 0], quarters[:, :, 1])
    for stride in (4, 16, 64):
        twiddles = constants.twiddles[:: QUARTER // stride].astype(np.int64)
        real, imaginary = _stage(real, imaginary, stride, twiddles)
    return real, imaginary


def spectrum_power(real: np.ndarray, imaginary: np.ndarray, constants: Tables) -> np.ndarray:
    """|X|^2 of the bins 1 to 255: int64 [255, n] with 6 fractional bits, from Z."""
    half = POINTS // 2
    up_real, up_imaginary = real[1 : half + 1], imaginary[1 : half + 1]
    down_real, down_imaginary = real[: half - 1 : -1], imaginary[: half - 1 : -1]
    cosine, sine = (constants.split[:, part, None].astype(np.int64) for part in (0, 1))
    odd_real, odd_imaginary = up_imaginary + down_imaginary, down_real - up_real
    turned_real, turned_imaginary = _turned(odd_real, odd_imaginary, cosine, sine)
    shift = FFT_BITS + 1 - SPECTRUM_BITS
    even_real, even_imaginary = (up_real + down_real) >> shift, (up_imaginary - down_imaginary) >> shift
    power = np.empty((POINTS - 1, real.shape[1]), np.int64)
    power[half - 1 :] = ((even_real - turned_real) ** 2 + (even_imaginary - turned_imaginary) ** 2)[::-1]
    power[:half] = (even_real + turned_real) ** 2 + (even_imaginary + turned_imaginary) ** 2
    return power


def _first_stage(real: np.ndarray, imaginary: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Butterflies without twiddles of products, int64 [4, 64, n]; 8 bits are dropped behind the first additions."""

    def sum_and_difference(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (one + other) >> PRODUCT_SHIFT, (one - other) >> PRODUCT_SHIFT

    return _butterfly(
        *sum_and_difference(real[0], real[2]),
        *sum_and_difference(imaginary[0], imaginary[2]),
        *sum_and_difference(real[1], real[3]),
        *sum_and_difference(imaginary[1], imaginary[3]),
    )


def _stage(real: np.ndarray, imaginary: np.ndarray, stride: int, twiddles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Butterflies of elements `stride` apart, whose twiddles are int64 [stride, 3, 2]; products are half of it."""
    shape = (-1, 4, stride, real.shape[1])
    real, imaginary = real.reshape(shape), imaginary.reshape(shape)
    turned = [
        _turned(real[:, j], imaginary[:, j], twiddles[:, j - 1, 0, None], twiddles[:, j - 1, 1, None])
        for j in (1, 2, 3)
    ]
    (first_real, first_imaginary), (middle_real, middle_imaginary), (last_real, last_imaginary) = turned
    return _butterfly(
        real[:, 0] + 2 * middle_real,
        real[:, 0] - 2 * middle_real,
        imaginary[:, 0] + 2 * middle_imaginary,
        imaginary[:, 0] - 2 * middle_imaginary,
        2 * (first_real + last_real),
        2 * (first_real - last_real),
        2 * (first_imaginary + last_imaginary),
        2 * (first_imaginary - last_imaginary),
    )


def _butterfly(
    near_real: np.ndarray,
    far_real: np.ndarray,
    near_imaginary: np.ndarray,
    far_imaginary: np.ndarray,
    sum_real: np.ndarray,
    difference_real: np.ndarray,
    sum_imaginary: np.ndarray,
    difference_imaginary: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The four outputs of each butterfly, one behind the other: [256, n] from [..., stride, n] or [64, n].

    near, far: a0 + a2 and a0 - a2; sum, difference: a1 + a3 and a1 - a3, which a quarter turn takes to the far ones.
    """
    axis = near_real.ndim - 2 if near_real.ndim > 2 else 1
    count = near_real.shape[-1]
    real = (
        near_real + sum_real,
        far_real + difference_imaginary,
        near_real - sum_real,
        far_real - difference_imaginary,
    )
    imaginary = (
        near_imaginary + sum_imaginary,
        far_imaginary - difference_real,
        near_imaginary - sum_imaginary,
        far_imaginary + difference_real,
    )
    return np.stack(real, axis).reshape(POINTS, count), np.stack(imaginary, axis).reshape(POINTS, count)


def _turned(
    real: np.ndarray, imaginary: np.ndarray, cosine: np.ndarray, sine: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The complex values turned back by an angle: each product is the upper half of 64 bits, rounded."""
    return (
        ((real * cosine + HALF) >> 32) + ((imaginary * sine + HALF) >> 32),
        ((imaginary * cosine + HALF) >> 32) + ((HALF - real * sine) >> 32),
    )
