"""Changed clips: the ratio that was asked for, and every sample where it should be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.audio.augmentation import mix_at_snr, moved


def noisy(seed: int, level: float) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level, (3, 4000)).astype(np.int16)


@given(st.floats(-10, 25), st.floats(100, 1500), st.floats(50, 1500))
def test_the_noise_has_the_power_that_was_asked_for(snr_db, loud, level):
    clips = noisy(0, loud)
    added = mix_at_snr(clips, noisy(1, level), snr_db).astype(float) - clips
    ratio = (clips.astype(float) ** 2).mean(axis=1) / (added**2).mean(axis=1)
    assert 10 * np.log10(ratio) == pytest.approx(np.full(3, snr_db), abs=0.5)


def test_silence_stays_silent_and_loud_sums_are_limited():
    assert not mix_at_snr(np.zeros((3, 4000), np.int16), noisy(0, 100), 0).any()
    loud = np.full((1, 10), 32767, np.int16)
    assert (mix_at_snr(loud, loud, 0) == 32767).all()


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=5))
def test_what_leaves_one_end_does_not_come_back(steps):
    clips = np.arange(1, 51, dtype=np.int16) + np.zeros((len(steps), 1), np.int16)
    for clip, later, step in zip(clips, moved(clips, np.array(steps)), steps, strict=True):
        expected = [clip[i - step] if 0 <= i - step < 50 else 0 for i in range(50)]
        assert later.tolist() == expected


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match=r"noise are int16\[2, 4000\]"):
        mix_at_snr(noisy(0, 100), noisy(1, 100)[:2], 0)
    with pytest.raises(ValueError, match="the noise is silent"):
        mix_at_snr(noisy(0, 100), np.zeros((3, 4000), np.int16), 0)
    with pytest.raises(ValueError, match="steps are"):
        moved(noisy(0, 100), np.array([5000, 0, 0]))
