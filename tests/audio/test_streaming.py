"""Spotter: smoothing, threshold and refractory period against a loop that follows the words of `spot`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tdl_course.audio import STREAMING, Detection, FrontEnd, Spotter, input_map, network_inputs, spot

SPOTTERS = st.builds(
    Spotter,
    keywords=st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple),
    threshold=st.integers(1, 255),
    smoothing=st.integers(1, 32),
    refractory=st.integers(0, 40),
    stride=st.integers(1, 7),
)
OUTPUTS = st.integers(0, 40).flatmap(lambda n: arrays(np.int8, (n, 4)))


def by_the_book(outputs, spotter, frames):
    found, last = [], None
    for index in range(len(outputs)):
        hop = STREAMING.warmup - 1 + frames + index * spotter.stride
        recent = outputs[max(0, index + 1 - spotter.smoothing) : index + 1].astype(int) + 128
        sums = {label: int(recent[:, label].sum()) for label in sorted(spotter.keywords)}
        label = max(sums, key=lambda each: (sums[each], -each))
        rested = last is None or hop - last >= spotter.refractory
        if rested and sums[label] >= spotter.threshold * spotter.smoothing:
            found.append(Detection(hop * 20, label, sums[label] // spotter.smoothing))
            last = hop
    return tuple(found)


@given(outputs=OUTPUTS, spotter=SPOTTERS, frames=st.integers(1, 60))
def test_detections_are_those_of_the_definition(outputs, spotter, frames):
    assert spot(outputs, spotter, frames) == by_the_book(outputs, spotter, frames)


def test_a_word_is_detected_once():
    outputs = np.full((60, 6), -128, np.int8)
    outputs[20:30, 2] = 127
    (only,) = spot(outputs, Spotter(threshold=200, smoothing=4, refractory=100, stride=5), frames=49)
    assert only == Detection(time_ms=(50 + 23 * 5) * 20, label=2, score=255)
    assert spot(outputs, Spotter(keywords=(0, 1)), frames=49) == ()


def test_the_network_runs_when_a_window_is_full_and_then_every_stride():
    features = np.arange(12 * 3, dtype=np.int8).reshape(12, 3)
    windows = network_inputs(features, 5, Spotter(stride=3))
    assert [window[0, 0] // 3 for window in windows] == [0, 3, 6]
    assert (windows[1] == features[3:8]).all()
    assert network_inputs(features[:4], 5, Spotter()).shape == (0, 5, 3)


def test_the_front_end_says_how_long_a_hop_is():
    outputs = np.full((1, 6), 127, np.int8)
    slow = FrontEnd(sampling_hz=8000, window=256, hop=256, highest_hz=4000.0)
    assert spot(outputs, Spotter(smoothing=1), 10, slow)[0].time_ms == 10 * 32


def test_features_become_the_networks_input():
    assert (input_map(STREAMING, 1 / 64, 0) == np.arange(-128, 128)).all()
    other = input_map(STREAMING, 4 / 255, -1)
    real = (other.astype(float) + 1) * 4 / 255
    assert np.abs(real - np.arange(-128, 128) / 64).max() <= 4 / 255


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"threshold": 0}, "threshold=0; a whole number from 1 to 255"),
        ({"smoothing": 33}, "smoothing=33; a whole number from 1 to 32"),
        ({"refractory": -1}, "refractory=-1; a whole number from 0"),
        ({"stride": 2.0}, "stride=2.0; a whole number from 1"),
        ({"keywords": ()}, r"keywords=\(\); one or more of the labels 0 to 31"),
        ({"keywords": (32,)}, r"keywords=\(32,\)"),
    ],
)
def test_parameters_out_of_range_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        Spotter(**parameters)


def test_wrong_arrays_are_refused():
    with pytest.raises(ValueError, match=r"features are int16\[2, 20\], allowed is int8\[n, mels\]"):
        network_inputs(np.zeros((2, 20), np.int16), 1, Spotter())
    with pytest.raises(ValueError, match="frames=0; a network's input has at least one"):
        network_inputs(np.zeros((2, 20), np.int8), 0, Spotter())
    for outputs in (np.zeros((2, 3), np.int8), np.zeros((2, 4)), np.zeros(4, np.int8)):
        with pytest.raises(ValueError, match=r"allowed is int8\[inferences, labels\] with 4 labels or more"):
            spot(outputs, Spotter(), 10)
