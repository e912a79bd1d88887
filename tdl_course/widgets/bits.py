"""BitsExplorer: choose the bits of each layer by hand, and watch bytes and accuracy.

In: how many weights each layer has, a function that scores bits by layer, a budget. Out: an ipywidgets box. This module
knows neither Keras nor a dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ipywidgets

from tdl_course.compress.mixed import Bits, weight_bytes
from tdl_course.picture import BLUE, GREY, ORANGE, VERMILION, Picture, figure, picture
from tdl_course.widgets.explorer import Explorer


class BitsExplorer(Explorer):
    """One slider a layer -> bytes of weights against the budget, and accuracy.

    Parameters
    ----------
    sizes : mapping of layer name to number of weights
    accuracy : function of bits by layer name to a float in 0 ... 1
        Scores the network with its layers rounded so, on validation data say.
    budget_bytes : int
        For all weights.
    bits : sequence of int
        What a layer may have.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        accuracy: Callable[[Bits], float],
        budget_bytes: int,
        bits: Sequence[int] = (2, 3, 4, 6, 8),
    ) -> None:
        self.sizes, self.accuracy, self.budget_bytes, self.most = dict(sizes), accuracy, budget_bytes, max(bits)
        self.scores: dict[tuple[int, ...], float] = {}
        self.sliders = {
            name: ipywidgets.SelectionSlider(
                options=sorted(bits),
                value=max(bits),
                description=name,
                continuous_update=False,
                style={"description_width": "8rem"},
                layout=ipywidgets.Layout(width="28rem"),
            )
            for name in sizes
        }
        super().__init__(list(self.sliders.values()))

    @property
    def bits(self) -> dict[str, int]:
        return {name: slider.value for name, slider in self.sliders.items()}

    def score(self, bits: Bits) -> float:
        """Accuracy with these bits; remembered."""
        key = tuple(bits[name] for name in self.sizes)
        if key not in self.scores:
            self.scores[key] = self.accuracy(bits)
        return self.scores[key]

    def picture(self) -> Picture:
        """Bytes of each layer, and all choices tried so far as accuracy over bytes."""
        bits, names = self.bits, list(self.sizes)
        after = self.score(bits)
        total = weight_bytes(self.sizes, bits)
        fig, (left, right) = figure(width=8.0, height=2.9, columns=2)
        full = [weight_bytes({name: self.sizes[name]}, {name: self.most}) for name in names]
        own = [weight_bytes({name: self.sizes[name]}, bits) for name in names]
        left.barh(names, full, color=GREY, alpha=0.3, label=f"{self.most} bits")
        left.barh(names, own, color=BLUE, label="chosen")
        left.invert_yaxis()
        left.set(xlabel="weights (bytes)", title="Each layer")
        left.legend(frameon=False)
        tried = [dict(zip(names, key, strict=True)) for key in self.scores]
        at = [weight_bytes(self.sizes, each) for each in tried]
        right.plot(at, [100 * self.scores[key] for key in self.scores], "o", color=BLUE, alpha=0.4, label="tried")
        right.plot(total, 100 * after, "D", color=ORANGE, markersize=8, label="now")
        right.axvline(self.budget_bytes, color=VERMILION, linestyle="--", label="budget")
        right.set(xlabel="all weights (bytes)", ylabel="accuracy (%)", title="All choices so far")
        right.legend(frameon=False)
        listed = ", ".join(f"{name} {each}" for name, each in bits.items())
        fits = "fits" if total <= self.budget_bytes else "does not fit"
        words = (
            f"Bits {listed}: {total:,} bytes, which {fits} the budget of {self.budget_bytes:,}; accuracy {after:.1%}."
        )
        return picture(fig, words)
