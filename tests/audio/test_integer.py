"""The integer front end in NumPy: its tables, its bounds, and how far it is from the float reference."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course import audio, datasets
from tdl_course.audio import STREAMING, FrontEnd, tables
from tdl_course.audio.constants import FFT, MEL_BITS, POWER_BITS, fft_bound
from tdl_course.audio.integer import log2_of_one_more, mel_power
from tdl_course.audio.integer_fft import spectrum_power, windowed_fft

QUIETEST = -96  # int8 step from which on an error of one step is the most: 2^12 squared counts
FRONT_ENDS = st.builds(
    FrontEnd,
    window=st.integers(64, 512),
    hop=st.integers(1, 64),
    mels=st.integers(1, 30),
    lowest_hz=st.floats(0, 300),
    highest_hz=st.floats(4000, 8000),
)
LOUD = [
    np.full(FFT, -32768),
    np.full(FFT, 32767),
    np.where(np.arange(FFT) % 2, 32767, -32768),
    np.where(np.arange(FFT) // 2 % 2, 32767, -32768),
    np.where(np.arange(FFT) % 2, 0, -32768),
    np.round(-32767.5 * np.sign(np.cos(2 * np.pi * np.arange(FFT) * 100.37 / FFT)) - 0.5),
]


def steps(samples, front_end):
    """The float reference in int8 steps, not rounded: float64 [n, frames, mels] within -128..127."""
    reference = audio.log_mel(samples, front_end).astype(np.float64)
    return np.minimum(reference / front_end.scale, 127)


def test_every_real_clip_is_within_a_step_of_the_float_reference():
    samples = datasets.load("keywords").raw["train"]["x"][::10]
    reference = steps(samples, STREAMING)
    error = np.abs(audio.log_mel_int8(samples) - reference)
    assert error[reference > QUIETEST].max() < 1
    assert error.max() < 3  # 90 dB below the loudest band: the window's 16 bits
    assert error.mean() < 0.26  # 0.25 is what rounding to whole steps takes
    assert abs((audio.log_mel_int8(samples) - reference).mean()) < 0.01


@settings(max_examples=25)
@given(front_end=FRONT_ENDS, seed=st.integers(0, 2**32 - 1), loudness=st.floats(0, 4.5))
def test_noise_of_any_level_is_within_a_step_of_the_float_reference(front_end, seed, loudness):
    noise = np.random.default_rng(seed).normal(0, 10**loudness, (2, 700))
    samples = np.clip(noise, -32768, 32767).astype(np.int16)
    reference = steps(samples, front_end)
    error = np.abs(audio.log_mel_int8(samples, front_end) - reference)
    assert error[reference > QUIETEST].max(initial=0) < 1


@settings(max_examples=10)
@given(strength=st.floats(0.1, 1), shift=st.integers(1, 15), seed=st.integers(0, 2**32 - 1), loudness=st.floats(1.5, 4))
def test_gain_control_is_within_a_step_of_the_float_reference(strength, shift, seed, loudness):
    front_end = FrontEnd(gain_control=strength, average_shift=shift, log2_centre=0.0, limit=4.0)
    random = np.random.default_rng(seed)
    level = 10 ** np.repeat(random.uniform(1, loudness, 20), 160)
    samples = np.clip(random.normal(0, level, (2, 3200)), -32768, 32767).astype(np.int16)
    error = np.abs(audio.log_mel_int8(samples, front_end) - steps(samples, front_end))
    assert error.max() < 1


def test_gain_control_takes_the_level_away_and_leaves_the_changes():
    front_end = FrontEnd(gain_control=1.0, log2_centre=0.0, log2_per_unit=4.0)
    noise = np.random.default_rng(0).normal(0, 30, (1, 32000))
    noise[:, 24000:] *= 10
    quiet, loud = (audio.log_mel_int8(np.round(gain * noise).astype(np.int16), front_end)[0] for gain in (1, 20))
    assert np.abs(quiet.astype(int) - loud).max() <= 3
    assert (quiet[0] == 0).all() and (quiet[76:80].mean(axis=0) > quiet[60:74].mean(axis=0) + 32).all()


@pytest.mark.parametrize("frame", LOUD, ids=["lowest", "highest", "nyquist", "half nyquist", "one of two", "tone"])
def test_the_loudest_frames_stay_within_their_words(frame):
    constants = tables()
    real, imaginary = windowed_fft(np.asarray(frame, np.int64)[:, None], constants)
    assert np.hypot(real, imaginary).max() < 2**30
    power = spectrum_power(real, imaginary, constants)
    assert power.min() >= 0 and power.max() < 2**52.2 and power.sum() < 2**51.7
    assert mel_power(power, constants).max() < 2**62.7
    direct = np.abs(np.fft.rfft(frame * audio.hann_window()))[1:-1] * 8
    np.testing.assert_allclose(np.sqrt(power[:, 0]), direct, atol=direct.max() * 2**-15)


@given(window=st.integers(1, 512))
def test_no_window_lets_the_fft_overflow(window):
    front_end = FrontEnd(window=window, hop=1, highest_hz=8000.0, lowest_hz=0.0, mels=4)
    assert fft_bound(tables(front_end).window) < 2**30 + 1


def test_log2_is_right_to_the_fifth_of_a_thousandth():
    values = np.unique(np.concatenate([np.geomspace(1, 2**62.7, 5000), np.arange(5000.0) * 2**POWER_BITS]))
    values = values.astype(np.int64)
    got = log2_of_one_more(values, tables()) / 2**15
    expected = [math.log2(int(value) + 2**POWER_BITS) - POWER_BITS for value in values]
    np.testing.assert_allclose(got, expected, atol=2e-4)


@given(front_end=FRONT_ENDS)
def test_mel_weights_are_the_filters_rounded(front_end):
    constants = tables(front_end)
    bands = np.stack([mel_power(np.eye(255, dtype=np.int64)[:, [k]], constants)[:, 0] for k in range(255)], axis=1)
    filters = audio.mel_filters(front_end)[:, 1:-1]
    np.testing.assert_allclose(bands / 2**MEL_BITS, filters, atol=2.0 ** (-MEL_BITS - 1) + 1e-9)


def test_silence_is_the_lowest_step_and_one_row_a_frame():
    silence = audio.log_mel_int8(np.zeros((3, 16000), np.int16))
    assert silence.shape == (3, 49, 20) and silence.dtype == np.int8 and (silence == -128).all()
    assert audio.log_mel_int8(np.zeros((0, 16000), np.int16)).shape == (0, 49, 20)


def test_clips_do_not_depend_on_what_is_computed_beside_them():
    samples = np.random.default_rng(1).integers(-9000, 9000, (5, 60000)).astype(np.int16)
    together = audio.log_mel_int8(samples)
    assert all((audio.log_mel_int8(samples[i : i + 1])[0] == together[i]).all() for i in range(5))
    short = samples[:, : STREAMING.hop * 9]
    assert (audio.log_mel_int8(short) == together[:, :8]).all()


def test_the_scale_is_that_of_the_front_end():
    samples = np.random.default_rng(2).normal(0, 300, (1, 16000)).astype(np.int16)
    wide = replace(STREAMING, log2_per_unit=16.0, log2_centre=20.0)
    assert np.abs(audio.log_mel_int8(samples, wide) - steps(samples, wide)).max() < 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fft": 1024}, "fft=1024; the integer front end has an FFT of 512 points"),
        ({"mels": 65}, "mels=65; the integer front end has 1 to 64"),
        ({"sampling_hz": 48000, "mels": 60}, "has no FFT bin, which come every 93.75 Hz: take fewer mels than 60"),
    ],
)
def test_front_ends_that_it_cannot_be_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        audio.log_mel_int8(np.zeros((1, 16000), np.int16), FrontEnd(**parameters))
