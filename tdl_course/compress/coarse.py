"""coarse: a converted network with weights of 4 bits, to measure what they cost without training anything.

In: a `Graph`, as `compiler.read_tflite` gives it. Out: the same graph with the int8 weights of each convolution and
dense layer rounded to int4, and biases in the scales that go with them. Cycles and bytes do not depend on the values;
accuracy does, and rounding without training costs a lot of it (`compress.qat` trains).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Quantization, Tensor

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
LARGEST = 7  # of int4; the most negative value is left out, as int8 does with -128


def coarse(graph: Graph) -> Graph:
    """`graph` with int4 weights: each channel's largest int8 stays where it is, and the steps between grow.

    Raises
    ------
    ValueError
        The graph has no layer with constant int8 weights.
    """
    tensors = list(graph.tensors)
    found = False
    for op in graph.ops:
        if op.kind not in WEIGHTED or tensors[op.inputs[1]].dtype != "int8" or not tensors[op.inputs[1]].is_constant:
            continue
        found = True
        before = tensors[op.inputs[1]]
        after = _rounded(before)
        tensors[op.inputs[1]] = after
        if len(op.inputs) > 2 and op.inputs[2] >= 0:
            tensors[op.inputs[2]] = _rescaled(tensors[op.inputs[2]], before, after)
    if not found:
        kinds = ", ".join(sorted({op.kind for op in graph.ops}))
        raise ValueError(f"graph {graph.name!r} has {kinds or 'no operators'}; a layer with int8 weights is needed")
    return replace(graph, tensors=tuple(tensors))


def _rounded(weights: Tensor) -> Tensor:
    """The weights as int4, with as many scales as before."""
    quantization = weights.quantization
    assert quantization is not None and weights.data is not None  # int8 weights have both
    data = np.asarray(weights.data, np.float64)
    axes = tuple(axis for axis in range(data.ndim) if axis != quantization.axis) if quantization.per_channel else None
    grown = np.maximum(np.abs(data).max(axis=axes, keepdims=True), 1) / LARGEST
    scale = np.asarray(quantization.scale) * grown.ravel()
    values = np.rint(data / grown).astype(np.int8)
    values.setflags(write=False)
    return replace(
        weights, dtype="int4", data=values, quantization=replace(quantization, scale=tuple(map(float, scale)))
    )


def _rescaled(bias: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """The bias for the new scales of its layer's weights."""
    assert bias.data is not None and bias.quantization and before.quantization and after.quantization
    factor = np.asarray(after.quantization.scale) / np.where(
        np.asarray(before.quantization.scale) > 0, np.asarray(before.quantization.scale), 1
    )
    data = np.rint(bias.data / np.where(factor > 0, factor, 1)).astype(np.int32)
    data.setflags(write=False)
    scale = tuple(map(float, np.asarray(bias.quantization.scale) * factor))
    return replace(
        bias, data=data, quantization=Quantization(scale, bias.quantization.zero_point, bias.quantization.axis)
    )
