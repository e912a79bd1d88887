"""Cutting a continuous lead into beats: windows, RR intervals, classes, caps."""

import numpy as np

from tdl_course.datasets.beats import AAMI, CAPS, cut_beats


def cut(positions, symbols, length=4000):
    ramp = np.arange(length) / 200  # mV: sample number in counts
    return cut_beats(ramp, np.array(positions), symbols, 7, np.random.default_rng(0))


def test_windows_begin_51_samples_before_the_mark():
    beats = cut([100, 300, 480, 700], "NNNN")
    assert beats["x"].shape == (2, 128) and beats["x"].dtype == np.int16
    assert beats["x"][:, 51].tolist() == [300, 480]
    assert (np.diff(beats["x"], axis=1) == 1).all()


def test_rr_intervals_run_over_all_beats_in_milliseconds():
    beats = cut([100, 280, 370, 640, 820], "NNFVN")
    assert beats["symbol"].tolist() == ["N", "V"]
    assert beats["rr_ms"].tolist() == [[1000, 500, 1000], [1500, 1000, 1000]]


def test_the_mean_looks_back_over_eight_intervals():
    gaps = [90, 90, *[180] * 8, 360, 180]
    beats = cut(100 + np.cumsum([0, *gaps]), "N" * 13)
    assert beats["rr_ms"][-1].tolist() == [2000, 1000, 1125]
    assert beats["rr_ms"][-2].tolist() == [1000, 2000, 1000]


def test_beats_too_close_to_an_end_are_left_out():
    assert len(cut([10, 40, 3924, 3990], "NNNN")["y"]) == 0
    assert cut([10, 51, 3923, 3990], "NNNN")["x"][:, 0].tolist() == [0, 3872]


def test_classes_follow_aami_and_the_rest_is_left_out():
    assert [AAMI[symbol] for symbol in "NLRejAaJSVE"] == [0] * 5 + [1] * 4 + [2] * 2
    assert not set("FQ/f!+~|") & set(AAMI)


def test_no_class_gives_more_than_its_cap():
    symbols = ["N", "A", "V"] * 300
    positions = 100 + 20 * np.arange(900)
    beats = cut(positions, symbols, length=19000)
    assert np.bincount(beats["y"]).tolist() == list(CAPS)
    assert (np.diff(beats["x"][:, 51]) > 0).all()
