"""The checks of lesson 12, exercises 12.4 and 12.6: a day's charge, and when the model matters."""

from __future__ import annotations

import math

from tdl_course.checks.framework import Check, Misconception

DAY_S = 86_400


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


def _sleep_in_seconds(uses, sleep_ua):
    return _work(uses) / 3600 + sleep_ua / 1000 * (DAY_S - _busy(uses))


def _work_in_seconds(uses, sleep_ua):
    return _work(uses) + sleep_ua / 1000 * (DAY_S - _busy(uses)) / 3600


def _one_use_off_the_day(uses, sleep_ua):
    return (_work(uses) + sleep_ua / 1000 * (DAY_S - sum(seconds for _, seconds, _ in uses))) / 3600


def _busy_added(uses, sleep_ua):
    return (_work(uses) + sleep_ua / 1000 * (DAY_S + _busy(uses))) / 3600


def _divided_by_times(uses, sleep_ua):
    return _charge([(milliamps, seconds, 1 / per_day) for milliamps, seconds, per_day in uses], sleep_ua)


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
        Misconception(
            "sleep in seconds, work in hours",
            "The work is in mAh, but the sleep still in mA times seconds: divide that by 3,600 as well.",
            _sleep_in_seconds,
        ),
        Misconception(
            "work in seconds, sleep in hours",
            "The sleep is in mAh, but the work still in mA times seconds: divide that by 3,600 as well.",
            _work_in_seconds,
        ),
        Misconception(
            "one use each off the day",
            "From the day you take each use's seconds once. Each happens several times a day: multiply there as well.",
            _one_use_off_the_day,
        ),
        Misconception(
            "microampere divided twice",
            "A microampere is a thousandth of a milliampere: divide `sleep_ua` by 1,000 once.",
            lambda uses, sleep_ua: _charge(uses, sleep_ua / 1000),
        ),
        Misconception(
            "sleep only",
            "That is the sleep. The uses draw charge as well.",
            lambda uses, sleep_ua: sleep_ua / 1000 * (DAY_S - _busy(uses)) / 3600,
        ),
        Misconception(
            "sleep only, all day",
            "That is a day of nothing but sleep. The uses draw charge as well, and take their time off the sleep.",
            lambda uses, sleep_ua: sleep_ua / 1000 * 24,
        ),
        Misconception(
            "longer than a day",
            "You add the seconds of the uses to the day. Take them off: the rest of the day is sleep.",
            _busy_added,
        ),
        Misconception(
            "divided by the uses a day",
            "You divide by the uses a day. More uses cost more: multiply.",
            _divided_by_times,
        ),
        Misconception("divided by 60", "Seconds to hours is a factor of 3,600, not of 60.", _minutes),
    ),
    meaning="Charge is current times time, and sleep has nearly all of the time.",
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
        Misconception(
            "rounded",
            "Right, but rounded to a whole number. Return it as it is: it is a point of balance, not a count.",
            lambda *arguments: float(round(_runs(*arguments))),
        ),
        Misconception(
            "rounded up",
            "Right, but rounded up. Return it as it is: it is a point of balance, not a count.",
            lambda *arguments: float(math.ceil(_runs(*arguments))),
        ),
        Misconception(
            "currents exchanged",
            "The currents are exchanged: a day has `sleep_a`, the run has `run_a`.",
            lambda cycles, clock_hz, run_a, sleep_a: _runs(cycles, clock_hz, sleep_a, run_a),
        ),
        Misconception(
            "multiplied by the clock",
            "A fast clock makes a run **short**: its seconds are cycles / clock_hz.",
            lambda cycles, clock_hz, run_a, sleep_a: _runs(cycles * clock_hz**2, clock_hz, run_a, sleep_a),
        ),
        Misconception(
            "sleep current taken off",
            "You count only what a run draws beyond sleep. Asked is its whole charge, against a whole day of sleep.",
            lambda cycles, clock_hz, run_a, sleep_a: _runs(cycles, clock_hz, run_a - sleep_a, sleep_a),
        ),
        Misconception(
            "sleep current forgotten",
            "A day of sleep costs `sleep_a` times its seconds: that factor is missing.",
            lambda cycles, clock_hz, run_a, sleep_a: _runs(cycles, clock_hz, run_a, 1.0),
        ),
    ),
    meaning="Below that number of runs, making the network smaller saves less than choosing how to sleep.",
)
