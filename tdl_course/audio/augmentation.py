"""augmentation: clips as they could have been heard elsewhere: in noise, earlier or later, nearer or farther.

In: int16 clips. Out: int16 clips of the same shape. What `tdl_course.augment.SpectrogramChanges` does to spectrograms
while a network trains, these do to the sound itself, once.
"""

from __future__ import annotations

import numpy as np


def mix_at_snr(clips: np.ndarray, noise: np.ndarray, snr_db: float) -> np.ndarray:
    """Clips with noise below them.

    The signal-to-noise ratio is that of the mean power of the whole clip to that of the noise; silence stays as it is.

    Parameters
    ----------
    clips : np.ndarray
        int16 [..., samples].
    noise : np.ndarray
        int16 of the same shape, not silent.
    snr_db : float
        10 dB: the noise has a tenth of the clip's power.

    Returns
    -------
    np.ndarray
        int16 [..., samples], limited where the sum is too loud.

    Raises
    ------
    ValueError
        Arrays of another type, of two shapes, or noise without power.
    """
    for name, sound in (("clips", clips), ("noise", noise)):
        if sound.dtype != np.int16 or sound.shape != clips.shape:
            raise ValueError(
                f"{name} are {sound.dtype}{list(sound.shape)}; both must be int16, of the shape {list(clips.shape)}"
            )
    signal, added = clips.astype(np.float64), noise.astype(np.float64)
    powers = [(sound**2).mean(axis=-1, keepdims=True) for sound in (signal, added)]
    if not powers[1].all():
        raise ValueError("the noise is silent somewhere: no factor gives it a power; choose another piece")
    gain = np.sqrt(powers[0] / powers[1] / 10 ** (snr_db / 10))
    return _int16(signal + gain * added)


def moved(clips: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Clips int16 [n, samples] heard `steps` int [n] samples later, or earlier where that is negative.

    What leaves one end does not come back at the other: there is silence.
    """
    length = clips.shape[1]
    if steps.shape != clips.shape[:1] or np.abs(steps).max(initial=0) > length:
        raise ValueError(
            f"steps are {list(steps.shape)} for clips {list(clips.shape)}; allowed is one each, of 0 to {length}"
        )
    padded = np.pad(clips, ((0, 0), (length, length)))
    return np.take_along_axis(padded, np.arange(length) + length - steps[:, None], axis=1)


def _int16(samples: np.ndarray) -> np.ndarray:
    return np.clip(np.round(samples), -32768, 32767).astype(np.int16)
