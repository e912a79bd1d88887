"""The audio front end: one second of sound to a log-mel spectrogram, float, in NumPy.

In: int16 samples at 16 kHz. Out: float32 [n, frames, mels] within -2..2. Every constant is fixed and a device can hold
it: windows and steps of whole samples, a radix-2 FFT, a logarithm to base 2 of a power in counts. It knows no
dataset, no network and no statistics of the samples.

The mel scale is the one of S. S. Stevens, J. Volkmann, E. B. Newman: A Scale for the Measurement of the Psychological
Magnitude Pitch. J. Acoust. Soc. Am. 8(3):185-190 (1937), in the form 2595 log10(1 + f / 700) of D. O'Shaughnessy:
Speech Communication: Human and Machine (1987); triangular filters on it as in S. Davis, P. Mermelstein: Comparison of
Parametric Representations for Monosyllabic Word Recognition in Continuously Spoken Sentences. IEEE Trans. ASSP
28(4):357-366 (1980).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

SAMPLING_HZ = 16000
WINDOW = 512  # samples of one frame, and points of its FFT: 32 ms
HOP = 512  # samples from one frame to the next: 32 ms
MELS = 20
LOWEST_HZ = 80.0
HIGHEST_HZ = 7600.0
LOG2_CENTRE = 24.0  # log2 of the mel power (in squared counts of the FFT) that becomes 0
LOG2_PER_UNIT = 6.0  # octaves of power in one unit: 18 dB
LIMIT = 2.0
BLOCK = 128  # clips transformed at once: bounds the memory


def frame_count(samples: int) -> int:
    """Frames that `samples` samples give; raises ValueError where they are fewer than one window."""
    if samples < WINDOW:
        raise ValueError(f"{samples} samples are less than one window of {WINDOW}: pad the clip with zeros")
    return 1 + (samples - WINDOW) // HOP


def log_mel(samples: np.ndarray) -> np.ndarray:
    """The log-mel spectrogram of each clip.

    A frame is 512 samples, one every `HOP`, under a periodic Hann window. Its power spectrum `|X|^2` (of the counts,
    the FFT not scaled) goes through `MELS` triangles; the output is `(log2(1 + power) - 24) / 6`, clipped to -2..2.

    Parameters
    ----------
    samples : np.ndarray
        int16 [n, samples] at 16 kHz.

    Returns
    -------
    np.ndarray
        float32 [n, frames, mels].

    Raises
    ------
    ValueError
        If `samples` is not int16 [n, samples] or shorter than one window.
    """
    if samples.dtype != np.int16 or samples.ndim != 2:
        raise ValueError(f"samples are {samples.dtype}{list(samples.shape)}, allowed is int16[n, samples]")
    spectrogram = np.empty((len(samples), frame_count(samples.shape[1]), MELS), np.float32)
    for first in range(0, len(samples), BLOCK):
        frames = np.lib.stride_tricks.sliding_window_view(samples[first : first + BLOCK], WINDOW, axis=1)[:, ::HOP]
        spectrum = np.fft.rfft(frames * hann_window())
        power = spectrum.real**2 + spectrum.imag**2
        spectrogram[first : first + BLOCK] = (np.log2(1 + power @ mel_filters().T) - LOG2_CENTRE) / LOG2_PER_UNIT
    return np.clip(spectrogram, -LIMIT, LIMIT)


@lru_cache
def hann_window() -> np.ndarray:
    """The periodic Hann window, float64 [512]."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)


@lru_cache
def mel_filters() -> np.ndarray:
    """Weights of each FFT bin in each mel band, float64 [mels, 257]: triangles of height 1, equally wide in mel."""
    edges = mel_to_hz(np.linspace(hz_to_mel(LOWEST_HZ), hz_to_mel(HIGHEST_HZ), MELS + 2))
    bins = np.arange(WINDOW // 2 + 1) * (SAMPLING_HZ / WINDOW)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return np.clip(np.minimum((bins - left) / (centre - left), (right - bins) / (right - centre)), 0, None)


def hz_to_mel(hz: float | np.ndarray) -> np.ndarray:
    """Frequency in Hz on the mel scale."""
    return 2595 * np.log10(1 + np.asarray(hz) / 700)


def mel_to_hz(mel: float | np.ndarray) -> np.ndarray:
    """The inverse of `hz_to_mel`."""
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)
