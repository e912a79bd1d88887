"""CodebookExplorer: choose the codebook of a layer and watch centroids, error and bytes.

In: named float weights. Out: an ipywidgets box. This module knows neither Keras nor a dataset.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import ipywidgets
import numpy as np

from tdl_course.compress.cluster import INITS, Codebook, Init, kmeans
from tdl_course.compress.entropy import entropy_bits, huffman_bytes
from tdl_course.compress.quantize import signal_to_noise_db
from tdl_course.picture import BLUE, ORANGE, Picture, figure, picture
from tdl_course.widgets.explorer import Explorer


class CodebookExplorer(Explorer):
    """Layer, bits of an index and start of k-means -> histogram with centroids, error, bytes.

    Parameters
    ----------
    weights : mapping of name to float array
        The layers' weights, in any shape.
    """

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self.weights = {name: np.asarray(w, np.float32) for name, w in weights.items()}
        self.codebook = cache(self._codebook)
        shape = {"style": {"description_width": "8rem"}, "layout": ipywidgets.Layout(width="28rem")}
        largest = max(self.weights, key=lambda name: self.weights[name].size)
        self.layer = ipywidgets.Dropdown(options=list(self.weights), value=largest, description="layer", **shape)
        self.bits = ipywidgets.IntSlider(4, 1, 8, description="bits of an index", **shape, continuous_update=False)
        self.init = ipywidgets.Dropdown(options=INITS, description="start of k-means", **shape)
        self.trained = ipywidgets.Checkbox(True, description="let k-means move them", **shape)
        super().__init__((self.layer, self.bits, self.init, self.trained))

    def _codebook(self, layer: str, bits: int, init: Init, moved: bool) -> Codebook:
        return kmeans(self.weights[layer], 1 << bits, init, iterations=50 if moved else 0)

    def picture(self) -> Picture:
        """The weights' histogram with the centroids, and the bytes of four forms of the layer."""
        name, bits = self.layer.value, self.bits.value
        weights, book = self.weights[name], self.codebook(name, bits, self.init.value, self.trained.value)
        sizes = layer_bytes(weights, book)
        fig, (left, right) = figure(width=9.0, height=3.1, columns=2)
        left.hist(weights.ravel(), bins=80, color=BLUE, alpha=0.6)
        for number, centroid in enumerate(book.centroids):
            left.axvline(centroid, color=ORANGE, linewidth=1, label=None if number else "centroid")
        left.set(xlabel="weight", ylabel="count", title=f"{name}: {len(book.centroids)} centroids")
        left.legend(frameon=False)
        right.bar(range(len(sizes)), list(sizes.values()), color=BLUE, width=0.6)
        right.set_xticks(range(len(sizes)), [form.replace(", ", ",\n") for form in sizes])
        right.set(ylabel="bytes", title="The layer's weights")
        noise = signal_to_noise_db(weights, book.decode())
        listed = ", ".join(f"{form} {size:,}" for form, size in sizes.items())
        words = (
            f"{name} with {len(book.centroids)} centroids of a {self.init.value} start, from "
            f"{book.centroids[0]:.3g} to {book.centroids[-1]:.3g}: signal to noise {noise:.1f} dB; an index has "
            f"{entropy_bits(book.indices):.2f} bits of entropy and takes {book.bits}. Bytes: {listed}."
        )
        return picture(fig, words)


def layer_bytes(weights: np.ndarray, book: Codebook) -> dict[str, int]:
    """Bytes of the weights as float32, as int8, as indices with a table of int8, and with the indices Huffman coded."""
    table = len(book.centroids)
    return {
        "float32": 4 * weights.size,
        "int8": weights.size,
        "indices, table": book.nbytes(centroid_bytes=1),
        "Huffman, tables": huffman_bytes(book.indices) + table,
    }
