"""recording: long recordings composed of clips, with every word at a known time.

In: int16 clips with labels, and background sound. Out: a `Recording`. Each clip is heard once, so that what is counted
over the recording are independent events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRAME_S = 0.02
SPEECH_DB = 25.0  # what is spoken lies within this of the clip's loudest 20 ms
FADE_S = 0.02


@dataclass(frozen=True)
class Word:
    """A clip in a recording: its label, and where its loud part begins and ends, in ms from the recording's begin."""

    label: int
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, eq=False)
class Recording:
    """`samples` int16 [n], and the words in them in the order of time."""

    samples: np.ndarray
    words: tuple[Word, ...]
    sampling_hz: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sampling_hz

    @property
    def hours(self) -> float:
        return self.seconds / 3600

    def part(self, begin_s: float, end_s: float) -> Recording:
        """The sound from `begin_s` to `end_s`, and the words that lie wholly in it; times count from its begin."""
        first, last = (min(round(at * self.sampling_hz), len(self.samples)) for at in (begin_s, end_s))
        if not 0 <= first < last:
            raise ValueError(f"from {begin_s} s to {end_s} s; allowed is a part of 0 to {self.seconds:g} s")
        start, stop = first * 1000 / self.sampling_hz, last * 1000 / self.sampling_hz
        inside = (word for word in self.words if start <= word.begin_ms and word.end_ms <= stop)
        moved = tuple(Word(word.label, word.begin_ms - round(start), word.end_ms - round(start)) for word in inside)
        return Recording(self.samples[first:last], moved, self.sampling_hz)

    def __str__(self) -> str:
        return f"{self.seconds / 60:.1f} min of sound with {len(self.words)} words"

    __repr__ = __str__


def speech_span(clip: np.ndarray, sampling_hz: int = 16000) -> tuple[int, int]:
    """Where a clip int16 [n] is loud: first sample, and the one behind the last.

    All 20 ms pieces count whose power lies within 25 dB of the loudest one's. An estimate: a soft final consonant, such
    as the s of yes, may lie behind it.
    """
    frame = round(FRAME_S * sampling_hz)
    pieces = clip[: len(clip) // frame * frame].reshape(-1, frame).astype(np.float64)
    if not len(pieces):
        raise ValueError(f"the clip has {len(clip)} samples; at least {frame} are needed")
    power = (pieces**2).mean(axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-SPEECH_DB / 10))
    return int(loud[0]) * frame, int(loud[-1] + 1) * frame


def compose(
    clips: np.ndarray,
    labels: np.ndarray,
    background: np.ndarray,
    gap_s: tuple[float, float] = (0.5, 2.0),
    snr_db: float = 20.0,
    sampling_hz: int = 16000,
    seed: int = 0,
) -> Recording:
    """Play every clip once, in drawn order, with drawn pauses, over background sound that never stops.

    Parameters
    ----------
    clips : np.ndarray
        int16 [n, samples], each with one word.
    labels : np.ndarray
        Integer [n].
    background : np.ndarray
        int16 [m, samples] without words; played one after the other, again and again, faded into each other.
    gap_s : tuple of float
        Shortest and longest pause between two clips, in seconds, beside what the clips themselves hold before and
        after their word.
    snr_db : float
        Ratio of the clips' mean power to the background's. Every background clip is brought to the same power.
    sampling_hz : int
    seed : int

    Raises
    ------
    ValueError
        Arrays of another type or length, or pauses that are none.
    """
    for name, sound in (("clips", clips), ("background", background)):
        if sound.dtype != np.int16 or sound.ndim != 2 or not len(sound):
            raise ValueError(f"{name} are {sound.dtype}{list(sound.shape)}, allowed is int16[n, samples] with n >= 1")
    if labels.shape != clips.shape[:1]:
        raise ValueError(f"labels are {list(labels.shape)} for {len(clips)} clips; allowed is one each")
    if not 0 <= gap_s[0] <= gap_s[1]:
        raise ValueError(f"gap_s={gap_s}; allowed is a shortest and a longest pause from 0 s")
    random = np.random.default_rng(seed)
    order = random.permutation(len(clips))
    pauses = np.round(random.uniform(*gap_s, len(clips) + 1) * 1000).astype(int) * sampling_hz // 1000
    begins = np.cumsum(pauses[:-1]) + np.arange(len(clips)) * clips.shape[1]
    level = np.sqrt((clips.astype(np.float64) ** 2).mean() / 10 ** (snr_db / 10))
    mixed = level * _endless(background, int(begins[-1]) + clips.shape[1] + int(pauses[-1]), sampling_hz, random)
    fade = _fade(clips.shape[1], sampling_hz)
    words = []
    for at, index in zip(begins.tolist(), order.tolist(), strict=True):
        mixed[at : at + clips.shape[1]] += clips[index] * fade
        begin, end = (round((at + edge) * 1000 / sampling_hz) for edge in speech_span(clips[index], sampling_hz))
        words.append(Word(int(labels[index]), begin, end))
    return Recording(np.clip(np.round(mixed), -32768, 32767).astype(np.int16), tuple(words), sampling_hz)


def _fade(length: int, sampling_hz: int) -> np.ndarray:
    """Factors [length]: 1, and at both ends a ramp, so that nothing clicks."""
    edge = np.minimum(np.arange(length), np.arange(length)[::-1]) / (FADE_S * sampling_hz)
    return np.minimum(edge, 1.0)


def _endless(background: np.ndarray, length: int, sampling_hz: int, random: np.random.Generator) -> np.ndarray:
    """float64 [length] of clips in drawn order, each of power 1, and faded into the next; silent ones stay silent."""
    overlap = round(FADE_S * sampling_hz)
    step = background.shape[1] - overlap
    if step < 1:
        raise ValueError(f"background clips have {background.shape[1]} samples; more than {overlap} are needed")
    fade = _fade(background.shape[1], sampling_hz)
    count = -(-length // step)
    mixed = np.zeros(count * step + overlap)
    drawn = np.concatenate([random.permutation(len(background)) for _ in range(-(-count // len(background)))])
    for place, index in enumerate(drawn[:count].tolist()):
        clip = background[index].astype(np.float64)
        mixed[place * step : place * step + len(clip)] += clip / max(clip.std(), 1.0) * fade
    return mixed[:length]
