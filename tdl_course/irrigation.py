"""Irrigation: a bucket of soil through a season, watered by whatever policy decides.

In: days of weather from the windows of the soil dataset, a `Field`, a policy. Out: a `Season`: for each station litres,
the crop's thirst, and days of stress. The policy sees what a sensor node would see; it knows nothing of tomorrow. This
module knows no network.

What is assumed, and all of it is simple: one layer of soil that is equally moist from top to bottom, the same soil and
crop at every station; rain and irrigation go in, what exceeds field capacity drains away on the same day, a crop that
covers the ground takes what the air demands, less when it is stressed. The air's demand is Hargreaves' formula with
measured sun, `0.0135 (T + 17.8) Rs` (G. H. Hargreaves, Z. A. Samani: Reference Crop Evapotranspiration from
Temperature. Applied Eng. in Agriculture 1(2):96-99, 1985). Stress lowers it linearly, as in R. G. Allen et al.: FAO
Irrigation and Drainage Paper 56 (1998), chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tdl_course.picture import PALETTE, Picture, figure, picture

T_MAX, T_MIN, RAIN, SUN, MOISTURE = 0, 1, 2, 3, 7  # columns of a day
WEEK = 7
MJ_PER_MM = 2.45  # evaporates one mm of water from one m2
MARKERS = "osv^D"

Policy = Callable[[np.ndarray, int], np.ndarray]
"""Weeks [stations, 7, 8], in the sensors' units, and the number of the day: whether to irrigate, bool [stations]."""


@dataclass(frozen=True)
class Field:
    """A soil and its irrigation; moistures in m3/m3. The defaults are a sandy soil and shallow roots.

    Raises ValueError where the moistures are not in order, or depth or dose is not above 0.
    """

    root_depth_mm: float = 300.0
    field_capacity: float = 0.20
    stress_below: float = 0.10
    wilting_point: float = 0.06
    dose_mm: float = 15.0

    def __post_init__(self) -> None:
        if not 0 <= self.wilting_point < self.stress_below < self.field_capacity <= 1:
            raise ValueError(
                f"wilting_point, stress_below and field_capacity are {self.wilting_point:g}, {self.stress_below:g} and "
                f"{self.field_capacity:g}; they must grow in this order, within 0 to 1"
            )
        if not (self.root_depth_mm > 0 and self.dose_mm > 0):
            raise ValueError(f"root_depth_mm is {self.root_depth_mm:g}, dose_mm {self.dose_mm:g}; both must be above 0")


@dataclass(frozen=True, eq=False)
class Weather:
    """Days of all stations: float [stations, 7 + days, 8], a week before the first day that is watered; `filled`
    [stations] is the share of days without a reading, which repeat the day before."""

    stations: np.ndarray
    days: np.ndarray
    filled: np.ndarray

    @property
    def length(self) -> int:
        return self.days.shape[1] - WEEK


@dataclass(frozen=True, eq=False)
class Season:
    """What came of it: float [stations] each, and the moisture at the end of each day [stations, days].

    `thirst_mm` is what the air demanded and the crop did not get. `stress_days` counts days that end below the limit,
    however little.
    """

    litres: np.ndarray
    thirst_mm: np.ndarray
    stress_days: np.ndarray
    drained_mm: np.ndarray
    moisture: np.ndarray


def weather(raw: Mapping[str, np.ndarray], first: int = 92, last: int = 274, most_missing: float = 0.1) -> Weather:
    """The days of a part of the soil dataset, from day of year `first` to `last`, put together from its windows.

    Before them comes the week that the first decision sees.

    Stations that lack more than `most_missing` of the days, or the first, are left out.

    Raises ValueError where no station is left.
    """
    begin = first - WEEK
    kept, days, filled = [], [], []
    for station in np.unique(raw["station"]):
        own = raw["station"] == station
        table = np.full((last - begin + 1, raw["x"].shape[2]), np.nan)
        for week, doy in zip(raw["x"][own], raw["doy"][own].astype(int), strict=True):
            at = np.arange(doy - WEEK + 1, doy + 1) - begin
            inside = (at >= 0) & (at < len(table))
            table[at[inside]] = week[inside]
        missing = np.isnan(table[:, 0])
        if missing[0] or missing.mean() > most_missing:
            continue
        kept.append(station)
        days.append(table[np.maximum.accumulate(np.where(missing, 0, np.arange(len(table))))])
        filled.append(missing.mean())
    if not kept:
        raise ValueError(
            f"no station has {1 - most_missing:.0%} of the days {begin} to {last}; allow a larger most_missing"
        )
    return Weather(np.array(kept), np.array(days), np.array(filled))


def demand_mm(days: np.ndarray) -> np.ndarray:
    """What the air takes from a crop that lacks nothing, in mm a day, of days [..., 8].

    >>> float(demand_mm(np.array([30.0, 20.0, 0.0, 24.5, 50.0, 25.0, 25.0, 0.2])).round(2))
    5.78
    """
    mean = (days[..., T_MAX] + days[..., T_MIN]) / 2
    return np.maximum(0.0135 * (mean + 17.8) * days[..., SUN] / MJ_PER_MM, 0)


def water_day(
    moisture: np.ndarray | float,
    rain_mm: np.ndarray | float,
    irrigation_mm: np.ndarray | float,
    demand: np.ndarray | float,
    field: Field = Field(),
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The moisture in m3/m3 a day later, the mm that the crop got, and the mm that drained away.

    In this order: water comes in; what exceeds field capacity drains; the crop takes its share of the demand, all of
    it from `stress_below` up, nothing at the wilting point, in proportion between.
    """
    full = np.asarray(moisture + (rain_mm + irrigation_mm) / field.root_depth_mm, float)
    wet = np.minimum(full, field.field_capacity)
    share = np.clip((wet - field.wilting_point) / (field.stress_below - field.wilting_point), 0, 1)
    left = np.maximum(wet - share * demand / field.root_depth_mm, np.minimum(wet, field.wilting_point))
    return left, (wet - left) * field.root_depth_mm, (full - wet) * field.root_depth_mm


def simulate(weather: Weather, decide: Policy, field: Field = Field()) -> Season:
    """A season under a policy, all stations at once; every field begins half way from stress to field capacity.

    Each morning the policy sees the week until yesterday, with the bucket's own moisture in place of the station's,
    and waters at once. A day that ends below `stress_below` is a day of stress.
    """
    count = len(weather.stations)
    days = weather.days.copy()
    moisture = np.full(count, (field.stress_below + field.field_capacity) / 2)
    days[:, : WEEK - 1, MOISTURE] = moisture[:, None]
    litres, thirst, drained, course = np.zeros(count), np.zeros(count), np.zeros(count), []
    demand = demand_mm(days)
    for day in range(weather.length):
        days[:, day + WEEK - 1, MOISTURE] = moisture
        water = np.where(decide(days[:, day : day + WEEK], day), field.dose_mm, 0.0)
        today = day + WEEK
        moisture, drunk, away = water_day(moisture, days[:, today, RAIN], water, demand[:, today], field)
        litres, thirst, drained = litres + water, thirst + np.maximum(demand[:, today] - drunk, 0), drained + away
        course.append(moisture)
    path = np.stack(course, axis=1)
    return Season(litres, thirst, (path < field.stress_below).sum(axis=1).astype(float), drained, path)


def below(limit: float) -> Policy:
    """Irrigate where today's reading is below `limit`, in m3/m3."""
    return lambda weeks, day: weeks[:, -1, MOISTURE] < limit


def every(days: int) -> Policy:
    """Irrigate every so many days, whatever the weather.

    Raises ValueError for less than 1.
    """
    if days < 1:
        raise ValueError(f"days is {days}; it must be 1 or more")
    return lambda weeks, day: np.full(len(weeks), day % days == 0)


def never(weeks: np.ndarray, day: int) -> np.ndarray:
    """Rain only."""
    return np.zeros(len(weeks), bool)


def with_offset(policy: Policy, offset: np.ndarray) -> Policy:
    """The policy behind probes that read too much by `offset` [stations] in m3/m3, the same all season."""

    def decide(weeks: np.ndarray, day: int) -> np.ndarray:
        weeks = weeks.copy()
        weeks[..., MOISTURE] += offset[:, None]
        return policy(weeks, day)

    return decide


def trade_off(curves: Mapping[str, Sequence[Season]], title: str = "") -> Picture:
    """Mean litres against mean thirst, one curve a kind of policy; to the lower left is better."""
    fig, (ax,) = figure()
    parts = []
    for number, (name, seasons) in enumerate(curves.items()):
        points = sorted((float(s.litres.mean()), float(s.thirst_mm.mean())) for s in seasons)
        ax.plot(*zip(*points, strict=True), marker=MARKERS[number % len(MARKERS)], color=PALETTE[number], label=name)
        (least, most_thirst), (most, least_thirst) = points[0], points[-1]
        parts.append(f"{name} from {least:.0f} L with {most_thirst:.0f} to {most:.0f} L with {least_thirst:.0f} mm")
    ax.set(xlabel="water used (litres per m² and season)", ylabel="thirst (mm a season)", title=title)
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False)
    return picture(fig, f"{title or 'Water against thirst'}: {'; '.join(parts)} of thirst.")
