"""Synthetic weather and soil: stations with a climate and a soil each, simulated day by day with a bucket of water.

In: a seed. Out: raw arrays in the course-edition format of the soil dataset. Rain is a Poisson process of storms; the
sun above the clouds follows latitude and day of year (R. G. Allen, L. S. Pereira, D. Raes, M. Smith: Crop
evapotranspiration. FAO Irrigation and Drainage Paper 56 (1998), equations 21 to 25); what evaporates follows G. H.
Hargreaves, Z. A. Samani: Reference Crop Evapotranspiration from Temperature. Applied Eng. in Agriculture 1(2):96-99
(1985). Two layers of soil, around 5 and 10 cm: rain fills the upper one, what it cannot hold seeps into the lower one a
day later. The label comes from the lower one three days on, as in the real data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.datasets.files import Raw

TRAIN_STATIONS = 36
TEST_STATIONS = 12
DAYS = 365
WARM_UP = 150  # days simulated before the first one that is kept: the water forgets where it began
WINDOW, HORIZON, EVERY = 7, 3, 4  # days of a sample, to its label, and from one sample to the next
LIMITS = (0.10, 0.25)  # m3/m3: where "adequate" and "wet" begin
LAYER_MM = 75.0  # thickness of a layer of soil
SOLAR_CONSTANT = 0.0820  # MJ/m2/min
MJ_PER_MM = 2.45  # evaporates one mm of water from one m2
KRS = 0.16  # of the sun above the clouds reaches the ground, per root of a degree between day and night


@dataclass(frozen=True)
class _Stations:
    """Climate and soil of all stations, float [stations] each; moistures in m3/m3, temperatures in degC."""

    latitude: np.ndarray
    mean: np.ndarray
    season: np.ndarray
    swing: np.ndarray
    storms_per_day: np.ndarray
    storm_mm: np.ndarray
    wet_season: np.ndarray
    residual: np.ndarray
    field_capacity: np.ndarray
    porosity: np.ndarray
    drainage: np.ndarray
    roots: np.ndarray
    bias: np.ndarray


def make_soil(seed: int = 0) -> Raw:
    """Both parts of the synthetic soil dataset: stations 1..36 for training, 37..48 for the test."""
    random = np.random.default_rng([seed, 5000])
    count = TRAIN_STATIONS + TEST_STATIONS
    weather, moisture_10 = _year(_draw_stations(count, random), random)
    first = np.arange(0, DAYS - WINDOW - HORIZON + 1, EVERY)
    last = first + WINDOW - 1
    windows = np.lib.stride_tricks.sliding_window_view(weather, WINDOW, axis=1)[:, first].transpose(0, 1, 3, 2)
    arrays = {
        "x": windows.reshape(-1, WINDOW, weather.shape[2]),
        "y": np.digitize(moisture_10[:, last + HORIZON], LIMITS).astype(np.uint8).ravel(),
        "sm10_next": moisture_10[:, last + HORIZON].ravel(),
        "sm10_now": moisture_10[:, last].ravel(),
        "station": np.repeat(np.arange(1, count + 1), len(first)).astype(np.int32),
        "doy": np.tile(last + 1, count).astype(np.int16),
    }
    train = arrays["station"] <= TRAIN_STATIONS
    return {
        "train": {name: array[train] for name, array in arrays.items()},
        "test": {name: array[~train] for name, array in arrays.items()},
    }


def _draw_stations(count: int, random: np.random.Generator) -> _Stations:
    latitude = random.uniform(27, 48, count)
    sand = random.uniform(0, 1, count)  # 0: clay, 1: sand
    dryness = random.uniform(0, 1, count)  # 0: a rain forest, 1: a desert
    field_capacity = 0.38 - 0.24 * sand + random.normal(0, 0.02, count)
    return _Stations(
        latitude=latitude,
        mean=36 - 0.62 * latitude + random.normal(0, 2, count),
        season=2 + 0.22 * latitude + random.normal(0, 1, count),
        swing=10 + 6 * dryness + random.normal(0, 1, count),
        storms_per_day=0.42 - 0.34 * dryness,
        storm_mm=random.uniform(5, 12, count),
        wet_season=random.uniform(0, 2 * np.pi, count),
        residual=0.10 - 0.08 * sand,
        field_capacity=field_capacity,
        porosity=field_capacity + random.uniform(0.08, 0.18, count),
        drainage=0.25 + 0.5 * sand,
        roots=random.uniform(0.5, 0.7, count),
        bias=random.normal(0, 0.008, count),
    )


def _year(stations: _Stations, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Eight sensors, float32 [stations, days, 8] in the card's order, and the moisture at 10 cm [stations, days]."""
    count = len(stations.latitude)
    wetness = np.stack([stations.field_capacity, stations.field_capacity])
    spell, ground = np.zeros(count), stations.mean.copy()
    days, lower = [], []
    for day in range(-WARM_UP, DAYS):
        phase = 2 * np.pi * (day + 1) / 365
        spell = 0.75 * spell + random.normal(0, 2.0, count)  # warm and cold spells last some days
        rain = _rain(stations, phase, random)
        air = stations.mean - stations.season * np.cos(phase - 0.35) + spell - np.where(rain > 0, 1.5, 0)
        swing = np.maximum(stations.swing * np.where(rain > 0, 0.5, 1) + random.normal(0, 1.2, count), 2)
        above = extraterrestrial(stations.latitude, day % 365 + 1)
        wetness = _water(stations, wetness, rain, evapotranspiration(air, swing, above))
        solar = np.minimum(KRS * np.sqrt(swing), 0.78) * above
        humidity = np.clip(95 - 3.2 * (swing - 4) + 60 * (wetness[0] - 0.2) + random.normal(0, 5, count), 5, 100)
        surface = air + 0.15 * solar * (1 - wetness[0]) + random.normal(0, 0.8, count)
        ground = 0.7 * ground + 0.3 * surface
        high, low = air + swing / 2, air - swing / 2
        upper = _read(wetness[0], stations.bias, random)
        days.append(np.stack([high, low, rain, solar, humidity, surface, ground, upper], axis=1))
        lower.append(_read(wetness[1], -stations.bias, random))
    return (
        np.stack(days[WARM_UP:], axis=1).astype(np.float32),
        np.stack(lower[WARM_UP:], axis=1).astype(np.float32),
    )


def _rain(stations: _Stations, phase: float, random: np.random.Generator) -> np.ndarray:
    """mm of one day: a Poisson number of storms, more in the station's wet season, of exponential depth each."""
    storms = random.poisson(stations.storms_per_day * (1 + 0.7 * np.cos(phase - stations.wet_season)))
    return stations.storm_mm * random.gamma(np.maximum(storms, 1)) * (storms > 0)


def extraterrestrial(latitude: np.ndarray, day_of_year: int) -> np.ndarray:
    """The sun's energy on a level square metre above the clouds, in MJ/m2 a day: FAO 56, equations 21 to 25.

    >>> float(extraterrestrial(np.array([-20.0]), 246).round(1)[0])  # FAO 56, example 8
    32.2
    """
    phi, angle = np.radians(latitude), 2 * np.pi * day_of_year / 365
    nearness = 1 + 0.033 * np.cos(angle)
    declination = 0.409 * np.sin(angle - 1.39)
    sunset = np.arccos(-np.tan(phi) * np.tan(declination))
    path = sunset * np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.sin(sunset)
    return 24 * 60 / np.pi * SOLAR_CONSTANT * nearness * path


def evapotranspiration(air: np.ndarray, swing: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Reference evapotranspiration in mm a day: Hargreaves and Samani, `0.0023 (T + 17.8) sqrt(TD) Ra`.

    T is the day's mean in degC, TD the difference between its highest and lowest, Ra `extraterrestrial`.
    """
    return np.maximum(0.0023 * (air + 17.8) * np.sqrt(swing) * above / MJ_PER_MM, 0)


def _water(stations: _Stations, wetness: np.ndarray, rain: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """The moisture [2, stations] of both layers a day later: in comes rain, out goes what evaporates and what seeps."""
    upper, lower = wetness
    room = stations.field_capacity - stations.residual
    seeping = stations.drainage * np.maximum(upper - stations.field_capacity, 0)
    leaving = stations.drainage * np.maximum(lower - stations.field_capacity, 0)
    creeping = 0.06 * (upper - lower)  # water moves towards the dry
    taken = [
        share * demand / LAYER_MM * np.clip((layer - stations.residual) / room, 0, 1)
        for share, layer in ((stations.roots, upper), (1 - stations.roots, lower))
    ]
    upper = upper + rain / LAYER_MM - seeping - creeping - taken[0]
    surplus = np.maximum(upper - stations.porosity, 0)  # half of it runs off
    lower = lower + seeping + 0.5 * surplus + creeping - leaving - taken[1]
    return np.clip(np.stack([upper, lower]), stations.residual, stations.porosity)


def _read(moisture: np.ndarray, bias: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What a probe says: off by its own bias and by noise, in steps of 0.001 m3/m3."""
    return np.maximum(np.round(moisture + bias + random.normal(0, 0.004, len(moisture)), 3), 0.002)
