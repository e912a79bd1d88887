"""The checks of lesson 12, exercises 12.1 to 12.3: accuracy over stations, a day of a bucket, alarms that are right."""

from __future__ import annotations

import numpy as np

from tdl_course.checks.framework import Check, Misconception


def _resampled(right, station, drawn):
    names = np.unique(station)
    hits = np.array([right[station == name].sum() for name in names])
    sizes = np.array([(station == name).sum() for name in names])
    return hits[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)


def _mean_of_means(right, station, drawn):
    means = np.array([right[station == name].mean() for name in np.unique(station)])
    return means[drawn].mean(axis=1)


def _once_each(right, station, drawn):
    names = np.unique(station)
    return np.array([right[np.isin(station, names[row])].mean() for row in drawn])


def _as_samples(right, station, drawn):
    return np.asarray(right, float)[drawn].mean(axis=1)


def _first_only(right, station, drawn):
    return _resampled(right, station, drawn)[0]


def _mean_over_draws(right, station, drawn):
    return _resampled(right, station, drawn).mean()


def _counts(right, station, drawn):
    names = np.unique(station)
    return np.array([right[station == name].sum() for name in names])[drawn].sum(axis=1)


def _over_all(right, station, drawn):
    return _counts(right, station, drawn) / len(right)


_right = np.array([1, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0], bool)
_station = np.array([30, 30, 30, 30, 30, 30, 7, 7, 7, 7, 12, 12])

resampled_accuracy = Check(
    name="resampled_accuracy",
    exercise="12.1",
    reference=_resampled,
    cases=(
        (_right, _station, np.array([[0, 1, 2], [2, 2, 0], [1, 1, 1]])),
        (_right, _station, np.array([[0, 0, 1], [2, 1, 1], [0, 2, 2], [2, 0, 0]])),
        (_right[:6], np.array([5, 5, 5, 5, 9, 9]), np.array([[1, 1], [0, 1], [0, 0]])),
    ),
    misconceptions=(
        Misconception(
            "mean of the stations' accuracies",
            "You average the accuracies of the stations, so that a station of few days weighs as much as one of many. "
            "Our score counts days: all hits of the drawn stations over all of their days.",
            _mean_of_means,
        ),
        Misconception(
            "drawn twice, counted once",
            "A station that is drawn twice counts twice; `np.isin` or a set forgets that, and the spread gets too "
            "small. Add up hits and days of each drawn place instead.",
            _once_each,
        ),
        Misconception(
            "samples instead of stations",
            "You took the drawn numbers as places of single days. They are places of stations in np.unique(station), "
            "each with all of its days.",
            _as_samples,
        ),
        Misconception(
            "divided by all days",
            "The drawn stations have more or fewer days than the test part. Divide by the days of those drawn.",
            _over_all,
        ),
        Misconception(
            "hits instead of a share",
            "These are the hits. Divide by the number of days of the drawn stations.",
            _counts,
        ),
        Misconception(
            "the first draw only",
            "That is the first draw. Return one accuracy for each row of `drawn`.",
            _first_only,
        ),
        Misconception(
            "the mean over draws",
            "The mean over draws is just the accuracy again. Keep one accuracy a draw: how far they scatter is what "
            "we want to know.",
            _mean_over_draws,
        ),
    ),
    meaning="What varies from draw to draw now is what varies between fields: stations, and not days.",
)


def _day(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    wet = min(moisture + (rain_mm + irrigation_mm) / depth_mm, capacity)
    return max(wet - demand_mm / depth_mm, 0.0)


def _depth_forgotten(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return max(min(moisture + rain_mm + irrigation_mm, capacity) - demand_mm, 0.0)


def _demand_first(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return min(max(moisture + (rain_mm + irrigation_mm - demand_mm) / depth_mm, 0.0), capacity)


def _never_drains(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return max(moisture + (rain_mm + irrigation_mm - demand_mm) / depth_mm, 0.0)


def _below_zero(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return min(moisture + (rain_mm + irrigation_mm) / depth_mm, capacity) - demand_mm / depth_mm


def _no_irrigation(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return _day(moisture, rain_mm, 0.0, demand_mm, depth_mm, capacity)


def _drawn_up(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return _day(moisture, rain_mm, irrigation_mm, -demand_mm, depth_mm, capacity)


def _in_millimetres(*arguments):
    return _day(*arguments) * arguments[4]


water_day = Check(
    name="water_day",
    exercise="12.2",
    reference=_day,
    cases=(
        (0.12, 0.0, 15.0, 6.0, 300.0, 0.20),
        (0.18, 40.0, 0.0, 5.0, 300.0, 0.20),
        (0.15, 9.0, 0.0, 6.0, 250.0, 0.20),
        (0.01, 0.0, 0.0, 7.5, 300.0, 0.20),
        (0.19, 10.0, 15.0, 3.0, 400.0, 0.22),
        (0.16, 6.0, 15.0, 9.0, 300.0, 0.22),
    ),
    misconceptions=(
        Misconception(
            "depth forgotten",
            "A millimetre of water is not a unit of moisture. Spread over `depth_mm` of soil, it raises the moisture "
            "by 1 / depth_mm.",
            _depth_forgotten,
        ),
        Misconception(
            "drained after the crop drank",
            "You let the crop drink before the surplus drains, so it drinks water that is gone. Order matters: water "
            "in, down to the capacity, then the demand.",
            _demand_first,
        ),
        Misconception(
            "nothing drains",
            "Soil holds no more than `capacity`: what exceeds it seeps away, and no crop can use it.",
            _never_drains,
        ),
        Misconception(
            "below zero",
            "There is no negative water. Stop at 0.",
            _below_zero,
        ),
        Misconception(
            "irrigation forgotten",
            "Rain and irrigation both go in.",
            _no_irrigation,
        ),
        Misconception("demand added", "What the air takes leaves the soil: subtract it.", _drawn_up),
        Misconception(
            "result in mm", "That is the water in mm. Return the moisture, mm over `depth_mm`.", _in_millimetres
        ),
    ),
    meaning="Rain on wet soil drains away. Who irrigates just before it rains pays for water that helps nobody.",
)


def _rates(confusion):
    """Share of stressed leaves that raise an alarm, and of healthy ones that do."""
    matrix = np.asarray(confusion, float)
    return matrix[1:, 1:].sum() / matrix[1:].sum(), matrix[0, 1:].sum() / matrix[0].sum()


def _alarms_right(confusion, healthy_share):
    found, false = _rates(confusion)
    true, wrong = found * (1 - healthy_share), false * healthy_share
    return float(true / (true + wrong))


def _as_in_data(confusion, healthy_share):
    matrix = np.asarray(confusion, float)
    return float(matrix[1:, 1:].sum() / matrix[:, 1:].sum())


def _found(confusion, healthy_share):
    return float(_rates(confusion)[0])


def _swapped(confusion, healthy_share):
    return _alarms_right(confusion, 1 - healthy_share)


def _all_alarms(confusion, healthy_share):
    found, false = _rates(confusion)
    return float(found * (1 - healthy_share) + false * healthy_share)


def _specificity(confusion, healthy_share):
    found, false = _rates(confusion)
    true = found * (1 - healthy_share)
    return float(true / (true + (1 - false) * healthy_share))


def _not_divided(confusion, healthy_share):
    return float(_rates(confusion)[0] * (1 - healthy_share))


def _disease_too(confusion, healthy_share):
    matrix = np.asarray(confusion, float)
    found, false = np.diag(matrix)[1:].sum() / matrix[1:].sum(), _rates(confusion)[1]
    true = found * (1 - healthy_share)
    return float(true / (true + false * healthy_share))


def _transposed(confusion, healthy_share):
    return _alarms_right(np.asarray(confusion).T, healthy_share)


_matrix = np.array([[45, 3, 2], [2, 70, 8], [5, 4, 61]])

alarms_right = Check(
    name="alarms_right",
    exercise="12.3",
    reference=_alarms_right,
    cases=(
        (_matrix, 0.95),
        (_matrix, 0.5),
        (np.array([[90, 10], [20, 180]]), 0.9),
        (np.array([[90, 10], [20, 180]]), 0.2),
    ),
    misconceptions=(
        Misconception(
            "shares of the data",
            "That is the share in the test data, where most leaves are ill. Turn each row into a rate first, then "
            "weigh the rates with the shares in the field.",
            _as_in_data,
        ),
        Misconception(
            "share of ill leaves that are found",
            "That is how many of the ill leaves raise an alarm. The question goes the other way: how many of the "
            "alarms come from ill leaves?",
            _found,
        ),
        Misconception(
            "shares swapped",
            "`healthy_share` of the leaves are healthy: it belongs to the false alarms, the rest to the right ones.",
            _swapped,
        ),
        Misconception(
            "share of leaves with an alarm",
            "That is how many leaves raise an alarm at all. Of these, how many are right? Divide.",
            _all_alarms,
        ),
        Misconception(
            "specificity for false alarms",
            "You counted the healthy leaves that stay silent. Those that raise an alarm are the rest of the row.",
            _specificity,
        ),
        Misconception(
            "not divided by the alarms",
            "That is the share of all leaves that are ill and raise an alarm. Divide by all that raise one.",
            _not_divided,
        ),
        Misconception(
            "only the right disease counts",
            "An ill leaf that is called by another disease is still ill: the alarm is right. Take all columns but the "
            "first.",
            _disease_too,
        ),
        Misconception("rows and columns swapped", "Rows are the truth, columns what was called.", _transposed),
    ),
    meaning="The same network is trusted less, the healthier the field: its false alarms stay, its right ones go.",
)
