"""Other versions of a converted network, made without training: a longer window, fewer channels.

In: an int8 `Graph`, as `compiler.read_tflite` gives it. Out: a graph that compiles and runs like any other. For
demonstrations: who wants the accuracy of fewer channels trains for it. Fewer bits: `compress.coarse`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course import ops
from tdl_course.graph import Graph, Op, Tensor

SLIDING = ("CONV_2D", "DEPTHWISE_CONV_2D")


def with_length(graph: Graph, length: int) -> Graph:
    """`graph` for a signal of `length` samples instead of its own: a chain of convolutions that ends in a mean."""
    tensors = list(graph.tensors)
    first = tensors[graph.inputs[0]]
    tensors[graph.inputs[0]] = replace(first, shape=(first.shape[0], length, *first.shape[2:]))
    for op in graph.ops:
        if op.kind not in SLIDING:
            break
        source, sink = tensors[op.inputs[0]], tensors[op.outputs[0]]
        stops = -(-source.shape[1] // int(str(op.options["stride_h"])))  # SAME padding
        tensors[op.outputs[0]] = replace(sink, shape=(sink.shape[0], stops, *sink.shape[2:]))
    return replace(graph, tensors=tuple(tensors))


def without_channels(graph: Graph, fraction: float) -> Graph:
    """`graph` with that fraction of the output channels of each hidden convolution zero, those of smallest weights.

    The compiler takes such channels out.
    """
    tensors = list(graph.tensors)
    for op in graph.ops:
        if op.kind != "CONV_2D":
            continue
        weights, bias = tensors[op.inputs[1]], tensors[op.inputs[2]]
        size = np.abs(_data(weights) * _steps(weights)).sum(axis=_all_but(weights))
        gone = np.argsort(size, kind="stable")[: round(fraction * len(size))]
        data, offsets = _data(weights).copy(), _data(bias).copy()
        data[gone], offsets[gone] = 0, 0
        tensors[op.inputs[1]] = replace(weights, data=data)
        tensors[op.inputs[2]] = replace(bias, data=offsets)
    return replace(graph, tensors=tuple(tensors))


def macs(graph: Graph, op: Op) -> int:
    """Multiply-accumulates of one operator."""
    return ops.operator(op.kind).macs(graph, op)


def _data(tensor: Tensor) -> np.ndarray:
    assert tensor.data is not None, "a constant"
    return np.asarray(tensor.data)


def _axis(tensor: Tensor) -> int:
    assert tensor.quantization is not None, "quantized"
    return tensor.quantization.axis


def _all_but(tensor: Tensor) -> tuple[int, ...]:
    """Every axis but that of the channels."""
    return tuple(axis for axis in range(len(tensor.shape)) if axis != _axis(tensor))


def _steps(tensor: Tensor) -> np.ndarray:
    """The scales, shaped to be multiplied with the data."""
    assert tensor.quantization is not None, "quantized"
    shape = [len(tensor.quantization.scale) if axis == _axis(tensor) else 1 for axis in range(len(tensor.shape))]
    return np.array(tensor.quantization.scale).reshape(shape)
