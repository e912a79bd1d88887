"""The quantization explorer's numbers are those of the quantizer, and turning a knob changes them."""

import numpy as np
import pytest

from tdl_course import compress
from tdl_course.widgets import QuantizationExplorer
from tdl_course.widgets.quantization import WeightSettings, quantize_with


@pytest.fixture
def explorer():
    rng = np.random.default_rng(0)
    weights = {"first": rng.normal(size=(7, 1, 3, 4)), "last": rng.normal(size=(4, 2)) * [1.0, 0.01]}
    truth = {name: w.copy() for name, w in weights.items()}

    def accuracy(candidate):
        return float(np.mean([np.abs(candidate[name] - truth[name]).max() < 0.05 for name in truth]))

    return QuantizationExplorer(weights, accuracy)


def test_turning_the_bits_down_redraws_with_fewer_values_and_a_new_accuracy(explorer):
    before = explorer.view.value
    assert "accuracy is 100.0%" in before
    explorer.bits.value = 2
    assert "2 bits holds 3 different values" in explorer.view.value
    assert "accuracy is 0.0%" in explorer.view.value
    assert explorer.view.value != before


def test_per_channel_scales_help_the_layer_whose_channels_differ(explorer):
    weights = explorer.weights["last"]
    noise = [
        compress.signal_to_noise_db(weights[:, 1], quantize_with(weights, WeightSettings(8, per_channel=on))[:, 1])
        for on in (False, True)
    ]
    assert noise[1] > noise[0] + 20


def test_quantize_with_matches_quantize_weights(explorer):
    weights = explorer.weights["first"]
    q, quantization = compress.quantize_weights(weights, 8, axis=-1)
    expected = compress.dequantize(q, np.array(quantization.scale), 0)
    np.testing.assert_allclose(quantize_with(weights, WeightSettings(8, per_channel=True)), expected, atol=1e-6)


def test_scores_are_computed_once_a_setting(explorer):
    calls = []
    explorer.accuracy = lambda weights: calls.append(1) or 0.5
    explorer.bits.value = 4
    explorer.bits.value = 8
    explorer.bits.value = 4
    assert len(calls) == 1


def test_a_failure_is_shown_in_the_box(explorer):
    explorer.accuracy = lambda weights: 1 / 0
    explorer.bits.value = 5
    assert "division by zero" in explorer.view.value
