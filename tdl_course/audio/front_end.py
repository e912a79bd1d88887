"""FrontEnd: what is taken of a sound, as data, and which samples each frame has.

In: numbers. Out: `FrontEnd`, frozen. Every constant is one that a device can hold: windows and hops of whole samples,
an FFT of a power of two, a logarithm to base 2 of a power in counts. This module computes no spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

INT8_STEPS = 128  # of `limit`: one step of the int8 features is limit / 128
RANGES: dict[str, tuple[float, float]] = {
    "log2_centre": (-64, 64),
    "log2_per_unit": (0.125, 64),
    "limit": (0.125, 64),
    "gain_control": (0, 1),
    "average_shift": (1, 15),
}


@dataclass(frozen=True)
class FrontEnd:
    """The parameters of a log-mel front end.

    Parameters
    ----------
    sampling_hz : int
        Samples in a second.
    window : int
        Samples of one frame, under a periodic Hann window; at most `fft`.
    hop : int
        Samples from one frame to the next; at most `window`. Each frame ends where a hop ends, counted from the first
        sample, so that a device which is given hop after hop computes the same frames.
    fft : int
        Points of the FFT, a power of two. The window's samples come first, zeros behind them.
    mels : int
        Triangular bands, equally wide in mel.
    lowest_hz, highest_hz : float
        Where the first triangle begins and the last one ends.
    log2_centre : float
        log2 of the power of a band (squared counts of the FFT) that becomes 0.
    log2_per_unit : float
        Octaves of power in one unit: 8 octaves are 24 dB.
    limit : float
        Features are clipped to -limit..limit. As int8 they have the scale `limit / 128` and the zero point 0.
    gain_control : float
        0 to 1, 0 by default: off. Else the exponent of a gain control for each band, `power / average ** gain_control`,
        where the average follows the band's power; the features then lie around 0, so take a `log2_centre` near 0.
    average_shift : int
        The average goes 2^-average_shift of the way to the power of each frame; it begins as the first frame's.

    Raises
    ------
    ValueError
        A parameter is out of its range; the message says which, and what is allowed.

    Examples
    --------
    >>> FrontEnd().shape(16000), FrontEnd(window=512, hop=512).shape(16000)
    ((49, 20), (31, 20))
    """

    sampling_hz: int = 16000
    window: int = 512
    hop: int = 320
    fft: int = 512
    mels: int = 20
    lowest_hz: float = 80.0
    highest_hz: float = 7600.0
    log2_centre: float = 24.0
    log2_per_unit: float = 8.0
    limit: float = 2.0
    gain_control: float = 0.0
    average_shift: int = 5

    def __post_init__(self) -> None:
        for name in ("sampling_hz", "window", "hop", "fft", "mels", "average_shift"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise ValueError(f"{name}={value!r}; a whole number from 1 is allowed")
        if self.fft & (self.fft - 1) or self.fft < 8:
            raise ValueError(f"fft={self.fft}; a power of two from 8 is allowed")
        if self.window > self.fft:
            raise ValueError(f"window={self.window}; at most the {self.fft} points of the FFT are allowed")
        if self.hop > self.window:
            raise ValueError(f"hop={self.hop}; at most the window of {self.window} is allowed: no sample is left out")
        if not 0 <= self.lowest_hz < self.highest_hz <= self.sampling_hz / 2:
            raise ValueError(
                f"bands from {self.lowest_hz} to {self.highest_hz} Hz; allowed is a range within 0 to "
                f"{self.sampling_hz / 2:g} Hz, half of sampling_hz"
            )
        for name, (lowest, highest) in RANGES.items():
            if not lowest <= getattr(self, name) <= highest:
                raise ValueError(f"{name}={getattr(self, name)!r}; {lowest} to {highest} is allowed")

    @property
    def warmup(self) -> int:
        """Hops that fill the first window: the last one of them gives the first frame."""
        return -(-self.window // self.hop)

    @property
    def first_sample(self) -> int:
        """Where the first frame begins: it ends with hop `warmup`."""
        return self.warmup * self.hop - self.window

    @property
    def scale(self) -> float:
        """One step of the int8 features. Their zero point is 0."""
        return self.limit / INT8_STEPS

    @property
    def octaves_per_step(self) -> float:
        """Octaves of power in one step of the int8 features."""
        return self.scale * self.log2_per_unit

    def frame_count(self, samples: int) -> int:
        """Frames that `samples` samples give; raises ValueError where they give none."""
        frames = samples // self.hop - self.warmup + 1
        if frames < 1:
            raise ValueError(
                f"{samples} samples are less than the {self.warmup * self.hop} that the first window of {self.window} "
                f"takes in hops of {self.hop}: pad the clip with zeros"
            )
        return frames

    def shape(self, samples: int) -> tuple[int, int]:
        """(frames, mels) of a clip of `samples` samples; raises ValueError where it gives no frame."""
        return self.frame_count(samples), self.mels

    def frames(self, samples: np.ndarray) -> np.ndarray:
        """The samples of each frame.

        Parameters
        ----------
        samples : np.ndarray
            int16 [n, samples].

        Returns
        -------
        np.ndarray
            int16 [n, frames, window], a view.

        Raises
        ------
        ValueError
            If `samples` is not int16 [n, samples], or gives no frame.
        """
        if not isinstance(samples, np.ndarray) or samples.dtype != np.int16 or samples.ndim != 2:
            what = (
                f"{samples.dtype}{list(samples.shape)}" if isinstance(samples, np.ndarray) else type(samples).__name__
            )
            raise ValueError(f"samples are {what}, allowed is int16[n, samples]")
        count = self.frame_count(samples.shape[1])
        windows = np.lib.stride_tricks.sliding_window_view(samples, self.window, axis=1)
        return windows[:, self.first_sample :: self.hop][:, :count]


STREAMING = FrontEnd()
"""32 ms every 20 ms: the 49 x 20 spectrograms of the datasets of words, and what a device computes while it listens. A
step of its int8 features is an eighth of an octave of power, 0.376 dB, and they reach from 2^8 to 2^40 squared counts.
"""
