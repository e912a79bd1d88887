"""Lesson 01's checks against answers as learners write them, not as the checks' own wrong functions do."""

from math import ceil

import numpy as np
import pytest

from tdl_course import checks


def conv(length, cin, cout, k, stride):
    return cout * k * cin + cout, ceil(length / stride) * cout * k * cin


def conv_without_bias(length, cin, cout, k, stride):
    return cout * k * cin, ceil(length / stride) * cout * k * cin


def conv_at_every_input(length, cin, cout, k, stride):
    return cout * k * cin + cout, length * cout * k * cin


def conv_of_one_channel(length, cin, cout, k, stride):
    return cout * k + cout, ceil(length / stride) * cout * k


def conv_floor(length, cin, cout, k, stride):
    return cout * (k * cin + 1), (length // stride) * (cout * k * cin)


def separable(length, cin, cout, k, stride):
    out = len(range(0, length, stride))
    return cin * k + cin + cin * cout + cout, out * cin * (k + cout)


def separable_dense_filters(length, cin, cout, k, stride):
    out = len(range(0, length, stride))
    return cin * cin * k + cin + cin * cout + cout, out * cin * cin * k + out * cin * cout


def separable_pointwise_too_early(length, cin, cout, k, stride):
    out = len(range(0, length, stride))
    return cin * k + cin + cin * cout + cout, out * cin * k + length * cin * cout


def separable_one_bias(length, cin, cout, k, stride):
    out = len(range(0, length, stride))
    return cin * k + cin * cout + cout, out * cin * (k + cout)


def sizes(shapes):
    return [int(np.prod(shape)) for shape in shapes]


def peak(shapes):
    return max(np.add(sizes(shapes)[1:], sizes(shapes)[:-1]))


def energy(cycles, mhz, ma, v):
    return cycles / mhz * (ma / 1000) * v


def days(ms, period, run, sleep, capacity):
    charge = ms / 1000 * run + (period - ms / 1000) * sleep / 1000
    return capacity * 3600 / (charge / period) / 86400


def keeps_all(candidates, budget):
    def fits(need):
        return budget["days"] <= need["days"] and all(need[m] <= budget[m] for m in ("flash", "ram"))

    return list(filter(lambda name: fits(candidates[name]), candidates))


def flash_only(candidates, budget):
    return [n for n, c in candidates.items() if c["flash"] <= budget["flash"] and c["days"] >= budget["days"]]


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (checks.conv_cost, conv),
        (checks.separable_cost, separable),
        (checks.peak_bytes, peak),
        (checks.energy_uj, energy),
        (checks.battery_days, days),
        (checks.shortlist, keeps_all),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_another_right_answer_is_accepted(check, answer):
    assert check(answer).state == "correct"


@pytest.mark.parametrize(
    ("check", "answer", "misconception"),
    [
        (checks.conv_cost, conv_without_bias, "bias forgotten"),
        (checks.conv_cost, conv_at_every_input, "stride ignored"),
        (checks.conv_cost, conv_of_one_channel, "input channels forgotten"),
        (checks.conv_cost, conv_floor, "length rounded down"),
        (checks.separable_cost, separable_dense_filters, "depthwise multiplies both channels"),
        (checks.separable_cost, separable_pointwise_too_early, "pointwise at the input's length"),
        (checks.separable_cost, separable_one_bias, "one bias"),
        (checks.peak_bytes, lambda s: sum(sizes(s)), "sum of all"),
        (checks.peak_bytes, lambda s: max(sizes(s)), "largest alone"),
        (checks.peak_bytes, lambda s: peak(s) * 4, "float32 bytes"),
        (checks.peak_bytes, lambda s: sum(sorted(sizes(s), reverse=True)[:2]), "two largest of all"),
        (checks.energy_uj, lambda c, mhz, ma, v: c / mhz * ma / 1000, "voltage forgotten"),
        (checks.energy_uj, lambda c, mhz, ma, v: c / mhz * ma * v, "milliampere taken for ampere"),
        (checks.energy_uj, lambda c, mhz, ma, v: c / (mhz * 1e6) * ma / 1000 * v, "joules"),
        (checks.energy_uj, lambda c, mhz, ma, v: c / mhz * (ma * 1e-3) * v * 1e6, "megahertz taken for hertz"),
        (checks.energy_uj, lambda c, mhz, ma, v: c * mhz * 1e6 * ma * 1e-3 * v * 1e6, "cycles times clock"),
        (checks.energy_uj, lambda c, mhz, ma, v: mhz * 1e6 / c * ma * 1e-3 * v * 1e6, "clock over cycles"),
        (checks.energy_uj, lambda c, mhz, ma, v: v * ma, "power in milliwatts"),
        (checks.energy_uj, lambda c, mhz, ma, v: 1e6 * c / (mhz * 1e6), "time only"),
        (checks.energy_uj, lambda c, mhz, ma, v: c / mhz * (ma * 1e-3) / v, "divided by the voltage"),
        (checks.energy_uj, lambda c, mhz, ma, v: round(c / mhz * (ma * 1e-3) * v), "rounded"),
        (checks.battery_days, lambda ms, p, run, sl, cap: days(1000 * p - ms, p, run, sl, cap), "shares swapped"),
        (checks.battery_days, lambda ms, p, run, sl, cap: cap / sl * 1000 / 24, "sleep only"),
        (checks.battery_days, lambda ms, p, run, sl, cap: cap / ((run + sl / 1000) / 2) / 24, "plain mean of currents"),
        (checks.battery_days, lambda ms, p, run, sl, cap: cap / (run + sl / 1000) / 24, "currents added"),
        (
            checks.battery_days,
            lambda ms, p, run, sl, cap: cap / (ms / 1000 * run + (p - ms / 1000) * sl / 1000) / 24,
            "period left out",
        ),
        (checks.battery_days, lambda ms, p, run, sl, cap: days(ms * 1e6, p, run, sl, cap), "milliseconds turned"),
        (checks.battery_days, lambda ms, p, run, sl, cap: days(ms, p, run, sl, cap) / 7, "weeks"),
        (checks.battery_days, lambda ms, p, run, sl, cap: days(ms, p, run, sl / 1000, cap), "sleep current divided"),
        (checks.battery_days, lambda ms, p, run, sl, cap: cap / (ms / 1000 / p * run), "hours, and sleep forgotten"),
        (checks.battery_days, lambda ms, p, run, sl, cap: cap / (ms / 1000 / p * run) / 24, "sleep forgotten"),
        (checks.battery_days, lambda ms, p, run, sl, cap: cap / 24 / run, "no duty cycle"),
        (
            checks.battery_days,
            lambda ms, p, run, sl, cap: days(ms, p, run, 1000 * sl, cap),
            "microampere taken for milliampere",
        ),
        (checks.battery_days, lambda ms, p, run, sl, cap: 24 * days(ms, p, run, sl, cap), "hours"),
        (checks.shortlist, flash_only, "RAM forgotten"),
        (checks.shortlist, lambda c, b: [n for n in c if all(c[n][k] <= b[k] for k in b)], "days at most"),
    ],
)
def test_a_wrong_answer_is_recognised(check, answer, misconception):
    result = check(answer)
    assert result.state == "wrong" and result.misconception.startswith(misconception)
