"""Synthetic words: every speaker is a throat of its own, a pulse train and noise through moving resonances.

In: a speaker's number, words and how they are spelled in `SOUNDS`. Out: clips of one second at 16 kHz, in the arrays of
the course edition. After the source-filter idea of D. H. Klatt: Software for a cascade/parallel formant synthesizer.
J. Acoust. Soc. Am. 67(3):971-995 (1980), much simplified: words are rows of sounds with three formants each; the filter
is laid over short spectra. Vowels after the means for men in G. E. Peterson, H. L. Barney: Control Methods Used in a
Study of the Vowels. J. Acoust. Soc. Am. 24(2):175-184 (1952). It knows no language and no dataset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SAMPLING_HZ = 16000
LENGTH = 16000
FRAME, STEP = 512, 256  # samples of a short spectrum, and from one to the next

# sound: ms, formants 1 to 3 in Hz, loudness of the voice, of the hiss, centre and half width of the hiss in Hz
SOUNDS = {
    "-": (55, 300, 1400, 2400, 0.0, 0.0, 3000, 2000),
    "j": (70, 270, 2290, 3010, 0.7, 0.0, 3000, 2000),
    "I": (110, 390, 1990, 2550, 1.0, 0.0, 3000, 2000),
    "E": (130, 530, 1840, 2480, 1.0, 0.0, 3000, 2000),
    "a": (130, 660, 1720, 2410, 1.0, 0.0, 3000, 2000),
    "A": (170, 730, 1090, 2440, 1.0, 0.0, 3000, 2000),
    "O": (170, 570, 840, 2410, 1.0, 0.0, 3000, 2000),
    "o": (120, 500, 920, 2400, 1.0, 0.0, 3000, 2000),
    "U": (110, 380, 900, 2240, 0.7, 0.0, 3000, 2000),
    "V": (130, 640, 1190, 2390, 1.0, 0.0, 3000, 2000),
    "n": (90, 260, 1500, 2500, 0.35, 0.0, 3000, 2000),
    "l": (70, 360, 1100, 2600, 0.5, 0.0, 3000, 2000),
    "r": (80, 420, 1200, 1600, 0.6, 0.0, 3000, 2000),
    "s": (140, 320, 1600, 2600, 0.0, 0.35, 5600, 1300),
    "f": (110, 320, 1200, 2500, 0.0, 0.10, 4500, 3000),
    "h": (70, 500, 1500, 2500, 0.0, 0.12, 1500, 1500),
    "t": (45, 400, 1700, 2600, 0.0, 0.40, 4200, 1800),
    "k": (50, 400, 1800, 2400, 0.0, 0.35, 2200, 900),
    "p": (40, 400, 900, 2300, 0.0, 0.22, 1000, 900),
    "d": (40, 300, 1700, 2600, 0.4, 0.25, 4000, 1600),
    "g": (45, 280, 1900, 2300, 0.4, 0.25, 2000, 900),
    "b": (40, 300, 900, 2300, 0.5, 0.15, 900, 800),
    "i": (150, 270, 2290, 3010, 0.9, 0.0, 3000, 2000),
    "u": (150, 300, 870, 2240, 0.9, 0.0, 3000, 2000),
    "w": (70, 300, 750, 2200, 0.6, 0.0, 3000, 2000),
    "m": (90, 260, 1100, 2300, 0.35, 0.0, 3000, 2000),
    "v": (70, 300, 1200, 2500, 0.4, 0.06, 4000, 3000),
    "z": (90, 300, 1600, 2600, 0.3, 0.20, 5400, 1400),
    "T": (90, 320, 1400, 2600, 0.0, 0.10, 5000, 3000),
    "S": (130, 320, 1700, 2500, 0.0, 0.35, 3000, 900),
    "H": (110, 600, 1300, 2500, 0.0, 0.20, 1500, 700),
    "x": (110, 450, 1200, 2400, 0.0, 0.25, 1300, 500),
    "q": (60, 450, 1100, 2300, 0.0, 0.30, 1300, 600),
    "9": (110, 700, 1250, 2500, 0.7, 0.05, 1500, 800),
}
BANDWIDTHS = (70.0, 110.0, 170.0)  # Hz, half width of formants 1 to 3
STRENGTHS = (1.0, 0.5, 0.25)


@dataclass(frozen=True)
class Speaker:
    """Pitch in Hz, size of the throat (1: as in the table), pace, breath, loudness and the room's noise."""

    pitch: float
    size: float
    pace: float
    breath: float
    loudness: float
    noise: float


def draw_speaker(random: np.random.Generator) -> Speaker:
    pitch = random.uniform(85, 240)
    return Speaker(
        pitch=pitch,
        size=1.0 + 0.0012 * (pitch - 120) + random.normal(0, 0.05),
        pace=random.uniform(0.75, 1.3),
        breath=random.uniform(0.02, 0.12),
        loudness=10 ** random.uniform(-1.3, -0.4),
        noise=10 ** random.uniform(-3.6, -2.0),
    )


def recordings(
    number: int,
    words: Sequence[Sequence[str]],
    spelled: Mapping[str, str],
    takes: int,
    random: np.random.Generator,
) -> dict[str, np.ndarray]:
    """`takes` clips of each label in one speaker's room, and of a last label, in whose clips nobody speaks.

    Parameters
    ----------
    number : int
        Of the speaker.
    words : sequence of sequences of str
        The words of each label; a clip has one of them.
    spelled : mapping
        Word -> symbols of `SOUNDS`, with spaces.
    takes : int
    random : np.random.Generator

    Returns
    -------
    dict
        "x" int16 [n, 16000], "y" uint8 [n], "speaker" uint32 [n], 0 where nobody speaks.
    """
    speaker = draw_speaker(random)
    labels = np.repeat(np.arange(len(words) + 1), takes)
    chosen = [str(random.choice(words[label])) for label in labels.tolist() if label < len(words)]
    sound = np.zeros((len(labels), LENGTH), np.float32)
    sound[: len(chosen)] = speaker.loudness * speak(speaker, [spelled[word] for word in chosen], random)
    sound += background(speaker.noise, len(labels), random)
    return {
        "x": as_counts(sound),
        "y": labels.astype(np.uint8),
        "speaker": np.where(labels < len(words), number, 0).astype(np.uint32),
    }


def as_counts(sound: np.ndarray) -> np.ndarray:
    """Sound within -1..1 as int16; what is louder is clipped."""
    limits = np.iinfo(np.int16)
    return np.clip(np.rint(sound * limits.max), limits.min, limits.max).astype(np.int16)


def speak(speaker: Speaker, spellings: Sequence[str], random: np.random.Generator) -> np.ndarray:
    """Clips float [spellings, 16000], peaks near 1: excitation in short spectra, shaped and added up again.

    Before and after the word there is nothing: zeros.
    """
    tracks = np.stack([_tracks(speaker, spelling, random) for spelling in spellings])
    n, frames = tracks.shape[:2]
    voice = np.fft.rfft(_framed(_pulses(speaker, n, random), frames))
    hiss = np.fft.rfft(_framed(random.standard_normal((n, LENGTH), np.float32), frames))
    hertz = np.fft.rfftfreq(FRAME, 1 / SAMPLING_HZ).astype(np.float32)
    formants = np.zeros(voice.shape, np.float32)
    for index, (width, strength) in enumerate(zip(BANDWIDTHS, STRENGTHS, strict=True)):
        formants += strength / (1 + ((hertz - tracks[:, :, index, None]) / width) ** 2)
    rustle = np.exp(-0.5 * ((hertz - tracks[:, :, 5, None]) / tracks[:, :, 6, None]) ** 2)
    hissing = rustle * tracks[:, :, 4, None] + speaker.breath * tracks[:, :, 3, None] * formants
    pieces = np.fft.irfft(voice * formants * tracks[:, :, 3, None] + hiss * hissing / 8, FRAME)
    sound = np.zeros((n, (frames + 1) * STEP), np.float32)
    sound[:, :-STEP] += pieces[:, :, :STEP].reshape(n, -1)  # pieces overlap by half: all first halves side by side,
    sound[:, STEP:] += pieces[:, :, STEP:].reshape(n, -1)  # and all second halves, one step later
    sound = sound[:, :LENGTH]
    return sound / np.abs(sound).max(axis=1, keepdims=True)


def _framed(signal: np.ndarray, frames: int) -> np.ndarray:
    """Half-overlapping pieces [n, frames, 512] under a Hann window, whose sum is the signal."""
    padded = np.pad(signal, ((0, 0), (0, (frames + 1) * STEP - signal.shape[1])))
    window = np.float32(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME))
    return np.lib.stride_tricks.sliding_window_view(padded, FRAME, axis=1)[:, ::STEP] * window


def _tracks(speaker: Speaker, spelling: str, random: np.random.Generator) -> np.ndarray:
    """The columns of `SOUNDS` after the duration, float [frames, 7], as they move from sound to sound."""
    sounds = np.array([SOUNDS[symbol] for symbol in spelling.split()], float)
    lasting = sounds[:, 0] / 1000 / speaker.pace * random.uniform(0.8, 1.25, len(sounds))
    targets = sounds[:, 1:]
    targets[:, :3] *= speaker.size * random.normal(1, 0.04, (len(sounds), 3))
    targets[:, 3:5] *= random.uniform(0.6, 1.3, (len(sounds), 2))
    start = random.uniform(0.05, max(0.06, 0.9 - lasting.sum()))
    edges = start + np.concatenate([[0], np.cumsum(lasting)])
    glide = 0.25 * lasting  # a sound stands still in its middle half
    times = np.stack([edges[:-1] + glide, edges[1:] - glide], axis=1).ravel()
    times = np.concatenate([[edges[0]], times, [edges[-1]]])
    held = np.repeat(targets, 2, axis=0)
    held = np.concatenate([held[:1], held, held[-1:]])
    held[[0, -1], 3:5] = 0  # a word begins and ends in silence
    frames = (np.arange(LENGTH // STEP) * STEP + STEP) / SAMPLING_HZ
    return np.stack([np.interp(frames, times, column) for column in held.T], axis=1, dtype=np.float32)


def _pulses(speaker: Speaker, n: int, random: np.random.Generator) -> np.ndarray:
    """Glottal pulses [n, 16000] whose pitch falls over the clip and trembles a little."""
    t = np.arange(LENGTH, dtype=np.float32) / LENGTH
    pitch = 1 + _draw(n, -0.25, 0.1, random) * t + 0.02 * np.sin(30 * t + _draw(n, 0, 6, random))
    pitch *= speaker.pitch * _draw(n, 0.9, 1.1, random)
    phase = np.cumsum(pitch / SAMPLING_HZ, axis=1) + _draw(n, 0, 1, random)
    return np.diff(np.floor(phase), axis=1, prepend=np.floor(phase[:, :1])).astype(np.float32)


def background(level: float, n: int, random: np.random.Generator) -> np.ndarray:
    """Background of n clips: noise whose spectrum slopes differently in each, a hum, now and then a knock."""
    spectrum = np.fft.rfft(random.standard_normal((n, LENGTH), np.float32))
    octaves = np.log2(np.maximum(np.arange(spectrum.shape[1], dtype=np.float32) / 500, 0.1))
    coloured = np.fft.irfft(spectrum * np.exp2(_draw(n, -1, 0.1, random) * octaves), LENGTH)
    coloured /= coloured.std(axis=1, keepdims=True)
    t = np.arange(LENGTH, dtype=np.float32) / SAMPLING_HZ
    hum = _draw(n, 0, 1.5, random) * np.sin(2 * np.pi * np.rint(_draw(n, 50, 60, random)) * t)
    knocks = 6 * np.round(_draw(n, 0, 0.7, random))
    knock = knocks * np.exp(-0.5 * ((t - _draw(n, 0, 1, random)) / 0.01) ** 2)
    return level * 10 ** _draw(n, -0.3, 0.5, random) * (coloured * (1 + knock) + hum)


def _draw(n: int, low: float, high: float, random: np.random.Generator) -> np.ndarray:
    """One uniform number for each of n clips, float32 [n, 1]."""
    return random.uniform(low, high, (n, 1)).astype(np.float32)
