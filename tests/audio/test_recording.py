"""Recordings composed of clips: every sample is where it was put, and every word is where it is said to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.audio import compose, speech_span

HZ = 16000
SILENCE = np.zeros((2, HZ), np.int16)


def tones(count: int, seed: int = 0) -> np.ndarray:
    """Clips with a tone somewhere in the middle, each of its own frequency."""
    random = np.random.default_rng(seed)
    clips = np.zeros((count, HZ), np.int16)
    for index, clip in enumerate(clips):
        begin, length = random.integers(2000, 5000), random.integers(3000, 8000)
        clip[begin : begin + length] = 8000 * np.sin(2 * np.pi * (300 + 50 * index) * np.arange(length) / HZ)
    return clips


@given(st.integers(1, 12), st.integers(0, 1000), st.floats(0, 1), st.floats(0, 2))
def test_every_clip_is_heard_once_where_its_word_is_said_to_be(count, seed, shortest, longer):
    clips = tones(count, seed)
    made = compose(clips, np.arange(count), SILENCE, gap_s=(shortest, shortest + longer), seed=seed)
    assert sorted(word.label for word in made.words) == list(range(count))
    begins = [word.begin_ms for word in made.words]
    assert begins == sorted(begins)
    for word in made.words:
        begin, end = speech_span(clips[word.label])
        at = word.begin_ms * HZ // 1000 - begin
        assert np.array_equal(made.samples[at + begin : at + end], clips[word.label][begin:end])
    said = sum(int((np.abs(clip.astype(int)) > 0).sum()) for clip in clips)
    assert int((made.samples != 0).sum()) == said, "and nothing else is heard"


def test_the_background_never_stops_and_is_as_loud_as_asked():
    noise = np.random.default_rng(0).normal(0, 1, (3, HZ)) * [[100], [1000], [5000]]
    clips = np.random.default_rng(1).normal(0, 2000, (1, HZ)).astype(np.int16)
    made = compose(clips, np.zeros(1, int), noise.astype(np.int16), gap_s=(4, 4), snr_db=20)
    pieces = made.samples[: len(made.samples) // 320 * 320].reshape(-1, 320).astype(float).std(axis=1)
    assert pieces.min() > 100 and np.median(pieces) == pytest.approx(200, rel=0.1), "a hundredth of the word's power"


def test_the_span_is_that_of_the_tone():
    clip = np.random.default_rng(0).normal(0, 20, HZ)
    clip[4800:9600] += 8000 * np.sin(np.arange(4800))
    assert speech_span(clip.astype(np.int16)) == (4800, 9600)


def test_a_part_keeps_the_words_that_lie_in_it():
    made = compose(tones(6), np.arange(6), SILENCE)
    word = made.words[2]
    part = made.part(word.begin_ms / 1000 - 0.1, word.end_ms / 1000 + 0.1)
    assert [w.label for w in part.words] == [word.label]
    assert abs(part.words[0].begin_ms - 100) <= 1
    assert part.seconds == pytest.approx((word.end_ms - word.begin_ms) / 1000 + 0.2, abs=0.001)
    with pytest.raises(ValueError, match="allowed is a part of 0 to"):
        made.part(5, 5)


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match=r"clips are float64\[2, 16000\], allowed is int16"):
        compose(np.zeros((2, HZ)), np.zeros(2, int), SILENCE)
    with pytest.raises(ValueError, match=r"labels are \[3\] for 2 clips"):
        compose(SILENCE, np.zeros(3, int), SILENCE)
    with pytest.raises(ValueError, match="shortest and a longest pause"):
        compose(SILENCE, np.zeros(2, int), SILENCE, gap_s=(2, 1))
    with pytest.raises(ValueError, match="at least 320 are needed"):
        speech_span(np.zeros(100, np.int16))
