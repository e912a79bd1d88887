"""Augmentation: changed copies of training samples, in the ways that sensors and people vary and a label does not.

In: float32 samples [n, ...] and a random generator. Out: a changed copy of the same shape, within the input's limits.
One frozen dataclass per kind of sample; call it. This module knows neither a dataset nor Keras.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tdl_course.audio import STREAMING
from tdl_course.datasets.scale import INPUT_LIMIT

DB_PER_OCTAVE = 10 * math.log10(2)  # of power


@dataclass(frozen=True)
class NoChange:
    """Samples as they are."""

    def __call__(self, x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return x


@dataclass(frozen=True)
class SignalChanges:
    """Signals [n, length, 1, channels]: moved by up to `shift` steps, scaled, tilted and lifted, noisy.

    `amplitude` is the standard deviation of the gain's logarithm, `baseline` that of the offset and of the slope,
    `noise` that of white noise; only `channels` change.
    """

    shift: int = 4
    amplitude: float = 0.2
    baseline: float = 0.05
    noise: float = 0.02
    channels: tuple[int, ...] = (0,)

    def __call__(self, x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        n, length = x.shape[:2]
        channels = list(self.channels)
        rows = np.clip(_moved(n, length, self.shift, random), 0, length - 1)[:, :, None, None]
        signal = np.take_along_axis(x[..., channels], rows, axis=1)
        shape = (n, 1, 1, len(channels))
        signal = signal * np.exp(random.normal(0, self.amplitude, (n, 1, 1, 1)))
        tilt = np.linspace(-1, 1, length)[:, None, None]
        signal += random.normal(0, self.baseline, shape) + random.normal(0, self.baseline, shape) * tilt
        signal += random.normal(0, self.noise, signal.shape)
        changed = x.copy()
        changed[..., channels] = np.clip(signal, -INPUT_LIMIT, INPUT_LIMIT)
        return changed


@dataclass(frozen=True)
class SpectrogramChanges:
    """Log spectrograms [n, frames, bands, 1]: moved in time, in noise, louder or softer, with stretches erased.

    `shift` and `time_mask` are frames, `band_mask` is bands; `gain` (an offset of the logarithm) and `noise` are
    standard deviations. `others_db`, where given, is a range of signal-to-noise ratios at which another sample of the
    batch is heard behind each: powers of independent sounds add up, band by band. Erased stretches become 0, the middle
    of the range; after D. S. Park et al., "SpecAugment" (Interspeech 2019).
    """

    shift: int = 3
    gain: float = 0.1
    noise: float = 0.05
    time_mask: int = 3
    band_mask: int = 0
    others_db: tuple[float, float] | None = None
    log2_per_unit: float = STREAMING.log2_per_unit

    def __call__(self, x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        n, frames, bands = x.shape[:3]
        rows = np.clip(_moved(n, frames, self.shift, random), 0, frames - 1)[:, :, None, None]
        changed = np.take_along_axis(x, rows, axis=1)
        if self.others_db is not None:
            octaves = random.uniform(*self.others_db, (n, 1, 1, 1)) / DB_PER_OCTAVE
            others = changed[random.permutation(n)]
            changed = np.logaddexp2(changed * self.log2_per_unit, others * self.log2_per_unit - octaves)
            changed /= self.log2_per_unit
        changed = changed + random.normal(0, self.gain, (n, 1, 1, 1))
        changed += random.normal(0, self.noise, x.shape)
        changed[_stretch(n, frames, self.time_mask, random)] = 0
        changed.swapaxes(1, 2)[_stretch(n, bands, self.band_mask, random)] = 0
        return np.clip(changed, -INPUT_LIMIT, INPUT_LIMIT).astype(np.float32)


@dataclass(frozen=True)
class ImageChanges:
    """Images [n, height, width, channels]: mirrored either way, moved by up to `shift` pixels, brighter, tinted.

    `brightness` and `tint` are standard deviations of an offset of all channels and of each channel.
    """

    shift: int = 2
    brightness: float = 0.1
    tint: float = 0.05

    def __call__(self, x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        n, height, width, channels = x.shape
        rows = np.clip(_moved(n, height, self.shift, random), 0, height - 1)
        columns = np.clip(_moved(n, width, self.shift, random), 0, width - 1)
        rows = np.where(random.random((n, 1)) < 0.5, rows[:, ::-1], rows)
        columns = np.where(random.random((n, 1)) < 0.5, columns[:, ::-1], columns)
        changed = x[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
        light = random.normal(0, self.brightness, (n, 1, 1, 1)) + random.normal(0, self.tint, (n, 1, 1, channels))
        changed += light.astype(np.float32)
        return np.clip(changed, -INPUT_LIMIT, INPUT_LIMIT, out=changed)


Changes = NoChange | SignalChanges | SpectrogramChanges | ImageChanges


def _stretch(n: int, length: int, longest: int, random: np.random.Generator) -> np.ndarray:
    """Bool [n, length]: one stretch of 0 to `longest` places a sample, anywhere."""
    begin = random.integers(0, length, (n, 1))
    width = random.integers(0, longest + 1, (n, 1))
    places = np.arange(length)
    return (places >= begin) & (places < begin + width)


def _moved(n: int, length: int, shift: int, random: np.random.Generator) -> np.ndarray:
    """Indices [n, length] of each sample moved by its own random number of steps; they may lie outside."""
    return np.arange(length) + random.integers(-shift, shift + 1, (n, 1))
