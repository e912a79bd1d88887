"""FrontEnd: which samples are in which frame, and what is refused."""

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import audio
from tdl_course.audio import STREAMING, FrontEnd


@given(window=st.integers(1, 512), hop=st.integers(1, 512), samples=st.integers(0, 3000))
def test_frames_are_what_a_device_has_after_each_hop(window, hop, samples):
    hop = min(hop, window)
    front_end = FrontEnd(window=window, hop=hop)
    clip = np.arange(samples, dtype=np.int16)
    ring = np.zeros(0, np.int16)
    expected = []
    for begin in range(0, samples - hop + 1, hop):
        ring = np.concatenate([ring, clip[begin : begin + hop]])[-window:]
        if len(ring) == window:
            expected.append(ring)
    if expected:
        frames = front_end.frames(np.stack([clip, clip]))
        assert front_end.frame_count(samples) == len(expected)
        assert (frames == np.stack([expected, expected])).all()
    else:
        with pytest.raises(ValueError, match=f"{samples} samples are less than the {-(-window // hop) * hop} that"):
            front_end.frame_count(samples)


def test_the_course_has_one_and_others_can_be_made():
    coarse = FrontEnd(hop=512, log2_per_unit=6.0)
    assert FrontEnd() == STREAMING
    assert (STREAMING.shape(16000), coarse.shape(16000)) == ((49, 20), (31, 20))
    assert (STREAMING.warmup, STREAMING.first_sample, STREAMING.octaves_per_step) == (2, 128, 1 / 8)
    assert (coarse.warmup, coarse.first_sample) == (1, 0)
    assert STREAMING.scale == coarse.scale == 1 / 64


def test_it_is_frozen():
    with pytest.raises(FrozenInstanceError):
        STREAMING.hop = 160


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"hop": 0}, "hop=0; a whole number from 1"),
        ({"window": 480.0}, r"window=480.0; a whole number"),
        ({"mels": True}, "mels=True; a whole number"),
        ({"fft": 500}, "fft=500; a power of two"),
        ({"fft": 4, "window": 4, "hop": 4}, "fft=4; a power of two from 8"),
        ({"window": 513}, "window=513; at most the 512 points"),
        ({"window": 400, "hop": 401}, "hop=401; at most the window of 400"),
        ({"highest_hz": 8000.5}, "bands from 80.0 to 8000.5 Hz; allowed is a range within 0 to 8000 Hz"),
        ({"lowest_hz": -1.0}, "bands from -1.0"),
        ({"lowest_hz": 7600.0}, "bands from 7600.0"),
        ({"lowest_hz": math.nan}, "bands from nan"),
        ({"log2_per_unit": 0.0}, "log2_per_unit=0.0; 0.125 to 64"),
        ({"limit": math.inf}, "limit=inf; 0.125 to 64"),
        ({"log2_centre": math.nan}, "log2_centre=nan; -64 to 64"),
        ({"gain_control": 1.5}, "gain_control=1.5; 0 to 1"),
        ({"average_shift": 16}, "average_shift=16; 1 to 15"),
        ({"average_shift": 2.5}, "average_shift=2.5; a whole number"),
    ],
)
def test_parameters_out_of_range_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        FrontEnd(**parameters)


@pytest.mark.parametrize("transform", [audio.log_mel, audio.log_mel_int8])
@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((1, 639), np.int16),
        np.zeros(16000, np.int16),
        np.zeros((1, 16000)),
        np.zeros((1, 1, 640), np.int16),
        [[0] * 640],
    ],
)
def test_what_is_no_sound_is_refused(samples, transform):
    with pytest.raises(ValueError, match=r"samples are less than the 640|allowed is int16\[n, samples\]"):
        transform(samples)
