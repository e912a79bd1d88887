"""Random functional Keras models: convolutions, residual and joined branches, pooling, dense layers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tdl_course.models import keras

layers = keras.layers

BLOCKS = ("convolution", "depthwise", "residual", "projected", "joined", "pooled", "gated", "padded")
ACTIVATIONS = ("relu", "linear", "tanh")


def drawn_model(draw: st.DrawFn) -> keras.Model:
    """A model of [8, 6, 3] -> [4] with random weights, also in the statistics of normalization.

    For the body of a test, with `data.draw`: Keras uses `random`, which Hypothesis does not want in a strategy.
    """
    entry = keras.Input((8, 6, 3), name="entry")
    x = _convolution(draw, entry)
    for block in draw(st.lists(st.sampled_from(BLOCKS), max_size=4)):
        x = _block(draw, block, x)
    x = draw(st.sampled_from([layers.GlobalAveragePooling2D, layers.Flatten]))()(x)
    for _ in range(draw(st.integers(0, 1))):
        x = layers.Dense(draw(st.integers(2, 5)), activation=draw(st.sampled_from(ACTIVATIONS)))(x)
    scores = layers.Dense(4, activation="softmax", name="scores")(layers.Dropout(0.1)(x))
    model = keras.Model(entry, scores, name="drawn")
    random = np.random.default_rng(draw(st.integers(0, 999)))
    for layer in model.layers:
        layer.set_weights([_weights(random, old.shape) for old in layer.get_weights()])
    return model


def _weights(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Kernels of both signs; vectors above zero, since variances are among them."""
    return random.normal(0, 0.4, shape) if len(shape) > 1 else random.uniform(0.05, 0.5, shape)


def _convolution(draw: st.DrawFn, x: keras.KerasTensor, channels: int | None = None) -> keras.KerasTensor:
    channels = draw(st.integers(2, 5)) if channels is None else channels
    size, bias = draw(st.sampled_from([1, 3])), draw(st.booleans())
    x = layers.Conv2D(channels, size, padding="same", use_bias=bias)(x)
    if draw(st.booleans()):
        x = layers.BatchNormalization(scale=draw(st.booleans()))(x)
    return layers.Activation(draw(st.sampled_from(ACTIVATIONS)))(x)


def _block(draw: st.DrawFn, block: str, x: keras.KerasTensor) -> keras.KerasTensor:
    channels = x.shape[-1]
    if block == "convolution":
        return _convolution(draw, x)
    if block == "depthwise":
        return layers.ReLU()(layers.DepthwiseConv2D(3, padding="same", use_bias=draw(st.booleans()))(x))
    if block == "residual":
        return layers.Add()([x, _convolution(draw, _convolution(draw, x), channels)])
    if block == "projected":
        return layers.Add()([_convolution(draw, x, 4), _convolution(draw, x, 4)])
    if block == "joined":
        return layers.Concatenate()([x, _convolution(draw, x)])
    if block == "pooled":
        return draw(st.sampled_from([layers.MaxPooling2D, layers.AveragePooling2D]))(2, padding="same")(x)
    if block == "gated":
        gate = layers.Reshape((1, 1, channels))(layers.GlobalAveragePooling2D()(x))
        gate = layers.Conv2D(channels, 1, activation="sigmoid")(gate)
        return layers.Multiply()([x, gate])
    return layers.UpSampling2D(1)(layers.ZeroPadding2D(1)(x))
