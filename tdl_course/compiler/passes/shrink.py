"""taken_out: a graph without some of its channels.

In: for each tensor that loses channels, which stay; for each operator that mixes channels, what each input channel adds
to the sums of each output. Out: the graph whose tensors, weights, scales and biases have the other channels left, in
their order. This module decides nothing: that the network computes the same is `dead_channels`' business.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.compiler.passes.channels import WEIGHT_AXES, channels
from tdl_course.compiler.passes.edit import frozen, with_options
from tdl_course.graph import Graph, Op, Quantization, Tensor


def weights_by_channel(graph: Graph, op: Op) -> np.ndarray:
    """Weights of an operator that mixes channels as [output channels, input channels, weights of that pair]."""
    weights = np.asarray(graph.tensors[op.inputs[1]].data)
    count = channels(graph.tensors[op.inputs[0]])
    return np.swapaxes(weights.reshape(weights.shape[0], -1, count), 1, 2)


def taken_out(graph: Graph, kept: dict[int, np.ndarray], added: dict[int, np.ndarray]) -> Graph:
    """Drop the channels that `kept` (tensor index -> bool [channels]) says False of.

    `added`, int64 [output channels, input channels] by number of operator, is what an input channel adds to the sums:
    that of the dropped ones goes into the bias. All of it together fits an int32.
    """
    tensors = [_narrower(tensor, kept.get(index)) for index, tensor in enumerate(graph.tensors)]
    ops = []
    for number, op in enumerate(graph.ops):
        stays_in, stays_out = (
            kept.get(index, np.ones(channels(graph.tensors[index]), bool)) for index in (op.inputs[0], op.outputs[0])
        )
        if op.kind == "RESHAPE" and tensors[op.outputs[0]] is not graph.tensors[op.outputs[0]]:
            op = with_options(replace(op, inputs=op.inputs[:1]), new_shape=tensors[op.outputs[0]].shape)
        if number in added or op.kind == "DEPTHWISE_CONV_2D":
            weights, bias = graph.tensors[op.inputs[1]], bias_of(graph, op)
            if number in added:
                dropped = added[number][:, ~stays_in].sum(axis=1)
                bias = with_added(graph, op, bias, dropped) if dropped.any() else bias
                inputs = np.resize(stays_in, weights.shape[WEIGHT_AXES[op.kind][1]])
                weights = _selected(weights, WEIGHT_AXES[op.kind][1], inputs)
            weights = _selected(weights, 3 if op.kind == "DEPTHWISE_CONV_2D" else 0, stays_out)
            constants = [weights] if bias is None else [weights, _selected(bias, 0, stays_out)]
            if constants != [graph.tensors[index] for index in op.inputs[1:] if index >= 0]:
                op = replace(op, inputs=(op.inputs[0], *range(len(tensors), len(tensors) + len(constants))))
                tensors += constants
        ops.append(op)
    return replace(graph, tensors=tuple(tensors), ops=tuple(ops))


def _narrower(tensor: Tensor, stays: np.ndarray | None) -> Tensor:
    if stays is None or stays.all():
        return tensor
    if tensor.data is not None:
        return _selected(tensor, len(tensor.shape) - 1, stays)
    return replace(tensor, shape=(*tensor.shape[:-1], int(stays.sum())))


def _selected(tensor: Tensor, axis: int, stays: np.ndarray) -> Tensor:
    """A constant without the indices of `axis` that go, and without their scales where it has one for each."""
    if stays.all():
        return tensor
    assert tensor.data is not None
    data = frozen(np.compress(stays, tensor.data, axis=axis))
    quantization = tensor.quantization
    if quantization is not None and quantization.per_channel and quantization.axis == axis:
        left = np.flatnonzero(stays).tolist()
        scales = tuple(quantization.scale[i] for i in left)
        quantization = Quantization(scales, tuple(quantization.zero_point[i] for i in left), axis)
    return replace(tensor, shape=data.shape, data=data, quantization=quantization)


def bias_of(graph: Graph, op: Op) -> Tensor | None:
    """The bias, of one axis."""
    if len(op.inputs) < 3 or op.inputs[2] < 0:
        return None
    bias = graph.tensors[op.inputs[2]]
    if len(bias.shape) == 1:
        return bias
    return replace(bias, shape=(bias.size,), data=frozen(np.asarray(bias.data).reshape(-1)))


def with_added(graph: Graph, op: Op, bias: Tensor | None, added: np.ndarray) -> Tensor:
    """The bias, made of zeros where there is none, plus `added`."""
    if bias is None:
        source, weights = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]]
        assert weights.quantization is not None
        scales = tuple(float(np.float32(source.scale * scale)) for scale in weights.quantization.scale)
        quantization = Quantization(scales, (0,) * len(scales))
        bias = Tensor(f"{weights.name}/bias", (len(added),), "int32", quantization, np.zeros(len(added), np.int32))
    total = np.asarray(bias.data, np.int64) + added
    return replace(bias, data=frozen(total.astype(np.int32)))
