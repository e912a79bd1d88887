"""The log-mel front end against its own definition: a direct DFT, triangles point by point, one frame at a time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course import audio

TURNS = np.exp(-2j * np.pi * np.outer(np.arange(257), np.arange(512)) / 512)


def one_frame(samples):
    """Log-mel of one window by the book, in float64 and without an FFT."""
    window = [math.sin(math.pi * i / 512) ** 2 for i in range(512)]
    power = np.abs(TURNS @ (samples * window)) ** 2
    top = [2595 * math.log10(1 + hz / 700) for hz in (audio.LOWEST_HZ, audio.HIGHEST_HZ)]
    edges = [
        700 * (10 ** ((top[0] + (top[1] - top[0]) * i / (audio.MELS + 1)) / 2595) - 1) for i in range(audio.MELS + 2)
    ]
    bands = []
    for left, centre, right in zip(edges, edges[1:], edges[2:], strict=False):
        total = 0.0
        for index, value in enumerate(power):
            hz = index * 16000 / 512
            if left < hz <= centre:
                total += value * (hz - left) / (centre - left)
            elif centre < hz < right:
                total += value * (right - hz) / (right - centre)
        bands.append((math.log2(1 + total) - audio.LOG2_CENTRE) / audio.LOG2_PER_UNIT)
    return np.clip(bands, -2, 2)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1), loudness=st.floats(0, 4.5))
def test_equals_the_definition_within_a_thousandth_of_an_int8_step(seed, loudness):
    random = np.random.default_rng(seed)
    samples = np.clip(random.normal(0, 10**loudness, (2, audio.WINDOW + 2 * audio.HOP)), -32768, 32767).astype(np.int16)
    got = audio.log_mel(samples)
    assert got.shape == (2, 3, audio.MELS) and got.dtype == np.float32
    for clip in (0, 1):
        for frame in range(3):
            first = frame * audio.HOP
            expected = one_frame(samples[clip, first : first + audio.WINDOW].astype(float))
            np.testing.assert_allclose(got[clip, frame], expected, atol=4 / 255 / 1000)


def test_a_tone_lights_the_band_of_its_frequency():
    t = np.arange(16000) / 16000
    centres = audio.mel_to_hz(np.linspace(audio.hz_to_mel(80), audio.hz_to_mel(7600), audio.MELS + 2))[1:-1]
    tones = np.stack([3000 * np.sin(2 * np.pi * hz * t) for hz in centres]).astype(np.int16)
    brightest = audio.log_mel(tones).mean(axis=1).argmax(axis=1)
    assert np.abs(brightest - np.arange(audio.MELS)).max() <= 1  # the lowest bands are about as narrow as one FFT bin


def test_ten_times_louder_is_twenty_decibels_more():
    sound = np.random.default_rng(0).normal(0, 100, (1, 16000)).astype(np.int16)
    louder = audio.log_mel(10 * sound) - audio.log_mel(sound)
    np.testing.assert_allclose(louder * audio.LOG2_PER_UNIT, math.log2(100), atol=1e-3)


def test_every_band_hears_something_and_every_tone_between_is_heard():
    filters = audio.mel_filters()
    assert filters.shape == (audio.MELS, 257) and (filters >= 0).all() and (filters <= 1).all()
    assert (filters.max(axis=1) > 0.4).all()
    lowest, highest = audio.hz_to_mel(audio.LOWEST_HZ), audio.hz_to_mel(audio.HIGHEST_HZ)
    step = (highest - lowest) / (audio.MELS + 1)
    mel = audio.hz_to_mel(np.arange(257) * 16000 / 512)
    between = (mel >= lowest + step) & (mel <= highest - step)
    np.testing.assert_allclose(filters.sum(axis=0)[between], 1, rtol=1e-9)


def test_the_end_that_fills_no_window_is_left_out():
    assert audio.frame_count(audio.WINDOW) == 1
    assert audio.frame_count(audio.WINDOW + audio.HOP - 1) == 1
    assert audio.frame_count(audio.WINDOW + audio.HOP) == 2
    assert audio.log_mel(np.zeros((0, 16000), np.int16)).shape == (0, audio.frame_count(16000), audio.MELS)
    assert (audio.log_mel(np.zeros((1, 16000), np.int16)) == -2).all()


@pytest.mark.parametrize("samples", [np.zeros((1, 511), np.int16), np.zeros(16000, np.int16), np.zeros((1, 16000))])
def test_what_is_no_sound_is_refused(samples):
    with pytest.raises(ValueError, match=r"less than one window|allowed is int16\[n, samples\]"):
        audio.log_mel(samples)
