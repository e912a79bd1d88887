"""log_mel: sound to a log-mel spectrogram in float, the reference of the integer front end.

In: int16 samples and a `FrontEnd`. Out: float32 [n, frames, mels] within -limit..limit. It knows no dataset, no network
and no statistics of the samples.

The mel scale is the one of S. S. Stevens, J. Volkmann, E. B. Newman: A Scale for the Measurement of the Psychological
Magnitude Pitch. J. Acoust. Soc. Am. 8(3):185-190 (1937), in the form 2595 log10(1 + f / 700) of D. O'Shaughnessy:
Speech Communication: Human and Machine (1987); triangular filters on it as in S. Davis, P. Mermelstein: Comparison of
Parametric Representations for Monosyllabic Word Recognition in Continuously Spoken Sentences. IEEE Trans. ASSP
28(4):357-366 (1980). The gain control is that of Y. Wang, P. Getreuer, T. Hughes, R. F. Lyon, R. A. Saurous: Trainable
Frontend for Robust and Far-field Keyword Spotting. Proc. ICASSP, 5670-5674 (2017), with the logarithm in the place of
their root.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tdl_course.audio.front_end import STREAMING, FrontEnd

BLOCK = 128  # clips transformed at once: bounds the memory


def log_mel(samples: np.ndarray, front_end: FrontEnd = STREAMING) -> np.ndarray:
    """The log-mel spectrogram of each clip.

    Each frame's power spectrum `|X|^2` (of the counts, the FFT not scaled) goes through the triangles; the output is
    `(log2(1 + power) - log2_centre) / log2_per_unit`, clipped to -limit..limit. With gain control,
    `gain_control * log2(1 + average)` is taken off the logarithm.

    Parameters
    ----------
    samples : np.ndarray
        int16 [n, samples].
    front_end : FrontEnd
        By default 20 bands every 20 ms.

    Returns
    -------
    np.ndarray
        float32 [n, frames, mels].

    Raises
    ------
    ValueError
        If `samples` is not int16 [n, samples] or gives no frame.
    """
    frames = front_end.frames(samples)
    spectrogram = np.empty((*frames.shape[:2], front_end.mels), np.float32)
    for first in range(0, len(frames), BLOCK):
        spectrum = np.fft.rfft(frames[first : first + BLOCK] * hann_window(front_end), front_end.fft)
        power = (spectrum.real**2 + spectrum.imag**2) @ mel_filters(front_end).T
        octaves = np.log2(1 + power)
        if front_end.gain_control:
            octaves -= front_end.gain_control * np.log2(1 + running_average(power, front_end))
        spectrogram[first : first + BLOCK] = (octaves - front_end.log2_centre) / front_end.log2_per_unit
    return np.clip(spectrogram, -front_end.limit, front_end.limit)


def running_average(power: np.ndarray, front_end: FrontEnd) -> np.ndarray:
    """Of each clip and band, from frame to frame: `a += (power - a) / 2^average_shift`, float64 [n, frames, mels]."""
    average = np.empty_like(power)
    average[:, 0] = power[:, 0]
    for frame in range(1, power.shape[1]):
        before = average[:, frame - 1]
        average[:, frame] = before + (power[:, frame] - before) / 2**front_end.average_shift
    return average


@lru_cache
def hann_window(front_end: FrontEnd = STREAMING) -> np.ndarray:
    """The periodic Hann window, float64 [window]."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(front_end.window) / front_end.window)


@lru_cache
def mel_filters(front_end: FrontEnd = STREAMING) -> np.ndarray:
    """Weights of each FFT bin in each band, float64 [mels, fft / 2 + 1]: triangles of height 1, equally wide in mel."""
    edges = mel_edges(front_end)
    bins = np.arange(front_end.fft // 2 + 1) * (front_end.sampling_hz / front_end.fft)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return np.clip(np.minimum((bins - left) / (centre - left), (right - bins) / (right - centre)), 0, None)


def mel_edges(front_end: FrontEnd = STREAMING) -> np.ndarray:
    """Where the triangles begin, peak and end, in Hz: float64 [mels + 2], each one's centre is the next one's begin."""
    lowest, highest = hz_to_mel(front_end.lowest_hz), hz_to_mel(front_end.highest_hz)
    return mel_to_hz(np.linspace(lowest, highest, front_end.mels + 2))


def hz_to_mel(hz: float | np.ndarray) -> np.ndarray:
    """Frequency in Hz on the mel scale."""
    return 2595 * np.log10(1 + np.asarray(hz) / 700)


def mel_to_hz(mel: float | np.ndarray) -> np.ndarray:
    """The inverse of `hz_to_mel`."""
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)
