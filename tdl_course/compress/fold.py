"""Batch-norm folding: the gain and offset of each normalization move into the layer in front of it.

In: a functional Keras model. Out: one with the same outputs, without the normalizations that could be folded. What
quantizes weights should see the folded ones, because those are what the device gets: B. Jacob et al., "Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference" (CVPR 2018), section 3.2.
"""

from __future__ import annotations

import numpy as np

from tdl_course.compress.kernel_maps import copy_weights, has_kernel
from tdl_course.models import keras


def fold_batch_norms(model: keras.Model) -> keras.Model:
    """A copy of `model` whose batch normalizations are folded into the layers in front of them.

    A normalization is folded where it alone reads a Conv2D, DepthwiseConv2D or Dense layer without activation; any
    other stays. Layer names are kept; a layer that takes in a normalization has a bias.
    """
    folds = {norm.name: producer for norm in model.layers if (producer := _producer(norm)) is not None}
    folded = {producer.name: model.get_layer(norm) for norm, producer in folds.items()}

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        bias = {"use_bias": True} if layer.name in folded else {}
        return layer.from_config({**layer.get_config(), **bias})

    def call(layer: keras.layers.Layer, *arguments: object, **options: object) -> object:
        return arguments[0] if layer.name in folds else layer(*arguments, **options)

    result = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in model.layers:
        if layer.name in folded:
            result.get_layer(layer.name).set_weights(_folded(layer, folded[layer.name]))
        elif layer.weights and layer.name not in folds:
            copy_weights(layer, result.get_layer(layer.name))
    return result


def consumers(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers that read the output of `layer`."""
    return [node.operation for node in layer._outbound_nodes]


def _producer(norm: keras.layers.Layer) -> keras.layers.Layer | None:
    """The layer that `norm` can be folded into, if any."""
    if not isinstance(norm, keras.layers.BatchNormalization):
        return None
    producer = norm.input._keras_history.operation
    alone = len(set(map(id, consumers(producer)))) == 1
    linear = has_kernel(producer) and producer.activation is keras.activations.linear
    return producer if alone and linear and not hasattr(producer, "kernel_maps") else None


def _folded(layer: keras.layers.Layer, norm: keras.layers.Layer) -> list[np.ndarray]:
    """Kernel and bias of `layer` with the gain and offset of `norm`."""
    kernel = np.asarray(layer.kernel, np.float64)
    bias = np.asarray(layer.bias, np.float64) if layer.use_bias else 0.0
    channels = norm.input.shape[-1]
    gamma = np.asarray(norm.gamma, np.float64) if norm.scale else np.ones(channels)
    beta = np.asarray(norm.beta, np.float64) if norm.center else np.zeros(channels)
    gain = gamma / np.sqrt(np.asarray(norm.moving_variance, np.float64) + norm.epsilon)
    offset = beta + (bias - np.asarray(norm.moving_mean, np.float64)) * gain
    shape = kernel.shape[2:] if isinstance(layer, keras.layers.DepthwiseConv2D) else (channels,)
    return [(kernel * gain.reshape(shape)).astype(np.float32), offset.astype(np.float32)]
