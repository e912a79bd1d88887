"""FloatNetwork: a trained network that NumPy alone can run, so that a dashboard's kernel needs no TensorFlow.

In: layers as plain arrays, batch normalization folded in. Out: the scores of each class, float. `from_keras` makes one
where TensorFlow is there anyway; it is kept in a file of arrays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tdl_course.files import replacing

BATCH = 64  # samples at once: what a convolution unfolds stays under a few megabytes
WEIGHTED = ("Conv2D", "DepthwiseConv2D", "Dense")
KINDS = (*WEIGHTED, "ReLU", "GlobalAveragePooling2D", "Flatten")
NOTHING = ("InputLayer", "Dropout")  # when a network is only used


@dataclass(frozen=True, eq=False)
class Layer:
    """One of `KINDS`; weighted ones have `kernel` in Keras' layout, `bias` [channels], and convolutions `strides`."""

    kind: str
    name: str
    kernel: np.ndarray | None = None
    bias: np.ndarray | None = None
    strides: tuple[int, int] = (1, 1)


@dataclass(frozen=True, eq=False)
class FloatNetwork:
    """Layers one after the other. Convolutions are padded as "SAME"."""

    layers: tuple[Layer, ...]

    @property
    def kernels(self) -> dict[str, np.ndarray]:
        """Kernels by layer name, in Keras' layout."""
        return {layer.name: layer.kernel for layer in self.layers if layer.kernel is not None}

    def scores(self, x: np.ndarray, kernels: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
        """Scores before the softmax, float32 [n, classes], for inputs [n, ...].

        `kernels` take the place of the network's own of that name; any shape of the right size is allowed.
        """
        own = self.kernels | {name: np.reshape(k, self.kernels[name].shape) for name, k in (kernels or {}).items()}
        parts = []
        for begin in range(0, len(x), BATCH):
            values = np.asarray(x[begin : begin + BATCH], np.float32)
            for layer in self.layers:
                values = _apply(layer, own.get(layer.name), values)
            parts.append(values)
        return np.concatenate(parts)

    def accuracy(self, x: np.ndarray, y: np.ndarray, kernels: Mapping[str, np.ndarray] | None = None) -> float:
        """The share of `x` [n, ...] whose highest score is at `y` int [n]."""
        return float((self.scores(x, kernels).argmax(axis=1) == y).mean())


def from_keras(model: Any) -> FloatNetwork:
    """The layers of a `keras.Model` whose batch normalizations are folded (`compress.fold.fold_batch_norms`).

    Raises ValueError for a layer that is none of `KINDS`, and for a convolution that is not padded as "same".
    """
    found = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in NOTHING:
            continue
        if kind not in KINDS or getattr(layer, "padding", "same") != "same":
            raise ValueError(f"layer {layer.name!r} is a {kind}; {', '.join(KINDS)} are allowed, padded as 'same'")
        if kind in WEIGHTED:
            kernel = np.asarray(layer.kernel, np.float32)
            bias = np.asarray(layer.bias, np.float32) if layer.use_bias else np.zeros(1, np.float32)
            found.append(Layer(kind, layer.name, kernel, bias, tuple(getattr(layer, "strides", (1, 1)))))
            found += _activation(layer, last=layer is model.layers[-1])
        else:
            found.append(Layer(kind, layer.name))
    return FloatNetwork(tuple(found))


def _activation(layer: Any, last: bool) -> list[Layer]:
    """What follows a weighted layer that has an activation of its own; a last softmax changes no order of scores."""
    name = layer.activation.__name__
    if name == "relu":
        return [Layer("ReLU", f"{layer.name}_relu")]
    if name != "linear" and not (name == "softmax" and last):
        raise ValueError(f"layer {layer.name!r} has activation {name}; linear, relu, and a last softmax are allowed")
    return []


def save(path: Path, network: FloatNetwork, **arrays: Any) -> None:
    """Write a network and `arrays` (samples, labels, names) that go with it into one .npz, whole or not at all."""
    facts = [(layer.kind, layer.name, layer.strides) for layer in network.layers]
    parts: dict[str, Any] = {"layers": np.array(json.dumps(facts)), **arrays}
    for index, layer in enumerate(network.layers):
        if layer.kernel is not None:
            parts |= {f"kernel{index}": layer.kernel, f"bias{index}": layer.bias}
    with replacing(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **parts)


def load(path: Path) -> tuple[FloatNetwork, dict[str, np.ndarray]]:
    """The network of `save`, and all arrays of the file by name."""
    with np.load(path) as file:
        arrays = dict(file)
    facts = json.loads(str(arrays["layers"]))
    layers = [
        Layer(kind, name, arrays.get(f"kernel{index}"), arrays.get(f"bias{index}"), tuple(strides))
        for index, (kind, name, strides) in enumerate(facts)
    ]
    return FloatNetwork(tuple(layers)), arrays


def _apply(layer: Layer, kernel: np.ndarray | None, x: np.ndarray) -> np.ndarray:
    """One layer on [n, ...]; convolutions on [n, height, width, channels]."""
    if kernel is None:
        if layer.kind == "ReLU":
            return np.maximum(x, 0)
        return x.mean(axis=(1, 2)) if layer.kind == "GlobalAveragePooling2D" else x.reshape(len(x), -1)
    if layer.kind == "Dense":
        return x @ kernel + layer.bias
    windows = _windows(x, kernel.shape[:2], layer.strides)  # [n, height, width, channels, ky, kx]
    if layer.kind == "DepthwiseConv2D":
        return np.einsum("nhwcyx,yxc->nhwc", windows, kernel[..., 0]) + layer.bias
    return np.tensordot(windows, kernel, axes=((4, 5, 3), (0, 1, 2))) + layer.bias


def _windows(x: np.ndarray, size: tuple[int, int], strides: tuple[int, int]) -> np.ndarray:
    """What each output sees, with zeros around as TensorFlow's "SAME" puts them: more behind than before."""
    edges = []
    for length, kernel, stride in zip(x.shape[1:3], size, strides, strict=True):
        missing = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        edges.append((missing // 2, missing - missing // 2))
    padded = np.pad(x, ((0, 0), *edges, (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(1, 2))
    return seen[:, :: strides[0], :: strides[1]]
