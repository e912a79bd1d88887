"""The checks of lesson 05, exercises 5.1, 5.2 and 5.4: codebooks and how they are trained.

The reference answers follow the library's functions. Exercise 5.3 is in `lesson_05_kmeans`, 5.5 to 5.7
are in `lesson_05_coding`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import cluster


def _bytes(bits: int, count: int, table: int) -> int:
    return -(-bits * count // 8) + table


def _shared_bytes(count: int, k: int, centroid_bytes: int) -> int:
    return _bytes((k - 1).bit_length(), count, k * centroid_bytes)


shared_bytes = Check(
    name="shared_bytes",
    exercise="5.1",
    reference=_shared_bytes,
    cases=((5120, 16, 4), (96, 12, 1), (77, 5, 4), (1000, 256, 1), (3840, 3, 2), (10, 33, 4)),
    misconceptions=(
        Misconception(
            "bits rounded down",
            "With 12 centroids the largest index is 11, and 3 bits end at 7. Round log2(k) up, not down: "
            "`(k - 1).bit_length()`.",
            lambda count, k, size: _bytes(int(math.log2(k)), count, k * size),
        ),
        Misconception(
            "bits of k, not of k - 1",
            "Indices begin at 0, so the largest of 16 is 15, and that has four bits. 16 itself would have five.",
            lambda count, k, size: _bytes(k.bit_length(), count, k * size),
        ),
        Misconception(
            "k bits for an index",
            "An index is a number below k, not k flags: it takes log2(k) bits, rounded up.",
            lambda count, k, size: _bytes(k, count, k * size),
        ),
        Misconception(
            "codebook forgotten",
            "Indices alone decode to nothing. The table of k centroids lies in memory too: add k × centroid_bytes.",
            lambda count, k, size: _bytes((k - 1).bit_length(), count, 0),
        ),
        Misconception(
            "table forgotten, and a byte for each index",
            "Indices are packed, several to a byte, and the table needs bytes as well.",
            lambda count, k, size: count,
        ),
        Misconception(
            "bits for bytes",
            "The indices take bits × count *bits*. Eight of them make a byte.",
            lambda count, k, size: (k - 1).bit_length() * count + k * size,
        ),
        Misconception(
            "last byte cut off",
            "77 indices of 3 bits are 231 bits: 28 bytes and 7 bits more, which need a byte of their own. Round up.",
            lambda count, k, size: (k - 1).bit_length() * count // 8 + k * size,
        ),
        Misconception(
            "a byte for each index",
            "Indices are packed one behind the other: with 16 centroids, two of them share a byte.",
            lambda count, k, size: count + k * size,
        ),
    ),
    meaning="You can now tell which layers are too small for a codebook, before you train anything.",
)

_RANDOM = np.random.default_rng(5)
SKEWED = np.concatenate([_RANDOM.normal(0, 0.1, 60), _RANDOM.normal(0.3, 0.5, 17)])
ZEROS = np.where(_RANDOM.random(50) < 0.4, 0.0, _RANDOM.normal(0.2, 1.0, 50))


def _of_parts(weights: np.ndarray, k: int, middle: Callable[[np.ndarray], float]) -> np.ndarray:
    return np.array([middle(part) for part in np.array_split(weights, k)])


density_centroids = Check(
    name="density_centroids",
    exercise="5.2",
    reference=lambda weights, k: cluster.initial_centroids(weights, k, "density"),
    cases=((SKEWED, 4), (SKEWED, 7), (ZEROS, 5), (SKEWED**3, 8), (ZEROS, 2)),
    misconceptions=(
        Misconception(
            "linear, not density",
            "These stand at equal distances in *value*: that is the linear start. Density cuts the sorted weights "
            "into parts of equal number, so that centroids stand close where weights are many.",
            lambda weights, k: np.linspace(weights.min(), weights.max(), k),
        ),
        Misconception(
            "ends included",
            "Quantiles from 0 to 1 put the outer centroids on the smallest and the largest weight, each of which is "
            "one weight only. The middle of the first of k parts is the quantile ½/k.",
            lambda weights, k: np.quantile(weights, np.linspace(0, 1, k)),
        ),
        Misconception(
            "edges instead of middles",
            "i/k is where part i *begins*. Its middle is half a part further: (i + ½)/k.",
            lambda weights, k: np.quantile(weights, np.arange(k) / k),
        ),
        Misconception(
            "inner edges",
            "(i + 1)/(k + 1) leaves parts of another size at both ends. The middles of k equal parts are (i + ½)/k.",
            lambda weights, k: np.quantile(weights, (np.arange(k) + 1) / (k + 1)),
        ),
        Misconception(
            "each different value counted once",
            "Without repeated values the density is gone: a weight that occurs twenty times must count twenty times.",
            lambda weights, k: np.quantile(np.unique(weights), (np.arange(k) + 0.5) / k),
        ),
        Misconception(
            "percent and shares mixed up",
            "`np.quantile` takes shares from 0 to 1, `np.percentile` takes percent.",
            lambda weights, k: np.percentile(weights, (np.arange(k) + 0.5) / k),
        ),
        Misconception(
            "upper edges",
            "(i + 1)/k is where part i *ends*. Its middle is half a part before that: (i + ½)/k.",
            lambda weights, k: np.quantile(weights, (np.arange(k) + 1) / k),
        ),
        Misconception(
            "counted from 1",
            "Your `i` runs from 1 to k. It begins at 0, or all centroids stand one part too far to the right.",
            lambda weights, k: np.quantile(weights, np.minimum((np.arange(k) + 1.5) / k, 1)),
        ),
        Misconception(
            "mean of each part",
            "You took the mean of each part. One far-away weight pulls the mean of an outer part to it; the "
            "*middle* of the part, (i + ½)/k, is what is asked for.",
            lambda weights, k: _of_parts(np.sort(weights), k, np.mean),
        ),
        Misconception(
            "median of cut parts",
            "Close. Parts of whole weights are not equally large where k does not divide their number. "
            "np.quantile interpolates: (i + ½)/k.",
            lambda weights, k: _of_parts(np.sort(weights), k, np.median),
        ),
        Misconception(
            "not interpolated",
            "You took a weight near the place. np.quantile interpolates between the two weights beside it, and "
            "that is what is expected.",
            lambda weights, k: np.sort(weights)[(len(weights) * (np.arange(k) + 0.5) / k).astype(int)],
        ),
        Misconception(
            "not sorted",
            "The parts are cut from the weights as they lie. Sort first; np.quantile does it for you.",
            lambda weights, k: _of_parts(weights, k, np.mean),
        ),
        Misconception(
            "not sorted, median",
            "The parts are cut from the weights as they lie, so they all look alike. Sort first; np.quantile does it.",
            lambda weights, k: _of_parts(weights, k, np.median),
        ),
        Misconception(
            "middles of equal widths",
            "You cut the *range* into k equal widths. Density cuts the sorted weights into parts of equal number: "
            "quantiles.",
            lambda weights, k: weights.min() + (np.arange(k) + 0.5) / k * np.ptp(weights),
        ),
        Misconception(
            "signs lost",
            "A quantile of |w| knows no negative weights. Take the weights with their signs.",
            lambda weights, k: np.quantile(np.abs(weights), (np.arange(k) + 0.5) / k),
        ),
        Misconception(
            "shares returned",
            "These are the shares themselves. `np.quantile(weights, shares)` says which weight stands at each.",
            lambda weights, k: (np.arange(k) + 0.5) / k,
        ),
    ),
    meaning="Your centroids stand where the weights are. Whether that is where they matter, the loss decides.",
)


def _last(gradient: np.ndarray, indices: np.ndarray, k: int) -> np.ndarray:
    found = np.zeros(k, gradient.dtype)
    found[indices.ravel()] = gradient.ravel()
    return found


def _mean(gradient: np.ndarray, indices: np.ndarray, k: int) -> np.ndarray:
    counts = np.bincount(indices.ravel(), minlength=k)
    return cluster.centroid_gradient(gradient, indices, k) / np.maximum(counts, 1)


def _over_all(gradient: np.ndarray, indices: np.ndarray, k: int) -> np.ndarray:
    return cluster.centroid_gradient(gradient, indices, k) / gradient.size


def _case(shape: tuple[int, ...], k: int, used: int) -> tuple[np.ndarray, np.ndarray, int]:
    indices = _RANDOM.integers(0, used, shape).astype(np.uint8)
    return _RANDOM.normal(0, 1, shape).astype(np.float64), indices, k


centroid_gradient = Check(
    name="centroid_gradient",
    exercise="5.4",
    reference=cluster.centroid_gradient,
    cases=(_case((12,), 4, 4), _case((5, 1, 3, 4), 6, 5), _case((7, 3), 2, 2), _case((40,), 16, 16)),
    misconceptions=(
        Misconception(
            "only the last weight counts",
            "`out[indices] = gradient`, and `+=` too, write each place once: of several weights with one index only "
            "the last is left. Use `np.add.at(out, indices, gradient)` or `np.bincount`.",
            _last,
        ),
        Misconception(
            "mean instead of sum",
            "A centroid that serves a thousand weights moves all of them, so its effects on the loss add up. There is "
            "nothing to divide by.",
            _mean,
        ),
        Misconception(
            "divided by all weights",
            "The gradient of a sum over weights is a sum: divide by nothing.",
            _over_all,
        ),
        Misconception(
            "signs lost",
            "Some weights want the centroid to rise, others want it to fall. Add the gradients with their signs.",
            lambda g, i, k: cluster.centroid_gradient(np.abs(g), i, k),
        ),
        Misconception(
            "centroids without weights left out",
            "The result has a place for each of the k centroids, idle ones included: `minlength=k`.",
            lambda g, i, k: cluster.centroid_gradient(g, i, k)[: int(i.max()) + 1],
        ),
    ),
    meaning="This one sum is all that training a codebook takes; any optimizer does the rest.",
)
