"""The float log-mel front end against its definition: a direct DFT, triangles point by point, one frame at a time."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course import audio
from tdl_course.audio import STREAMING, FrontEnd

COARSE = FrontEnd(hop=512, log2_per_unit=6.0)
TURNS = np.exp(-2j * np.pi * np.outer(np.arange(257), np.arange(512)) / 512)
FRONT_ENDS = st.builds(
    FrontEnd,
    window=st.sampled_from([400, 480, 512]),
    hop=st.sampled_from([160, 320, 400]),
    mels=st.integers(1, 40),
    lowest_hz=st.sampled_from([0.0, 80.0, 125.0]),
    highest_hz=st.sampled_from([4000.0, 7600.0, 8000.0]),
)


def one_frame(samples, front_end):
    """Log-mel of one window by the book, in float64 and without an FFT."""
    window = [math.sin(math.pi * i / front_end.window) ** 2 for i in range(front_end.window)]
    power = np.abs(TURNS[:, : front_end.window] @ (samples * window)) ** 2
    top = [2595 * math.log10(1 + hz / 700) for hz in (front_end.lowest_hz, front_end.highest_hz)]
    count = front_end.mels + 1
    edges = [700 * (10 ** ((top[0] + (top[1] - top[0]) * i / count) / 2595) - 1) for i in range(count + 1)]
    bands = []
    for left, centre, right in zip(edges, edges[1:], edges[2:], strict=False):
        total = 0.0
        for index, value in enumerate(power):
            hz = index * 16000 / 512
            if left < hz <= centre:
                total += value * (hz - left) / (centre - left)
            elif centre < hz < right:
                total += value * (right - hz) / (right - centre)
        bands.append((math.log2(1 + total) - front_end.log2_centre) / front_end.log2_per_unit)
    return np.clip(bands, -front_end.limit, front_end.limit)


@settings(max_examples=10)
@given(front_end=FRONT_ENDS, seed=st.integers(0, 2**32 - 1), loudness=st.floats(0, 4.5))
def test_equals_the_definition_within_a_thousandth_of_an_int8_step(front_end, seed, loudness):
    random = np.random.default_rng(seed)
    length = (front_end.warmup + 2) * front_end.hop
    samples = np.clip(random.normal(0, 10**loudness, (2, length)), -32768, 32767).astype(np.int16)
    got = audio.log_mel(samples, front_end)
    assert got.shape == (2, 3, front_end.mels) and got.dtype == np.float32
    for clip in (0, 1):
        for frame in range(3):
            end = (front_end.warmup + frame) * front_end.hop
            expected = one_frame(samples[clip, end - front_end.window : end].astype(float), front_end)
            np.testing.assert_allclose(got[clip, frame], expected, atol=front_end.scale / 1000)


@pytest.mark.parametrize("front_end", [STREAMING, COARSE])
def test_a_tone_lights_the_band_of_its_frequency(front_end):
    t = np.arange(16000) / 16000
    mels = front_end.mels
    centres = audio.mel_to_hz(np.linspace(audio.hz_to_mel(80), audio.hz_to_mel(7600), mels + 2))[1:-1]
    tones = np.stack([3000 * np.sin(2 * np.pi * hz * t) for hz in centres]).astype(np.int16)
    brightest = audio.log_mel(tones, replace(front_end, limit=64)).mean(axis=1).argmax(axis=1)
    assert np.abs(brightest - np.arange(mels)).max() <= 1  # the lowest bands are about as narrow as one FFT bin


@pytest.mark.parametrize("front_end", [STREAMING, COARSE])
def test_ten_times_louder_is_twenty_decibels_more(front_end):
    sound = np.random.default_rng(0).normal(0, 100, (1, 16000)).astype(np.int16)
    louder = audio.log_mel(10 * sound, front_end) - audio.log_mel(sound, front_end)
    np.testing.assert_allclose(louder * front_end.log2_per_unit, math.log2(100), atol=1e-3)


def test_every_band_hears_something_and_every_tone_between_is_heard():
    filters = audio.mel_filters()
    assert filters.shape == (20, 257) and (filters >= 0).all() and (filters <= 1).all()
    assert (filters.max(axis=1) > 0.4).all()
    lowest, highest = audio.hz_to_mel(STREAMING.lowest_hz), audio.hz_to_mel(STREAMING.highest_hz)
    step = (highest - lowest) / (STREAMING.mels + 1)
    mel = audio.hz_to_mel(np.arange(257) * 16000 / 512)
    between = (mel >= lowest + step) & (mel <= highest - step)
    np.testing.assert_allclose(filters.sum(axis=0)[between], 1, rtol=1e-9)


def test_silence_and_no_clips_at_all():
    assert audio.log_mel(np.zeros((0, 16000), np.int16)).shape == (0, 49, 20)
    assert audio.log_mel(np.zeros((0, 16000), np.int16), COARSE).shape == (0, 31, 20)
    assert (audio.log_mel(np.zeros((1, 16000), np.int16)) == -2).all()
