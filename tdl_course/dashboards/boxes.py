"""The five dashboards as ipywidgets boxes, made of what is prepared.

In: the prepared files. Out: an explorer, with the SYNTHETIC banner above it where data are made up. Each function
imports what its own dashboard needs: a kernel shows one of them, and many kernels start at once.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets
import numpy as np

from tdl_course.dashboards import network, season
from tdl_course.dashboards.prepared import prepared


def quantization() -> ipywidgets.Widget:
    """Bits, ranges and scales of the heartbeat network's weights."""
    from tdl_course.widgets.quantization import QuantizationExplorer

    beats, arrays = network.load(prepared("quantization.npz"))
    weights = {name: kernel.reshape(-1, _channels(kernel)) for name, kernel in beats.kernels.items()}
    explorer = QuantizationExplorer(weights, lambda each: beats.accuracy(arrays["x"], arrays["y"], each))
    return with_banner(explorer, arrays["synthetic"])


def pruning() -> ipywidgets.Widget:
    """How many weights of the keyword network can go."""
    from tdl_course.widgets.pruning import PruningExplorer

    words, arrays = network.load(prepared("pruning.npz"))
    some = {layer.name: words.kernels[layer.name] for layer in words.layers if layer.kind in ("Conv2D", "Dense")}
    explorer = PruningExplorer(some, lambda each: words.accuracy(arrays["x"], arrays["y"], each))
    return with_banner(explorer, arrays["synthetic"])


def fit() -> ipywidgets.Widget:
    """Does it fit? Every combination that was built."""
    from tdl_course import builds
    from tdl_course.widgets.fit import FitExplorer

    found, synthetic = builds.load(prepared("builds.json"))
    return with_banner(FitExplorer(found), synthetic)


def spotting() -> ipywidgets.Widget:
    """Say a word; the simulated device listens."""
    from tdl_course.dashboards import spotter
    from tdl_course.widgets.spotting import LiveSpotter

    elf, sources, labels, clips, synthetic = spotter.load(prepared("spotting.npz"))
    return with_banner(LiveSpotter(elf, sources, labels, clips), synthetic)


def irrigation() -> ipywidgets.Widget:
    """A summer of water, and a node that lives a year."""
    from tdl_course.widgets.season import SeasonExplorer

    weather, cycles, synthetic = season.load(prepared("irrigation.npz"))
    return with_banner(SeasonExplorer(weather, cycles), synthetic)


def with_banner(box: ipywidgets.Widget, synthetic: Sequence[str] | np.ndarray) -> ipywidgets.Widget:
    """`box`, below a banner that names the datasets that are made up; there is none where all are real."""
    names = ", ".join(map(str, synthetic))
    if not names:
        return box
    text = f"made-up samples stand in for {names}: set TDL_DATA to the folder of the real data and start again."
    banner = ipywidgets.HTML(
        f'<div role="note" class="tdl-synthetic"><strong>SYNTHETIC</strong> {html.escape(text)}</div>'
    )
    return ipywidgets.VBox([banner, box])


def _channels(kernel: np.ndarray) -> int:
    """Output channels of a kernel in Keras' layout; a depthwise one ends in a 1."""
    return kernel.shape[-1] if kernel.shape[-1] > 1 else kernel.shape[-2]
