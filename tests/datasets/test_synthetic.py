"""The stand-ins: repeatable, in the course-edition format, different for every person."""

import numpy as np
import pytest

from tdl_course.datasets import CARDS
from tdl_course.datasets.synthetic import GENERATORS
from tests.datasets.records import stand_in


@pytest.mark.parametrize("name", sorted(CARDS))
def test_same_seed_same_arrays_other_seed_others(name):
    first, again, other = stand_in(name), GENERATORS[name](0), GENERATORS[name](1)
    for part in ("train", "test"):
        for spec in CARDS[name].arrays:
            array = first[part][spec.name]
            assert np.array_equal(array, again[part][spec.name])
            assert array.dtype == np.dtype(spec.dtype) and array.shape[1:] == spec.tail
        assert not np.array_equal(first[part]["x"][:50], other[part]["x"][:50])


def test_ectopic_beats_come_early_and_ventricular_ones_pause():
    raw = stand_in("ecg")["train"]
    ratios = raw["rr_ms"][:, :2] / raw["rr_ms"][:, 2:]
    before, after = (np.array([np.median(ratios[raw["y"] == label, side]) for label in range(3)]) for side in (0, 1))
    assert 0.95 < before[0] < 1.05 and before[1] < 0.9 and before[2] < 0.9
    assert after[2] > after[1] > 1.05
    overlap = np.quantile(ratios[raw["y"] == 1, 0], 0.95)
    assert overlap > np.quantile(ratios[raw["y"] == 0, 0], 0.05), "an honest overlap: timing alone does not tell all"


def test_the_rate_that_the_label_names_is_in_the_pulse_wave():
    raw = stand_in("ppg")["train"]
    wave = raw["x"] - raw["x"].mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(400), 4096)) ** 2
    bpm = np.fft.rfftfreq(4096, 1 / 50) * 60
    inside = (bpm > 45) & (bpm < 150)
    found = bpm[inside][spectrum[:, inside].argmax(axis=1)]
    off = np.abs(found - raw["vitals"][:, 0])
    assert np.median(off) < 4 and 0.02 < (off > 15).mean() < 0.4, "clear in most windows, hidden by motion in some"
    np.testing.assert_array_equal(raw["y"], np.digitize(raw["vitals"][:, 0], (80, 100)))


def test_words_are_louder_than_silence_and_spoken_by_somebody():
    raw = stand_in("keywords")["train"]
    energy = raw["x"].astype(float).std(axis=1)
    silence = raw["y"] == 5
    assert np.median(energy[~silence]) > 2 * np.median(energy[silence])
    assert (energy > 0).all() and np.abs(raw["x"]).max() < 32767, "nothing is clipped"
    np.testing.assert_array_equal(raw["speaker"] == 0, silence)


def test_a_healthy_leaf_is_greener_than_a_rusty_one():
    raw = stand_in("leaf")["train"]
    middle = raw["x"][:, 16:48, 32:96].astype(float).mean(axis=(1, 2))
    redness = middle[:, 0] / middle[:, 1]
    assert np.median(redness[raw["y"] == 2]) > np.median(redness[raw["y"] == 0])
    np.testing.assert_array_equal(raw["severity"] == 0, raw["y"] == 0)
    assert (raw["block"] == 1 + (raw["leaf"].astype(int) - 1) // 12).all()
