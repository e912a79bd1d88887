"""log_mel_int8: sound to an int8 log-mel spectrogram, in integers only: what the C of the front end computes.

In: int16 samples and a `FrontEnd`. Out: int8 [n, frames, mels], a network's input as it is. `firmware/frontend` has the
same arithmetic in C, and a test compares them bit for bit; the formats and bounds are in `constants`. Arrays lie with
the frames behind: [bins, frames].
"""

from __future__ import annotations

import numpy as np

from tdl_course.audio.constants import LOG2_BITS, LOG2_SEGMENTS, MEL_BITS, POWER_BITS, Tables, tables
from tdl_course.audio.front_end import STREAMING, FrontEnd
from tdl_course.audio.integer_fft import HALF, spectrum_power, windowed_fft

BLOCK = 128  # frames computed at once: their values stay in the processor's cache


def log_mel_int8(samples: np.ndarray, front_end: FrontEnd = STREAMING) -> np.ndarray:
    """The log-mel spectrogram of each clip in int8: `real = front_end.scale * q`, the zero point is 0.

    Parameters
    ----------
    samples : np.ndarray
        int16 [n, samples].
    front_end : FrontEnd
        By default 20 bands every 20 ms.

    Returns
    -------
    np.ndarray
        int8 [n, frames, mels].

    Raises
    ------
    ValueError
        If `samples` is not int16 [n, samples] or gives no frame, or for a `front_end` that `tables` refuses.
    """
    constants = tables(front_end)
    frames = front_end.frames(samples)
    count, each, _ = frames.shape
    features = np.empty((count, each, front_end.mels), np.int8)
    clips = max(1, BLOCK // each)
    for first in range(0, count, clips):
        block = frames[first : first + clips]
        parts = [_bands(block[:, begin : begin + BLOCK], constants) for begin in range(0, each, BLOCK)]
        bands = np.concatenate(parts, axis=1).reshape(front_end.mels, len(block), each)
        octaves = log2_of_one_more(bands, constants)
        if front_end.gain_control:
            octaves -= gain(bands, constants)
        features[first : first + clips] = quantized(octaves, constants).transpose(1, 2, 0)
    return features


def mel_power(power: np.ndarray, constants: Tables) -> np.ndarray:
    """The power of each band: int64 [mels, n] with 17 fractional bits, from int64 [255, n] of the bins 1 to 255.

    A bin between two centres belongs to both bands: its weight `w` to the upper one, the rest, `1 - w`, to the lower.
    """
    rising = np.zeros((len(constants.mel_lengths), power.shape[1]), np.int64)
    total = np.zeros_like(rising)
    weights = constants.mel_weights.astype(np.int64)
    begin = 0
    for segment, length in enumerate(constants.mel_lengths.tolist()):
        bins = power[constants.first_bin - 1 + begin : constants.first_bin - 1 + begin + length]
        rising[segment] = weights[begin : begin + length] @ bins
        total[segment] = bins.sum(axis=0)
        begin += length
    falling = (total << MEL_BITS) - rising
    return rising[:-1] + falling[1:]


def log2_of_one_more(power: np.ndarray, constants: Tables) -> np.ndarray:
    """log2(1 + power), Q15 in int64, of values with 17 fractional bits: at most 0.0002 off."""
    value = power.astype(np.uint64) + np.uint64(1 << POWER_BITS)
    upper = value >> np.uint64(31)
    whole = np.where(upper > 0, np.frexp(upper.astype(np.float64))[1] + 30, 0)
    whole = np.where(upper > 0, whole, np.frexp(value.astype(np.float64))[1] - 1)  # floor(log2(value))
    mantissa = ((value << (63 - whole).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)  # 2^31 stands for 1
    table = constants.log2.astype(np.int64)
    segment = (mantissa >> 26) & (LOG2_SEGMENTS - 1)
    fraction = (mantissa >> 10) & 0xFFFF
    interpolated = table[segment] + (((table[segment + 1] - table[segment]) * fraction + 0x8000) >> 16)
    return ((whole - POWER_BITS).astype(np.int64) << LOG2_BITS) + interpolated


def gain(bands: np.ndarray, constants: Tables) -> np.ndarray:
    """What gain control takes off the logarithm, Q15 in int64 [mels, n, frames], from the bands' power.

    The average goes from frame to frame: `a += (power - a) >> average_shift`, rounded down; 2^31 stands for an exponent
    of 1.
    """
    average = bands.copy()
    for frame in range(1, bands.shape[2]):
        before = average[:, :, frame - 1]
        average[:, :, frame] = before + ((bands[:, :, frame] - before) >> constants.front_end.average_shift)
    return (2 * log2_of_one_more(average, constants) * constants.gain_control + HALF) >> 32


def quantized(log2: np.ndarray, constants: Tables) -> np.ndarray:
    """Features in int8 from log2 in Q15: rounded, halves up, and limited."""
    steps = ((log2 - constants.log2_centre) * constants.steps_per_octave + HALF) >> 32
    return np.clip(steps, -128, 127).astype(np.int8)


def _bands(frames: np.ndarray, constants: Tables) -> np.ndarray:
    """The power of each band, int64 [mels, n], from int16 [..., window], n frames in all."""
    rows = frames.reshape(-1, frames.shape[-1])
    padded = np.zeros((len(constants.window), len(rows)), np.int64)
    padded[: rows.shape[1]] = rows.T
    return mel_power(spectrum_power(*windowed_fft(padded, constants), constants), constants)
