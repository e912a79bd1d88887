"""Plots of sound say in words what they show."""

import numpy as np

from tdl_course.audio import STREAMING, Recording, Word
from tdl_course.report import spectrograms, stream


def test_spectrograms_say_where_each_is_loudest():
    features = {name: np.full((49, 20), -2.0) for name in ("early", "late", "none", "fourth")}
    features["early"][5, 3], features["late"][40, 15] = 2, 2
    words = spectrograms(features, STREAMING, "Four").words
    assert words.startswith("Four, bright is loud: early is loudest after 0.14 s")
    assert "late is loudest after 0.84 s" in words and words.count("Hz") == 4


def test_a_stream_counts_the_words_whose_score_is_highest():
    recording = Recording(np.zeros(16000 * 6, np.int16), (Word(0, 1000, 1500), Word(1, 3000, 3500)), 16000)
    times = np.arange(1, 6, 0.2)
    scores = np.full((len(times), 3), 5.0)
    scores[(times > 1) & (times < 2), 0] = 200
    scores[(times > 3) & (times < 4), 0] = 190  # the wrong one
    scores[:, 2] = 255  # silence is no keyword
    words = stream(scores, times, recording, ("yes", "no", "silence"), (0, 1), "Two").words
    assert "2 keywords" in words and "1 of them have the highest score of all keywords" in words
