"""Synthetic words, Arabic: every speaker is a throat of its own (`synthetic_speech`).

In: a seed. Out: raw arrays in the course-edition format of the keywords_ar dataset. Words are named by their
English meaning, as in the real set; how they are spelled in sounds is a rough guess at Modern Standard Arabic.
"""

from __future__ import annotations

import numpy as np

from tdl_course.datasets.beats import join
from tdl_course.datasets.files import Raw
from tdl_course.datasets.synthetic_speech import recordings

TRAIN_SPEAKERS = 32
TEST_SPEAKERS = 10
TAKES = 3  # of each label, per speaker

# label -> pronunciations; another word is one of several
WORDS = (
    ("yes",),
    ("no",),
    ("start",),
    ("stop",),
    ("ok", "open", "close", "one", "two", "up", "down", "right", "left", "five"),
)
SPELLED = {
    "yes": "n a 9 a m",  # na'am
    "no": "l a A",  # laa
    "start": "I b - d a -",  # ibda'
    "stop": "t a w a q - I f",  # tawaqqif
    "ok": "m a w A f I q",  # muwaafiq
    "open": "I f - t a H",  # iftah
    "close": "a x l I - q",  # aghliq
    "one": "w A H I d",  # waahid
    "two": "I T n a n",  # ithnaan
    "up": "f a U q",  # fawq
    "down": "t a H - t",  # taht
    "right": "j a m i n",  # yamiin
    "left": "j a s A r",  # yasaar
    "five": "x a m s a",  # khamsa
}


def make_keywords_ar(seed: int = 0) -> Raw:
    """Both parts of the synthetic keywords_ar dataset: speakers 1..32 for training, 33..42 for the test."""
    people = [
        recordings(number, WORDS, SPELLED, TAKES, np.random.default_rng([seed, 6000 + number]))
        for number in range(1, TRAIN_SPEAKERS + TEST_SPEAKERS + 1)
    ]
    return {"train": join(people[:TRAIN_SPEAKERS]), "test": join(people[TRAIN_SPEAKERS:])}
