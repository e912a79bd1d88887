"""QuantizationExplorer: turn the knobs of a weight quantizer and watch weights, errors and accuracy.

In: named float weights (output channel last, as Keras keeps them) and a function that scores a set of weights. Out: an
ipywidgets box. This module knows neither Keras nor a dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ipywidgets
import numpy as np

from tdl_course.compress.quantize import METHODS, Method, calibrate, fake_quantize, signal_to_noise_db, symmetric_params
from tdl_course.picture import BLUE, ORANGE, Picture, figure, picture
from tdl_course.widgets.explorer import Explorer

Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class WeightSettings:
    """How to quantize weights: `range_scale` multiplies the calibrated range (1.0 leaves it as it is)."""

    bits: int = 8
    method: Method = "minmax"
    range_scale: float = 1.0
    per_channel: bool = False


def quantize_with(weights: np.ndarray, settings: WeightSettings) -> np.ndarray:
    """Weights after a round trip through `settings` (float32, same shape); channels are the last axis."""
    if settings.per_channel and weights.ndim > 1:
        flat = weights.reshape(-1, weights.shape[-1])
        columns = [round_trip(flat[:, c], settings) for c in range(flat.shape[1])]
        return np.stack(columns, axis=1).reshape(weights.shape)
    return round_trip(weights, settings)


def round_trip(values: np.ndarray, settings: WeightSettings) -> np.ndarray:
    low, high = calibrate(values, settings.method, settings.bits)
    scale, zero_point = symmetric_params(max(abs(low), abs(high)) * settings.range_scale, settings.bits)
    return fake_quantize(values, scale, zero_point, settings.bits)


class QuantizationExplorer(Explorer):
    """Bits, calibration method, range and per-channel scales -> weights, error histogram and accuracy.

    Parameters
    ----------
    weights : mapping of name to float array
        The layers' weights, output channel last (Keras' depthwise kernels end in a 1: reshape them). The layer shown
        is one of them; the accuracy is with all of them quantized.
    accuracy : function of such a mapping to a float in 0 ... 1
        Scores a full set of weights, on validation data say.
    """

    def __init__(self, weights: Weights, accuracy: Callable[[Weights], float]) -> None:
        self.weights = {name: np.asarray(w, np.float32) for name, w in weights.items()}
        self.accuracy = accuracy
        self.scores: dict[WeightSettings | None, float] = {}
        shape = {"style": {"description_width": "8rem"}, "layout": ipywidgets.Layout(width="28rem")}
        self.layer = ipywidgets.Dropdown(options=list(self.weights), description="layer shown", **shape)
        self.bits = ipywidgets.IntSlider(8, 2, 8, description="bits", **shape, continuous_update=False)
        self.method = ipywidgets.Dropdown(options=METHODS, description="calibration", **shape)
        self.range_scale = ipywidgets.FloatSlider(
            1.0, min=0.2, max=1.5, step=0.05, description="range × ", **shape, continuous_update=False
        )
        self.per_channel = ipywidgets.Checkbox(False, description="one scale per channel", **shape)
        super().__init__((self.layer, self.bits, self.method, self.range_scale, self.per_channel))

    @property
    def settings(self) -> WeightSettings:
        return WeightSettings(self.bits.value, self.method.value, self.range_scale.value, self.per_channel.value)

    def score(self, settings: WeightSettings | None) -> float:
        """Accuracy with all weights quantized by `settings` (None: left in float); remembered."""
        if settings not in self.scores:
            weights = self.weights
            if settings is not None:
                weights = {name: quantize_with(w, settings) for name, w in self.weights.items()}
            self.scores[settings] = self.accuracy(weights)
        return self.scores[settings]

    def picture(self) -> Picture:
        """The two histograms for the current settings, with the accuracy in their sentence."""
        settings, name = self.settings, self.layer.value
        real = self.weights[name]
        rounded = quantize_with(real, settings)
        fig, (left, right) = figure(width=8.0, height=2.9, columns=2)
        left.hist(real.ravel(), bins=60, color=BLUE, alpha=0.5, label="float32")
        left.hist(rounded.ravel(), bins=120, color=ORANGE, label=f"{settings.bits} bits")
        left.set(xlabel="weight", ylabel="count", title=f"Weights of {name}")
        left.legend(frameon=False)
        right.hist((rounded - real).ravel(), bins=60, color=BLUE)
        right.set(xlabel="quantized minus float", ylabel="count", title="Error")
        right.locator_params(axis="x", nbins=5)
        before, after = self.score(None), self.score(settings)
        words = (
            f"{name} at {settings.bits} bits holds {len(np.unique(rounded)):,} different values, "
            f"signal to noise {signal_to_noise_db(real, rounded):.1f} dB; with all layers quantized so, "
            f"accuracy is {after:.1%} (float {before:.1%})."
        )
        return picture(fig, words)
