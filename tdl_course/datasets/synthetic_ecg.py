"""Synthetic heartbeats: every record is a heart of its own, drawn as a sum of Gaussian waves.

In: a seed. Out: raw arrays in the course-edition format of the ecg dataset.
After the idea of P. E. McSharry, G. D. Clifford, L. Tarassenko, L. A. Smith: A dynamical model for generating synthetic
electrocardiogram signals. IEEE Trans. Biomed. Eng. 50(3):289-294 (2003): P, Q, R, S and T as Gaussians in time. Timing
and shapes of ectopic beats follow the textbook: S beats come early with a normal QRS, V beats early and wide, without
a P wave and with a full pause. Some come late, some conduct aberrantly, rhythm wanders: the classes overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.datasets.beats import SAMPLING_HZ, cut_beats, join
from tdl_course.datasets.files import Raw

TRAIN_RECORDS = 30
TEST_RECORDS = 10
BEATS = 220
REACH = 0.75  # seconds that the waves of one beat may lie from its R mark

# centre (s from R), width (s), amplitude (mV) of P, Q, R, S, T in a textbook lead II
NORMAL = np.array(
    [[-0.17, 0.022, 0.13], [-0.030, 0.009, -0.10], [0.0, 0.011, 1.1], [0.030, 0.011, -0.25], [0.27, 0.045, 0.28]]
)


@dataclass(frozen=True, eq=False)
class _Heart:
    """One person's waves (5 x centre, width, amplitude), those of its V beats, and its rhythm."""

    normal: np.ndarray
    ventricular: np.ndarray
    rr: float
    variability: float
    atrial_share: float
    ventricular_share: float
    noise: float


def make_ecg(seed: int = 0) -> Raw:
    """Both parts of the synthetic ecg dataset: records 1..30 for training, 31..40 for the test."""
    numbers = range(1, TRAIN_RECORDS + TEST_RECORDS + 1)
    records = [_record(number, np.random.default_rng([seed, number])) for number in numbers]
    return {"train": join(records[:TRAIN_RECORDS]), "test": join(records[TRAIN_RECORDS:])}


def _record(number: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    heart = _draw_heart(random)
    symbols = _draw_symbols(heart, random)
    times = _beat_times(heart, symbols, random)
    signal = _trace(heart, symbols, times, random)
    return cut_beats(signal, np.rint(times * SAMPLING_HZ).astype(int), symbols, number, random)


def _draw_heart(random: np.random.Generator) -> _Heart:
    normal = NORMAL.copy()
    normal[:, 0] *= random.uniform(0.85, 1.15, 5)
    normal[:, 1] *= random.uniform(0.8, 1.25, 5)
    normal[:, 2] *= random.uniform(0.4, 1.6, 5)
    if random.random() < 0.2:  # a broad QRS in every beat, as in bundle branch block
        normal[1:4, 1] *= random.uniform(1.6, 2.2)
        normal[1:4, 0] *= 1.6
    side = random.choice([-1.0, 1.0])
    width = random.uniform(0.026, 0.05)
    height = random.uniform(0.8, 1.8)
    ventricular = np.array(
        [
            [-0.2, 0.02, 0.0],
            [-0.06, width, -0.3 * side * height * random.uniform(0, 1)],
            [0.0, width, side * height],
            [0.085, width, -0.5 * side * height * random.uniform(0.3, 1.2)],
            [0.30, 0.07, -0.35 * side * height],
        ]
    )
    return _Heart(
        normal=normal,
        ventricular=ventricular,
        rr=random.uniform(0.62, 1.05),
        variability=random.choice([0.02, 0.03, 0.05, 0.12], p=[0.35, 0.35, 0.2, 0.1]),
        atrial_share=random.uniform(0.05, 0.22),
        ventricular_share=random.uniform(0.08, 0.28),
        noise=random.uniform(0.01, 0.05),
    )


def _draw_symbols(heart: _Heart, random: np.random.Generator) -> list[str]:
    shares = [1 - heart.atrial_share - heart.ventricular_share, heart.atrial_share, heart.ventricular_share]
    symbols = random.choice(["N", "A", "V"], BEATS, p=shares)
    symbols[::5] = "N"  # a rhythm to be early against
    return [str(symbol) for symbol in symbols]


def _beat_times(heart: _Heart, symbols: list[str], random: np.random.Generator) -> np.ndarray:
    """Seconds of each R mark: S and V beats come early, a V beat's pause makes up for it, an S beat's only in part."""
    sway = heart.rr * (1 + 0.05 * np.sin(2 * np.pi * np.arange(BEATS) / random.uniform(8, 20)))
    intervals = sway * (1 + heart.variability * random.standard_normal(BEATS))
    early = random.uniform(0.5, 0.97, BEATS)
    for index, symbol in enumerate(symbols):
        if symbol == "N":
            continue
        if symbol == "V" and random.random() < 0.15:
            continue  # an escape or interpolated beat: in time
        lost = (1 - early[index]) * heart.rr
        intervals[index] -= lost
        if index + 1 < BEATS:
            intervals[index + 1] += lost * (random.uniform(0.85, 1.1) if symbol == "V" else random.uniform(0.0, 0.7))
    return 1.0 + np.cumsum(np.maximum(intervals, 0.28))


def _trace(heart: _Heart, symbols: list[str], times: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The lead in mV at 180 Hz: every beat's waves, baseline wander, muscle noise."""
    waves = np.stack([_beat_waves(heart, symbol, random) for symbol in symbols])
    first = np.floor((times - REACH) * SAMPLING_HZ).astype(int)
    samples = first[:, None] + np.arange(int(2 * REACH * SAMPLING_HZ) + 1)
    distance = (samples / SAMPLING_HZ - times[:, None])[:, :, None] - waves[:, None, :, 0]
    values = (waves[:, None, :, 2] * np.exp(-0.5 * (distance / waves[:, None, :, 1]) ** 2)).sum(axis=2)
    length = int((times[-1] + 2) * SAMPLING_HZ)
    signal = np.zeros(length)
    inside = (samples >= 0) & (samples < length)
    np.add.at(signal, samples[inside], values[inside])
    seconds = np.arange(length) / SAMPLING_HZ
    for _ in range(3):
        signal += 0.06 * np.sin(2 * np.pi * (random.uniform(0.05, 0.4) * seconds + random.random()))
    return signal + heart.noise * random.standard_normal(length)


def _beat_waves(heart: _Heart, symbol: str, random: np.random.Generator) -> np.ndarray:
    """Waves of one beat: the heart's own, varied a little; an S beat has another P wave, some are aberrant."""
    waves = (heart.ventricular if symbol == "V" else heart.normal).copy()
    if symbol == "V" and random.random() < 0.12:
        waves = 0.5 * (waves + heart.normal)  # close to a fusion of both
    if symbol == "A":
        waves[0] *= (random.uniform(0.7, 1.1), 1.0, random.uniform(-0.8, 0.8))
        if random.random() < 0.1:
            waves[1:4, :2] *= 1.6
    waves[:, 2] *= 1 + 0.08 * random.standard_normal(5)
    waves[:, 1] *= 1 + 0.04 * random.standard_normal(5)
    return waves
