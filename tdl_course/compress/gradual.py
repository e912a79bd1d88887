"""Gradual pruning: the masks of a network tighten while it trains, as fast as the cubic schedule says.

In: a model whose kernels pass through `kernel_maps.Mask`s. Out: the same model with the final sparsity in each mask; it
is a Keras callback, so `models.train(model, data, callbacks=[GradualPruning(0.8)])` runs it. This module knows no
dataset.

Source: M. Zhu and S. Gupta, "To prune, or not to prune: exploring the efficacy of pruning for model compression", 2017.
"""

from __future__ import annotations

import numpy as np

from tdl_course.compress.kernel_maps import Mask, kernel_maps
from tdl_course.compress.prune import cubic_sparsity, global_masks, magnitude_mask
from tdl_course.models import keras


class GradualPruning(keras.callbacks.Callback):
    """Recompute the masks before a training step by the magnitudes of the weights that are left.

    What has gone stays gone. The last time comes at the share `end` of the steps; from there the masks rest.

    Parameters
    ----------
    final : float
        The sparsity to end with, from 0 to 1: exactly `round(final * size)` weights of a mask are 0 then.
    begin, end : float
        Where the schedule goes from and to, as shares of all training steps: 0 <= begin < end <= 1.
    every : int
        Steps from one time to the next; the network adapts in between.
    together : bool
        One threshold for all masks, instead of one for each.

    Raises
    ------
    ValueError
        Numbers that do not fit, or a model without masks.
    """

    def __init__(
        self, final: float, begin: float = 0.0, end: float = 0.6, every: int = 4, together: bool = False
    ) -> None:
        super().__init__()
        if not 0.0 <= final <= 1.0:
            raise ValueError(f"final sparsity is {final}; 0 to 1 is allowed")
        if not 0.0 <= begin < end <= 1.0:
            raise ValueError(f"the schedule goes from {begin} to {end}; shares with 0 <= begin < end <= 1 are allowed")
        if every < 1:
            raise ValueError(f"masks are to change every {every} steps; 1 or more is allowed")
        self.final, self.begin, self.end, self.every, self.together = final, begin, end, every, together
        self.step = 0

    def __repr__(self) -> str:
        span = f"begin={self.begin}, end={self.end}, every={self.every}, together={self.together}"
        return f"GradualPruning(final={self.final}, {span})"

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        if not kernel_maps(self.model, Mask):
            raise ValueError(f"{self.model.name!r} has no masks; add them: map_kernels(model, lambda layer: Mask(...))")
        steps = self.params["epochs"] * self.params["steps"]
        self.step, self.first = 0, round(self.begin * steps)
        self.last = max(self.first + 1, round(self.end * steps))

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        due = self.first <= self.step < self.last and (self.step - self.first) % self.every == 0
        if due or self.step == self.last:
            self.tighten()
        self.step += 1

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if self.step <= self.last:  # an end of 1.0 lies behind the last step
            self.step = self.last
            self.tighten()

    def tighten(self) -> None:
        """Set the masks to the sparsity of this step."""
        share = cubic_sparsity(self.step, self.first, self.last, self.final)
        masks = kernel_maps(self.model, Mask)
        kernels = {name: self.model.get_layer(name).raw_kernel for name in masks}
        left = {name: np.asarray(kernels[name]) * np.asarray(mask.mask) for name, mask in masks.items()}
        new = global_masks(left, share) if self.together else {n: magnitude_mask(w, share) for n, w in left.items()}
        for name, mask in masks.items():
            mask.mask.assign(new[name] & (np.asarray(mask.mask) != 0))
