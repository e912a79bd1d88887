"""The stand-ins: repeatable, in the course-edition format, different for every person."""

import numpy as np
import pytest

from tdl_course.datasets import CARDS, scale, synthetic_soil
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


def test_the_soil_three_days_later_is_the_label_and_five_centimetres_are_a_strong_rule():
    raw = stand_in("soil")
    for part in raw.values():
        np.testing.assert_array_equal(part["y"], np.digitize(part["sm10_next"], (0.10, 0.25)))
        rules = [
            np.mean(np.digitize(now, (0.10, 0.25)) == part["y"]) for now in (part["sm10_now"], part["x"][:, -1, 7])
        ]
        majority = np.bincount(part["y"]).max() / len(part["y"])
        assert 0.95 > rules[0] > rules[1] > majority + 0.1, "persistence is hard to beat, and is not perfect"


def test_windows_of_one_station_are_one_series_and_moisture_at_10_cm_follows_them():
    raw = stand_in("soil")["train"]
    days = synthetic_soil.EVERY
    same = (np.diff(raw["station"]) == 0) & (np.diff(raw["doy"]) == days)
    np.testing.assert_array_equal(raw["x"][1:][same][:, :-days], raw["x"][:-1][same][:, days:])
    assert same.mean() > 0.95


def test_weather_is_possible():
    x = np.concatenate([part["x"] for part in stand_in("soil").values()]).reshape(-1, 8)
    high, low, rain, solar, humidity, _, _, moisture = x.T
    assert (high > low).all() and (rain >= 0).all() and (moisture > 0).all() and (moisture < 0.7).all()
    assert solar.min() > 0 and solar.max() < 35 and humidity.min() >= 5 and humidity.max() <= 100
    wetter = moisture[1:] - moisture[:-1]
    assert wetter[rain[1:] > 20].mean() > 0.02 > 0 > wetter[rain[1:] == 0].mean(), "rain wets, and the sun dries"


def test_evaporation_grows_with_warmth_and_with_clear_skies_and_never_comes_back():
    air, swing = np.meshgrid(np.linspace(-30, 40, 8), np.linspace(2, 20, 5), indexing="ij")
    demand = synthetic_soil.evapotranspiration(air, swing, np.array(35.0))
    assert (demand >= 0).all() and (np.diff(demand, axis=0) >= 0).all() and (np.diff(demand, axis=1) >= 0).all()
    worked = synthetic_soil.evapotranspiration(np.array(20.0), np.array(12.0), 2.45 * np.array(16.0))
    np.testing.assert_allclose(worked, 0.0023 * 37.8 * 12**0.5 * 16)


def test_the_sun_stands_as_high_as_the_almanac_of_fao_56_says():
    # table 2.6 of FAO 56, northern hemisphere, 15th of the month, MJ/m2 a day
    for latitude, day, expected in ((-20, 246, 32.2), (40, 15, 15.0), (40, 166, 41.8), (0, 74, 37.9)):
        found = synthetic_soil.extraterrestrial(np.array([float(latitude)]), day)
        np.testing.assert_allclose(found, expected, rtol=0.02)


def test_soil_moisture_is_scaled_so_that_the_labels_limits_are_round():
    x = np.zeros((2, 7, 8), np.float32)
    x[0, :, 7], x[1, :, 7] = 0.25, 0.10
    scaled = scale.soil_input({"x": x})
    np.testing.assert_allclose(scaled[:, :, 0, 7], [[0] * 7, [-1] * 7], atol=1e-6)


def test_a_digit_stands_in_the_middle_of_a_second_of_zeros():
    raw = stand_in("digits")["train"]
    loud = raw["x"] != 0
    before, after = loud.argmax(axis=1), loud[:, ::-1].argmax(axis=1)
    length = 8000 - before - after
    assert np.abs(before - after).max() <= 60 and length.min() > 800 and np.median(length) < 5000
    assert set(raw["speaker"]) == set(range(1, 13))


def test_arabic_words_are_spoken_by_somebody_and_background_by_nobody():
    raw = stand_in("keywords_ar")["train"]
    np.testing.assert_array_equal(raw["speaker"] == 0, raw["y"] == 5)
    assert np.median(raw["x"][raw["y"] < 5].std(axis=1)) > 2 * np.median(raw["x"][raw["y"] == 5].std(axis=1))


@pytest.mark.parametrize("name", ["soil", "keywords_ar", "digits"])
def test_nearest_neighbours_learn_from_it_but_not_everything(name):
    raw = stand_in(name)
    x_train, x_test = (scale.INPUTS[name](raw[part]).reshape(len(raw[part]["y"]), -1) for part in ("train", "test"))
    distance = (x_train**2).sum(axis=1) - 2 * x_test @ x_train.T
    nearest = raw["train"]["y"][np.argsort(distance, axis=1)[:, :7]]
    votes = np.stack([(nearest == label).sum(axis=1) for label in range(len(CARDS[name].labels))], axis=1)
    accuracy = np.mean(votes.argmax(axis=1) == raw["test"]["y"])
    majority = np.bincount(raw["test"]["y"]).max() / len(raw["test"]["y"])
    assert majority + 0.1 < accuracy < 0.95
