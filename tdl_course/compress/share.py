"""Weight sharing for a whole Keras model, in a form that int8 leaves intact.

In: a functional Keras model. Out: one whose kernels take a few different values for each layer (`share_weights`), to be
trained further; and what these are on the device (`shared_grids`), which `export.to_tflite` writes.

int8 weights have a step for each output channel. A real value that all channels share becomes another integer in each,
and nothing is shared any more. So a channel is divided by its step first, and the integers are what is shared: the
codebook is that of S. Han, H. Mao, W. J. Dally, "Deep Compression" (ICLR 2016), section 3; the steps are those of the
TensorFlow Lite 8-bit quantization specification.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tdl_course.compress.cluster import Init, kmeans
from tdl_course.compress.fold import fold_batch_norms
from tdl_course.compress.kernel_maps import KernelMap, SharedValues, kernel_maps, kernels, map_kernels
from tdl_course.compress.qat import WeightGrid, channel_axes
from tdl_course.compress.quantize import integer_range
from tdl_course.models import keras


def share_weights(
    model: keras.Model,
    values: int = 16,
    init: Init = "linear",
    per_channel: bool = True,
    seed: int = 0,
    skip: Sequence[str] = (),
) -> keras.Model:
    """A copy of `model` in which the weights of each layer share a codebook, to be trained further.

    Batch normalizations are folded first, because the device gets folded weights. Of a kernel that has zeros, one value
    is 0 and stays 0.

    Parameters
    ----------
    model : keras.Model
        Functional and trained; pruned or not.
    values : int
        1 to 256 for each layer; the kernel "codebook" of the device reads 16.
    init, seed
        As in `cluster.kmeans`.
    per_channel : bool
        Divide each output channel by its greatest magnitude before clustering, and multiply after it; or share the
        weights as they are.
    skip : sequence of str
        Names of layers that are left alone: small ones are not worth a codebook.

    Raises
    ------
    ValueError
        `skip` names a layer without a kernel; or as `cluster.kmeans`.
    """
    unknown = sorted(set(skip) - set(kernels(model)))
    if unknown:
        raise ValueError(f"no layer {unknown[0]!r} with a kernel to skip; there are {', '.join(kernels(model))}")

    def make(layer: keras.layers.Layer) -> KernelMap | None:
        if layer.name in skip:
            return None
        kernel = np.asarray(layer.kernel)
        scales = channel_scales(kernel, channel_axes(layer, 8)) if per_channel else np.ones(1, np.float32)
        book = kmeans(kernel / scales, values, init, seed=seed, keep_zero=bool((kernel == 0).any()))
        return SharedValues(book, scales)

    return map_kernels(fold_batch_norms(model), make)


def channel_scales(kernel: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """The greatest magnitude of each channel along `axes`, shaped to go with the kernel; 1 where all weights are 0."""
    others = tuple(axis for axis in range(kernel.ndim) if axis not in axes)
    largest = np.abs(kernel).max(axis=others, keepdims=True)
    return np.where(largest > 0, largest, 1).astype(np.float32)


def shared_grids(model: keras.Model) -> dict[str, WeightGrid]:
    """The integers that the shared kernels of `model` become, by layer name: as few different ones as they share.

    The centroid of the greatest magnitude is 127. Layers behind whose codebook there is another kernel map have none.
    """
    maps = kernel_maps(model, SharedValues)
    last = {name: found for name, found in maps.items() if model.get_layer(name).kernel_maps[-1] is found}
    return {name: _grid(model.get_layer(name), found) for name, found in last.items()}


def _grid(layer: keras.layers.Layer, shared: SharedValues) -> WeightGrid:
    book, highest = shared.codebook(), integer_range(8, narrow=True)[1]
    largest = float(np.abs(book.centroids).max())
    step = largest / highest if largest > 0 else 1.0
    integers = np.rint(book.centroids / step).astype(np.int8)[book.indices]
    axes = channel_axes(layer, 8)
    shape = [size if axis in axes else 1 for axis, size in enumerate(book.indices.shape)]
    return WeightGrid(integers, np.broadcast_to(step * shared.scales.astype(np.float64), shape).reshape(-1), 8)
