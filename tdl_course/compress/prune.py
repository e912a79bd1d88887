"""Pruning: which weights go, when, and what the holes save.

In: float weights. Out: boolean masks of their shape, True where a weight stays; and the bytes that sparse weights take.
This module knows no layer and no training loop.

Sources: S. Han, J. Pool, J. Tran, W. J. Dally, "Learning both Weights and Connections for Efficient Neural Networks",
2015 (by magnitude); M. Zhu and S. Gupta, "To prune, or not to prune: exploring the efficacy of pruning for model
compression", 2017 (schedule); A. Mishra et al., "Accelerating Sparse Deep Neural Networks", 2021 (n of m); H. Li,
A. Kadav, I. Durdanovic, H. Samet, H. P. Graf, "Pruning Filters for Efficient ConvNets", 2017 (channel norms); S. Han,
H. Mao, W. J. Dally, "Deep Compression", 2016 (relative index).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

Form = Literal["dense", "bitmap", "relative"]
FORMS: tuple[Form, ...] = ("dense", "bitmap", "relative")


def magnitude_mask(weights: np.ndarray, sparsity: float) -> np.ndarray:
    """True where a weight stays: the `round(sparsity * size)` smallest magnitudes go, of equal ones the first.

    Raises
    ------
    ValueError
        `sparsity` is not from 0 to 1, or a weight is not finite.

    >>> magnitude_mask(np.array([0.5, -0.1, 0.2, -0.9]), sparsity=0.5)
    array([ True, False, False,  True])
    """
    _check_share("sparsity", sparsity)
    weights = np.asarray(weights)
    mask = np.ones(weights.size, bool)
    mask[np.argsort(_magnitudes(weights).ravel(), kind="stable")[: round(sparsity * weights.size)]] = False
    return mask.reshape(weights.shape)


def global_masks(weights: Mapping[str, np.ndarray], sparsity: float) -> dict[str, np.ndarray]:
    """Masks by one threshold for all arrays together: layers of small weights lose more than others.

    Parameters
    ----------
    weights : float arrays by name
    sparsity : float
        The share of all weights that goes, from 0 to 1.
    """
    arrays = {name: np.asarray(array) for name, array in weights.items()}
    together = magnitude_mask(np.concatenate([np.zeros(0), *(array.ravel() for array in arrays.values())]), sparsity)
    parts = np.split(together, np.cumsum([array.size for array in arrays.values()])[:-1]) if arrays else []
    return {name: part.reshape(arrays[name].shape) for name, part in zip(arrays, parts, strict=True)}


def n_of_m_mask(weights: np.ndarray, n: int, m: int, axis: int = -2) -> np.ndarray:
    """True where a weight stays: of every `m` consecutive ones along `axis`, the `n` of greatest magnitude.

    Parameters
    ----------
    weights : float array
    n, m : int
        0 <= n <= m; 2 of 4 is what some GPUs compute faster.
    axis : int
        Its length is a multiple of `m`. -2 are the inputs of a Keras kernel.

    Raises
    ------
    ValueError
        `n`, `m` or the length of the axis do not fit.
    """
    weights = np.asarray(weights)
    if not (m >= 1 and 0 <= n <= m):
        raise ValueError(f"{n} of {m} weights; n from 0 to m is allowed, and m at least 1")
    length = weights.shape[axis]
    if length % m:
        raise ValueError(
            f"axis {axis} has {length} weights, no multiple of {m}: choose another m, or leave this array dense"
        )
    groups = np.moveaxis(_magnitudes(weights), axis, -1)
    order = np.argsort(groups.reshape(*groups.shape[:-1], -1, m), axis=-1, kind="stable")
    mask = np.zeros(order.shape, bool)
    np.put_along_axis(mask, order[..., m - n :], True, axis=-1)
    return np.moveaxis(mask.reshape(groups.shape), -1, axis)


def cubic_sparsity(step: int, begin: int, end: int, final: float, initial: float = 0.0) -> float:
    """The sparsity to have at training step `step`: fast while there is much to prune, slow near the end.

    `initial` up to step `begin`, `final` from step `end`, and a cubic between (equation 1 of Zhu and Gupta, 2017).

    >>> [round(cubic_sparsity(step, 0, 100, final=0.8), 3) for step in (0, 20, 50, 100)]
    [0.0, 0.39, 0.7, 0.8]
    """
    _check_share("initial", initial)
    _check_share("final", final)
    if begin >= end:
        raise ValueError(f"the schedule goes from step {begin} to {end}; the end must come after the beginning")
    left = 1.0 - min(max((step - begin) / (end - begin), 0.0), 1.0)
    return final + (initial - final) * left**3


def sparsity(weights: np.ndarray) -> float:
    """The share of weights that are exactly zero; ValueError where there are none at all."""
    weights = np.asarray(weights)
    if weights.size == 0:
        raise ValueError("no weights; at least 1 is needed")
    return 1.0 - np.count_nonzero(weights) / weights.size


def channel_norms(kernel: np.ndarray, axis: int = -1, order: int = 1) -> np.ndarray:
    """How large each channel's filter is: the norm over all other axes, float64 [channels].

    Parameters
    ----------
    kernel : float array
        Such as [height, width, inputs, outputs].
    axis : int
        The channels to compare; -1 are the outputs of a Keras kernel.
    order : int
        1: sum of magnitudes (Li et al., 2017); 2: root of the sum of squares.
    """
    filters = np.moveaxis(np.asarray(kernel, np.float64), axis, 0)
    return np.asarray(np.linalg.norm(filters.reshape(len(filters), -1), ord=order, axis=1))


@dataclass(frozen=True, eq=False)
class RelativeIndex:
    """A sparse array as the zeros before each stored value, and the stored values.

    `gaps` uint8 [stored], below 2 ** `index_bits`; `values` [stored], of the array's dtype; `shape` of the array. Where
    more zeros follow each other than a gap can say, a zero is stored among the values.
    """

    gaps: np.ndarray
    values: np.ndarray
    shape: tuple[int, ...]
    index_bits: int

    def decode(self) -> np.ndarray:
        """The array again."""
        flat = np.zeros(int(np.prod(self.shape)), self.values.dtype)
        flat[np.cumsum(self.gaps.astype(np.int64) + 1) - 1] = self.values
        return flat.reshape(self.shape)


def relative_index(weights: np.ndarray, index_bits: int = 8) -> RelativeIndex:
    """Sparse `weights` in the form of Deep Compression (Han et al., 2016, figure 2).

    Parameters
    ----------
    weights : array of any numbers
    index_bits : int
        1 to 8 bits of each gap.

    >>> stored = relative_index(np.array([0, 7, 0, 0, 0, 0, 0, 5]), index_bits=2)
    >>> stored.gaps.tolist(), stored.values.tolist()
    ([1, 3, 1], [7, 0, 5])
    """
    if not 1 <= index_bits <= 8:
        raise ValueError(f"index_bits is {index_bits}; 1 to 8 are allowed")
    weights = np.asarray(weights)
    places, span = np.flatnonzero(weights), 1 << index_bits
    fillers, gap = np.divmod(np.diff(places, prepend=-1) - 1, span)
    last = np.cumsum(fillers + 1) - 1
    stored = len(places) + int(fillers.sum())
    gaps, values = np.full(stored, span - 1, np.uint8), np.zeros(stored, weights.dtype)
    gaps[last], values[last] = gap, weights.ravel()[places]
    return RelativeIndex(gaps, values, weights.shape, index_bits)


def storage_bytes(q: np.ndarray, form: Form) -> int:
    """Bytes that int8 weights take in memory.

    Parameters
    ----------
    q : int8 array
    form : {"dense", "bitmap", "relative"}
        Every weight a byte; a bit for each weight and a byte for each that is not zero; or a byte for each stored value
        and a byte for the zeros before it (`relative_index`).
    """
    q = np.asarray(q)
    if q.dtype != np.int8:
        raise ValueError(f"weights of {q.dtype}; int8 is allowed: see compress.quantize_weights")
    if form == "dense":
        return q.size
    if form == "bitmap":
        return -(-q.size // 8) + int(np.count_nonzero(q))
    if form == "relative":
        stored = relative_index(q)
        return stored.gaps.nbytes + stored.values.nbytes
    raise ValueError(f"storage form {form!r}: {', '.join(FORMS)} are allowed")


def _magnitudes(weights: np.ndarray) -> np.ndarray:
    if not np.isfinite(weights).all():
        raise ValueError(f"{np.count_nonzero(~np.isfinite(weights))} weights are not finite; did training diverge?")
    return np.abs(weights)


def _check_share(name: str, share: float) -> None:
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"{name} is {share}; 0 to 1 is allowed")
