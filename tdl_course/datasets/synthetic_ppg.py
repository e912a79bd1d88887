"""Synthetic pulse waves: every record is a patient whose heart rate drifts, seen through a finger clip.

In: a seed. Out: raw arrays in the course-edition format of the ppg dataset. A pulse is the sum of two Gaussians over
the phase of its beat (the wave that the heart sends and the one that comes back), both moved by breathing: its rate,
its height, and the line it stands on. Some patients move. Labels come from the mean rate of the window.
"""

from __future__ import annotations

import numpy as np

from tdl_course.datasets.beats import join
from tdl_course.datasets.files import Raw

TRAIN_RECORDS = 30
TEST_RECORDS = 10
WINDOWS = 40  # per record
LENGTH = 400
SAMPLING_HZ = 50.0
BANDS = (80.0, 100.0)  # bpm: where the second and the third band begin
COUNTS_PER_UNIT = 4096


def make_ppg(seed: int = 0) -> Raw:
    """Both parts of the synthetic ppg dataset: records 1..30 for training, 31..40 for the test."""
    records = [
        _record(number, np.random.default_rng([seed, 4000 + number]))
        for number in range(1, TRAIN_RECORDS + TEST_RECORDS + 1)
    ]
    return {"train": join(records[:TRAIN_RECORDS]), "test": join(records[TRAIN_RECORDS:])}


def _record(number: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    drift = np.cumsum(random.normal(0, 2.0, WINDOWS))
    usual = (70.0, 90.0, 108.0)[number % 3] + random.normal(0, 7)  # each band is somebody's usual one
    rates = np.clip(usual + drift - drift.mean(), 51, 140)
    breaths = random.uniform(10, 24) + random.normal(0, 1, WINDOWS)
    signal, rates = _waves(rates, breaths, random)
    limits = np.iinfo(np.int16)
    vitals = [rates, rates + random.normal(0, 1.5, WINDOWS), breaths, np.clip(random.normal(97, 1.5, WINDOWS), 88, 100)]
    return {
        "x": np.clip(np.rint(signal * COUNTS_PER_UNIT), limits.min, limits.max).astype(np.int16),
        "y": np.digitize(rates, BANDS).astype(np.uint8),
        "vitals": np.rint(np.stack(vitals, axis=1)).astype(np.float32),
        "record": np.full(WINDOWS, number, np.int16),
    }


def _waves(rates: np.ndarray, breaths: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows float [n, 400] in PLETH units, and the mean rate of each in whole bpm."""
    n = len(rates)
    t = np.arange(LENGTH) / SAMPLING_HZ
    breath = 2 * np.pi * (breaths[:, None] / 60 * t + random.random((n, 1)))
    wander = np.cumsum(random.normal(0, random.uniform(0.002, 0.012), (n, LENGTH)), axis=1)  # heart-rate variability
    beats_per_second = (
        rates[:, None]
        / 60
        * (1 + random.uniform(0, 0.06) * np.sin(breath) + wander - wander.mean(axis=1, keepdims=True))
    )
    phase = np.cumsum(beats_per_second / SAMPLING_HZ, axis=1) + random.random((n, 1))
    beat = phase % 1.0
    width, late, echo = random.uniform(0.07, 0.13), random.uniform(0.35, 0.55), random.uniform(0.1, 0.75)
    pulse = np.exp(-0.5 * ((beat - 0.2) / width) ** 2) + echo * np.exp(
        -0.5 * ((beat - 0.2 - late) / (1.5 * width)) ** 2
    )
    height = random.uniform(0.12, 1.2) * (1 + random.uniform(0, 0.2) * np.sin(breath + 1))
    baseline = random.uniform(0.3, 0.5) + random.uniform(0, 0.15) * np.sin(breath)
    noise = random.uniform(0.01, 0.06) * random.standard_normal((n, LENGTH))
    shaken = (random.random((n, 1)) < random.uniform(0, 0.4)) * random.uniform(0.3, 1.2, (n, 1))
    burst = np.exp(-0.5 * ((t - random.uniform(0, 8, (n, 1))) / random.uniform(0.3, 2.0, (n, 1))) ** 2)
    motion = shaken * burst * np.sin(2 * np.pi * (random.uniform(0.5, 3.5, (n, 1)) * t + random.random((n, 1))))
    return baseline + height * (pulse + noise + motion), np.rint(60 * beats_per_second.mean(axis=1))
