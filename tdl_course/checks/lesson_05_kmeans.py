"""The check of lesson 05, exercise 5.3: one turn of k-means."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception
from tdl_course.checks.lesson_05 import SKEWED, ZEROS


def _step(weights: np.ndarray, centroids: np.ndarray, place=np.mean, nearest=None, keep_zero=True) -> np.ndarray:  # type: ignore[no-untyped-def]
    """One turn of k-means, in which `place` finds the new centroid of some weights."""
    chosen = np.abs(weights[:, None] - centroids).argmin(axis=1) if nearest is None else nearest(weights, centroids)
    moved = np.array(centroids, float)
    for i, centroid in enumerate(centroids):
        if (chosen == i).any() and not (keep_zero and centroid == 0):
            moved[i] = place(weights[chosen == i])
    return moved


def _middle(values: np.ndarray) -> float:
    return float(values.min() + values.max()) / 2


def _below(weights: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    return np.clip(np.searchsorted(centroids, weights, side="right") - 1, 0, len(centroids) - 1)


def _idle_at_zero(weights: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    chosen = np.abs(weights[:, None] - centroids).argmin(axis=1)
    counts = np.bincount(chosen, minlength=len(centroids))
    moved = np.bincount(chosen, weights, minlength=len(centroids)) / np.maximum(counts, 1)
    return np.where(centroids == 0, 0, moved)


def _idle_not_a_number(weights: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    moved = _idle_at_zero(weights, centroids)
    chosen = np.abs(weights[:, None] - centroids).argmin(axis=1)
    idle = np.bincount(chosen, minlength=len(centroids)) == 0
    return np.where(idle & (centroids != 0), np.nan, moved)


def _idle_dropped(weights: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    moved = _idle_not_a_number(weights, centroids)
    return moved[~np.isnan(moved)]


def _moved_while_sending(weights: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    moved = np.array(centroids, float)
    for i in range(len(moved)):
        moved[i] = _step(weights, moved)[i]
    return moved


def _many_turns(weights: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    for _ in range(100):
        centroids = _step(weights, centroids)
    return centroids


kmeans_step = Check(
    name="kmeans_step",
    exercise="5.3",
    reference=_step,
    cases=(
        (SKEWED, np.array([-0.4, 0.05, 0.5])),
        (ZEROS, np.array([-1.1, -0.4, 0.0, 0.6, 1.7])),
        (SKEWED, np.array([-0.2, 0.03, 0.21, 7.0])),
        (SKEWED * 10, np.array([-9.0, -1.0, 0.5, 3.3, 8.0])),
    ),
    misconceptions=(
        Misconception(
            "zero not kept",
            "The centroid of the pruned weights has moved away from 0, and all of them are weights again. A centroid "
            "that is exactly 0 stays where it is.",
            lambda w, c: _step(w, c, keep_zero=False),
        ),
        Misconception(
            "idle centroid becomes nan",
            "A centroid without weights has no mean: 0/0 is nan, and that spreads. Let it stay where it is.",
            _idle_not_a_number,
        ),
        Misconception(
            "idle centroid falls to zero",
            "A centroid without weights has jumped to 0. Let it stay where it is.",
            _idle_at_zero,
        ),
        Misconception(
            "median",
            "The median makes the *absolute* error least. k-means makes the squared error least: take the mean.",
            lambda w, c: _step(w, c, place=np.median),
        ),
        Misconception(
            "middle of the range",
            "That is half way between the smallest and the largest weight of the group. Most weights may lie at one "
            "end: take the mean.",
            lambda w, c: _step(w, c, place=_middle),
        ),
        Misconception(
            "next centroid below",
            "Each weight went to the next centroid *below* it. The nearest one may be above: compare distances.",
            lambda w, c: _step(w, c, nearest=_below),
        ),
        Misconception(
            "sum, not mean",
            "Divide by the number of weights in the group.",
            lambda w, c: _step(w, c, place=np.sum),
        ),
        Misconception(
            "idle centroid dropped",
            "A centroid without weights is missing, so the indices of all behind it are wrong. Let it stay where "
            "it is.",
            _idle_dropped,
        ),
        Misconception(
            "signed distance",
            "The smallest `weight - centroid` is the most negative one: it belongs to the largest centroid. "
            "Nearness is the *absolute* difference.",
            lambda w, c: _step(w, c, nearest=lambda w, c: (w[:, None] - c).argmin(axis=1)),
        ),
        Misconception(
            "farthest centroid",
            "argmax sends each weight to the centroid that is farthest away. The nearest has the smallest "
            "distance: argmin.",
            lambda w, c: _step(w, c, nearest=lambda w, c: np.abs(w[:, None] - c).argmax(axis=1)),
        ),
        Misconception(
            "next centroid above",
            "Each weight went to the next centroid *above* it. The nearest one may be below: compare distances.",
            lambda w, c: _step(w, c, nearest=lambda w, c: np.minimum(np.searchsorted(c, w), len(c) - 1)),
        ),
        Misconception(
            "nothing moved",
            "These are the centroids as they came in. Each goes to the mean of the weights that are nearest to it.",
            lambda w, c: c,
        ),
        Misconception(
            "indices returned",
            "These say where each weight belongs: one index a weight. Return one number a centroid: the mean of "
            "its weights.",
            lambda w, c: np.abs(w[:, None] - c).argmin(axis=1),
        ),
        Misconception(
            "weights replaced",
            "One number for each weight came back. Return the moved centroids only, one number each.",
            lambda w, c: _step(w, c)[np.abs(w[:, None] - c).argmin(axis=1)],
        ),
        Misconception(
            "half way",
            "Your centroids go half of the way. They go to the mean itself.",
            lambda w, c: (_step(w, c) + c) / 2,
        ),
        Misconception(
            "moved while sending",
            "You move a centroid, then send weights to the moved one. Send all weights first, with the old "
            "centroids; then move.",
            _moved_while_sending,
        ),
        Misconception(
            "many turns",
            "You have gone on until nothing moves. One turn only is asked for: send once, move once.",
            _many_turns,
        ),
        Misconception(
            "divided by all weights",
            "Divide each sum by the number of weights *of this centroid*, not of all.",
            lambda w, c: _step(w, c, place=lambda group: group.sum() / len(w)),
        ),
    ),
    meaning="Repeat this until nothing moves, and you have Lloyd's algorithm of 1957, published in 1982.",
)
