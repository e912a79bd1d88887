"""Kernel maps: train a network whose kernels pass through a function of their own, then bake the result.

In: a functional Keras model and a function that gives a layer its `KernelMap`. Out: a model with the same layers and
names, in which each mapped layer computes with `map(kernel)`; gradients flow through the map. `bake` turns it back into
plain layers with the mapped kernels. Pruning masks, codebooks and fake quantization are all such maps: a mask that lies
in front of the kernel cannot be lost in an optimizer's step. This module knows no dataset and no file format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from tdl_course.compress.cluster import Codebook
from tdl_course.models import keras


class KernelMap(keras.layers.Layer):
    """From a kernel's variable to the kernel that the layer computes with, of the same shape.

    `replaces` is True where the result does not depend on the variable, which then is not trained. The repr tells apart
    what the weights do not: kept trainings are found by both.
    """

    replaces = False

    def call(self, kernel: keras.KerasTensor) -> keras.KerasTensor:
        raise NotImplementedError("a KernelMap defines call(kernel) -> kernel of the same shape")

    def __repr__(self) -> str:
        """The kind and its settings: with the weights, all that tells two maps apart (see `models.train`)."""
        return f"{type(self).__name__}()"


class Mask(KernelMap):
    """`kernel * mask`: weights whose mask is 0 are 0 and receive no gradient.

    Parameters
    ----------
    mask : bool or float array, shaped like the kernel
    """

    def __init__(self, mask: np.ndarray) -> None:
        super().__init__()
        self.mask = self.add_weight(name="mask", shape=np.shape(mask), initializer="ones", trainable=False)
        self.mask.assign(np.asarray(mask, np.float32))
        self.built = True

    def call(self, kernel: keras.KerasTensor) -> keras.KerasTensor:
        return kernel * self.mask

    def __repr__(self) -> str:
        return f"Mask({list(self.mask.shape)})"


class SharedValues(KernelMap):
    """`scales * centroids[indices]`: every weight is one of a few trained values; a centroid's gradient sums its
    members'.

    After S. Han, H. Mao, W. J. Dally, "Deep Compression" (ICLR 2016), section 3. A centroid that is exactly 0 stays 0:
    pruned weights stay pruned.

    Parameters
    ----------
    codebook : Codebook
        Indices shaped like the kernel.
    scales : float array, optional
        Positive and fixed, shaped to go with the kernel, such as one for each output channel.
    """

    replaces = True

    def __init__(self, codebook: Codebook, scales: np.ndarray | float = 1.0) -> None:
        super().__init__()
        self.indices = np.asarray(codebook.indices, np.int32)
        self.scales = np.asarray(scales, np.float32)
        self.free = np.asarray(codebook.centroids != 0, np.float32)
        self.centroids = self.add_weight(name="centroids", shape=codebook.centroids.shape, initializer="zeros")
        self.centroids.assign(codebook.centroids)
        self.built = True

    def call(self, kernel: keras.KerasTensor) -> keras.KerasTensor:
        return keras.ops.take(self.centroids * self.free, self.indices) * self.scales

    def codebook(self) -> Codebook:
        """The codebook as it is now, without the scales."""
        return Codebook(np.asarray(self.centroids) * self.free, self.indices.astype(np.uint8))

    def __repr__(self) -> str:
        facts = (self.indices, self.scales, self.free)
        digest = hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in facts)).hexdigest()
        return f"SharedValues({len(self.free)} values, {digest[:16]})"


class _MappedKernel:
    """A layer whose `kernel` is its variable after `kernel_maps`, in their order."""

    kernel_maps: Sequence[KernelMap]

    @property
    def kernel(self) -> keras.KerasTensor:
        kernel = self.raw_kernel
        for kernel_map in self.kernel_maps:
            kernel = kernel_map(kernel)
        return kernel

    @kernel.setter
    def kernel(self, variable: keras.Variable) -> None:
        self._kernel = variable  # DepthwiseConv2D sets the attribute that Conv2D and Dense keep under this name

    @property
    def raw_kernel(self) -> keras.Variable:
        return self._kernel

    def get_config(self) -> dict:
        return {**super().get_config(), "kernel_maps": [repr(kernel_map) for kernel_map in self.kernel_maps]}  # type: ignore[misc]


class MappedConv2D(_MappedKernel, keras.layers.Conv2D):
    """Conv2D with kernel maps."""


class MappedDepthwiseConv2D(_MappedKernel, keras.layers.DepthwiseConv2D):
    """DepthwiseConv2D with kernel maps."""


class MappedDense(_MappedKernel, keras.layers.Dense):
    """Dense with kernel maps."""


MAPPED: dict[type[keras.layers.Layer], type[keras.layers.Layer]] = {
    keras.layers.Conv2D: MappedConv2D,
    keras.layers.DepthwiseConv2D: MappedDepthwiseConv2D,
    keras.layers.Dense: MappedDense,
}
PLAIN = {mapped: plain for plain, mapped in MAPPED.items()}


def has_kernel(layer: keras.layers.Layer) -> bool:
    """True for the layers whose kernels can be mapped: Conv2D, DepthwiseConv2D, Dense."""
    return type(layer) in MAPPED or type(layer) in PLAIN


def kernels(model: keras.Model) -> dict[str, np.ndarray]:
    """The kernels that the layers of `model` compute with, float32 in Keras' layout, by layer name."""
    return {layer.name: np.asarray(layer.kernel) for layer in model.layers if has_kernel(layer)}


def kernel_maps(model: keras.Model, kind: type[KernelMap] = KernelMap) -> dict[str, KernelMap]:
    """The last map of `kind` of each layer that has one, by layer name."""
    mapped = [layer for layer in model.layers if type(layer) in PLAIN]
    found = {layer.name: [m for m in layer.kernel_maps if isinstance(m, kind)] for layer in mapped}
    return {name: maps[-1] for name, maps in found.items() if maps}


def map_kernels(
    model: keras.Model,
    make: Callable[[keras.layers.Layer], KernelMap | None],
    call: Callable[..., object] | None = None,
) -> keras.Model:
    """A copy of `model` whose kernels pass through maps, behind those that they pass through already.

    Parameters
    ----------
    model : keras.Model
        Functional; stays as it is.
    make : function
        Gives the map of a Conv2D, DepthwiseConv2D or Dense layer, or None to leave the layer alone.
    call : function, optional
        `call(layer, *arguments, **options)` in place of calling the new layer: adds layers behind it.

    Returns
    -------
    keras.Model
        Same layer names, weights copied.
    """

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        added = make(layer) if has_kernel(layer) else None
        before = list(getattr(layer, "kernel_maps", ()))
        if added is None and not before:
            return layer.from_config(layer.get_config())
        new = MAPPED[PLAIN.get(type(layer), type(layer))].from_config(plain_config(layer))
        new.kernel_maps = [*before, *([] if added is None else [added])]
        return new

    return _copied(model, clone, call)


def bake(model: keras.Model) -> keras.Model:
    """A copy of `model` in which every mapped layer is a plain one with the mapped kernel."""

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        return PLAIN.get(type(layer), type(layer)).from_config(plain_config(layer))

    return _copied(model, clone)


def plain_config(layer: keras.layers.Layer) -> dict:
    """The layer's configuration without its kernel maps."""
    return {name: value for name, value in layer.get_config().items() if name != "kernel_maps"}


def copy_weights(source: keras.layers.Layer, target: keras.layers.Layer) -> None:
    """Weights of `source` into `target`, the same layer but for its kernel maps (shared ones stay as they are).

    A mapped target takes the variable behind the maps, a plain one the mapped kernel.
    """
    if not has_kernel(source):
        target.set_weights(source.get_weights())
        return
    if type(target) in PLAIN:
        target.raw_kernel.assign(source.raw_kernel if type(source) in PLAIN else source.kernel)
        target.raw_kernel.trainable = not any(kernel_map.replaces for kernel_map in target.kernel_maps)
    else:
        target.kernel.assign(source.kernel)
    if source.use_bias:
        target.bias.assign(source.bias)


def _copied(
    model: keras.Model,
    clone: Callable[[keras.layers.Layer], keras.layers.Layer],
    call: Callable[..., object] | None = None,
) -> keras.Model:
    copied = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in model.layers:
        if layer.weights:
            copy_weights(layer, copied.get_layer(layer.name))
    return copied
