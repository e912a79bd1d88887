"""Another sampling rate: a low-pass below half of the new one, then the samples that are wanted.

In: float [samples]. Out: float, at the new rate, without delay. It knows no dataset.
"""

from __future__ import annotations

import numpy as np


def halve_rate(signal: np.ndarray) -> np.ndarray:
    """Every second sample after a low-pass at half the band: 360 Hz to 180 Hz without aliasing or delay.

    The filter is a 41-tap windowed sinc (Kaiser, beta 5), symmetric, gain 1 at 0 Hz; the signal counts as 0 outside.
    """
    offsets = np.arange(-20, 21)
    taps = np.sinc(offsets / 2) * np.kaiser(len(offsets), 5.0)
    return np.convolve(signal, taps / taps.sum(), mode="full")[20 : 20 + len(signal)][::2]


def two_fifths_of_rate(signal: np.ndarray) -> np.ndarray:
    """Two samples for every five: 125 Hz to 50 Hz without aliasing or delay; `ceil(2 n / 5)` samples of n.

    Zeros are put between the samples, and of what a low-pass at a tenth of that rate (Kaiser-windowed sinc, 101 taps,
    beta 5, symmetric, gain 1 at 0 Hz) leaves, every fifth is taken. Outside, the signal counts as its first and last
    sample.
    """
    offsets = np.arange(-50, 51)
    taps = np.sinc(offsets / 5) * np.kaiser(len(offsets), 5.0)
    taps *= 2 / taps.sum()
    padded = np.pad(signal, 25, mode="edge")
    between = np.zeros(2 * len(padded))
    between[::2] = padded
    filtered = np.convolve(between, taps, mode="full")[50 : 50 + len(between)]
    return filtered[50 : 50 + 2 * len(signal)][::5]
