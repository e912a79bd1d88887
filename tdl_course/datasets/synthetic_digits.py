"""Synthetic digits: every speaker is a throat of its own (`synthetic_speech`), heard through a telephone's band.

In: a seed. Out: raw arrays in the course-edition format of the digits dataset: 8 kHz, ended with the word, and centred
in a second of zeros, as the reader of the real clips does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.datasets.beats import join
from tdl_course.datasets.files import Raw
from tdl_course.datasets.resample import halve_rate
from tdl_course.datasets.synthetic_speech import as_counts, background, draw_speaker, speak
from tdl_course.datasets.zips import centred

TRAIN_SPEAKERS = 12
TEST_SPEAKERS = 4
TAKES = 4  # of each digit, per speaker
LENGTH = 8000
THROATS = 0.1  # digits are easy: throats differ more, and lines are noisier, than where keywords are spoken
NOISIER, LOUDEST_NOISE = 4.0, 0.05
QUIET = 0.02  # of the peak: where a word begins and ends

SPELLED = (
    "z I r o U",
    "w V n",
    "- t u",
    "T r i",
    "f O r",
    "f a I v",
    "s I - k s",
    "s E v E n",
    "E I - t",
    "n a I n",
)


def make_digits(seed: int = 0) -> Raw:
    """Both parts of the synthetic digits dataset: speakers 1..12 for training, 13..16 for the test."""
    people = [
        _recordings(number, np.random.default_rng([seed, 7000 + number]))
        for number in range(1, TRAIN_SPEAKERS + TEST_SPEAKERS + 1)
    ]
    return {"train": join(people[:TRAIN_SPEAKERS]), "test": join(people[TRAIN_SPEAKERS:])}


def _recordings(number: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    speaker = draw_speaker(random)
    speaker = replace(
        speaker,
        size=speaker.size * np.exp(random.normal(0, THROATS)),
        noise=min(NOISIER * speaker.noise, LOUDEST_NOISE),
    )
    labels = np.repeat(np.arange(len(SPELLED)), TAKES)
    words = speak(speaker, [SPELLED[label] for label in labels], random)
    clips = speaker.loudness * words + background(speaker.noise, len(labels), random)
    trimmed = [_trimmed(word, clip) for word, clip in zip(words, clips, strict=True)]
    return {
        "x": np.stack([centred(as_counts(halve_rate(clip)), LENGTH) for clip in trimmed]),
        "y": labels.astype(np.uint8),
        "speaker": np.full(len(labels), number, np.uint8),
    }


def _trimmed(word: np.ndarray, clip: np.ndarray) -> np.ndarray:
    """The samples of `clip` from the first to the last one where `word` is not quiet."""
    heard = np.flatnonzero(np.abs(word) > QUIET * np.abs(word).max())
    return clip[heard[0] : heard[-1] + 1]
