"""Lesson 11's checks against answers as learners write them, not as the checks' own wrong functions do."""

import math
from collections import deque

import numpy as np
import pytest

from tdl_course import audio, checks
from tdl_course.metrics import poisson_interval, wilson_interval


def verdict(check, answer, misconception):
    result = check(answer)
    assert (result.state == "correct") is (misconception == "") and result.misconception == misconception


def halving(value, bits):
    whole, rest = 0, value
    while rest > 1:
        rest, whole = rest // 2, whole + 1
    return whole * 2**bits + (value - 2**whole) * 2**bits // 2**whole


def top(value):
    return len(bin(value)) - 3


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (halving, ""),
        (lambda v, b: np.int64(halving(v, b)), ""),
        (lambda v, b: (top(v) << b) | ((v ^ (1 << top(v))) << b) >> top(v), ""),
        (lambda v, b: (top(v) << b) + int((v - 2 ** top(v)) / 2 ** top(v) * 2**b), "divided as floats"),
        (lambda v, b: top(v) + (v / 2 ** top(v) - 1), "a real number"),
        (lambda v, b: top(v) << b, "the fraction lost"),
        (lambda v, b: top(v), "the whole part only, not shifted"),
        (lambda v, b: halving(v, b) % 2**b, "the fraction only"),
        (lambda v, b: top(v) + halving(v, b) % 2**b, "the whole part not shifted"),
        (lambda v, b: (top(v) << b) + (((v - (1 << top(v))) << b) >> v.bit_length()), "half the fraction"),
        (lambda v, b: halving(v, b) + (1 << b), "the highest bit left in"),
        (
            lambda v, b: (v.bit_length() << b) + (((v - (1 << v.bit_length())) << b) >> v.bit_length()),
            "one bit too many",
        ),
        (lambda v, b: (top(v) << b) - (2 ** top(v) - v) * 2**b // 2 ** top(v), "rounded up"),
        (lambda v, b: int(math.log(v) * 2**b), "the natural logarithm"),
        (lambda v, b: int(np.log2(v) * 2**b), "the true logarithm"),
    ],
)
def test_log2_fixed(answer, misconception):
    verdict(checks.log2_fixed, answer, misconception)


def power(samples):
    return sum(float(sample) ** 2 for sample in samples) / len(samples)


def mixed(clip, noise, snr, size=power, factor=math.sqrt):
    by = factor(size(clip) / size(noise) / 10 ** (snr / 10))
    return [float(a) + by * float(b) for a, b in zip(clip, noise, strict=True)]


def rms(samples):
    return np.linalg.norm(samples.astype(np.float64)) / len(samples) ** 0.5


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (mixed, ""),
        (lambda c, n, snr: np.array(mixed(c, n, snr), np.float32), ""),
        (lambda c, n, snr: c + n * rms(c) / rms(n) * 10 ** (-snr / 20), ""),
        (lambda c, n, snr: mixed(c, n, snr, lambda x: len(x) * power(x)), ""),
        (lambda c, n, snr: np.array(mixed(c, n, snr)).astype(np.int16), "cut to integers"),
        (audio.mix_at_snr, "rounded"),
        (lambda c, n, snr: mixed(c, n, snr, lambda x: float(np.var(x.astype(float)))), "variance instead of power"),
        (
            lambda c, n, snr: mixed(c, n, snr, lambda x: float(np.abs(x.astype(float)).mean()) ** 2),
            "mean amplitude instead of power",
        ),
        (
            lambda c, n, snr: mixed(c, n, snr, lambda x: float(np.abs(x.astype(int)).max()) ** 2),
            "peak instead of power",
        ),
        (lambda c, n, snr: mixed(c, n, snr, factor=float), "10 dB as an amplitude"),
        (lambda c, n, snr: c + n * rms(c) / rms(n) * 10 ** (-snr / 10), "10 with amplitudes"),
        (lambda c, n, snr: mixed(c, n, snr / 2), "20 instead of 10"),
        (lambda c, n, snr: mixed(c, n, -snr), "ratio upside down"),
        (lambda c, n, snr: mixed(c, n, snr, lambda x: 1 / power(x)), "powers the wrong way round"),
        (lambda c, n, snr: mixed(c, n, snr, lambda x: 1.0), "the noise's own power forgotten"),
        (lambda c, n, snr: c.astype(int) + n, "noise not scaled"),
        (
            lambda c, n, snr: c + n * np.sqrt(np.mean(c**2) / np.mean(n**2)) * 10 ** (-snr / 20),
            "squares in 16 bits",
        ),
        (lambda c, n, snr: mixed(0 * c, n, snr, lambda x: power(c) if not x.any() else power(x)), "noise only"),
    ],
)
def test_mix_at_snr(answer, misconception):
    verdict(checks.mix_at_snr, answer, misconception)


def queued(scores, count, average=lambda last: sum(last) / len(last)):
    last = deque([np.zeros(scores.shape[1])] * count, maxlen=count)
    rows = []
    for row in scores:
        last.append(row)
        rows.append(average(list(last)))
    return rows


def convolved(scores, count, mode="full"):
    kernel = np.ones(count) / count
    columns = [np.convolve(column, kernel, mode) for column in scores.T]
    return np.stack(columns, axis=1)[: len(scores)]


def cumulated(scores, count):
    totals = np.cumsum(scores, axis=0)
    return (totals - np.concatenate([np.zeros((count, scores.shape[1])), totals])[: len(scores)]) / count


def in_place(scores, count):
    for i in range(len(scores)):
        scores[i] = scores[max(0, i - count + 1) : i + 1].sum(axis=0) / count
    return scores


def after(scores, count, first):
    return np.concatenate([first(scores[: count - 1]), convolved(scores, count)[count - 1 :]])


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (queued, ""),
        (convolved, ""),
        (cumulated, ""),
        (
            lambda s, n: [
                [sum(s[j][k] for j in range(max(0, i - n + 1), i + 1)) / n for k in range(len(s[0]))]
                for i in range(len(s))
            ],
            "",
        ),
        (lambda s, n: convolved(s, n, "same"), "looks into the future"),
        (lambda s, n: convolved(s, n, "valid"), "shorter result"),
        (lambda s, n: convolved(s[::-1], n)[::-1], "the future only"),
        (lambda s, n: [s[max(0, i - n) : i].sum(0) / n for i in range(len(s))], "this output left out"),
        (lambda s, n: convolved(s, n + 1), "one output too many"),
        (
            lambda s, n: [s[max(0, i - n) : i + 1].sum(0) / n for i in range(len(s))],
            "one output too many, divided by count",
        ),
        (lambda s, n: convolved(s, n - 1) if n > 1 else 0 * s, "one output too few"),
        (lambda s, n: sum(np.roll(s, j, 0) for j in range(n)) / n, "the end comes back"),
        (lambda s, n: convolved(np.concatenate([s[:1]] * (n - 1) + [s]), n)[n - 1 :], "the first one repeated"),
        (lambda s, n: after(s, n, np.zeros_like), "nothing until all are there"),
        (lambda s, n: after(s, n, np.copy), "raw until all are there"),
        (lambda s, n: [np.mean(s[max(0, i - n + 1) : i + 1], axis=0) for i in range(len(s))], "fewer at the beginning"),
        (lambda s, n: [s[: i + 1].mean(0) for i in range(len(s))], "all since the beginning"),
        (in_place, "averages of averages"),
        (lambda s, n: queued(s, n, np.mean), "one number a row"),
        (lambda s, n: queued(s, n, lambda last: np.median(last, axis=0)), "median instead of mean"),
        (lambda s, n: queued(s, n, lambda last: np.max(last, axis=0)), "largest instead of mean"),
        (lambda s, n: queued(s, n, sum), "sum instead of mean"),
        (lambda s, n: cumulated(s, n).astype(int), "rounded down"),
        (lambda s, n: [s[i : i + n].mean(0) for i in range(0, len(s), n)], "blocks"),
        (lambda s, n: convolved(s.T, n).T, "across labels"),
    ],
)
def test_smooth(answer, misconception):
    verdict(checks.smooth, answer, misconception)


def found(scores, threshold, refractory, reaches=lambda score, threshold: score >= threshold, last=None):
    pairs = []
    for i in range(len(scores)):
        label = max(range(len(scores[i])), key=lambda j: scores[i][j])
        if reaches(scores[i][label], threshold) and (last is None or i - last >= refractory):
            pairs.append((i, label))
            last = i
    return pairs


def jumping(scores, threshold, refractory):
    pairs, i = [], 0
    while i < len(scores):
        hit = scores[i].max() >= threshold
        if hit:
            pairs.append([i, np.argmax(scores[i])])
        i += refractory if hit else 1
    return tuple(pairs)


def rising(scores, threshold, refractory):
    up = scores.max(axis=1) >= threshold
    starts = scores * (up & ~np.concatenate([[False], up[:-1]]))[:, None]
    return found(starts, threshold, refractory)


def each_for_itself(scores, threshold, refractory):
    last, pairs = {}, []
    for i, label in enumerate(scores.argmax(axis=1).tolist()):
        if scores[i, label] >= threshold and i >= last.get(label, -refractory) + refractory:
            last[label] = i
            pairs.append((i, label))
    return pairs


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (found, ""),
        (jumping, ""),
        (lambda s, t, r: found(s, t, 0), "no refractory period"),
        (lambda s, t, r: found(s, t, r - 1), "one output too short"),
        (lambda s, t, r: found(s, t, r + 1), "one output too long"),
        (lambda s, t, r: found(s, t, r, lambda a, b: a > b), "strictly above"),
        (lambda s, t, r: found(s, t, r, last=0), "a wait before the first"),
        (lambda s, t, r: found(s, t, r, last=-1), "a wait before the first, from -1"),
        (lambda s, t, r: [(label, i) for i, label in found(s, t, r)], "label first"),
        (lambda s, t, r: [(i, s[i].max()) for i, _ in found(s, t, r)], "the score for the label"),
        (lambda s, t, r: [i for i, _ in found(s, t, r)], "indices only"),
        (lambda s, t, r: [label for _, label in found(s, t, r)], "labels only"),
        (lambda s, t, r: [tuple(pair) for pair in np.argwhere(s >= t).tolist()], "every label, always"),
        (
            lambda s, t, r: [(i, j) for i, _ in found(s, t, r) for j in range(s.shape[1]) if s[i, j] >= t],
            "every label above the threshold",
        ),
        (rising, "crossings only"),
        (each_for_itself, "a wait for each label"),
        (lambda s, t, r: found(s, t, r)[:1], "the first detection only"),
        (lambda s, t, r: [(i, int(np.argmax(s[i] >= t))) for i, _ in found(s, t, r)], "the first label above"),
    ],
)
def test_detect(answer, misconception):
    verdict(checks.detect, answer, misconception)


def rates(count, hours):
    low, high = poisson_interval(count)
    return [count / hours, low / hours, high / hours]


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (rates, ""),
        (lambda c, h: np.array([c, *poisson_interval(c)]) / h, ""),
        (lambda c, h: (c / h, *poisson_interval(c / h)), "interval of a rate"),
        (lambda c, h: (c / h, *poisson_interval(int(c / h))), "interval of the rate"),
        (lambda c, h: (c / h, *poisson_interval(c)), "the count's interval"),
        (lambda c, h: (c, *poisson_interval(c)), "nothing divided"),
        (lambda c, h: (c, *rates(c, h)[1:]), "the count itself"),
        (lambda c, h: (c / h, (c - 1.96 * c**0.5) / h, (c + 1.96 * c**0.5) / h), "1.96 roots"),
        (lambda c, h: (c / h, rates(c, h)[0] - rates(c, h)[1], rates(c, h)[2] - rates(c, h)[0]), "half widths"),
        (lambda c, h: [value / 60 for value in rates(c, h)], "a minute"),
        (lambda c, h: [value * 60 for value in rates(c, h)], "hours taken as minutes"),
        (lambda c, h: rates(c, 1 / h), "multiplied"),
        (lambda c, h: (c / h, *wilson_interval(c, 1000)), "Wilson's interval"),
    ],
)
def test_false_accepts(answer, misconception):
    verdict(checks.false_accepts, answer, misconception)


def per_stride(hop_cycles, network_cycles, stride, hop_s, clock_hz):
    return (hop_cycles * stride + network_cycles) / clock_hz / (stride * hop_s)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (per_stride, ""),
        (lambda *a: np.float32(per_stride(*a)), ""),
        (lambda h, n, s, hop, clock: (h / hop + n / (s * hop)) / clock, ""),
        (lambda h, n, s, hop, clock: (h + n) / (clock * hop), "the network in every hop"),
        (lambda h, n, s, hop, clock: (h + n) / (clock * s * hop), "the front end once a stride"),
        (lambda h, n, s, hop, clock: (h * s + n) / (clock * hop), "work of a stride, time of a hop"),
        (lambda h, n, s, hop, clock: (h / s + n) / (clock * hop), "front end and network exchanged"),
        (lambda h, n, s, hop, clock: n / s / hop / clock, "front end forgotten"),
        (lambda h, n, s, hop, clock: h / hop / clock, "network forgotten"),
        (lambda h, n, s, hop, clock: h / hop + n / s / hop, "clock forgotten"),
        (lambda h, n, s, hop, clock: h / clock + n / s / clock, "seconds of work"),
        (lambda *a: 1 / per_stride(*a), "upside down"),
        (lambda *a: 1 - per_stride(*a), "the rest"),
        (lambda *a: per_stride(*a) * 100, "in percent"),
    ],
)
def test_real_time_factor(answer, misconception):
    verdict(checks.real_time_factor, answer, misconception)
