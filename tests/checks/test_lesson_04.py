"""Lesson 04's checks against answers as learners write them, not as the checks' own wrong functions do."""

import numpy as np
import pytest

from tdl_course import checks


def by_sorting(weights, sparsity):
    order = np.abs(weights).ravel().argsort()
    mask = np.ones(weights.size)
    mask[order[: int(round(sparsity * weights.size))]] = 0
    return mask.reshape(weights.shape).astype(bool)


def test_magnitude_mask_accepts_sorting_and_a_threshold():
    def by_threshold(weights, sparsity):
        ranked = np.sort(np.abs(weights), axis=None)
        return np.abs(weights) >= ranked[round(sparsity * weights.size)]

    assert checks.magnitude_mask(by_sorting).state == "correct"
    assert checks.magnitude_mask(by_threshold).state == "correct"


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda w, s: w >= np.sort(w, axis=None)[round(s * w.size)], "by value instead of magnitude"),
        (lambda w, s: by_sorting(w, 1 - s), "sparsity of what is kept"),
        (lambda w, s: np.logical_not(by_sorting(w, s)), "mask upside down"),
        (lambda w, s: abs(w) / abs(w).max() > s, "threshold as a share of the largest"),
    ],
)
def test_magnitude_mask_recognises(answer, misconception):
    assert checks.magnitude_mask(answer).misconception == misconception


def pooled(weights, sparsity, prunable=lambda w: w.ndim >= 2):
    everything = np.sort(np.abs(np.concatenate([w.ravel() for w in weights.values() if prunable(w)])))
    threshold = everything[round(sparsity * len(everything))]
    return {name: (np.abs(w) >= threshold) | (not prunable(w)) for name, w in weights.items()}


def test_model_masks_recognises():
    assert checks.model_masks(pooled).state == "correct"
    everything = checks.model_masks(lambda w, s: pooled(w, s, lambda array: True))
    assert everything.misconception == "biases pruned"

    def layer_by_layer(weights, sparsity):
        return {n: by_sorting(w, sparsity) if w.ndim > 1 else np.ones(w.shape, bool) for n, w in weights.items()}

    assert checks.model_masks(layer_by_layer).misconception == "a threshold for each layer"


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda w, m, g, v, r: w - r * (g + 0.9 * v), "mask lost after the step"),
        (lambda w, m, g, v, r: w - r * (g * m + 0.9 * v), "only the gradient masked"),
        (lambda w, m, g, v, r: np.where(m, w, 0) - r * (g + 0.9 * v), "masked before the step"),
        (lambda w, m, g, v, r: w - np.where(m, r * (g + 0.9 * v), 0), "only the update masked"),
        (lambda w, m, g, v, r: w - r * (g + np.where(m, 0.9 * v, 0)), "only the velocity masked"),
        (lambda w, m, g, v, r: np.where(m, 0, w - r * (g + 0.9 * v)), "mask upside down"),
        (lambda w, m, g, v, r: np.where(m, w - (g + 0.9 * v), 0), "rate forgotten"),
        (lambda w, m, g, v, r: np.where(m, w - r * g - 0.9 * v, 0), "rate on the gradient only"),
        (lambda w, m, g, v, r: np.where(m, w - r * (g + v), 0), "momentum of 1"),
        (lambda w, m, g, v, r: np.where(m, w - r * (0.1 * g + 0.9 * v), 0), "gradient weighted by 0.1"),
    ],
)
def test_masked_step_recognises(answer, misconception):
    assert checks.masked_step(answer).misconception == misconception


def test_masked_step_accepts_where():
    assert checks.masked_step(lambda w, m, g, v, r: np.where(m, w - r * (g + 0.9 * v), 0)).state == "correct"


def way(step, begin, end):
    return np.clip((step - begin) / (end - begin), 0, 1)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda t, b, e, f: f * way(t, b, e) ** 3, "slow first"),
        (lambda t, b, e, f: f * way(t, b, e), "straight line"),
        (lambda t, b, e, f: f - f * (1 - way(t, b, e)) ** 2, "squared"),
        (lambda t, b, e, f: f * (1 - way(t, b, e)) ** 3, "falling"),
        (lambda t, b, e, f: f - f * (1 - (t - b) / (e - b)) ** 3, "no limits"),
    ],
)
def test_cubic_sparsity_recognises(answer, misconception):
    assert checks.cubic_sparsity(answer).misconception == misconception


def test_cubic_sparsity_accepts_branches():
    def answer(step, begin, end, final):
        if step < begin:
            return 0
        return final if step > end else final * (1 - ((end - step) / (end - begin)) ** 3)

    assert checks.cubic_sparsity(answer).state == "correct"


def groups(weights, n, m, axis=0, rank=np.abs):
    columns = np.moveaxis(weights, axis, -1)
    mask = np.zeros(columns.shape, bool)
    for row, out in zip(columns, mask, strict=True):
        for start in range(0, len(row), m):
            out[start + np.argsort(rank(row[start : start + m]))[m - n :]] = True
    return np.moveaxis(mask, -1, axis)


def test_n_of_m_mask_recognises():
    assert checks.n_of_m_mask(groups).state == "correct"
    assert checks.n_of_m_mask(lambda w, n, m: groups(w, n, m, axis=1)).misconception == "along the outputs"
    assert checks.n_of_m_mask(lambda w, n, m: groups(w, m - n, m)).misconception == "n go instead of n stay"
    assert checks.n_of_m_mask(lambda w, n, m: groups(w, n, m, rank=np.array)).misconception == "groups by value"
    assert checks.n_of_m_mask(lambda w, n, m: by_sorting(w, 1 - n / m)).misconception == "no groups at all"


def test_remove_channel_recognises():
    def answer(producer, depthwise, consumer, channel, rewire=True, filters=True):
        keep = [c for c in range(producer.shape[1]) if c != channel]
        return (
            producer[:, keep],
            depthwise[:, :, keep] if filters else depthwise,
            consumer[keep] if rewire else consumer,
        )

    assert checks.remove_channel(answer).state == "correct"
    assert checks.remove_channel(lambda *a: answer(*a, rewire=False)).misconception == "consumer not rewired"
    assert checks.remove_channel(lambda *a: answer(*a, filters=False)).misconception == "depthwise layer forgotten"


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (lambda i, t, s: np.where(by_sorting(t, s), t, 0), "trained weights kept"),
        (lambda i, t, s: np.where(by_sorting(i, s), i, 0), "mask of the initial weights"),
        (lambda i, t, s: by_sorting(i, s) * t, "mask and values swapped"),
        (lambda i, t, s: i * by_sorting(t, 1 - s), "sparsity of the ticket"),
    ],
)
def test_winning_ticket_recognises(answer, misconception):
    assert checks.winning_ticket(answer).misconception == misconception


def test_winning_ticket_accepts_where():
    assert checks.winning_ticket(lambda i, t, s: np.where(by_sorting(t, s), i, 0.0)).state == "correct"
