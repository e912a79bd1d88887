"""Weight sharing: a few values for all weights of a layer, by k-means.

In: float weights. Out: a `Codebook`, which is a short table and an index into it for each weight. This module knows no
layer; `centroid_gradient` is what training needs to move the table.

Source: S. Han, H. Mao, W. J. Dally, "Deep Compression: Compressing Deep Neural Networks with Pruning, Trained
Quantization and Huffman Coding", 2016, section 3; the algorithm is S. P. Lloyd, "Least squares quantization in PCM",
1982. Weights are numbers on a line, so the nearest centroid is found by bisection between midpoints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Init = Literal["linear", "random", "density"]
INITS: tuple[Init, ...] = ("linear", "random", "density")
MOST_CENTROIDS = 256


@dataclass(frozen=True, eq=False)
class Codebook:
    """`centroids` float32 [k], rising, and `indices` uint8 of the weights' shape."""

    centroids: np.ndarray
    indices: np.ndarray

    def decode(self) -> np.ndarray:
        """The shared weights: float32, of the shape of the indices."""
        return np.asarray(self.centroids[self.indices])

    @property
    def bits(self) -> int:
        """Bits of an index: log2 of k, rounded up."""
        return (len(self.centroids) - 1).bit_length()

    def nbytes(self, centroid_bytes: int = 4) -> int:
        """Bytes of the packed indices and of the table."""
        return -(-self.bits * self.indices.size // 8) + centroid_bytes * len(self.centroids)


def initial_centroids(weights: np.ndarray, k: int, method: Init = "linear", seed: int = 0) -> np.ndarray:
    """Where k-means begins: float64 [k], rising.

    Parameters
    ----------
    weights : float array
    k : int
        1 to 256.
    method : {"linear", "random", "density"}
        Equally spaced from the smallest weight to the greatest; weights drawn by chance; or as many weights between any
        two centroids: the middles of k equal steps of the cumulative distribution. Few weights are large, but they
        matter: linear keeps centroids for them, the others hardly do (Han et al., section 3.2).
    seed : int
        Of method "random".
    """
    flat = _checked(weights, k)
    if method == "linear":
        return np.linspace(flat.min(), flat.max(), k)
    if method == "random":
        return np.sort(np.random.default_rng(seed).choice(flat, k, replace=k > flat.size))
    if method == "density":
        return np.quantile(flat, (np.arange(k) + 0.5) / k)
    raise ValueError(f"initial centroids {method!r}: {', '.join(INITS)} are allowed")


def nearest(weights: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """Index of the nearest of the rising `centroids`, uint8 of the shape of the weights; the lower one where two tie.

    >>> nearest(np.array([-3.0, 0.4, 0.5, 0.6]), np.array([-1.0, 0.0, 1.0]))
    array([0, 1, 1, 2], dtype=uint8)
    """
    middles = (centroids[:-1].astype(np.float64) + centroids[1:]) / 2
    return np.searchsorted(middles, np.asarray(weights, np.float64)).astype(np.uint8)


def kmeans(
    weights: np.ndarray, k: int, init: Init = "linear", iterations: int = 50, seed: int = 0, keep_zero: bool = False
) -> Codebook:
    """Share `k` values among all weights: Lloyd's algorithm, which never increases the `distortion`.

    A centroid that has lost all its weights moves onto the weight that is farthest from its own one. Weights of at most
    `k` different values are their own centroids, which may then be fewer than `k`.

    Parameters
    ----------
    weights : float array
    k : int
        1 to 256 centroids.
    init : {"linear", "random", "density"}
        See `initial_centroids`.
    iterations : int
        At most; fewer where nothing moves any more. 0 gives the initial centroids.
    seed : int
        Of init "random".
    keep_zero : bool
        One of the k centroids is 0 and stays there, so that pruned weights stay pruned.

    Raises
    ------
    ValueError
        There are no weights, or some are not finite; `k`, `init` or `iterations` are not allowed.
    """
    flat = _checked(weights, k)
    if iterations < 0:
        raise ValueError(f"{iterations} iterations; 0 or more are allowed")
    anchored = np.zeros(1 if keep_zero else 0)
    different = np.union1d(flat, anchored)
    if len(different) <= k:
        centroids = different
    elif k == len(anchored):
        centroids = anchored
    else:
        movable = flat[flat != 0] if keep_zero else flat
        centroids = np.sort(np.concatenate([anchored, initial_centroids(movable, k - len(anchored), init, seed)]))
        for _ in range(iterations):
            moved = _lloyd_step(flat, centroids, keep_zero)
            if np.array_equal(moved, centroids):
                break
            centroids = moved
    table = np.sort(centroids.astype(np.float32))
    return Codebook(table, nearest(weights, table))


def centroid_gradient(gradient: np.ndarray, indices: np.ndarray, k: int) -> np.ndarray:
    """The loss's gradient by each centroid, of `gradient`'s dtype [k]: the sum over its weights (Han et al., eq. 3).

    Parameters
    ----------
    gradient : float array
        The loss's gradient by each weight.
    indices : uint8 array
        Of the same shape.
    k : int
        The number of centroids.
    """
    if gradient.shape != indices.shape:
        raise ValueError(
            f"a gradient of {list(gradient.shape)} for indices of {list(indices.shape)}; they must be alike"
        )
    return np.bincount(indices.ravel(), gradient.ravel(), minlength=k).astype(gradient.dtype)


def distortion(weights: np.ndarray, codebook: Codebook) -> float:
    """The mean squared error of the shared weights: what k-means makes small."""
    return float(np.mean((np.asarray(weights, np.float64) - codebook.decode()) ** 2))


def _lloyd_step(flat: np.ndarray, centroids: np.ndarray, keep_zero: bool) -> np.ndarray:
    """Each centroid becomes the mean of its weights, the first zero excepted if it is kept; lost ones move."""
    k, indices = len(centroids), nearest(flat, centroids)
    counts = np.bincount(indices, minlength=k)
    moved = np.where(counts > 0, np.bincount(indices, flat, minlength=k) / np.maximum(counts, 1), centroids)
    zero = int(np.searchsorted(centroids, 0.0)) if keep_zero else -1
    if keep_zero:
        moved[zero] = 0.0
    error = np.abs(flat - moved[indices])
    for lost in np.flatnonzero(counts == 0):
        if lost != zero:
            moved[lost] = flat[error.argmax()]
            error[flat == moved[lost]] = 0.0
    return np.sort(moved)


def _checked(weights: np.ndarray, k: int) -> np.ndarray:
    """The weights as float64 [n]."""
    if not 1 <= k <= MOST_CENTROIDS:
        raise ValueError(f"k is {k}; 1 to {MOST_CENTROIDS} centroids are allowed")
    flat = np.asarray(weights, np.float64).ravel()
    if flat.size == 0 or not np.isfinite(flat).all():
        raise ValueError(f"{flat.size} weights, {np.isfinite(flat).sum()} of them finite; all must be, and at least 1")
    return flat
