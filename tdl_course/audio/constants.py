"""Tables of the integer front end: window, twiddles, mel weights and logarithm as integers.

In: a `FrontEnd`. Out: `Tables`, the constants that the NumPy model and the C compute with. The formats, and why nothing
overflows:

    samples      int16
    window       Q15, at most 32767: a product with a sample is below 2^30, a sum of two below 2^31
    FFT          int32 with 7 fractional bits: no value is above 2^30, see `fft_bound`
    twiddles     Q31; a product with one keeps the upper 32 of 64 bits, half of what it stands for
    spectrum     3 fractional bits, below 2^26.1 (the twiddles of the last step are Q27, which divides by 16)
    power        int64, 6 fractional bits, below 2^52.2; the sum over all bins is below 2^51.7 (Parseval)
    mel weights  Q11: a band's sum has 17 fractional bits and is below 2^62.7
    log2         Q15, by a table of 32 segments
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tdl_course.audio.front_end import STREAMING, FrontEnd
from tdl_course.audio.reference import hann_window, mel_edges

FFT = 512  # real points
POINTS = FFT // 2  # complex points: even samples are the real parts, odd ones the imaginary parts
WINDOW_BITS = 15
FFT_BITS = 7  # fractional bits of a sample within the FFT
TWIDDLE_BITS = 31
SPLIT_BITS = 27
SPECTRUM_BITS = FFT_BITS + 1 + SPLIT_BITS - 32
MEL_BITS = 11
POWER_BITS = 2 * SPECTRUM_BITS + MEL_BITS  # of a band's sum
LOG2_BITS = 15
LOG2_SEGMENTS = 32
MOST_MELS = 64


@dataclass(frozen=True, eq=False)
class Tables:
    """Constants of one `FrontEnd`.

    `window`: int16 [512], Q15, zeros behind the window. `twiddles`: int32 [64, 3, 2], Q31: cosine and sine of
    `2 pi k j / 256` for j = 1, 2, 3. `split`: int32 [128, 2], Q27: cosine and sine of `2 pi k / 512` for k = 1 to 128.
    `mel_lengths`: uint8 [mels + 1], FFT bins between one edge of the triangles and the next; `first_bin` is the first
    one. `mel_weights`: uint16 [bins], Q11: how much of each bin belongs to the upper one of its two bands.
    `log2`: uint16 [33], Q15, log2(1 + i / 32). `log2_centre`: Q15. `steps_per_octave`: Q17.
    `gain_control`: Q31.
    """

    front_end: FrontEnd
    window: np.ndarray
    twiddles: np.ndarray
    split: np.ndarray
    first_bin: int
    mel_lengths: np.ndarray
    mel_weights: np.ndarray
    log2: np.ndarray
    log2_centre: int
    steps_per_octave: int
    gain_control: int


@lru_cache
def tables(front_end: FrontEnd = STREAMING) -> Tables:
    """The integer tables of a front end.

    Raises
    ------
    ValueError
        A parameter that float arithmetic takes and the integer front end does not: another FFT than of 512 points, more
        than 64 bands, a band so narrow that it has no FFT bin.
    """
    if front_end.fft != FFT:
        raise ValueError(f"fft={front_end.fft}; the integer front end has an FFT of {FFT} points")
    if front_end.mels > MOST_MELS:
        raise ValueError(f"mels={front_end.mels}; the integer front end has 1 to {MOST_MELS}")
    window = np.zeros(FFT, np.int16)
    window[: front_end.window] = np.minimum(np.round(hann_window(front_end) * 2**WINDOW_BITS), 2**WINDOW_BITS - 1)
    first_bin, lengths, weights = _mel(front_end)
    fractions = np.arange(LOG2_SEGMENTS + 1) / LOG2_SEGMENTS
    return Tables(
        front_end=front_end,
        window=_constant(window),
        twiddles=_constant(_turns(np.arange(64)[:, None] * np.arange(1, 4) / POINTS, TWIDDLE_BITS)),
        split=_constant(_turns(np.arange(1, POINTS // 2 + 1) / FFT, SPLIT_BITS)),
        first_bin=first_bin,
        mel_lengths=_constant(lengths.astype(np.uint8)),
        mel_weights=_constant(weights.astype(np.uint16)),
        log2=_constant(np.round(np.log2(1 + fractions) * 2**LOG2_BITS).astype(np.uint16)),
        log2_centre=round(front_end.log2_centre * 2**LOG2_BITS),
        steps_per_octave=round(2 ** (32 - LOG2_BITS) / front_end.octaves_per_step),
        gain_control=min(round(front_end.gain_control * 2**31), 2**31 - 1),
    )


def fft_bound(window: np.ndarray) -> float:
    """The largest magnitude that any value within the FFT can have, in its 7 fractional bits, rounding left out.

    Every value between the stages is a sum of some of the windowed complex samples, each turned by an angle, so it is
    no larger than the sum of all their magnitudes; and those are largest where every sample is -32768. The last step
    doubles the transform of the even samples, or that of the odd ones. `window`: int16 [512], Q15.
    """
    halves = window.reshape(-1, 2).astype(np.float64)
    complex_sum = np.hypot(halves[:, 0], halves[:, 1]).sum()
    real_sum = halves.sum(axis=0).max()
    return 2.0 ** (FFT_BITS - WINDOW_BITS + 15) * max(complex_sum, 2 * real_sum)


def _turns(turns: np.ndarray, bits: int) -> np.ndarray:
    """Cosine and sine of whole turns as int32 [..., 2] of `bits` fractional bits; 1 itself may not fit."""
    angles = 2 * np.pi * turns[..., None]
    values = np.concatenate([np.cos(angles), np.sin(angles)], axis=-1)
    return np.clip(np.round(values * 2.0**bits), -(2**31), 2**31 - 1).astype(np.int32)


def _mel(front_end: FrontEnd) -> tuple[int, np.ndarray, np.ndarray]:
    """First bin, bins of each segment between two edges, and each bin's share in the upper band."""
    edges = mel_edges(front_end)
    hz = np.arange(1, POINTS) * (front_end.sampling_hz / FFT)
    inside = hz[(hz > edges[0]) & (hz < edges[-1])]
    segment = np.searchsorted(edges, inside, side="right") - 1
    lengths = np.bincount(segment, minlength=front_end.mels + 1)
    weights = np.round((inside - edges[segment]) / (edges[segment + 1] - edges[segment]) * 2**MEL_BITS)
    heard = np.bincount(segment, weights, front_end.mels + 1)[:-1]
    heard += np.bincount(segment, 2**MEL_BITS - weights, front_end.mels + 1)[1:]
    if not heard.all():
        band = int(np.flatnonzero(heard == 0)[0])
        raise ValueError(
            f"band {band} from {edges[band]:.1f} to {edges[band + 2]:.1f} Hz has no FFT bin, which come every "
            f"{front_end.sampling_hz / FFT:g} Hz: take fewer mels than {front_end.mels}, or a wider range"
        )
    return int(np.flatnonzero(hz > edges[0])[0]) + 1, lengths, weights


def _constant(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
