"""Synthetic words, English: every speaker is a throat of its own (`synthetic_speech`).

In: a seed. Out: raw arrays in the course-edition format of the keywords dataset.
"""

from __future__ import annotations

import numpy as np

from tdl_course.datasets.beats import join
from tdl_course.datasets.files import Raw
from tdl_course.datasets.synthetic_speech import recordings

TRAIN_SPEAKERS = 44
TEST_SPEAKERS = 16
TAKES = 3  # of each label, per speaker

# label -> pronunciations; another word is one of several
WORDS = (
    ("yes",),
    ("no",),
    ("stop",),
    ("go",),
    ("up", "down", "on", "off", "left", "right", "six", "house", "cat", "bed"),
)
SPELLED = {
    "yes": "j E s",
    "no": "n o U",
    "stop": "s - t A - p",
    "go": "- g o U",
    "up": "V - p",
    "down": "- d a U n",
    "on": "A n",
    "off": "O f",
    "left": "l E f - t",
    "right": "r a I - t",
    "six": "s I - k s",
    "house": "h a U s",
    "cat": "- k a - t",
    "bed": "- b E - d",
}


def make_keywords(seed: int = 0) -> Raw:
    """Both parts of the synthetic keywords dataset: speakers 1..44 for training, 45..60 for the test."""
    people = [
        recordings(number, WORDS, SPELLED, TAKES, np.random.default_rng([seed, 3000 + number]))
        for number in range(1, TRAIN_SPEAKERS + TEST_SPEAKERS + 1)
    ]
    return {"train": join(people[:TRAIN_SPEAKERS]), "test": join(people[TRAIN_SPEAKERS:])}
