"""The other checks of lesson 01: from cycles to joules and days, and the choice of a network that meets a budget."""

from __future__ import annotations

from collections.abc import Mapping

from tdl_course.checks.framework import Check, Misconception

Needs = Mapping[str, float]


def _energy(cycles: int, clock_mhz: float, run_ma: float, supply_v: float) -> float:
    return cycles / (clock_mhz * 1e6) * run_ma * 1e-3 * supply_v * 1e6


energy_uj = Check(
    name="energy_uj",
    exercise="1.4",
    reference=_energy,
    cases=((1_680_000, 168.0, 40.0, 3.3), (500_000, 64.0, 5.5, 1.8), (12_345, 80.0, 9.0, 3.0)),
    misconceptions=(
        Misconception(
            "voltage forgotten",
            "Current times time is charge (microcoulombs). Energy is charge times voltage.",
            lambda cycles, mhz, ma, v: _energy(cycles, mhz, ma, 1.0),
        ),
        Misconception(
            "milliampere taken for ampere",
            "A thousand times too much: run_ma is in milliampere.",
            lambda cycles, mhz, ma, v: 1e3 * _energy(cycles, mhz, ma, v),
        ),
        Misconception(
            "joules",
            "That is joules. A joule has a million microjoules.",
            lambda cycles, mhz, ma, v: 1e-6 * _energy(cycles, mhz, ma, v),
        ),
        Misconception(
            "millijoules",
            "That is millijoules, a thousand times too small a number for microjoules.",
            lambda cycles, mhz, ma, v: 1e-3 * _energy(cycles, mhz, ma, v),
        ),
        Misconception(
            "power, not energy",
            "Current times voltage is power: what is drawn at each moment. Energy is power times how long it takes.",
            lambda cycles, mhz, ma, v: 1e3 * ma * v,
        ),
        Misconception(
            "megahertz taken for hertz",
            "A million times too much: the clock is in MHz, a million ticks a second each. Cycles divided by "
            "ticks per second are seconds.",
            lambda cycles, mhz, ma, v: 1e6 * _energy(cycles, mhz, ma, v),
        ),
        Misconception(
            "cycles times clock",
            "Cycles *divided* by the clock are seconds: a faster clock needs less time for them, not more.",
            lambda cycles, mhz, ma, v: 1e12 * mhz**2 * _energy(cycles, mhz, ma, v),
        ),
        Misconception(
            "clock over cycles",
            "That division is upside down: it gives runs per second. Seconds are cycles divided by ticks per second.",
            lambda cycles, mhz, ma, v: 1e12 * (mhz / cycles) ** 2 * _energy(cycles, mhz, ma, v),
        ),
        Misconception(
            "power in milliwatts",
            "mA times V are milliwatts: power, what is drawn at each moment. Energy is power times how long it takes.",
            lambda cycles, mhz, ma, v: ma * v,
        ),
        Misconception(
            "time only",
            "That is how long it takes, in microseconds. Energy is this time times power, and power is current "
            "times voltage.",
            lambda cycles, mhz, ma, v: cycles / mhz,
        ),
        Misconception(
            "divided by the voltage",
            "Energy is charge *times* voltage: the same current at a higher voltage takes more of the battery.",
            lambda cycles, mhz, ma, v: _energy(cycles, mhz, ma, v) / v**2,
        ),
        Misconception(
            "rounded",
            "Your number is rounded to whole microjoules. Small runs need less than that: return it as it is.",
            lambda cycles, mhz, ma, v: float(round(_energy(cycles, mhz, ma, v))),
        ),
    ),
    meaning="You can turn cycles into joules, with nothing but a datasheet.",
)


def _days(active_ms: float, period_s: float, run_ma: float, sleep_ua: float, capacity_mah: float) -> float:
    active = active_ms / 1e3 / period_s
    return capacity_mah / (active * run_ma + (1 - active) * sleep_ua / 1e3) / 24


def _sleep_all_the_time(
    active_ms: float, period_s: float, run_ma: float, sleep_ua: float, capacity_mah: float
) -> float:
    return capacity_mah / (active_ms / 1e3 / period_s * run_ma + sleep_ua / 1e3) / 24


battery_days = Check(
    name="battery_days",
    exercise="1.5",
    reference=_days,
    cases=((8.0, 0.8, 40.0, 280.0, 235.0), (300.0, 1.0, 9.0, 900.0, 500.0), (2.0, 60.0, 12.0, 5.0, 100.0)),
    misconceptions=(
        Misconception(
            "sleep forgotten",
            "Between two beats the chip sleeps, and sleeping is cheap but not free: add the sleep current for the rest "
            "of the period.",
            lambda ms, period, run, sleep, capacity: _days(ms, period, run, 0.0, capacity),
        ),
        Misconception(
            "no duty cycle",
            "That is the life of a chip that never sleeps. It runs for active_ms out of every period only.",
            lambda ms, period, run, sleep, capacity: capacity / run / 24,
        ),
        Misconception(
            "microampere taken for milliampere",
            "The sleep current is in microampere, the running one in milliampere: bring them to one unit.",
            lambda ms, period, run, sleep, capacity: _days(ms, period, run, 1e3 * sleep, capacity),
        ),
        Misconception(
            "milliseconds taken for seconds",
            "active_ms is in milliseconds and period_s in seconds: bring them to one unit.",
            lambda ms, period, run, sleep, capacity: _days(1e3 * ms, period, run, sleep, capacity),
        ),
        Misconception(
            "hours",
            "Milliampere-hours divided by milliampere are hours. A day has 24.",
            lambda ms, period, run, sleep, capacity: 24 * _days(ms, period, run, sleep, capacity),
        ),
        Misconception(
            "asleep while awake",
            "While the chip runs it does not sleep: the sleep current flows for the period minus active_ms.",
            _sleep_all_the_time,
        ),
        Misconception(
            "shares swapped",
            "You let the chip run while it should sleep: active_ms / period belongs to run_ma, the rest to sleep_ua.",
            lambda ms, period, run, sleep, capacity: _days(1e3 * period - ms, period, run, sleep, capacity),
        ),
        Misconception(
            "sleep only",
            "That is the life of a chip that never wakes up. Running takes its share of each period.",
            lambda ms, period, run, sleep, capacity: _days(0.0, period, run, sleep, capacity),
        ),
        Misconception(
            "plain mean of currents",
            "The two currents do not flow for equally long. Weigh each by its share of the period.",
            lambda ms, period, run, sleep, capacity: _days(500 * period, period, run, sleep, capacity),
        ),
        Misconception(
            "currents added",
            "The chip never runs and sleeps at once. Weigh each current by its share of the period, then add.",
            lambda ms, period, run, sleep, capacity: _days(500 * period, period, run, sleep, capacity) / 2,
        ),
        Misconception(
            "period left out",
            "Current times time is the charge of *one* period. Divide it by period_s: that is the mean current.",
            lambda ms, period, run, sleep, capacity: _days(ms, period, run, sleep, capacity) / period,
        ),
        Misconception(
            "milliseconds turned the wrong way",
            "A second has 1,000 ms, so active_ms *divided* by 1,000 are seconds. Multiplied, the chip would run "
            "for more than all of the time.",
            lambda ms, period, run, sleep, capacity: _days(1e6 * ms, period, run, sleep, capacity),
        ),
        Misconception(
            "weeks",
            "That is weeks. A week has 7 days.",
            lambda ms, period, run, sleep, capacity: _days(ms, period, run, sleep, capacity) / 7,
        ),
        Misconception(
            "hours, and sleep forgotten",
            "That is hours, and the chip sleeps for nothing. Add the sleep current for the rest of the period, "
            "and divide by 24.",
            lambda ms, period, run, sleep, capacity: 24 * _days(ms, period, run, 0.0, capacity),
        ),
        Misconception(
            "sleep current divided by a million",
            "A milliampere has 1,000 microampere: divide sleep_ua by 1,000, since run_ma is in milliampere too.",
            lambda ms, period, run, sleep, capacity: _days(ms, period, run, sleep / 1e3, capacity),
        ),
    ),
    meaning="You can say how long a battery lasts, and what to improve first.",
)


def _shortlist(candidates: Mapping[str, Needs], budget: Needs) -> list[str]:
    return [
        name
        for name, need in candidates.items()
        if need["flash"] <= budget["flash"] and need["ram"] <= budget["ram"] and need["days"] >= budget["days"]
    ]


def _without(key: str, candidates: Mapping[str, Needs], budget: Needs) -> list[str]:
    return _shortlist({name: {**need, key: budget[key]} for name, need in candidates.items()}, budget)


def _any_limit(candidates: Mapping[str, Needs], budget: Needs) -> list[str]:
    return [
        name
        for name, need in candidates.items()
        if need["flash"] <= budget["flash"] or need["ram"] <= budget["ram"] or need["days"] >= budget["days"]
    ]


def _all_at_most(candidates: Mapping[str, Needs], budget: Needs) -> list[str]:
    return [name for name, need in candidates.items() if all(need[key] <= budget[key] for key in budget)]


def _strictly(candidates: Mapping[str, Needs], budget: Needs) -> list[str]:
    return [
        name
        for name, need in candidates.items()
        if need["flash"] < budget["flash"] and need["ram"] < budget["ram"] and need["days"] > budget["days"]
    ]


_NETS = {
    "small": {"flash": 20_000, "ram": 3_000, "days": 20.0},
    "wide": {"flash": 50_000, "ram": 40_000, "days": 19.0},
    "deep": {"flash": 90_000, "ram": 9_000, "days": 15.0},
    "slow": {"flash": 30_000, "ram": 5_000, "days": 9.0},
    "exact": {"flash": 65_536, "ram": 32_768, "days": 14.0},
}

shortlist = Check(
    name="shortlist",
    exercise="1.6",
    reference=_shortlist,
    cases=(
        (_NETS, {"flash": 65_536, "ram": 32_768, "days": 14.0}),
        (_NETS, {"flash": 40_000, "ram": 4_000, "days": 10.0}),
        (_NETS, {"flash": 100_000, "ram": 10_000, "days": 8.0}),
        (_NETS, {"flash": 1_000, "ram": 1_000, "days": 50.0}),
    ),
    misconceptions=(
        Misconception(
            "any limit",
            "One limit kept is not enough. A network that fits the flash but not the RAM does not run at all: "
            "every limit must hold.",
            _any_limit,
        ),
        Misconception(
            "days at most",
            "Flash and RAM may be at most the budget, but the battery must last at least as long: turn that one round.",
            _all_at_most,
        ),
        Misconception(
            "RAM forgotten",
            "One of your networks needs more RAM than there is. It would fit the flash, and then not link.",
            lambda candidates, budget: _without("ram", candidates, budget),
        ),
        Misconception(
            "battery forgotten",
            "One of your networks fits the memories and empties the battery too soon.",
            lambda candidates, budget: _without("days", candidates, budget),
        ),
        Misconception(
            "flash forgotten",
            "One of your networks needs more flash than there is.",
            lambda candidates, budget: _without("flash", candidates, budget),
        ),
        Misconception(
            "exactly full",
            "A memory that is full to its last byte still works: what equals the budget is allowed.",
            _strictly,
        ),
    ),
    meaning="You can turn away a network before anybody spends an hour on its training.",
)
