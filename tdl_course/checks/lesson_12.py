"""The checks of lesson 12, exercises 12.1 and 12.2: accuracy over stations, and a day of a bucket."""

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


def _over_draws(right, station, drawn):
    names = np.unique(station)
    hits = np.array([right[station == name].sum() for name in names])
    sizes = np.array([(station == name).sum() for name in names])
    return hits[drawn].sum(axis=0) / sizes[drawn].sum(axis=0)


def _all_draws_together(right, station, drawn):
    names = np.unique(station)
    days = np.concatenate([right[station == names[place]] for place in drawn.ravel()])
    return days.mean()


def _in_order_of_appearance(right, station, drawn):
    names = list(dict.fromkeys(station.tolist()))
    return np.array([np.concatenate([right[station == names[place]] for place in row]).mean() for row in drawn])


def _places_as_numbers(right, station, drawn):
    return np.array([np.concatenate([right[station == place] for place in row]).mean() for row in drawn])


def _not_summed(right, station, drawn):
    return np.array([right[station == name].mean() for name in np.unique(station)])[drawn]


def _wrong_days(right, station, drawn):
    return 1 - _resampled(right, station, drawn)


def _nothing_drawn(right, station, drawn):
    return np.full(len(drawn), right.mean())


def _hits_a_station(right, station, drawn):
    return _counts(right, station, drawn) / drawn.shape[1]


def _interval_already(right, station, drawn):
    return np.percentile(_resampled(right, station, drawn), [2.5, 97.5])


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
        Misconception(
            "sums over draws",
            "You add up along the wrong axis. A row of `drawn` is a draw: sum over its stations, axis 1.",
            _over_draws,
        ),
        Misconception(
            "all draws in one sum",
            "You add up all draws. Each row of `drawn` gives an accuracy of its own: sum along axis 1.",
            _all_draws_together,
        ),
        Misconception(
            "stations in order of appearance",
            "You number the stations in the order in which they appear. A place counts in `np.unique(station)`, which "
            "is sorted.",
            _in_order_of_appearance,
        ),
        Misconception(
            "places taken as stations' numbers",
            "`drawn` holds places 0, 1, 2 in `np.unique(station)`, not the stations' own numbers: look the name up "
            "first.",
            _places_as_numbers,
        ),
        Misconception(
            "one accuracy a station",
            "You have the accuracy of every drawn station. For each draw, add up hits and days of its stations, then "
            "divide once.",
            _not_summed,
        ),
        Misconception(
            "share of wrong days",
            "That is the share of the calls that were wrong.",
            _wrong_days,
        ),
        Misconception(
            "nothing drawn",
            "That is the accuracy of all days. Which stations were drawn makes no difference in your code.",
            _nothing_drawn,
        ),
        Misconception(
            "hits for each station",
            "You divide by the number of stations. Divide by the number of their days.",
            _hits_a_station,
        ),
        Misconception(
            "the interval already",
            "That is the interval. Return the accuracy of each draw; what is in the middle 95 % comes later.",
            _interval_already,
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


def _in_metres(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return _day(moisture, rain_mm, irrigation_mm, demand_mm, 1000.0, capacity)


def _only_demand_spread(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return max(min(moisture + rain_mm + irrigation_mm, capacity) - demand_mm / depth_mm, 0.0)


def _rain_not_spread(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return max(min(moisture + rain_mm + irrigation_mm / depth_mm, capacity) - demand_mm / depth_mm, 0.0)


def _irrigation_after(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return max(min(moisture + rain_mm / depth_mm, capacity) + (irrigation_mm - demand_mm) / depth_mm, 0.0)


def _at_least_capacity(moisture, rain_mm, irrigation_mm, demand_mm, depth_mm, capacity):
    return max(max(moisture + (rain_mm + irrigation_mm) / depth_mm, capacity) - demand_mm / depth_mm, 0.0)


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
            "Your soil is empty every evening. Most likely a millimetre is taken for a unit of moisture: spread over "
            "`depth_mm` of soil, it raises the moisture by 1 / depth_mm, and `capacity` is a moisture, too. Or `min` "
            "and `max` are exchanged.",
            _depth_forgotten,
        ),
        Misconception(
            "metres of soil",
            "You divide by 1,000, as if the soil were a metre deep. It is `depth_mm` deep.",
            _in_metres,
        ),
        Misconception(
            "only the demand spread",
            "The demand is spread over `depth_mm`, what comes in is not: divide that too.",
            _only_demand_spread,
        ),
        Misconception(
            "rain not spread",
            "Irrigation is spread over `depth_mm`, rain is not: divide the sum of both.",
            _rain_not_spread,
        ),
        Misconception(
            "irrigation after the draining",
            "You let only the rain drain. Irrigation water that exceeds the capacity is lost as well: add both, then "
            "limit.",
            _irrigation_after,
        ),
        Misconception(
            "rain forgotten",
            "Rain goes in, too.",
            lambda m, rain, irrigation, *others: _day(m, 0.0, irrigation, *others),
        ),
        Misconception(
            "demand forgotten",
            "The air takes its demand at the end of the day.",
            lambda m, rain, irrigation, demand, *others: _day(m, rain, irrigation, 0.0, *others),
        ),
        Misconception(
            "rounded",
            "Right, but rounded. The small differences add up over a season: return the moisture as it is.",
            lambda *arguments: round(_day(*arguments), 3),
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
            "max for the capacity",
            "`max(..., capacity)` fills the soil up every day. It keeps **at most** the capacity: `min`.",
            _at_least_capacity,
        ),
        Misconception(
            "rain after the draining",
            "You let only the irrigation drain. Rain that exceeds the capacity is lost as well: add both, then limit.",
            lambda m, rain, irrigation, *others: _irrigation_after(m, irrigation, rain, *others),
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
