"""Quantization-aware training: round weights and activations while the network learns, and let it adapt.

In: a trained functional Keras model and calibration samples. Out: a model to train further (`prepare`), whose weights
then lie on a grid of a few bits (`weight_grids`) that `export.to_tflite` hands to the device as it is.

Rounding has gradient zero almost everywhere, so the backward pass takes it for the identity: the straight-through
estimator (Y. Bengio, N. Leonard, A. Courville, "Estimating or Propagating Gradients Through Stochastic Neurons for
Conditional Computation", arXiv:1308.3432, 2013). The scheme is that of B. Jacob et al. (CVPR 2018); the learned step is
that of S. K. Esser et al., "Learned Step Size Quantization" (ICLR 2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tdl_course.compress.fold import consumers, fold_batch_norms
from tdl_course.compress.kernel_maps import KernelMap, has_kernel, kernel_maps, map_kernels
from tdl_course.compress.quantize import integer_range
from tdl_course.models import keras, tf

Steps = Literal["max", "learned"]
Ranges = Literal["moving", "learned"]
MOMENTUM = 0.95
"""Of the moving average of activation ranges: a batch moves them a twentieth of the way."""
SMALLEST_STEP = 1e-8


@dataclass(frozen=True, eq=False)
class WeightGrid:
    """Weights as integers: `integers` int8 in Keras' kernel layout, `steps` float64, one for each output channel or
    one for all.

    A weight is its integer times the step of its channel; integers have `bits` bits and no most negative value.
    """

    integers: np.ndarray
    steps: np.ndarray
    bits: int


def straight_through(exact: keras.KerasTensor, rounded: keras.KerasTensor) -> keras.KerasTensor:
    """The value of `rounded` with the gradient of `exact`."""
    return exact + keras.ops.stop_gradient(rounded - exact)


class FakeQuantizedKernel(KernelMap):
    """A kernel rounded to `bits` bits, with a step for each output channel or one for all; gradients straight through.

    Parameters
    ----------
    kernel : float array
        The trained kernel in Keras' layout: steps start from it.
    channel_axes : tuple of int
        Axes along which steps differ: see the function of this name. Empty: one step for all.
    bits : int
        2 to 8. Two bits are the three values -1, 0 and 1.
    steps : {"max", "learned"}
        The largest weight of a channel is its largest integer, at every moment; or the step is trained.
    """

    def __init__(self, kernel: np.ndarray, channel_axes: tuple[int, ...], bits: int, steps: Steps) -> None:
        super().__init__()
        if not 2 <= bits <= 8:
            raise ValueError(f"weight bits are {bits}; 2 to 8 are allowed")
        if steps not in ("max", "learned"):
            raise ValueError(f"steps are {steps!r}; allowed are 'max' and 'learned'")
        self.bits, self.how = bits, steps
        self.highest = integer_range(bits, narrow=True)[1]
        self.others = tuple(axis for axis in range(kernel.ndim) if axis not in channel_axes)
        if steps == "learned":
            start = first_steps(kernel, self.others, bits)
            self.learned = self.add_weight(name="steps", shape=start.shape, initializer="ones")
            self.learned.assign(start)
        self.built = True

    def steps(self, kernel: keras.KerasTensor) -> keras.KerasTensor:
        """The step of each channel, shaped to go with the kernel."""
        if self.how == "learned":
            # an update as large, relative to the step, as those of the weights: Esser et al., section 2.2
            share = float(1 / np.sqrt(np.prod(kernel.shape) / np.prod(self.learned.shape) * self.highest))
            free = keras.ops.abs(self.learned)
            steps = free * share + keras.ops.stop_gradient(free * (1 - share))
        else:
            steps = keras.ops.max(keras.ops.abs(kernel), axis=self.others, keepdims=True) / self.highest
            steps = keras.ops.stop_gradient(steps)
        return keras.ops.maximum(steps, SMALLEST_STEP)

    def call(self, kernel: keras.KerasTensor) -> keras.KerasTensor:
        steps = self.steps(kernel)
        inside = keras.ops.clip(kernel / steps, -self.highest, self.highest)
        return straight_through(inside, keras.ops.round(inside)) * steps

    def grid(self, kernel: np.ndarray) -> WeightGrid:
        """Integers and steps of a kernel float32."""
        steps = np.asarray(self.steps(keras.ops.convert_to_tensor(kernel)), np.float64)
        integers = np.rint(np.clip(kernel / steps.astype(np.float32), -self.highest, self.highest))
        return WeightGrid(integers.astype(np.int8), steps.reshape(-1), self.bits)

    def __repr__(self) -> str:
        return f"FakeQuantizedKernel(bits={self.bits}, steps={self.how!r})"


class FakeQuantize(keras.layers.Layer):
    """Activations rounded to integers of a few bits, with one range for the whole tensor.

    Parameters
    ----------
    low, high : float
        Range to begin with; it is widened to hold 0.
    bits : int
        2 to 8. The device computes with 8.
    ranges : {"moving", "learned"}
        A moving average of each batch's extremes while training, or two trained numbers.
    """

    def __init__(self, low: float, high: float, bits: int = 8, ranges: Ranges = "moving", **options: object) -> None:
        super().__init__(**options)
        if not 2 <= bits <= 8:
            raise ValueError(f"activation bits are {bits}; 2 to 8 are allowed")
        if ranges not in ("moving", "learned"):
            raise ValueError(f"ranges are {ranges!r}; allowed are 'moving' and 'learned'")
        self.first, self.bits, self.ranges = (float(low), float(high)), bits, ranges
        self.range = self.add_weight(name="range", shape=(2,), initializer="zeros", trainable=ranges == "learned")
        self.range.assign([min(low, 0.0), max(high, 0.0)])
        self.built = True

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        if training and self.ranges == "moving":
            extremes = keras.ops.stack([keras.ops.min(x), keras.ops.max(x)])
            self.range.assign(MOMENTUM * self.range + (1 - MOMENTUM) * extremes)
        low, high = keras.ops.minimum(self.range[0], 0.0), keras.ops.maximum(self.range[1], SMALLEST_STEP)
        return tf.quantization.fake_quant_with_min_max_vars(x, low, high, num_bits=self.bits)

    def get_config(self) -> dict:
        low, high = self.first
        return {**super().get_config(), "low": low, "high": high, "bits": self.bits, "ranges": self.ranges}


def first_steps(kernel: np.ndarray, others: tuple[int, ...], bits: int) -> np.ndarray:
    """Steps to begin learning from: those with the least squared error of the weights, channel by channel.

    Searched from the step that reaches the largest weight down to a tenth of it, by 1 % of it each. Returns float32
    with `others`, the axes that share a step, of length 1.
    """
    highest = integer_range(bits, narrow=True)[1]
    longest = np.maximum(np.abs(kernel).max(axis=others, keepdims=True) / highest, SMALLEST_STEP)
    best, least = longest, np.full(longest.shape, np.inf)
    for fraction in np.linspace(1.0, 0.1, 91):
        steps = longest * fraction
        rounded = steps * np.clip(np.rint(kernel / steps), -highest, highest)
        error = np.square(rounded - kernel).sum(axis=others, keepdims=True)
        best, least = np.where(error < least, steps, best), np.minimum(error, least)
    return np.maximum(best, SMALLEST_STEP).astype(np.float32)


def channel_axes(layer: keras.layers.Layer, bits: int) -> tuple[int, ...]:
    """Axes of the kernel of `layer` along which steps differ: those of its output channels.

    None for a dense layer of four bits and less: TensorFlow Lite Micro's int4 kernel takes one step for all.
    """
    if isinstance(layer, keras.layers.Dense):
        return () if bits <= 4 else (1,)
    return (2, 3) if isinstance(layer, keras.layers.DepthwiseConv2D) else (3,)


def prepare(
    model: keras.Model,
    calibration: np.ndarray,
    weight_bits: int | Mapping[str, int] = 8,
    activation_bits: int = 8,
    steps: Steps = "max",
    ranges: Ranges = "moving",
) -> keras.Model:
    """A copy of `model` that rounds its weights and activations, to be trained further.

    Batch normalizations are folded first. The input and the last softmax keep the ranges that the exporter gives them.

    Parameters
    ----------
    model : keras.Model
        Functional and trained.
    calibration : float32 array [n, ...]
        Training samples: activation ranges begin at their extremes.
    weight_bits : int or mapping of layer name to int
        2 to 8; a layer that a mapping does not name has 8.
    activation_bits : int
        2 to 8.
    steps, ranges
        As in `FakeQuantizedKernel` and `FakeQuantize`.

    Raises
    ------
    ValueError
        A mapping names a layer without a kernel, or a number of bits is out of range.
    """
    folded = fold_batch_norms(model)
    bits = _bits_by_layer(folded, weight_bits)
    ranged = [layer.name for layer in folded.layers if _has_range(layer)]
    watch = keras.Model(folded.input, [folded.get_layer(name).output for name in ranged])
    seen = dict(zip(ranged, watch(calibration, training=False) if ranged else [], strict=True))

    def make(layer: keras.layers.Layer) -> KernelMap:
        own = bits[layer.name]
        return FakeQuantizedKernel(np.asarray(layer.kernel), channel_axes(layer, own), own, steps)

    def call(layer: keras.layers.Layer, *arguments: object, **options: object) -> object:
        y = layer(*arguments, **options)
        if layer.name not in seen:
            return y
        low, high = (float(extreme(seen[layer.name])) for extreme in (keras.ops.min, keras.ops.max))
        return FakeQuantize(low, high, activation_bits, ranges, name=f"{layer.name}_range")(y)

    return map_kernels(folded, make, call)


def rounded_kernel(layer: keras.layers.Layer, bits: int) -> np.ndarray:
    """The kernel of a plain `layer` in `bits` bits, with the steps that learning begins from; the layer stays as it is.

    Its normalization should be folded in: see `fold_batch_norms`.
    """
    kernel = np.asarray(layer.kernel)
    return np.asarray(FakeQuantizedKernel(kernel, channel_axes(layer, bits), bits, "learned")(kernel))


def weight_grids(model: keras.Model) -> dict[str, WeightGrid]:
    """The integers that the fake-quantized kernels of `model` stand for, by layer name."""
    maps = kernel_maps(model, FakeQuantizedKernel)
    return {name: found.grid(_before(model.get_layer(name), found)) for name, found in maps.items()}


def _before(layer: keras.layers.Layer, last: KernelMap) -> np.ndarray:
    """The kernel of `layer` as it comes to its map `last`."""
    kernel = keras.ops.convert_to_tensor(layer.raw_kernel)
    for kernel_map in layer.kernel_maps[: layer.kernel_maps.index(last)]:
        kernel = kernel_map(kernel)
    return np.asarray(kernel)


def _bits_by_layer(model: keras.Model, weight_bits: int | Mapping[str, int]) -> dict[str, int]:
    names = [layer.name for layer in model.layers if has_kernel(layer)]
    if isinstance(weight_bits, int):
        return dict.fromkeys(names, weight_bits)
    unknown = sorted(set(weight_bits) - set(names))
    if unknown:
        raise ValueError(f"no layer {unknown[0]!r} with a kernel in {model.name!r}; there are {', '.join(names)}")
    return {name: weight_bits.get(name, 8) for name in names}


def _has_range(layer: keras.layers.Layer) -> bool:
    """True where a value of its own leaves the layer: not moved, pooled, or still to be cut by a ReLU."""
    if getattr(layer, "activation", None) is keras.activations.softmax or isinstance(layer, keras.layers.Softmax):
        return False
    activations = (keras.layers.ReLU, keras.layers.Activation)
    readers = consumers(layer)
    if len(readers) == 1 and isinstance(readers[0], (*activations, keras.layers.Softmax)):
        return False
    return has_kernel(layer) or isinstance(layer, (*activations, keras.layers.Add, keras.layers.Concatenate))
