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
