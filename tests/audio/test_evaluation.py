"""What a spotter found on a recording: counted by hand, and by properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.audio import Detection, Recording, Spotter, Word, judge, operating_curve
from tdl_course.metrics import poisson_interval

YES, NO, OTHER = 0, 1, 2
SOUND = np.zeros(16000 * 36, np.int16)  # a hundredth of an hour


def recording(*words: Word) -> Recording:
    return Recording(SOUND, words, 16000)


def heard(*times_and_labels: tuple[int, int]) -> list[Detection]:
    return [Detection(time, label, 200) for time, label in times_and_labels]


def test_counted_by_hand():
    words = recording(Word(YES, 1000, 1500), Word(OTHER, 3000, 3600), Word(NO, 5000, 5400), Word(NO, 8000, 8500))
    detections = heard(
        (1400, YES),  # 100 ms before its end
        (1900, YES),  # the same word again
        (3500, NO),  # another word
        (5900, NO),  # 500 ms after its end
        (9501, NO),  # a millisecond too late
    )
    score = judge(detections, words, (YES, NO))
    assert (score.found, score.keywords, score.false_accepts) == (2, 3, 3)
    assert score.latencies_ms == (-100, 500) and score.median_latency_ms == 200
    assert score.false_accepts_per_hour == pytest.approx(300)
    assert judge(heard((1400, NO)), words, (YES, NO)).found == 0, "the wrong keyword finds nothing"


@given(st.lists(st.tuples(st.integers(0, 36000), st.integers(0, 2)), max_size=30), st.integers(0, 2000))
def test_each_detection_is_counted_once_and_a_wider_window_finds_no_less(times, within):
    words = recording(*(Word(at % 3, at * 1000, at * 1000 + 400) for at in range(1, 34, 2)))
    detections = heard(*sorted(times))
    score = judge(detections, words, (YES, NO), within)
    assert score.found + score.false_accepts == len(detections)
    assert score.found <= score.keywords == sum(word.label != OTHER for word in words.words)
    assert judge(detections, words, (YES, NO), within + 500).found >= score.found
    low, high = score.false_accept_interval
    assert low <= score.false_accepts_per_hour <= high


def test_a_higher_threshold_detects_no_more():
    random = np.random.default_rng(1)
    outputs = random.integers(-128, 128, (340, 3)).astype(np.int8)
    words = recording(*(Word(at % 3, at * 1000, at * 1000 + 400) for at in range(1, 34, 2)))
    curve = operating_curve(outputs, words, Spotter((YES, NO), smoothing=2, refractory=0), frames=49)
    detected = [score.found + score.false_accepts for _, score in curve]
    assert detected == sorted(detected, reverse=True) and detected[0] > detected[-1]
    assert [point.threshold for point, _ in curve] == list(range(90, 251, 10))


def test_nothing_heard_and_nothing_said_have_their_text():
    assert "0 in 0.6 min" in str(judge([], recording(), (YES,)))
    assert math.isnan(judge([], recording(), (YES,)).detection_rate)


@given(st.integers(0, 400))
def test_the_poisson_interval_leaves_a_fortieth_on_either_side(count):
    def at_most(k: int, mean: float) -> float:
        return math.fsum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(k + 1))

    low, high = poisson_interval(count)
    assert at_most(count, high) == pytest.approx(0.025, abs=1e-6)
    assert low == 0 if count == 0 else 1 - at_most(count - 1, low) == pytest.approx(0.025, abs=1e-6)


def test_the_poisson_interval_names_what_it_refuses():
    with pytest.raises(ValueError, match="count -1"):
        poisson_interval(-1)
