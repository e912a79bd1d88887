"""PruningExplorer: take weights out of a network and watch what is left: weights, layers, bytes, accuracy.

In: named float weights (inputs on the last axis but one, as Keras keeps them) and a function that scores a set of
weights. Out: an ipywidgets box. This module knows neither Keras nor a dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ipywidgets
import numpy as np

from tdl_course.compress.prune import FORMS, global_masks, magnitude_mask, n_of_m_mask, sparsity, storage_bytes
from tdl_course.compress.quantize import quantize_weights
from tdl_course.picture import BLUE, ORANGE, Picture, figure, picture
from tdl_course.widgets.explorer import Explorer

Weights = Mapping[str, np.ndarray]
RULES = ("one threshold for all layers", "a threshold for each layer", "the same number of every 4 inputs")
ALL, EACH, OF_FOUR = RULES


@dataclass(frozen=True)
class PruneSettings:
    """What goes: the share of the weights, and by which of `RULES`; of every 4 inputs the nearest number of them."""

    sparsity: float = 0.0
    rule: str = ALL


def prune_with(weights: Weights, settings: PruneSettings) -> dict[str, np.ndarray]:
    """The weights with those that go set to zero. A kernel whose inputs are no multiple of 4 stays under `OF_FOUR`."""
    if settings.rule == ALL:
        masks = global_masks(weights, settings.sparsity)
    elif settings.rule == EACH:
        masks = {name: magnitude_mask(kernel, settings.sparsity) for name, kernel in weights.items()}
    else:
        stay = 4 - round(4 * settings.sparsity)
        masks = {
            name: np.ones(kernel.shape, bool) if kernel.shape[-2] % 4 else n_of_m_mask(kernel, stay, 4)
            for name, kernel in weights.items()
        }
    return {name: kernel * masks[name] for name, kernel in weights.items()}


class PruningExplorer(Explorer):
    """Sparsity and rule -> the weights that stay, the sparsity of each layer, bytes in three forms, accuracy.

    Parameters
    ----------
    weights : mapping of name to float array
        The kernels that are pruned, [..., inputs, outputs].
    accuracy : function of such a mapping to a float in 0 ... 1
        Scores a full set of weights, on validation data say.
    """

    def __init__(self, weights: Weights, accuracy: Callable[[Weights], float]) -> None:
        self.weights = {name: np.asarray(w, np.float32) for name, w in weights.items()}
        self.accuracy = accuracy
        self.scores: dict[PruneSettings, float] = {}
        shape = {"style": {"description_width": "8rem"}, "layout": ipywidgets.Layout(width="30rem")}
        self.sparsity = ipywidgets.FloatSlider(
            0.5, min=0.0, max=0.95, step=0.05, description="sparsity", **shape, continuous_update=False
        )
        self.rule = ipywidgets.Dropdown(options=RULES, description="rule", **shape)
        super().__init__((self.sparsity, self.rule))

    @property
    def settings(self) -> PruneSettings:
        return PruneSettings(round(self.sparsity.value, 2), self.rule.value)

    def score(self, settings: PruneSettings) -> float:
        """Accuracy with the weights pruned by `settings`; remembered."""
        if settings not in self.scores:
            self.scores[settings] = self.accuracy(prune_with(self.weights, settings))
        return self.scores[settings]

    def picture(self) -> Picture:
        """Weights before and after, and the sparsity of each layer; bytes and accuracy in the sentence."""
        settings, pruned = self.settings, prune_with(self.weights, self.settings)
        before = np.concatenate([w.ravel() for w in self.weights.values()])
        after = np.concatenate([w.ravel() for w in pruned.values()])
        left = after[after != 0]
        fig, (weights, layers) = figure(width=8.4, height=3.0, columns=2)
        bins = np.linspace(before.min(), before.max(), 61).tolist()
        weights.hist(before, bins=bins, color=BLUE, alpha=0.35, label="before")
        weights.hist(left, bins=bins, color=ORANGE, label="left")
        weights.set(xlabel="weight", ylabel="count", title="Weights, zeros left out")
        weights.legend(frameon=False)
        layers.barh(list(pruned), [100 * sparsity(w) for w in pruned.values()], color=BLUE)
        layers.set(xlabel="weights that are zero (%)", xlim=(0, 100), title="Each layer")
        layers.invert_yaxis()
        sizes = {form: sum(storage_bytes(quantize_weights(w)[0], form) for w in pruned.values()) for form in FORMS}
        listed = ", ".join(f"{form} {size:,}" for form, size in sizes.items())
        whole = self.score(PruneSettings())
        words = (
            f"By {settings.rule}, {len(left):,} of {len(before):,} weights are left ({sparsity(after):.0%} sparse); "
            f"as int8 they take {listed} bytes; without training again, accuracy is {self.score(settings):.1%} "
            f"(unpruned {whole:.1%})."
        )
        return picture(fig, words)
