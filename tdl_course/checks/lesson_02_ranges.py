"""The checks of lesson 02, exercises 2.4 and 2.5: ranges from data, and one scale per channel."""

from __future__ import annotations

import numpy as np

from tdl_course import compress
from tdl_course.checks.framework import Check, Misconception

_random = np.random.default_rng(2)


def _percentile_range(values: np.ndarray, percentile: float) -> tuple[float, float]:
    return compress.calibrate(values, "percentile", percentile=percentile)


def _top_only(values: np.ndarray, percentile: float) -> tuple[float, float]:
    return float(values.min()), float(np.percentile(values, percentile))


def _mirrored(values: np.ndarray, percentile: float) -> tuple[float, float]:
    reach = float(np.percentile(np.abs(values), percentile))
    return -reach, reach


def _tails_not_halved(values: np.ndarray, percentile: float) -> tuple[float, float]:
    return float(np.percentile(values, 100 - percentile)), float(np.percentile(values, percentile))


def _share_of_extremes(values: np.ndarray, percentile: float) -> tuple[float, float]:
    return float(values.min()) * percentile / 100, float(values.max()) * percentile / 100


def _fraction(values: np.ndarray, percentile: float) -> tuple[float, float]:
    tail = (1 - percentile / 100) / 2
    return float(np.percentile(values, tail)), float(np.percentile(values, 1 - tail))


percentile_range = Check(
    name="percentile_range",
    exercise="2.4",
    reference=_percentile_range,
    cases=(
        (_random.normal(0.3, 1.0, (40, 9)), 99.0),
        (_random.exponential(2.0, 500) - 0.5, 98.0),
        (_random.normal(-1.0, 0.2, (5, 6, 7)), 90.0),
    ),
    misconceptions=(
        Misconception(
            "one end only",
            "Only the upper end is cut. An outlier at the lower end would still make every step coarse: leave out "
            "half of the rest at each end.",
            _top_only,
        ),
        Misconception(
            "sign ignored",
            "The percentile of |x| gives a range that is symmetric around zero. These values are not: take a "
            "percentile at each end, with its sign.",
            _mirrored,
        ),
        Misconception(
            "tails not halved",
            "You leave out 100 - percentile at each end, so twice as much in all. Split it: half at the low end, half"
            " at the high end.",
            _tails_not_halved,
        ),
        Misconception(
            "percent of the extremes",
            "A percentile counts values; it is not a share of the largest one. One outlier would still move this "
            "range: np.percentile sorts and counts.",
            _share_of_extremes,
        ),
        Misconception(
            "0 to 1 instead of 0 to 100",
            "np.percentile takes percent, 0 to 100; a share from 0 to 1 is what np.quantile takes.",
            _fraction,
        ),
    ),
    meaning="A few strange values can no longer decide how coarse the steps are for all the others.",
)


def _quantize_per_channel(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    q, quantization = compress.quantize_weights(weights, bits=8, axis=1)
    return q, np.array(quantization.scale)


def _with_scales(weights: np.ndarray, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    q = np.clip(np.rint(weights / scales), -127, 127).astype(np.int8)
    return q, np.broadcast_to(scales.ravel(), weights.shape[1:]).copy()


def _one_scale(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _with_scales(weights, np.abs(weights).max(keepdims=True) / 127)


def _per_row(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scales = np.abs(weights).max(axis=1, keepdims=True) / 127
    return np.clip(np.rint(weights / scales), -127, 127).astype(np.int8), scales.ravel()


def _negative_forgotten(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _with_scales(weights, weights.max(axis=0) / 127)


def _divided_by_128(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _with_scales(weights, np.abs(weights).max(axis=0) / 128)


def _whole_span(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _with_scales(weights, (weights.max(axis=0) - weights.min(axis=0)) / 255)


_gains = np.array([0.1, 1.0, 4.0, 0.5, 2.0, 9.0])


def _rows_broadcast(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scales = np.abs(weights).max(axis=1) / 127
    return np.clip(np.rint(weights / scales), -127, 127).astype(np.int8), scales


def _rounded_by(rounding: np.ufunc, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scales = np.abs(weights).max(axis=0) / 127
    return np.clip(rounding(weights / scales), -127, 127).astype(np.int8), scales


quantize_per_channel = Check(
    name="quantize_per_channel",
    exercise="2.5",
    reference=_quantize_per_channel,
    cases=(
        (_random.normal(0, 1, (6, 6)) * _gains,),
        (_random.normal(0, 1, (21, 6)) * _gains,),
        (_random.normal(-0.2, 0.3, (5, 3)),),
    ),
    misconceptions=(
        Misconception(
            "one scale for all",
            "All channels got the same scale, that of the largest weight of all. Take the maximum of each column: "
            "axis=0.",
            _one_scale,
        ),
        Misconception(
            "wrong axis",
            "You took the maximum along each row. A channel is a column: its weights meet in one accumulator, which "
            "has one scale. axis=0 goes down a column.",
            _per_row,
        ),
        Misconception(
            "negative weights forgotten",
            "A channel whose largest weight is negative saturates: take the maximum of the absolute values.",
            _negative_forgotten,
        ),
        Misconception(
            "divided by 128",
            "128 does not exist in int8, so the largest weight of each channel would saturate: 127 steps reach from 0"
            " to the end.",
            _divided_by_128,
        ),
        Misconception(
            "span over 255",
            "That is the scale of an affine map with a zero point. Weights have zero point 0 and a symmetric range: "
            "the largest |w| becomes 127.",
            _whole_span,
        ),
        Misconception(
            "along the rows, scales not fitted",
            "You took the maximum along axis 1, so there is one for each row. A channel is a column: axis=0 goes "
            "down a column, and its result divides the matrix without any reshaping.",
            _rows_broadcast,
        ),
        Misconception(
            "along the rows, axis kept",
            "You have one scale for each row: the maximum was taken along axis 1. keepdims made it divide without an "
            "error, but a channel is a column. Take axis=0, and no keepdims.",
            lambda weights: (_per_row(weights)[0], _per_row(weights)[1][:, None]),
        ),
        Misconception(
            "one number as the scale",
            "One number for all of the matrix is what you want to get away from. Take the maximum of each column: "
            "axis=0.",
            lambda weights: (_one_scale(weights)[0], _one_scale(weights)[1][0]),
        ),
        Misconception(
            "cut off instead of rounded",
            "A conversion to int8 drops what is behind the point. Round to the nearest integer first: np.rint.",
            lambda weights: _rounded_by(np.trunc, weights),
        ),
        Misconception(
            "rounded down",
            "np.floor always goes down. Take the nearest integer: np.rint.",
            lambda weights: _rounded_by(np.floor, weights),
        ),
        Misconception(
            "scale upside down",
            "That is steps per weight. The scale is the size of one step: max|w| / 127, and the integers are w / "
            "scale.",
            lambda weights: (_quantize_per_channel(weights)[0], 1 / _quantize_per_channel(weights)[1]),
        ),
        Misconception(
            "mean instead of maximum",
            "With the mean of |w| most weights would lie outside -127 ... 127 and saturate. The largest |w| must "
            "become 127.",
            lambda weights: _with_scales(weights, np.abs(weights).mean(axis=0) / 127),
        ),
        Misconception(
            "255 steps for both sides",
            "From -127 to 127 there are 254 steps, not 255: the symmetric grid leaves -128 out. Divide max|w| by 127.",
            lambda weights: _with_scales(weights, 2 * np.abs(weights).max(axis=0) / 255),
        ),
        Misconception(
            "255 steps for one side",
            "From 0 to the largest integer there are 127 steps. With 255 the large weights saturate.",
            lambda weights: _with_scales(weights, np.abs(weights).max(axis=0) / 255),
        ),
    ),
    meaning="A channel with small weights now has as many different values as one with large weights.",
)
