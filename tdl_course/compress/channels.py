"""Structured pruning: whole channels leave a Keras model, which becomes smaller and faster on any processor.

In: a functional `keras.Model`, and channels by the name of their layer. Out: a new model with the same layer names,
fewer channels and the weights that are left. `channel_flow` says which channels must go with them. The result is tested
each time: on random inputs every layer computes what it does where the channels are there and nobody listens to them.

Source: H. Li, A. Kadav, I. Durdanovic, H. Samet, H. P. Graf, "Pruning Filters for Efficient ConvNets", 2017.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from tdl_course.compress.channel_flow import OUTSIDE, ChannelError, ChannelGroup, Flow, channel_groups, trace
from tdl_course.compress.prune import channel_norms
from tdl_course.models import keras

__all__ = [
    "ChannelError",
    "ChannelGroup",
    "channel_groups",
    "least_important_channels",
    "remove_channels",
    "silence_channels",
]

layers = keras.layers
Weights = list[np.ndarray]
ROUNDING = 1e-3
"""What another order of sums may change in float32, as a share of a layer's greatest value; a wrong channel is more."""
FREE_SIDE = 32
"""For the comparison, where the model leaves a side of its input open."""


def remove_channels(model: keras.Model, channels: Mapping[str, Iterable[int]]) -> keras.Model:
    """A new model without `channels` and those that must go with them; `model` stays as it is.

    Parameters
    ----------
    model : keras.Model
        Functional or sequential, of the kinds of layers that `channel_flow.RULES` lists.
    channels : mapping
        Channels of a layer's output by the layer's name, such as {"conv2d_3": [0, 5]}.

    Raises
    ------
    ChannelError
        A layer or channel does not exist or must stay; a layer would lose all channels, or cannot be followed; or the
        new model does not compute what `silence_channels` does.
    """
    model = _functional(model)
    flow = trace(model)
    gone = _numbers(flow, channels)
    keep = {name: np.isin(numbers, gone, invert=True) for name, numbers in flow.outputs.items()}
    smaller = _clone(model, lambda layer: _narrow(layer, keep[layer.name]))
    for layer in smaller.layers:
        weights = model.get_layer(layer.name).get_weights()
        if weights:
            kept = np.isin(flow.inputs[layer.name], gone, invert=True)
            layer.set_weights(SLICES[type(layer)](weights, kept, keep[layer.name]))
    _check_equal(smaller, silence_channels(model, channels), keep)
    return smaller


def silence_channels(model: keras.Model, channels: Mapping[str, Iterable[int]]) -> keras.Model:
    """A new model of the same size, in which no layer listens to `channels` and those that must go with them.

    The weights by which convolutions and dense layers read them are zero. Parameters and errors: as `remove_channels`.
    """
    model = _functional(model)
    flow = trace(model)
    gone = _numbers(flow, channels)
    silent = _clone(model, lambda layer: type(layer).from_config(layer.get_config()))
    for layer in silent.layers:
        weights = model.get_layer(layer.name).get_weights()
        if layer.name in flow.producers:
            weights[0][..., np.isin(flow.inputs[layer.name], gone), :] = 0.0
        layer.set_weights(weights)
    return silent


def least_important_channels(model: keras.Model, fraction: float, order: int = 1) -> dict[str, list[int]]:
    """Of each group of channels the given share whose filters are smallest, for `remove_channels`.

    What live or die together are judged together, by the sum of the norms of all their filters. The norm of a filter is
    the measure of Li et al. (2017); where a shortcut unites channels, they look at the shortcut's filters only. Every
    layer keeps at least one channel, so of a small group fewer may go.

    Parameters
    ----------
    model : keras.Model
        Functional or sequential.
    fraction : float
        From 0 to below 1.
    order : int
        Of the norm: 1 sums magnitudes, 2 is the Euclidean length.
    """
    if not 0 <= fraction < 1:
        raise ChannelError(f"fraction is {fraction}; 0 to below 1 is allowed")
    model = _functional(model)
    chosen: dict[str, list[int]] = defaultdict(list)
    for group in channel_groups(model):
        norms = {name: channel_norms(model.get_layer(name).get_weights()[0], order=order) for name in group.layers}
        left = {name: len(norm) for name, norm in norms.items()}
        by_importance = sorted(group.channels, key=lambda members: sum(norms[name][c] for name, c in members))
        wanted = round(fraction * len(group.channels))
        for members in by_importance:
            loss = Counter(name for name, _ in members)
            if wanted and all(left[name] > count for name, count in loss.items()):
                wanted -= 1
                for name, channel in members:
                    left[name] -= 1
                    chosen[name].append(channel)
    return {name: sorted(found) for name, found in chosen.items()}


def _functional(model: keras.Model) -> keras.Model:
    """The same layers as a plain functional model, not compiled."""
    try:
        chain = isinstance(model, keras.Sequential)
        ends = (model.inputs[0], model.outputs[0]) if chain else (model.input, model.output)
        return keras.Model(*ends, name=model.name)
    except (AttributeError, TypeError, ValueError) as error:
        raise ChannelError(
            f"model {model.name!r} has no graph of layers; build it with keras.Model(inputs, outputs)"
        ) from error


def _clone(model: keras.Model, make: Callable[[keras.Layer], keras.Layer]) -> keras.Model:
    """The same graph of the layers that `make` gives; Keras alone would give the inputs new names."""
    names = {id(layer.output): layer.name for layer in model.layers}
    inputs = keras.tree.map_structure(
        lambda tensor: keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=names[id(tensor)]), model.input
    )
    return keras.models.clone_model(model, input_tensors=inputs, clone_function=make)


def _numbers(flow: Flow, channels: Mapping[str, Iterable[int]]) -> np.ndarray:
    """The numbers of `channels` in the flow, int64 [n], once each."""
    gone: set[int] = set()
    for name, listed in channels.items():
        if name not in flow.outputs:
            raise ChannelError(f"no layer {name!r}; the model has {', '.join(flow.outputs)}")
        numbers = flow.outputs[name]
        for channel in listed:
            if not 0 <= channel < len(numbers):
                raise ChannelError(f"layer {name!r} has no channel {channel}; it has 0 to {len(numbers) - 1}")
            if numbers[channel] == OUTSIDE:
                raise ChannelError(
                    f"channel {channel} of layer {name!r} must stay: it is the model's input or output, is added to "
                    "one, or meets an activation over all channels; channel_groups(model) lists those that may go"
                )
            gone.add(int(numbers[channel]))
    found = np.array(sorted(gone), np.int64)
    for name in flow.producers:
        if np.isin(flow.outputs[name], found).all():
            raise ChannelError(f"all {len(flow.outputs[name])} channels of layer {name!r} would go; leave at least 1")
    return found


def _narrow(layer: keras.Layer, keep: np.ndarray) -> keras.Layer:
    """A new layer of the same kind and name whose output has the channels that are kept."""
    config, count = layer.get_config(), int(keep.sum())
    if isinstance(layer, layers.Conv2D):
        config["filters"] = count
    elif isinstance(layer, layers.Dense):
        config["units"] = count
    elif isinstance(layer, layers.Reshape):
        config["target_shape"] = (*layer.output.shape[1:-1], count)
    return type(layer).from_config(config)


def _slice_both(weights: Weights, inputs: np.ndarray, outputs: np.ndarray) -> Weights:
    """Kernel [..., inputs, outputs] and bias [outputs]."""
    return [weights[0][..., inputs, :][..., outputs], *(bias[outputs] for bias in weights[1:])]


def _slice_depthwise(weights: Weights, inputs: np.ndarray, outputs: np.ndarray) -> Weights:
    """Kernel [height, width, channels, 1] and bias [channels]."""
    return [weights[0][:, :, inputs], *(bias[inputs] for bias in weights[1:])]


def _slice_vectors(weights: Weights, inputs: np.ndarray, outputs: np.ndarray) -> Weights:
    """Factors, offsets, means and variances, each [channels]."""
    return [vector[inputs] for vector in weights]


SLICES: dict[type, Callable[[Weights, np.ndarray, np.ndarray], Weights]] = {
    layers.Conv2D: _slice_both,
    layers.Dense: _slice_both,
    layers.DepthwiseConv2D: _slice_depthwise,
    layers.BatchNormalization: _slice_vectors,
}


def _check_equal(smaller: keras.Model, silent: keras.Model, keep: Mapping[str, np.ndarray]) -> None:
    """Compare every layer's output on random samples; raises ChannelError at the first that differs."""
    random = np.random.default_rng(0)
    samples = [random.normal(size=(4, *(side or FREE_SIDE for side in tensor.shape[1:]))) for tensor in silent.inputs]
    samples = [sample.astype(np.float32) for sample in samples]
    names = [layer.name for layer in silent.layers]
    results = [
        keras.Model(model.inputs, [model.get_layer(name).output for name in names])(samples, training=False)
        for model in (smaller, silent)
    ]
    for name, found, expected in zip(names, *(map(np.asarray, result) for result in results), strict=True):
        expected = expected[..., keep[name]]
        if found.shape != expected.shape:
            raise ChannelError(f"layer {name!r} of the smaller model gives {found.shape[1:]}, not {expected.shape[1:]}")
        error, allowed = np.abs(found - expected).max(initial=0), ROUNDING * np.abs(expected).max(initial=0)
        if not error <= allowed:
            raise ChannelError(
                f"layer {name!r} of the smaller model is off by {error:.2g}, {allowed:.2g} are allowed: the channels "
                "were removed wrongly, or a weight is not finite; if all are finite, please report this model"
            )
