"""The bits explorer counts bytes as the allocation does, scores each choice once, and shows failures."""

import pytest

from tdl_course.widgets import BitsExplorer


@pytest.fixture
def explorer():
    calls = []

    def accuracy(bits):
        calls.append(dict(bits))
        return sum(bits.values()) / 16

    box = BitsExplorer({"first": 100, "last": 10}, accuracy, 60)
    box.calls = calls
    return box


def test_lowering_a_layer_redraws_bytes_and_accuracy(explorer):
    assert "110 bytes, which does not fit the budget of 60; accuracy 100.0%" in explorer.view.value
    explorer.sliders["first"].value = 4
    assert "Bits first 4, last 8: 60 bytes, which fits the budget of 60; accuracy 75.0%" in explorer.view.value


def test_a_choice_is_scored_once(explorer):
    for bits in (4, 8, 4):
        explorer.sliders["first"].value = bits
    assert explorer.calls == [{"first": 8, "last": 8}, {"first": 4, "last": 8}]


def test_a_failure_is_shown_in_the_box(explorer):
    explorer.accuracy = lambda bits: 1 / 0
    explorer.sliders["last"].value = 2
    assert "division by zero" in explorer.view.value
