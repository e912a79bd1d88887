"""Learning through a rounding, from scratch: what the Keras layers of `qat` do, in NumPy.

In: weights, their step, bits. Out: what the network sees of them, and gradients. A grid of b bits is symmetric:
integers from -(2**(b-1) - 1) to 2**(b-1) - 1. This module knows neither Keras nor an optimizer.
"""

from __future__ import annotations

import numpy as np

from tdl_course.compress.quantize import integer_range

TERNARY_THRESHOLD = 0.7
"""Of the mean absolute weight: F. Li et al., "Ternary Weight Networks" (arXiv:1605.04711, 2016)."""


def straight_through(
    weights: np.ndarray, step: float | np.ndarray, bits: int, upstream: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rounded weights, and the gradient of the weights as if rounding inside the grid were the identity.

    After Y. Bengio, N. Leonard, A. Courville (arXiv:1308.3432, 2013).

    Parameters
    ----------
    weights : float array
    step : float or array that broadcasts
    bits : int
        2 to 16.
    upstream : float array, shaped like the weights
        The gradient of the rounded weights.
    """
    highest = integer_range(bits, narrow=True)[1]
    scaled = weights / step
    rounded = step * np.clip(np.rint(scaled), -highest, highest)
    return rounded, upstream * (np.abs(scaled) <= highest)


def step_gradient(weights: np.ndarray, step: float | np.ndarray, bits: int) -> np.ndarray:
    """Derivative of each rounded weight by its step: S. K. Esser et al. (ICLR 2020), equation 3."""
    highest = integer_range(bits, narrow=True)[1]
    scaled = weights / step
    return np.where(np.abs(scaled) < highest, np.rint(scaled) - scaled, np.sign(scaled) * highest)


def ternarize(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights as -1, 0, 1 (int8) times one scale: small ones are 0, the scale is the mean size of the others.

    Threshold and scale are those of Li et al. (2016); all-zero weights have scale 0.

    >>> ternarize(np.array([0.9, -0.1, -0.7]))
    (array([ 1,  0, -1], dtype=int8), 0.8)
    """
    sizes = np.abs(weights)
    kept = sizes > TERNARY_THRESHOLD * sizes.mean()
    scale = float(sizes[kept].mean()) if kept.any() else 0.0
    return (np.sign(weights) * kept).astype(np.int8), scale
