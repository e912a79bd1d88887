"""Lesson 12's checks against answers as learners write them, not as the checks' own wrong functions do."""

import math
from statistics import mean

import numpy as np
import pytest

from tdl_course import checks


def verdict(check, answer, misconception):
    result = check(answer)
    assert (result.state == "correct") is (misconception == "") and result.misconception == misconception


def by_loops(right, station, drawn):
    names, result = sorted(set(station.tolist())), []
    for row in drawn:
        days = [bool(r) for place in row for r, s in zip(right, station, strict=True) if s == names[place]]
        result.append(sum(days) / len(days))
    return np.array(result)


def with_sets(right, station, drawn):
    names = sorted(set(station.tolist()))
    return np.array(
        [mean(float(r) for r, s in zip(right, station, strict=True) if s in {names[p] for p in row}) for row in drawn]
    )


def averaged(right, station, drawn):
    by_name = {
        s: mean(float(r) for r, t in zip(right, station, strict=True) if t == s) for s in sorted(set(station.tolist()))
    }
    accuracies = list(by_name.values())
    return np.array([mean(accuracies[place] for place in row) for row in drawn])


def pooled(right, station, drawn, names=None):
    names = np.unique(station) if names is None else names
    return [np.concatenate([right[station == names[place]] for place in row]).mean() for row in drawn]


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (by_loops, ""),
        (lambda *a: by_loops(*a).tolist(), ""),
        (averaged, "mean of the stations' accuracies"),
        (with_sets, "drawn twice, counted once"),
        (lambda r, s, d: np.array([r[row].mean() for row in d]), "samples instead of stations"),
        (lambda r, s, d: float(np.mean(by_loops(r, s, d))), "the mean over draws"),
        (lambda r, s, d: by_loops(r, s, d[:1])[0], "the first draw only"),
        (
            lambda r, s, d: np.array([sum(r[s == np.unique(s)[p]].sum() for p in row) for row in d]) / r.size,
            "divided by all days",
        ),
        (
            lambda r, s, d: np.array([sum(r[s == np.unique(s)[p]].sum() for p in row) for row in d]),
            "hits instead of a share",
        ),
        (pooled, ""),
        (lambda r, s, d: np.array(by_loops(r, s, d), np.float32), ""),
        (lambda r, s, d: by_loops(r, s, d.T), "sums over draws"),
        (
            lambda r, s, d: float(np.concatenate([r[s == np.unique(s)[p]] for p in d.flat]).mean()),
            "all draws in one sum",
        ),
        (lambda r, s, d: pooled(r, s, d, list(dict.fromkeys(s.tolist()))), "stations in order of appearance"),
        (lambda r, s, d: pooled(r, s, d, range(100)), "places taken as stations' numbers"),
        (lambda r, s, d: [[r[s == np.unique(s)[p]].mean() for p in row] for row in d], "one accuracy a station"),
        (lambda r, s, d: by_loops(~r, s, d), "share of wrong days"),
        (lambda r, s, d: [np.mean(r)] * len(d), "nothing drawn"),
        (
            lambda r, s, d: np.array([np.mean([r[s == np.unique(s)[p]].sum() for p in row]) for row in d]),
            "hits for each station",
        ),
        (lambda r, s, d: np.quantile(by_loops(r, s, d), (0.025, 0.975)), "the interval already"),
    ],
)
def test_resampled_accuracy(answer, misconception):
    verdict(checks.resampled_accuracy, answer, misconception)


def in_mm(moisture, rain, irrigation, demand, depth, capacity):
    """The same day in millimetres of water."""
    stored = min(moisture * depth + rain + irrigation, capacity * depth)
    return max(stored - demand, 0) / depth


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (in_mm, ""),
        (lambda m, r, i, d, z, c: np.clip(np.clip(m + (r + i) / z, 0, c) - d / z, 0, None), ""),
        (lambda m, r, i, d, z, c: max(min(m + r + i, c) - d, 0), "depth forgotten"),
        (lambda m, r, i, d, z, c: float(np.clip((m * z + r + i - d) / z, 0, c)), "drained after the crop drank"),
        (lambda m, r, i, d, z, c: max((m * z + r + i - d) / z, 0), "nothing drains"),
        (lambda m, r, i, d, z, c: min(m * z + r + i, c * z) / z - d / z, "below zero"),
        (lambda m, r, i, d, z, c: in_mm(m, r, 0, d, z, c), "irrigation forgotten"),
        (lambda m, r, i, d, z, c: min(m * z + r + i, c * z) / z + d / z, "demand added"),
        (lambda m, r, i, d, z, c: max(min(m * z + r + i, c * z) - d, 0), "result in mm"),
        (lambda *a: np.float32(in_mm(*a)), ""),
        (lambda m, r, i, d, z, c: in_mm(m, r, i, d, 1000, c), "metres of soil"),
        (lambda m, r, i, d, z, c: max(min(m + r + i, c) - d / z, 0), "only the demand spread"),
        (lambda m, r, i, d, z, c: max(min(m + r + i / z, c) - d / z, 0), "rain not spread"),
        (lambda m, r, i, d, z, c: max(min(m * z + r + i, c) - d, 0) / z, "depth forgotten"),
        (lambda m, r, i, d, z, c: max(min(m * z + r, c * z) + i - d, 0) / z, "irrigation after the draining"),
        (lambda m, r, i, d, z, c: max(min(m * z + i, c * z) + r - d, 0) / z, "rain after the draining"),
        (lambda m, r, i, d, z, c: min(max(m + (r + i) / z, c) - d / z, 0), "depth forgotten"),
        (lambda m, r, i, d, z, c: max(m + (r + i) / z, c) - d / z, "max for the capacity"),
        (lambda m, r, i, d, z, c: in_mm(m, 0, i, d, z, c), "rain forgotten"),
        (lambda m, r, i, d, z, c: in_mm(m, r, i, 0, z, c), "demand forgotten"),
        (lambda *a: np.round(in_mm(*a), 3), "rounded"),
    ],
)
def test_water_day(answer, misconception):
    verdict(checks.water_day, answer, misconception)


def thousand_leaves(matrix, healthy, alarm=lambda t, p: p > 0, right=lambda t, p: t > 0, count=1000.0):
    """Count alarms among so many leaves of the field, cell by cell of the matrix."""
    rights = alarms = 0.0
    ill = matrix[1:].sum()
    for (t, p), cell in np.ndenumerate(matrix):
        leaves = count * healthy * cell / matrix[0].sum() if t == 0 else count * (1 - healthy) * cell / ill
        if alarm(t, p):
            alarms += leaves
            rights += leaves * right(t, p)
    return rights / alarms


def fired(row):
    return 1 - row[0] / sum(row)


def weighed(found, false, healthy):
    return found * (1 - healthy) / (found * (1 - healthy) + false * healthy)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (thousand_leaves, ""),
        (lambda m, h: m[1:, 1:].sum() / (m[1:, 1:].sum() + m[0, 1:].sum()), "shares of the data"),
        (lambda m, h: 1 - m[1:, 0].sum() / m[1:].sum(), "share of ill leaves that are found"),
        (lambda m, h: thousand_leaves(m, 1 - h), "shares swapped"),
        (
            lambda m, h: h * (1 - m[0, 0] / m[0].sum()) + (1 - h) * (1 - m[1:, 0].sum() / m[1:].sum()),
            "share of leaves with an alarm",
        ),
        (lambda m, h: thousand_leaves(m, h, lambda t, p: (t > 0) == (p > 0)), "specificity for false alarms"),
        (lambda m, h: (1 - h) * (1 - m[1:, 0].sum() / m[1:].sum()), "not divided by the alarms"),
        (
            lambda m, h: thousand_leaves(m, h, lambda t, p: p > 0 and (t == 0 or t == p)),
            "only the right disease counts",
        ),
        (lambda m, h: thousand_leaves(m.T, h), "rows and columns swapped"),
        (lambda m, h: np.float32(thousand_leaves(m, h)), ""),
        (lambda m, h: weighed(fired(m[1:].sum(0)), fired(m[0]), h), ""),
        (
            lambda m, h: weighed(np.mean([row[1:].sum() / row.sum() for row in m[1:]]), fired(m[0]), h),
            "mean over the diseases",
        ),
        (lambda m, h: weighed(sum(fired(row) for row in m[1:]), fired(m[0]), h), "rates of the diseases added"),
        (lambda m, h: weighed(m[1:, 1:].sum(), m[0, 1:].sum(), h), "counts weighed"),
        (lambda m, h: 1 - thousand_leaves(m, h), "share of false alarms"),
        (lambda m, h: weighed(fired(m[1:].sum(0)), m[0, 1:].sum() / m.sum(), h), "false alarms not a rate"),
        (
            lambda m, h: weighed((m / m.sum(0))[1:, 1:].sum(), (m / m.sum(0))[0, 1:].sum(), h),
            "columns turned into shares",
        ),
        (lambda m, h: weighed(fired(m[1:].sum(0)), fired(m[0]) / h, h), "false alarms not weighed"),
        (lambda m, h: weighed(fired(m[1:].sum(0)), m[1:, 0].sum() / m[1:].sum(), h), "missed leaves for false alarms"),
        (lambda m, h: (1 - h) * fired(m[1:].sum(0)) + h * m[0, 0] / m[0].sum(), "accuracy in the field"),
        (lambda m, h: weighed(fired(m[1:].sum(0)), fired(m[0]), 0.5), "a field half ill"),
    ],
)
def test_alarms_right(answer, misconception):
    verdict(checks.alarms_right, answer, misconception)


def by_hours(uses, sleep_ua):
    hours = [(milliamps, seconds / 3600 * per_day) for milliamps, seconds, per_day in uses]
    return math.fsum(a * h for a, h in hours) + sleep_ua * 1e-3 * (24 - math.fsum(h for _, h in hours))


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (by_hours, ""),
        (lambda uses, sleep: by_hours(uses, 0), "sleep forgotten"),
        (lambda uses, sleep: by_hours(uses, sleep) * 3600, "mA x s instead of mAh"),
        (lambda uses, sleep: by_hours(uses, sleep * 1000), "microampere taken as milliampere"),
        (lambda uses, sleep: by_hours([(a, s, 1) for a, s, _ in uses], sleep), "each use once a day"),
        (lambda uses, sleep: by_hours(uses, 0) + 24 * sleep / 1000, "asleep all day"),
        (lambda uses, sleep: by_hours(uses, sleep) / 24, "for an hour"),
        (lambda uses, sleep: by_hours(uses, sleep) * 1e3, "microampere-hours"),
        (lambda uses, sleep: by_hours(uses, sleep) * 3600 / 60, "divided by 60"),
        (lambda uses, sleep: by_hours([(a, s * n, 1) for a, s, n in uses], sleep), ""),
        (lambda uses, sleep: 24 * sleep / 1000 + sum((a - sleep / 1000) * s * n for a, s, n in uses) / 3600, ""),
        (
            lambda uses, sleep: by_hours(uses, 0) + sleep / 1000 * (86_400 - sum(s * n for _, s, n in uses)),
            "sleep in seconds, work in hours",
        ),
        (
            lambda uses, sleep: 3600 * by_hours(uses, 0) + by_hours([(0, s, n) for _, s, n in uses], sleep),
            "work in seconds, sleep in hours",
        ),
        (
            lambda uses, sleep: by_hours(uses, 0) + by_hours([(0, s, 1) for _, s, _ in uses], sleep),
            "one use each off the day",
        ),
        (lambda uses, sleep: by_hours(uses, sleep / 1000), "microampere divided twice"),
        (lambda uses, sleep: by_hours([(0, s, n) for _, s, n in uses], sleep), "sleep only"),
        (lambda uses, sleep: 24 * sleep / 1000, "sleep only, all day"),
        (
            lambda uses, sleep: by_hours(uses, 0) + (24 + sum(s * n for _, s, n in uses) / 3600) * sleep / 1000,
            "longer than a day",
        ),
        (lambda uses, sleep: by_hours([(a, s, 1 / n) for a, s, n in uses], sleep), "divided by the uses a day"),
    ],
)
def test_charge_per_day(answer, misconception):
    verdict(checks.charge_per_day, answer, misconception)


def day_by_day(charge, draw, loss):
    """Euler's method, a hundredth of a day at a time."""
    days, step = 0.0, 0.01
    while charge > 0:
        charge -= step * (draw + charge * loss / 365.25)
        days += step
    return days


def life(q, i, k):
    return math.log(1 + k / 365.25 * q / i) / k * 365.25 if k else q / i


def ends(q, i, k, pair=life):
    return pair(q[0], i[2], k[2]), pair(q[1], i[1], k[1]), pair(q[2], i[0], k[0])


def test_the_formula_of_life_between_is_what_happens_day_by_day():
    expected = checks.life_between.reference((190.0, 200.0, 210.0), (0.9, 1.0, 1.2), (0.02, 0.05, 0.10))
    assert expected == pytest.approx(ends((190.0, 200.0, 210.0), (0.9, 1.0, 1.2), (0.02, 0.05, 0.10), day_by_day), 1e-3)


def rate(loss):
    return np.array(loss[::-1]) / 365.25


def by_all_corners(charge, draw, loss):
    lives = [life(q, i, k) for q in charge for i in draw for k in loss]
    return min(lives), life(charge[1], draw[1], loss[1]), max(lives)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (ends, ""),
        (lambda q, i, k: list(ends(q, i, k)), ""),
        (lambda q, i, k: tuple(life(a, b, c) for a, b, c in zip(q, i, k, strict=True)), "least with least"),
        (lambda q, i, k: ends(q, i, k[::-1]), "loss paired wrongly"),
        (lambda q, i, k: ends(q, i, (0, 0, 0)), "self-discharge ignored"),
        (lambda q, i, k: ends(q, i, [365.25 * each for each in k]), "loss of a year taken as of a day"),
        (lambda q, i, k: ends(q, (i[1],) * 3, k), "draw without its limits"),
        (
            lambda q, i, k: ends([a * (1 - b) for a, b in zip(q, k[::-1], strict=True)], i, (0, 0, 0)),
            "a year's loss at once",
        ),
        (lambda q, i, k: ends(q, i, k)[::-1], "ends swapped"),
        (lambda q, i, k: np.log(1 + rate(k) * np.array(q) / i[::-1]) / rate(k), ""),
        (by_all_corners, ""),
        (lambda q, i, k: ends(q, i, [365.25 / 365 * each for each in k]), "365 days a year"),
        (lambda q, i, k: ends(q, i, [-math.log(1 - each) for each in k]), "the exact rate"),
        (lambda q, i, k: np.log10(1 + rate(k) * np.array(q) / i[::-1]) / rate(k), "logarithm to base 10"),
        (lambda q, i, k: np.log(rate(k) * np.array(q) / i[::-1]) / rate(k), "1 + forgotten"),
        (lambda q, i, k: np.log1p(1 + rate(k) * np.array(q) / i[::-1]) / rate(k), "1 + twice"),
        (lambda q, i, k: np.log(1 + rate(k) * np.array(q) / i[::-1]), "not divided by k"),
        (lambda q, i, k: np.log(1 + np.array(q) / i[::-1]) / rate(k), "not times k inside"),
        (lambda q, i, k: [days / 365.25 for days in ends(q, i, k)], "divided by the loss a year"),
        (lambda q, i, k: [days * 24 for days in ends(q, i, k)], "hours"),
        (lambda q, i, k: ends((q[1], q[1], q[1]), i, k), "charge without its limits"),
        (lambda q, i, k: ends(q, i, (k[1], k[1], k[1])), "loss without its limits"),
        (lambda q, i, k: ends(q, i[::-1], k), "draw paired wrongly"),
        (lambda q, i, k: [days // 1 for days in ends(q, i, k)], "rounded down"),
        (lambda q, i, k: life(q[1], i[1], k[1]), "one life only"),
    ],
)
def test_life_between(answer, misconception):
    verdict(checks.life_between, answer, misconception)


def runs(cycles, clock, run, sleep):
    return (sleep * 24 * 3600) / (cycles * run / clock)


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (runs, ""),
        (lambda *a: runs(*a) / 24, "for an hour"),
        (lambda c, f, r, s: s / (r * c / f), "for a second"),
        (lambda *a: 1 / runs(*a), "upside down"),
        (lambda c, f, r, s: 86_400 * f / c, "time instead of charge"),
        (lambda c, f, r, s: 86_400 * s / r / c, "cycles taken as seconds"),
        (lambda c, f, r, s: 86_400 * s * f / c, "run current forgotten"),
        (lambda *a: np.float32(runs(*a)), ""),
        (lambda *a: int(runs(*a)), "rounded"),
        (lambda *a: math.ceil(runs(*a)), "rounded up"),
        (lambda c, f, r, s: runs(c, f, s, r), "currents exchanged"),
        (lambda c, f, r, s: runs(c, 1 / f, r, s), "multiplied by the clock"),
        (lambda c, f, r, s: runs(c, f, r - s, s), "sleep current taken off"),
        (lambda c, f, r, s: runs(c, f, r, 1), "sleep current forgotten"),
    ],
)
def test_runs_to_match(answer, misconception):
    verdict(checks.runs_to_match, answer, misconception)
