"""From the arrays of a course-edition file to what a network sees.

In: numbers as they lie in the file. Out: float32 [n, height, width, channels] within -2..2, so that one int8 scale
serves every channel: [n, length, 1, channels] for signals, [n, frames, mels, 1] for sound. The same lines of arithmetic
belong in a device's front end; nothing here depends on statistics of the training part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from tdl_course import audio

INPUT_LIMIT = 2.0
COUNTS_PER_UNIT = 400.0  # 200 counts per mV, two mV per unit: QRS complexes of up to 4 mV fit
RR_GAIN = 2.0
MILLIG_PER_G = 1000.0
ROTATION_UNIT = 4.0 / 0.0005  # counts of 0.5 mrad/s in the unit of 4 rad/s
PPG_SPREADS = 2.0
LEAF_POOL = 2
MIDDLE_OF_BYTE = 127.5
# of each sensor of `soil`, in the units of the card: the value that becomes 0, and how much is one unit. Moisture is 0
# at the limit of "wet" and -1 at the limit of "dry"
SOIL_ZERO = (15.0, 15.0, 10.0, 15.0, 60.0, 15.0, 15.0, 0.25)
SOIL_UNIT = (15.0, 15.0, 20.0, 10.0, 25.0, 15.0, 15.0, 0.15)
DIGITS_FRONT_END = audio.FrontEnd(sampling_hz=8000, window=256, hop=160, highest_hz=3800.0)


def ecg_input(raw: Mapping[str, np.ndarray]) -> np.ndarray:
    """Heartbeats and their timing as float32 [n, 128, 1, 3].

    Parameters
    ----------
    raw : mapping
        "x" int16 [n, 128] in counts of 5 uV and "rr_ms" int16 [n, 3]: the RR interval before the beat, the one
        after it, and the mean of the last eight, in ms.

    Returns
    -------
    np.ndarray
        Channel 0: the lead in units of 2 mV, with the beat's own median taken off (baseline wander).
        Channels 1 and 2: `2 (RR / mean RR - 1)` before and after the beat, constant over the beat; an early beat is
        below 0. All clipped to -2..2.
    """
    lead = raw["x"].astype(np.float32) / COUNTS_PER_UNIT
    lead -= np.median(lead, axis=1, keepdims=True)
    rr = raw["rr_ms"].astype(np.float32)
    timing = RR_GAIN * (rr[:, :2] / rr[:, 2:] - 1.0)
    channels = np.empty((*lead.shape, 1, 3), np.float32)
    channels[:, :, 0, 0] = lead
    channels[:, :, 0, 1:] = timing[:, None, :]
    return np.clip(channels, -INPUT_LIMIT, INPUT_LIMIT)


def activity_input(raw: Mapping[str, np.ndarray]) -> np.ndarray:
    """Wrist motion as float32 [n, 64, 1, 6]: acceleration in g, rotation in units of 4 rad/s, clipped to -2..2.

    Parameters
    ----------
    raw : mapping
        "x" int16 [n, 64, 6]: acceleration x, y, z in mg, rotation x, y, z in 0.5 mrad/s.
    """
    units = np.array([MILLIG_PER_G] * 3 + [ROTATION_UNIT] * 3, np.float32)
    scaled = raw["x"].astype(np.float32) / units
    return np.clip(scaled, -INPUT_LIMIT, INPUT_LIMIT)[:, :, None, :]


def ppg_input(raw: Mapping[str, np.ndarray]) -> np.ndarray:
    """Pulse waves as float32 [n, 200, 1, 1]: 8 s at 25 Hz, whatever the strength of the signal.

    Parameters
    ----------
    raw : mapping
        "x" int16 [n, 400] at 50 Hz, in PLETH units x 4096.

    Returns
    -------
    np.ndarray
        Means of two samples, the window's own median taken off, divided by `PPG_SPREADS` times the mean distance from
        it, clipped to -2..2. Between patients the height of the wave differs by a factor of 40; the rate is not in it.
    """
    halved = raw["x"].astype(np.float32).reshape(len(raw["x"]), -1, 2).mean(axis=2)
    halved -= np.median(halved, axis=1, keepdims=True)
    spread = np.maximum(np.abs(halved).mean(axis=1, keepdims=True), 1.0)  # a flat line stays one
    return np.clip(halved / (PPG_SPREADS * spread), -INPUT_LIMIT, INPUT_LIMIT)[:, :, None, None]


def leaf_input(raw: Mapping[str, np.ndarray]) -> np.ndarray:
    """Pictures as float32 [n, 32, 64, 3], -1 (black) to 1 (full): means of 2 x 2 pixels.

    Parameters
    ----------
    raw : mapping
        "x" uint8 [n, 64, 128, 3]: red, green, blue.
    """
    n, height, width, colours = raw["x"].shape
    tiles = raw["x"].reshape(n, height // LEAF_POOL, LEAF_POOL, width // LEAF_POOL, LEAF_POOL, colours)
    return tiles.mean(axis=(2, 4), dtype=np.float32) / MIDDLE_OF_BYTE - 1


def soil_input(raw: Mapping[str, np.ndarray]) -> np.ndarray:
    """A week of weather as float32 [n, 7, 1, 8] = [days, 1, sensors]: `(value - SOIL_ZERO) / SOIL_UNIT`, -2..2.

    Parameters
    ----------
    raw : mapping
        "x" float32 [n, 7, 8], the last day last; every value is there. Moisture at 10 cm is not an input.
    """
    scaled = (raw["x"] - np.array(SOIL_ZERO, np.float32)) / np.array(SOIL_UNIT, np.float32)
    return np.clip(scaled, -INPUT_LIMIT, INPUT_LIMIT)[:, :, None, :]


def spectrogram(raw: Mapping[str, np.ndarray], front_end: audio.FrontEnd) -> np.ndarray:
    """Sound as log-mel spectrograms, float32 [n, frames, mels, 1]: "x" int16 [n, samples] through `front_end`."""
    return audio.log_mel(raw["x"], front_end)[..., None]


INPUTS: dict[str, Callable[[Mapping[str, np.ndarray]], np.ndarray]] = {
    "ecg": ecg_input,
    "activity": activity_input,
    "keywords": partial(spectrogram, front_end=audio.STREAMING),
    "ppg": ppg_input,
    "leaf": leaf_input,
    "soil": soil_input,
    "keywords_ar": partial(spectrogram, front_end=audio.STREAMING),
    "digits": partial(spectrogram, front_end=DIGITS_FRONT_END),
}
