"""The checks of lesson 03, exercises 3.3 and 3.4: ranges that follow the batches, and folding a normalization."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception

Range = tuple[float, float]


def _moving_range(low: float, high: float, batch: np.ndarray, momentum: float, training: bool) -> Range:
    if not training:
        return low, high
    return (
        momentum * low + (1 - momentum) * float(batch.min()),
        momentum * high + (1 - momentum) * float(batch.max()),
    )


def _swapped(low: float, high: float, batch: np.ndarray, momentum: float, training: bool) -> Range:
    return _moving_range(low, high, batch, 1 - momentum, training)


def _always(low: float, high: float, batch: np.ndarray, momentum: float, training: bool) -> Range:
    return _moving_range(low, high, batch, momentum, True)


def _extremes_kept(low: float, high: float, batch: np.ndarray, momentum: float, training: bool) -> Range:
    return (min(low, float(batch.min())), max(high, float(batch.max()))) if training else (low, high)


def _batch_only(low: float, high: float, batch: np.ndarray, momentum: float, training: bool) -> Range:
    return (float(batch.min()), float(batch.max())) if training else (low, high)


def _symmetric(low: float, high: float, batch: np.ndarray, momentum: float, training: bool) -> Range:
    largest = float(np.abs(batch).max())
    return _moving_range(low, high, np.array([-largest, largest]), momentum, training)


def _mean_of_batch(low: float, high: float, batch: np.ndarray, momentum: float, training: bool) -> Range:
    return _moving_range(low, high, np.array([batch.mean()]), momentum, training)


moving_range = Check(
    name="moving_range",
    exercise="3.3",
    reference=_moving_range,
    cases=(
        (0.0, 4.0, np.array([[0.0, 1.5], [9.0, 0.2]]), 0.95, True),
        (-1.0, 2.0, np.array([-0.5, 0.1, 1.0]), 0.9, True),
        (-1.0, 2.0, np.array([-5.0, 0.1, 8.0]), 0.9, False),
    ),
    misconceptions=(
        Misconception(
            "momentum on the batch",
            "Momentum is what the old range keeps: 0.95 of the old, 0.05 of the batch. The other way round one strange "
            "batch decides.",
            _swapped,
        ),
        Misconception(
            "moved without training",
            "When the network is only used, ranges must stand still: on the device nobody will move them either.",
            _always,
        ),
        Misconception(
            "extremes kept for ever",
            "min and max never let go: one outlier in one batch widens the range for all time. Average instead.",
            _extremes_kept,
        ),
        Misconception(
            "last batch only",
            "The old range is forgotten. Mix it with the batch's: momentum x old + (1 - momentum) x new.",
            _batch_only,
        ),
        Misconception(
            "symmetric range",
            "Activations have an affine grid with a zero point. Behind a ReLU nothing is negative: follow both ends, "
            "each for itself.",
            _symmetric,
        ),
        Misconception(
            "mean instead of extremes",
            "The mean of the batch says where its middle is. The range needs its smallest and its largest value.",
            _mean_of_batch,
        ),
    ),
    meaning="The range follows the network while it learns, and then stays, on the device too.",
)

Folded = tuple[np.ndarray, np.ndarray]


def _parts(kernel: np.ndarray, bias: np.ndarray, gain: np.ndarray, beta: np.ndarray, mean: np.ndarray) -> Folded:
    return kernel * gain, (bias - mean) * gain + beta


def _fold(kernel, bias, gamma, beta, mean, variance, epsilon):
    return _parts(kernel, bias, gamma / np.sqrt(variance + epsilon), beta, mean)


def _variance_for_deviation(kernel, bias, gamma, beta, mean, variance, epsilon):
    return _parts(kernel, bias, gamma / (variance + epsilon), beta, mean)


def _epsilon_outside(kernel, bias, gamma, beta, mean, variance, epsilon):
    return _parts(kernel, bias, gamma / (np.sqrt(variance) + epsilon), beta, mean)


def _no_epsilon(kernel, bias, gamma, beta, mean, variance, epsilon):
    return _parts(kernel, bias, gamma / np.sqrt(variance), beta, mean)


def _mean_forgotten(kernel, bias, gamma, beta, mean, variance, epsilon):
    return _parts(kernel, bias, gamma / np.sqrt(variance + epsilon), beta, 0 * mean)


def _bias_not_scaled(kernel, bias, gamma, beta, mean, variance, epsilon):
    gain = gamma / np.sqrt(variance + epsilon)
    return kernel * gain, bias + beta - mean * gain


def _old_bias_lost(kernel, bias, gamma, beta, mean, variance, epsilon):
    return _parts(kernel, 0 * bias, gamma / np.sqrt(variance + epsilon), beta, mean)


def _input_channels(kernel, bias, gamma, beta, mean, variance, epsilon):
    gain = gamma / np.sqrt(variance + epsilon)
    return kernel * gain[:, None], (bias - mean) * gain + beta


def _layer(seed: int, shape: tuple[int, ...], epsilon: float) -> tuple[np.ndarray | float, ...]:
    """Square kernels, so that the wrong axis gives wrong numbers and no error."""
    random, channels = np.random.default_rng(seed), shape[-1]
    centred = [random.normal(0, 1, size) for size in (shape, channels)]
    gamma, beta, mean = random.uniform(0.5, 2, channels), random.normal(0, 1, channels), random.normal(0, 1, channels)
    return *centred, gamma, beta, mean, random.uniform(0.05, 3, channels), epsilon


def _gain(gamma, variance, epsilon):
    return gamma / np.sqrt(variance + epsilon)


fold_batch_norm = Check(
    name="fold_batch_norm",
    exercise="3.4",
    reference=_fold,
    cases=(_layer(0, (3, 1, 4, 4), 1e-3), _layer(1, (5, 5), 0.05), _layer(2, (1, 1, 6, 6), 1e-2)),
    misconceptions=(
        Misconception(
            "variance for standard deviation",
            "The normalization divides by the standard deviation: take the square root of variance + epsilon.",
            _variance_for_deviation,
        ),
        Misconception(
            "epsilon outside the root",
            "Keras adds epsilon to the variance, under the root.",
            _epsilon_outside,
        ),
        Misconception(
            "epsilon forgotten",
            "Keras divides by sqrt(variance + epsilon). For a channel that hardly moves, epsilon is most of it.",
            _no_epsilon,
        ),
        Misconception(
            "mean forgotten",
            "The normalization subtracts the mean first. Scaled by the gain, it ends up in the bias.",
            _mean_forgotten,
        ),
        Misconception(
            "old bias not scaled",
            "The layer's own bias goes through the normalization, too: it is multiplied by the gain.",
            _bias_not_scaled,
        ),
        Misconception(
            "old bias lost",
            "The layer had a bias before: (bias - mean) x gain + beta.",
            _old_bias_lost,
        ),
        Misconception(
            "wrong axis",
            "The gain belongs to output channels, the last axis of Keras' kernel. You scaled the input channels.",
            _input_channels,
        ),
        Misconception(
            "mean not scaled",
            "The mean is taken off *before* the gain, so it is multiplied by it: (bias - mean) x gain + beta. "
            "Mind the brackets.",
            lambda k, b, g, be, m, v, e: (_fold(k, b, g, be, m, v, e)[0], b * _gain(g, v, e) - m + be),
        ),
        Misconception(
            "mean added",
            "The normalization *subtracts* the mean: (bias - mean) x gain + beta.",
            lambda k, b, g, be, m, v, e: _fold(k, b, g, be, -m, v, e),
        ),
        Misconception(
            "beta forgotten",
            "`beta` is what the normalization adds at the end: it belongs into the bias.",
            lambda k, b, g, be, m, v, e: _fold(k, b, g, 0 * be, m, v, e),
        ),
        Misconception(
            "beta scaled",
            "`beta` is added after the gain, so it is not multiplied by it: (bias - mean) x gain + beta.",
            lambda k, b, g, be, m, v, e: _fold(k, b, g, be * _gain(g, v, e), m, v, e),
        ),
        Misconception(
            "nothing in the bias scaled",
            "In the bias nothing is multiplied by the gain. Both the old bias and the mean go through it: (bias - "
            "mean) x gain + beta.",
            lambda k, b, g, be, m, v, e: (_fold(k, b, g, be, m, v, e)[0], b - m + be),
        ),
        Misconception(
            "bias left as it was",
            "The kernel is right. But mean and beta of the normalization have to go somewhere: (bias - mean) x "
            "gain + beta.",
            lambda k, b, g, be, m, v, e: (_fold(k, b, g, be, m, v, e)[0], b),
        ),
        Misconception(
            "kernel left as it was",
            "The bias is right, but the kernel has no gain yet: multiply it by gamma / sqrt(variance + epsilon).",
            lambda k, b, g, be, m, v, e: (k, _fold(k, b, g, be, m, v, e)[1]),
        ),
        Misconception(
            "gamma forgotten",
            "The gain is gamma / sqrt(variance + epsilon): the numerator is not 1.",
            lambda k, b, g, be, m, v, e: _fold(k, b, g / g, be, m, v, e),
        ),
        Misconception(
            "deviation forgotten",
            "gamma alone is not the gain: the normalization also divides by sqrt(variance + epsilon).",
            lambda k, b, g, be, m, v, e: _parts(k, b, g, be, m),
        ),
    ),
    meaning="The chip gets one layer where you trained two, and you quantize the weights that it really has.",
)
