"""Metrics of a classifier in NumPy: confusion matrix, accuracy, recall with confidence intervals, macro-F1.

In: integer labels, true and predicted. Out: numbers. Knows no model and no dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

import numpy as np

from tdl_course.table import Table


@dataclass(frozen=True, eq=False)
class Score:
    """How a classifier did: `confusion[t, p]` counts samples of class t that were called p."""

    confusion: np.ndarray
    labels: tuple[str, ...]

    @property
    def samples(self) -> int:
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of samples called right."""
        return float(np.trace(self.confusion) / self.confusion.sum())

    @property
    def accuracy_interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the accuracy."""
        return wilson_interval(int(np.trace(self.confusion)), self.samples)

    @property
    def recall(self) -> tuple[float, ...]:
        """Share of each class that was called right (sensitivity); nan for a class without samples."""
        return tuple(
            hits / total if total else float("nan")
            for hits, total in zip(np.diag(self.confusion).tolist(), self.confusion.sum(axis=1).tolist(), strict=True)
        )

    @property
    def recall_intervals(self) -> tuple[tuple[float, float], ...]:
        """95 % Wilson interval of each class's recall."""
        return tuple(
            wilson_interval(hits, total)
            for hits, total in zip(np.diag(self.confusion).tolist(), self.confusion.sum(axis=1).tolist(), strict=True)
        )

    @property
    def f1(self) -> tuple[float, ...]:
        """F1 of each class: harmonic mean of precision and recall; 0 where a class is neither there nor called."""
        either = self.confusion.sum(axis=0) + self.confusion.sum(axis=1)
        return tuple((2 * np.diag(self.confusion) / np.maximum(either, 1)).tolist())

    @property
    def macro_f1(self) -> float:
        """Mean of the classes' F1: a rare class counts as much as a common one."""
        return float(np.mean(self.f1))

    def rows(self) -> list[tuple[str, ...]]:
        """One row a class: label, samples, recall, its interval, F1."""
        columns = zip(self.labels, self.confusion.sum(axis=1), self.recall, self.recall_intervals, self.f1, strict=True)
        return [
            (label, f"{total:,}", f"{recall:.3f}", f"{low:.3f} to {high:.3f}", f"{f1:.3f}")
            for label, total, recall, (low, high), f1 in columns
        ]

    def table(self) -> Table:
        low, high = self.accuracy_interval
        title = (
            f"accuracy {self.accuracy:.3f} (95 % interval {low:.3f} to {high:.3f}), "
            f"macro-F1 {self.macro_f1:.3f}, {self.samples:,} samples"
        )
        return Table(title, ("class", "samples", "recall", "95 % interval", "F1"), tuple(self.rows()))

    def __repr__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def score(truth: np.ndarray, predicted: np.ndarray, labels: Sequence[str]) -> Score:
    """Compare predictions with the truth.

    Parameters
    ----------
    truth : np.ndarray
        Integer [n], indices into `labels`.
    predicted : np.ndarray
        Integer [n], or scores [n, classes] of which the largest is the prediction (float or int8 alike).
    labels : sequence of str
    """
    predicted = np.asarray(predicted)
    if predicted.ndim == 2:
        predicted = predicted.argmax(axis=1)
    return Score(confusion_matrix(truth, predicted, len(labels)), tuple(labels))


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts int64 [classes, classes]: row is the true class, column the predicted one.

    Raises ValueError where lengths differ, nothing is given, or a label is not 0..classes-1.

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.ndim != 1 or truth.shape != predicted.shape or not truth.size:
        raise ValueError(f"truth {truth.shape} and predictions {predicted.shape} must be equally long, and not empty")
    for what, values in (("true", truth), ("predicted", predicted)):
        if values.min() < 0 or values.max() >= classes:
            raise ValueError(f"{what} labels span {values.min()}..{values.max()}, allowed are 0..{classes - 1}")
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (truth, predicted), 1)
    return matrix


def wilson_interval(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a proportion (E. B. Wilson, JASA 22:209-212, 1927); z = 1.96 is 95 %.

    It assumes independent samples. Beats of one person are not: the true uncertainty over people is larger.

    >>> tuple(round(bound, 3) for bound in wilson_interval(9, 10))
    (0.596, 0.982)
    """
    if not 0 <= hits <= total:
        raise ValueError(f"{hits} hits of {total} samples: hits must be between 0 and the number of samples")
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    middle = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low, high = (middle - spread) / scale, (middle + spread) / scale
    # At no hit, or nothing but hits, one end is 0 or 1 exactly; floating point would miss it by its last bit.
    return (low if hits else 0.0), (high if hits < total else 1.0)


def poisson_interval(count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval of the mean of a Poisson count (F. Garwood, Biometrika 28:437-442, 1936).

    Its ends are the means under which as many events or more, and as many or fewer, come with probability
    `(1 - confidence) / 2`. It assumes events that come independently of each other.

    >>> tuple(round(bound, 2) for bound in poisson_interval(0))
    (0.0, 3.69)
    >>> tuple(round(bound, 2) for bound in poisson_interval(10))
    (4.8, 18.39)
    """
    if count < 0 or not 0 < confidence < 1:
        raise ValueError(
            f"count {count}, confidence {confidence}; allowed are a count from 0 and a number within 0 to 1"
        )
    tail = (1 - confidence) / 2
    low = _mean_where(lambda mean: 1 - _poisson_at_most(count - 1, mean) < tail, count) if count else 0.0
    return low, _mean_where(lambda mean: _poisson_at_most(count, mean) > tail, count)


def _poisson_at_most(count: int, mean: float) -> float:
    """Probability of `count` or fewer events."""
    return sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count + 1))


def _mean_where(below: Callable[[float], bool], count: int) -> float:
    """The mean at which `below` turns false, by bisection."""
    low, high = 0.0, count + 10 * sqrt(count + 1) + 10
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2


def cluster_interval(
    values: np.ndarray, groups: np.ndarray, repeats: int = 2000, seed: int = 0, confidence: float = 0.95
) -> tuple[float, float]:
    """Percentile interval of the mean of `values` by a bootstrap over whole groups (stations, people).

    In each repeat as many groups as there are get drawn, with replacement, each with all of its samples. Where samples
    of a group resemble each other, this is wider than an interval that takes them as independent. With few groups it
    is still too narrow. (B. Efron, R. J. Tibshirani: An Introduction to the Bootstrap. 1993.)

    >>> cluster_interval(np.array([1.0, 1.0, 1.0]), np.array([7, 8, 9]))
    (1.0, 1.0)
    """
    values, groups = np.asarray(values, float), np.asarray(groups)
    if values.ndim != 1 or values.shape != groups.shape or not values.size:
        raise ValueError(f"values {values.shape} and groups {groups.shape} must be equally long, and not empty")
    member = np.unique(groups, return_inverse=True)[1]
    sums, sizes = np.bincount(member, values), np.bincount(member)
    drawn = np.random.default_rng(seed).integers(0, len(sizes), (repeats, len(sizes)))
    return _ends(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), confidence)


def macro_f1_interval(
    truth: np.ndarray,
    predicted: np.ndarray,
    groups: np.ndarray,
    classes: int,
    repeats: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of macro-F1 by a bootstrap over whole groups, as in `cluster_interval`.

    A class that a draw happens to lack counts as 0, as in `Score.f1`.

    >>> macro_f1_interval(np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1]), np.array([1, 1, 2, 2]), 2)
    (1.0, 1.0)
    """
    member = np.unique(groups, return_inverse=True)[1]
    matrices = [
        confusion_matrix(truth[member == g], predicted[member == g], classes) for g in range(int(member.max()) + 1)
    ]
    drawn = np.random.default_rng(seed).integers(0, len(matrices), (repeats, len(matrices)))
    sums = np.stack(matrices)[drawn].sum(axis=1)
    either = sums.sum(axis=1) + sums.sum(axis=2)
    f1 = 2 * np.diagonal(sums, axis1=1, axis2=2) / np.maximum(either, 1)
    return _ends(f1.mean(axis=1), confidence)


def _ends(values: np.ndarray, confidence: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
