"""Which channels of a Keras model belong together: where each one goes, and which must live or die together.

In: a functional `keras.Model`. Out: a `Flow`, which says for each layer what its channels are, as numbers that channels
share when one cannot go without the other; and `ChannelGroup`s of it to look at. This module changes no model.

A convolution or dense layer makes new channels. Others pass them on, join them, or unite them: what is added
elementwise must have the same channels, as around the residual connections of He et al., "Deep Residual Learning for
Image Recognition", 2016. United channels are kept by union-find: R. E. Tarjan, "Efficiency of a Good But Not Linear Set
Union Algorithm", 1975.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tdl_course.models import keras

layers = keras.layers
OUTSIDE = 0
"""The number of all channels that must stay: those of the model's inputs and outputs, and what is united with them."""
ELEMENTWISE = {
    *("elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "hard_swish", "leaky_relu", "linear", "mish"),
    *("relu", "relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "swish", "tanh"),
}
"""Activation functions that treat each channel for itself; those of all others, such as softmax, must stay."""


class ChannelError(ValueError):
    """A layer whose channels cannot be followed, or a channel that cannot be removed; the message says which."""


@dataclass(frozen=True)
class ChannelGroup:
    """The channels of `layers`, which produce them, that may be removed.

    `channels[i]` are (layer, channel) pairs that live or die together. Layers are in one group where they share such.
    """

    layers: tuple[str, ...]
    channels: tuple[tuple[tuple[str, int], ...], ...]


@dataclass(frozen=True, eq=False)
class Flow:
    """Numbers of channels by the layer's name: int64 [channels] of its input (of layers with one) and of its output.

    Channels of the same number live or die together; those of number `OUTSIDE` must stay.
    """

    inputs: Mapping[str, np.ndarray]
    outputs: Mapping[str, np.ndarray]
    producers: tuple[str, ...]


class _Numbers:
    """Union-find over the numbers of channels; the smallest number stands for all that are united."""

    def __init__(self) -> None:
        self.parent = [OUTSIDE]

    def fresh(self, count: int) -> np.ndarray:
        first = len(self.parent)
        self.parent.extend(range(first, first + count))
        return np.arange(first, first + count)

    def find(self, number: int) -> int:
        while self.parent[number] != number:
            self.parent[number] = number = self.parent[self.parent[number]]
        return number

    def unite(self, a: np.ndarray, b: np.ndarray | int) -> None:
        for x, y in np.broadcast(a, b):
            low, high = sorted((self.find(int(x)), self.find(int(y))))
            self.parent[high] = low

    def found(self, numbers: np.ndarray) -> np.ndarray:
        return np.array([self.find(int(number)) for number in numbers], np.int64)


def _produces(layer: keras.Layer, inputs: list[np.ndarray], numbers: _Numbers) -> np.ndarray:
    if getattr(layer, "groups", 1) != 1:
        raise ChannelError(f"layer {layer.name!r} has {layer.groups} groups; convolutions of 1 group can be followed")
    return numbers.fresh(layer.output.shape[-1])


def _passes(layer: keras.Layer, inputs: list[np.ndarray], numbers: _Numbers) -> np.ndarray:
    if getattr(layer, "depth_multiplier", 1) != 1:
        raise ChannelError(f"layer {layer.name!r} has depth_multiplier {layer.depth_multiplier}; 1 can be followed")
    if isinstance(layer, layers.BatchNormalization) and layer.axis not in (-1, len(layer.input.shape) - 1):
        raise ChannelError(f"layer {layer.name!r} normalizes axis {layer.axis}; the last one can be followed")
    return inputs[0]


def _must_stay(layer: keras.Layer, inputs: list[np.ndarray], numbers: _Numbers) -> np.ndarray:
    for channels in inputs:
        numbers.unite(channels, OUTSIDE)
    return np.full(layer.output.shape[-1], OUTSIDE)


def _unites(layer: keras.Layer, inputs: list[np.ndarray], numbers: _Numbers) -> np.ndarray:
    counts = [len(channels) for channels in inputs]
    if len(set(counts)) > 1:
        raise ChannelError(f"layer {layer.name!r} takes tensors of {counts} channels; equal numbers can be followed")
    for other in inputs[1:]:
        numbers.unite(inputs[0], other)
    return inputs[0]


def _joins(layer: keras.Layer, inputs: list[np.ndarray], numbers: _Numbers) -> np.ndarray:
    if layer.axis in (-1, len(layer.output.shape) - 1):
        return np.concatenate(inputs)
    return _unites(layer, inputs, numbers)


def _reshapes(layer: keras.Layer, inputs: list[np.ndarray], numbers: _Numbers) -> np.ndarray:
    """Each value keeps its channel; those that come to lie in one new channel are united."""
    before, after = layer.input.shape[1:], layer.output.shape[1:]
    if None in (*before, *after):
        raise ChannelError(f"layer {layer.name!r} reshapes {before} to {after}; a fixed shape can be followed")
    columns = np.broadcast_to(inputs[0], before).reshape(-1, after[-1])
    for row in np.unique(columns, axis=0):
        numbers.unite(columns[0], row)
    return columns[0]


RULES: dict[type, Callable[[keras.Layer, list[np.ndarray], _Numbers], np.ndarray]] = {
    layers.InputLayer: _must_stay,
    layers.Softmax: _must_stay,
    layers.Concatenate: _joins,
    **dict.fromkeys((layers.Conv2D, layers.Dense), _produces),
    **dict.fromkeys((layers.Flatten, layers.Reshape), _reshapes),
    **dict.fromkeys((layers.Add, layers.Average, layers.Maximum, layers.Minimum, layers.Multiply), _unites),
    **dict.fromkeys((layers.DepthwiseConv2D, layers.BatchNormalization), _passes),
    **dict.fromkeys(
        (layers.Activation, layers.ReLU, layers.LeakyReLU, layers.Dropout, layers.SpatialDropout2D), _passes
    ),
    **dict.fromkeys((layers.MaxPooling2D, layers.AveragePooling2D), _passes),
    **dict.fromkeys((layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D), _passes),
    **dict.fromkeys((layers.ZeroPadding2D, layers.Cropping2D, layers.UpSampling2D), _passes),
}
"""Kinds of layers that can be followed: (layer, numbers of its inputs, all numbers) -> numbers of its output."""


def trace(model: keras.Model) -> Flow:
    """Follow the channels of `model`, last axis of every tensor, from its inputs to its outputs.

    Raises
    ------
    ChannelError
        A layer is of a kind that is not in `RULES`, is called more than once, or has options that cannot be followed.
    """
    numbers, at = _Numbers(), dict[int, np.ndarray]()
    inputs, outputs = dict[str, np.ndarray](), dict[str, np.ndarray]()
    for operation in model.operations:
        _check(operation)
        entering = [_channels_at(tensor, at, operation.name) for tensor in keras.tree.flatten(operation.input)]
        leaving = RULES[type(operation)](operation, entering, numbers)
        activation = getattr(operation, "activation", None)
        if activation is not None and getattr(activation, "__name__", "") not in ELEMENTWISE:
            numbers.unite(leaving, OUTSIDE)
        at[id(operation.output)] = outputs[operation.name] = leaving
        if len(entering) == 1:
            inputs[operation.name] = entering[0]
    for tensor in model.outputs:
        numbers.unite(_channels_at(tensor, at, model.name), OUTSIDE)
    return Flow(
        {name: numbers.found(channels) for name, channels in inputs.items()},
        {name: numbers.found(channels) for name, channels in outputs.items()},
        tuple(operation.name for operation in model.operations if RULES[type(operation)] is _produces),
    )


def channel_groups(model: keras.Model) -> tuple[ChannelGroup, ...]:
    """The channels of a functional model that may be removed, by the layers that share them, in the model's order.

    Raises
    ------
    ChannelError
        As of `trace`.
    """
    flow = trace(model)
    together: dict[int, list[tuple[str, int]]] = defaultdict(list)
    places, linked = {name: place for place, name in enumerate(flow.producers)}, _Numbers()
    linked.fresh(len(places))
    for name in flow.producers:
        for channel, number in enumerate(flow.outputs[name]):
            if number != OUTSIDE:
                together[int(number)].append((name, channel))
    for members in together.values():
        linked.unite(np.array([places[name] for name, _ in members]), places[members[0][0]])
    groups: dict[int, list[tuple[tuple[str, int], ...]]] = defaultdict(list)
    for members in together.values():
        groups[linked.find(places[members[0][0]])].append(tuple(members))
    return tuple(
        ChannelGroup(tuple(dict.fromkeys(name for members in channels for name, _ in members)), tuple(channels))
        for _, channels in sorted(groups.items())
    )


def _channels_at(tensor: keras.KerasTensor, at: Mapping[int, np.ndarray], reader: str) -> np.ndarray:
    """The numbers of a tensor's channels; the first call of each layer is known, others are not."""
    if id(tensor) not in at:
        raise ChannelError(f"{reader!r} reads a layer that is called more than once; make a layer for each call")
    return at[id(tensor)]


def _check(operation: keras.Operation) -> None:
    if type(operation) not in RULES:
        kinds = ", ".join(sorted(kind.__name__ for kind in RULES))
        raise ChannelError(
            f"{operation.name!r} is a {type(operation).__module__}.{type(operation).__name__}; layers whose channels "
            f"can be followed: {kinds}. Write x + y as layers.Add()([x, y])"
        )
    if getattr(operation, "data_format", "channels_last") != "channels_last":
        raise ChannelError(f"layer {operation.name!r} has its channels first; channels_last can be followed")
