"""The checks of lesson 12, exercises 12.4 to 12.6: a day's charge, days of life with limits, when the model matters."""

from __future__ import annotations

from math import log1p

from tdl_course.checks.framework import Check, Misconception

DAY_S, YEAR_DAYS = 86_400, 365.25


def _busy(uses):
    return sum(seconds * per_day for _, seconds, per_day in uses)


def _work(uses):
    """Of all uses in mA x s."""
    return sum(milliamps * seconds * per_day for milliamps, seconds, per_day in uses)


def _charge(uses, sleep_ua):
    return (_work(uses) + sleep_ua / 1000 * (DAY_S - _busy(uses))) / 3600


def _sleep_forgotten(uses, sleep_ua):
    return _work(uses) / 3600


def _in_coulomb(uses, sleep_ua):
    return _charge(uses, sleep_ua) * 3600


def _sleep_as_ma(uses, sleep_ua):
    return _charge(uses, sleep_ua * 1000)


def _once_a_day(uses, sleep_ua):
    return _charge([(milliamps, seconds, 1) for milliamps, seconds, _ in uses], sleep_ua)


def _sleep_all_day(uses, sleep_ua):
    return _work(uses) / 3600 + sleep_ua / 1000 * 24


def _an_hour(uses, sleep_ua):
    return _charge(uses, sleep_ua) / 24


def _microamps(uses, sleep_ua):
    return _charge(uses, sleep_ua) * 1000


def _minutes(uses, sleep_ua):
    return _charge(uses, sleep_ua) * 60


charge_per_day = Check(
    name="charge_per_day",
    exercise="12.4",
    reference=_charge,
    cases=(
        ([(40.0, 0.02, 24), (30.0, 0.06, 1)], 280.0),
        ([(5.0, 600.0, 24)], 100.0),
        ([(12.0, 1800.0, 6), (2.0, 900.0, 10)], 3.0),
        ([], 280.0),
    ),
    misconceptions=(
        Misconception(
            "sleep forgotten",
            "Your node draws nothing while it sleeps. It sleeps nearly all day: that current times the rest of the "
            "day belongs into the sum.",
            _sleep_forgotten,
        ),
        Misconception(
            "mA x s instead of mAh",
            "These are milliampere-seconds. An hour has 3,600 of them: divide.",
            _in_coulomb,
        ),
        Misconception(
            "microampere taken as milliampere",
            "`sleep_ua` is in microampere, a thousandth of a milliampere.",
            _sleep_as_ma,
        ),
        Misconception(
            "each use once a day",
            "Each use happens `per_day` times: multiply.",
            _once_a_day,
        ),
        Misconception(
            "asleep all day",
            "While the node works it does not sleep: take the seconds of all uses off the day.",
            _sleep_all_day,
        ),
        Misconception("for an hour", "That is an hour's charge. A day has 24.", _an_hour),
        Misconception("microampere-hours", "That is in microampere-hours. Return milliampere-hours.", _microamps),
        Misconception("divided by 60", "Seconds to hours is a factor of 3,600, not of 60.", _minutes),
    ),
    meaning="Charge is current times time, and sleep has nearly all of the time.",
)


def _days(charge_mah, draw_mah, loss_per_year):
    k = loss_per_year / YEAR_DAYS
    return log1p(k * charge_mah / draw_mah) / k


def _between(charge, draw, loss):
    (q0, q1, q2), (i0, i1, i2), (k0, k1, k2) = charge, draw, loss
    return _days(q0, i2, k2), _days(q1, i1, k1), _days(q2, i0, k0)


def _least_with_least(charge, draw, loss):
    return tuple(_days(*each) for each in zip(charge, draw, loss, strict=True))


def _loss_with_charge(charge, draw, loss):
    return _between(charge, draw, tuple(reversed(loss)))


def _ideal(charge, draw, loss):
    return charge[0] / draw[2], charge[1] / draw[1], charge[2] / draw[0]


def _per_day(charge, draw, loss):
    return _between(charge, draw, tuple(each * YEAR_DAYS for each in loss))


def _typical_draw(charge, draw, loss):
    return tuple(_days(q, draw[1], k) for q, k in zip(charge, reversed(loss), strict=True))


def _at_once(charge, draw, loss):
    return tuple(q * (1 - k) / i for q, i, k in zip(charge, reversed(draw), reversed(loss), strict=True))


def _added(charge, draw, loss):
    low, typical, high = _between(charge, draw, loss)
    percent = sum((each[2] - each[0]) / 2 / each[1] for each in (charge, draw, loss))
    return typical * (1 - percent), typical, typical * (1 + percent)


def _backwards(charge, draw, loss):
    return tuple(reversed(_between(charge, draw, loss)))


life_between = Check(
    name="life_between",
    exercise="12.5",
    reference=_between,
    cases=(
        ((1960.0, 2520.0, 2996.0), (5.4, 6.8, 27.0), (0.02, 0.03, 0.05)),
        ((150.0, 200.0, 235.0), (0.05, 0.08, 0.30), (0.005, 0.01, 0.02)),
        ((2550.0, 2850.0, 3000.0), (0.6, 0.7, 1.2), (0.004, 0.007, 0.01)),
    ),
    misconceptions=(
        Misconception(
            "least with least",
            "You pair least with least. A full cell and a small draw make a *long* life: the shortest life has the "
            "least charge, but the *most* draw and the *most* loss.",
            _least_with_least,
        ),
        Misconception(
            "loss paired wrongly",
            "Charge and draw are paired well. The loss is not: most loss makes the shortest life.",
            _loss_with_charge,
        ),
        Misconception(
            "self-discharge ignored",
            "You divided charge by draw. The cell also loses a part of what is left, by itself: use the formula.",
            _ideal,
        ),
        Misconception(
            "loss of a year taken as of a day",
            "The loss is a fraction a *year*: k is the loss over 365.25 days.",
            _per_day,
        ),
        Misconception(
            "draw without its limits",
            "The draw has limits too, and they are the widest: the shortest life has the most draw.",
            _typical_draw,
        ),
        Misconception(
            "a year's loss at once",
            "You take one year's loss off at the begin, however long the life is. It goes on as long as the cell "
            "lives: use the formula.",
            _at_once,
        ),
        Misconception(
            "percentages added",
            "You added the percentages and laid them on both sides of the typical life. A draw four times as large "
            "makes a life a quarter as long, not minus three times: compute each end from its own values.",
            _added,
        ),
        Misconception("ends swapped", "The shortest life comes first.", _backwards),
    ),
    meaning="A promise to a farmer is the first of the three numbers.",
)


def _runs(cycles, clock_hz, run_a, sleep_a):
    return sleep_a * DAY_S / (run_a * cycles / clock_hz)


def _for_an_hour(cycles, clock_hz, run_a, sleep_a):
    return _runs(cycles, clock_hz, run_a, sleep_a) / 24


def _for_a_second(cycles, clock_hz, run_a, sleep_a):
    return _runs(cycles, clock_hz, run_a, sleep_a) / DAY_S


def _upside_down(cycles, clock_hz, run_a, sleep_a):
    return 1 / _runs(cycles, clock_hz, run_a, sleep_a)


def _time_only(cycles, clock_hz, run_a, sleep_a):
    return DAY_S / (cycles / clock_hz)


def _cycles_as_seconds(cycles, clock_hz, run_a, sleep_a):
    return sleep_a * DAY_S / (run_a * cycles)


def _current_forgotten(cycles, clock_hz, run_a, sleep_a):
    return sleep_a * DAY_S / (cycles / clock_hz)


runs_to_match = Check(
    name="runs_to_match",
    exercise="12.6",
    reference=_runs,
    cases=((2_000_000, 168e6, 40e-3, 280e-6), (100_000, 80e6, 6.3e-3, 1e-6), (5e6, 48e6, 12e-3, 3e-6)),
    misconceptions=(
        Misconception("for an hour", "That is the number of runs in an hour. A day has 24.", _for_an_hour),
        Misconception("for a second", "That is the number of runs in a second. A day has 86,400 s.", _for_a_second),
        Misconception(
            "upside down",
            "You divided the charge of a run by that of a day's sleep. How many runs cost as much as the sleep is the "
            "other way round.",
            _upside_down,
        ),
        Misconception(
            "time instead of charge",
            "You compare seconds with seconds. A second of work costs much more charge than one of sleep: multiply "
            "each time with its current.",
            _time_only,
        ),
        Misconception("cycles taken as seconds", "Cycles are not seconds: divide by the clock.", _cycles_as_seconds),
        Misconception(
            "run current forgotten",
            "A run costs its seconds times the current of the running core: that factor is missing.",
            _current_forgotten,
        ),
    ),
    meaning="Below that number of runs, making the network smaller saves less than choosing how to sleep.",
)
