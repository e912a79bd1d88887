"""The checks of lesson 04, exercises 4.1, 4.2 and 4.5: which weights go.

The schedule and the masked step are in `lesson_04_training`, channels in `lesson_04_channels`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.compress import prune

Arrays = Mapping[str, np.ndarray]
Masks = dict[str, np.ndarray]


def _drawn(seed: int, *shape: int, scale: float = 1.0, mean: float = 0.0) -> np.ndarray:
    """Weights without ties."""
    return np.random.default_rng(seed).normal(mean, scale, shape).round(4)


def _by_value(weights: np.ndarray, sparsity: float) -> np.ndarray:
    return prune.magnitude_mask(weights - weights.min(), sparsity)


def _kept_share(weights: np.ndarray, sparsity: float) -> np.ndarray:
    return prune.magnitude_mask(weights, 1 - sparsity)


def _largest_go(weights: np.ndarray, sparsity: float) -> np.ndarray:
    return ~prune.magnitude_mask(weights, sparsity)


def _share_of_largest(weights: np.ndarray, sparsity: float) -> np.ndarray:
    return np.abs(weights) > sparsity * np.abs(weights).max()


def _each_row(weights: np.ndarray, sparsity: float) -> np.ndarray:
    return np.stack([prune.magnitude_mask(row, sparsity) for row in weights])


def _last_of_none(weights: np.ndarray, sparsity: float) -> np.ndarray:
    ranked = np.sort(np.abs(weights), axis=None)
    return np.abs(weights) > ranked[round(sparsity * weights.size) - 1]


def _cut_off(weights: np.ndarray, sparsity: float) -> np.ndarray:
    return prune.magnitude_mask(weights, int(sparsity * weights.size) / weights.size)


magnitude_mask = Check(
    name="magnitude_mask",
    exercise="4.1",
    reference=prune.magnitude_mask,
    cases=(
        (np.array([[0.9, -0.1, 0.3], [-0.7, 0.2, -0.4]]), 0.5),
        (_drawn(1, 5, 8, mean=0.2), 0.8),
        (_drawn(2, 4, 10), 0.3),
        (_drawn(3, 6, 6, mean=-0.5), 0.0),
        (_drawn(7, 6, 6), 0.8),
    ),
    misconceptions=(
        Misconception(
            "by value instead of magnitude",
            "The most negative weights went, though -0.7 matters as much as 0.7. Rank by `np.abs(weights)`.",
            _by_value,
        ),
        Misconception(
            "sparsity of what is kept",
            "Sparsity is the share that goes. At 0.8, one weight in five stays.",
            _kept_share,
        ),
        Misconception(
            "mask upside down",
            "True stands for a weight that stays, because you will multiply by the mask. You have kept the small ones.",
            _largest_go,
        ),
        Misconception(
            "threshold as a share of the largest",
            "A threshold of `sparsity` times the largest weight removes some other share. Sort the magnitudes: the "
            "threshold is the one at `round(sparsity * size)`.",
            _share_of_largest,
        ),
        Misconception(
            "index before the first",
            "With sparsity 0 nothing goes. The index `k - 1` is then -1, the largest of all, and everything went.",
            _last_of_none,
        ),
        Misconception(
            "cut off instead of rounded",
            "80 % of 36 weights are 28.8, so 29 go: `round`, and not `int`, which drops what is behind the point.",
            _cut_off,
        ),
        Misconception(
            "each row for itself",
            "You have taken the same share from each row. Rank all weights of the matrix together: `weights.ravel()`.",
            _each_row,
        ),
    ),
    meaning="You can now take any share of a layer's weights, the least important ones first.",
)


def _reference(weights: Arrays, sparsity: float) -> Masks:
    masks = prune.global_masks({name: w for name, w in weights.items() if w.ndim > 1}, sparsity)
    return {name: masks.get(name, np.ones(w.shape, bool)) for name, w in weights.items()}


def _vectors_too(weights: Arrays, sparsity: float) -> Masks:
    return prune.global_masks(weights, sparsity)


def _per_layer(weights: Arrays, sparsity: float) -> Masks:
    whole = {name: np.ones(w.shape, bool) for name, w in weights.items()}
    return whole | {name: prune.magnitude_mask(w, sparsity) for name, w in weights.items() if w.ndim > 1}


def _per_layer_and_vectors(weights: Arrays, sparsity: float) -> Masks:
    return {name: prune.magnitude_mask(w, sparsity) for name, w in weights.items()}


def _signed(weights: Arrays, sparsity: float) -> Masks:
    low = min(float(w.min()) for w in weights.values())
    return _reference({name: w - low for name, w in weights.items()}, sparsity)


def _kept_in_all(weights: Arrays, sparsity: float) -> Masks:
    return _reference(weights, 1 - sparsity)


def _network(seed: int, small: float) -> dict[str, np.ndarray]:
    """Two kernels of different scale, and biases that are smaller than any weight that should go."""
    return {
        "wide": _drawn(seed, 6, 8),
        "wide_bias": _drawn(seed + 1, 8, scale=0.05),
        "narrow": _drawn(seed + 2, 8, 4, scale=small, mean=-small),
        "narrow_bias": _drawn(seed + 3, 4, scale=0.05),
    }


model_masks = Check(
    name="model_masks",
    exercise="4.2",
    reference=_reference,
    cases=((_network(10, 0.3), 0.5), (_network(20, 0.1), 0.8), (_network(30, 2.0), 0.3)),
    misconceptions=(
        Misconception(
            "biases pruned",
            "Some biases went. There is one for hundreds of weights: pruning them saves nothing, and moves the whole "
            "channel. The same goes for batch normalization. Prune arrays of two dimensions and more.",
            _vectors_too,
        ),
        Misconception(
            "a threshold for each layer",
            "Every kernel lost the same share, so you have one threshold for each. One for all is asked for: pool the "
            "magnitudes of all kernels, then cut.",
            _per_layer,
        ),
        Misconception(
            "a threshold for each layer, biases too",
            "Two things: biases stay, and the kernels share one threshold. Pool the magnitudes of all kernels first.",
            _per_layer_and_vectors,
        ),
        Misconception(
            "signed values pooled",
            "The most negative weights went. Pool magnitudes, not values.",
            _signed,
        ),
        Misconception(
            "sparsity of what is kept, in all",
            "Sparsity is the share that goes, of all weights together.",
            _kept_in_all,
        ),
    ),
    meaning="One threshold for the whole network: layers whose weights are all small lose more than others.",
)


def _along_outputs(weights: np.ndarray, n: int, m: int) -> np.ndarray:
    return prune.n_of_m_mask(weights, n, m, axis=1)


def _n_go(weights: np.ndarray, n: int, m: int) -> np.ndarray:
    return prune.n_of_m_mask(weights, m - n, m, axis=0)


def _smallest_stay(weights: np.ndarray, n: int, m: int) -> np.ndarray:
    return ~prune.n_of_m_mask(weights, m - n, m, axis=0)


def _signed_groups(weights: np.ndarray, n: int, m: int) -> np.ndarray:
    return prune.n_of_m_mask(weights - weights.min(), n, m, axis=0)


def _no_groups(weights: np.ndarray, n: int, m: int) -> np.ndarray:
    return prune.magnitude_mask(weights, 1 - n / m)


n_of_m_mask = Check(
    name="n_of_m_mask",
    exercise="4.5",
    reference=lambda weights, n, m: prune.n_of_m_mask(weights, n, m, axis=0),
    cases=((_drawn(4, 8, 4), 2, 4), (_drawn(5, 8, 8, mean=-0.4), 1, 4), (_drawn(6, 4, 12), 3, 4)),
    misconceptions=(
        Misconception(
            "along the outputs",
            "Your groups lie in a row, across output channels. One output's sum runs down a column, over its inputs: "
            "only groups along axis 0 give each sum the same number of products.",
            _along_outputs,
        ),
        Misconception(
            "n go instead of n stay",
            "n of m is what stays: 1 of 4 is 75 % sparse.",
            _n_go,
        ),
        Misconception(
            "the smallest stay",
            "The number is right, the choice is not: the n of greatest magnitude stay.",
            _smallest_stay,
        ),
        Misconception(
            "groups by value",
            "Within a group, rank by magnitude: a large negative weight matters.",
            _signed_groups,
        ),
        Misconception(
            "no groups at all",
            "The share is right, but it must hold in every group of m, not only on average: reshape first, rank after.",
            _no_groups,
        ),
    ),
    meaning="Every output has the same number of weights left, at places that a few bits can name.",
)
