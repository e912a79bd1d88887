"""streaming: from the outputs of a network that listens all the time to detections, in a device's integers.

In: int8 features of a stream, or int8 outputs of the network on its windows, and a `Spotter`. Out: `Detection`s. What
`firmware/applications/keyword_spotter` does, bit for bit. Smoothing of posteriors over the last outputs is that of
G. Chen, C. Parada, G. Heigold: Small-footprint Keyword Spotting Using Deep Neural Networks. Proc. ICASSP (2014).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.audio.front_end import STREAMING, FrontEnd

LIMITS = {"threshold": (1, 255), "smoothing": (1, 32), "refractory": (0, 100_000), "stride": (1, 1000)}
MOST_LABELS = 32


@dataclass(frozen=True)
class Spotter:
    """When a stream of network outputs is a keyword.

    Parameters
    ----------
    keywords : tuple of int
        Labels that may be detected: indices into the network's output.
    threshold : int
        Of the smoothed output plus 128, which is 0 to 255 for a softmax: 1 to 255.
    smoothing : int
        Outputs that are averaged, 1 to 32. Those before the first one count as 0.
    refractory : int
        Hops from one detection to the earliest next one, 0 to 100,000.
    stride : int
        Hops from one inference to the next, 1 to 1000.

    Raises
    ------
    ValueError
        A parameter is out of its range.
    """

    keywords: tuple[int, ...] = (0, 1, 2, 3)
    threshold: int = 160
    smoothing: int = 3
    refractory: int = 50
    stride: int = 10

    def __post_init__(self) -> None:
        for name, (lowest, highest) in LIMITS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or not lowest <= value <= highest:
                raise ValueError(f"{name}={value!r}; a whole number from {lowest} to {highest} is allowed")
        labels = range(MOST_LABELS)
        if not self.keywords or any(label not in labels for label in self.keywords):
            raise ValueError(
                f"keywords={self.keywords!r}; one or more of the labels 0 to {MOST_LABELS - 1} are allowed"
            )


@dataclass(frozen=True)
class Detection:
    """A keyword: milliseconds from the begin of the stream, its label, its smoothed output plus 128 (0 to 255)."""

    time_ms: int
    label: int
    score: int


def input_map(front_end: FrontEnd, scale: float, zero_point: int) -> np.ndarray:
    """What a network with that scale and zero point of its int8 input takes for each feature -128 to 127: int8 [256].

    The identity where its scale is the front end's and its zero point 0.
    """
    real = np.arange(-128, 128) * front_end.scale
    return np.clip(np.round(real / scale) + zero_point, -128, 127).astype(np.int8)


def network_inputs(features: np.ndarray, frames: int, spotter: Spotter) -> np.ndarray:
    """The windows of a stream on which the network runs: one when `frames` frames are there, then one each `stride`.

    Parameters
    ----------
    features : np.ndarray
        int8 [n, mels], the frames of the stream: `log_mel_int8(samples[None])[0]`.
    frames : int
        Frames of the network's input.

    Returns
    -------
    np.ndarray
        int8 [inferences, frames, mels], a view; none where the stream is shorter than one window.

    Raises
    ------
    ValueError
        If `features` is not int8 [n, mels], or `frames` is less than 1.
    """
    if features.dtype != np.int8 or features.ndim != 2:
        raise ValueError(f"features are {features.dtype}{list(features.shape)}, allowed is int8[n, mels]")
    if frames < 1:
        raise ValueError(f"frames={frames}; a network's input has at least one")
    if len(features) < frames:
        return np.empty((0, frames, features.shape[1]), np.int8)
    windows = np.lib.stride_tricks.sliding_window_view(features, frames, axis=0)
    return windows[:: spotter.stride].transpose(0, 2, 1)


def spot(outputs: np.ndarray, spotter: Spotter, frames: int, front_end: FrontEnd = STREAMING) -> tuple[Detection, ...]:
    """The detections in a stream.

    After each inference the last `smoothing` outputs are averaged. The keyword with the largest average (of equal ones
    the first) is detected where that reaches the threshold, and at least `refractory` hops have gone by since the last
    detection.

    Parameters
    ----------
    outputs : np.ndarray
        int8 [inferences, labels], the network's outputs on `network_inputs`.
    spotter : Spotter
        The operating point.
    frames : int
        Frames of the network's input, which say when the first inference was.
    front_end : FrontEnd
        Says how long a hop is.

    Raises
    ------
    ValueError
        If `outputs` is not int8 [inferences, labels], or has not all the labels of `spotter.keywords`.
    """
    if outputs.dtype != np.int8 or outputs.ndim != 2 or outputs.shape[1] <= max(spotter.keywords):
        raise ValueError(
            f"outputs are {outputs.dtype}{list(outputs.shape)}, allowed is int8[inferences, labels] with "
            f"{max(spotter.keywords) + 1} labels or more"
        )
    sums = smoothed_sums(outputs, spotter.smoothing)[:, sorted(set(spotter.keywords))]
    best = sums.argmax(axis=1) if len(sums) else np.empty(0, np.int64)
    first_hop = front_end.warmup - 1 + frames
    found: list[Detection] = []
    earliest = 0
    for index in np.flatnonzero(sums.max(axis=1, initial=0) >= spotter.threshold * spotter.smoothing).tolist():
        hop = first_hop + index * spotter.stride
        if hop >= earliest:
            label = sorted(set(spotter.keywords))[best[index]]
            score = int(sums[index, best[index]]) // spotter.smoothing
            found.append(Detection(hop * front_end.hop * 1000 // front_end.sampling_hz, label, score))
            earliest = hop + spotter.refractory
    return tuple(found)


def smoothed_sums(outputs: np.ndarray, smoothing: int) -> np.ndarray:
    """Of each label the sum of its last `smoothing` outputs plus 128, those before the first one 0: int64 as `outputs`.

    The smoothed output that a threshold is compared with is that over `smoothing`, 0 to 255.
    """
    padded = np.zeros((len(outputs) + smoothing, outputs.shape[1]), np.int64)
    padded[smoothing:] = outputs.astype(np.int64) + 128
    totals = np.cumsum(padded, axis=0)
    return totals[smoothing:] - totals[:-smoothing]
