"""coarse: a converted network with weights of fewer bits, to measure what they cost without training anything.

In: a `Graph`, as `compiler.read_tflite` gives it. Out: the same graph with the int8 weights of each convolution and
dense layer rounded to fewer bits, and biases in the scales that go with them. Cycles and bytes do not depend on the
values; accuracy does, and rounding without training costs a lot of it (`compress.qat` trains).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Quantization, Tensor
from tdl_course.ops.int4 import INT4_MAX

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def coarse(graph: Graph, bits: int = 4) -> Graph:
    """`graph` with weights of `bits` bits: each channel's largest becomes the largest integer, and its step grows.

    4 bits and fewer are stored two to a byte, others one.

    Raises
    ------
    ValueError
        Fewer bits than 2 or more than 8, or the graph has no layer with constant int8 weights.
    """
    if not 2 <= bits <= 8:
        raise ValueError(f"bits is {bits}; 2 to 8 are allowed")
    largest = 2 ** (bits - 1) - 1  # the most negative value is left out, as int8 does with -128
    tensors = list(graph.tensors)
    found = False
    for op in graph.ops:
        if op.kind not in WEIGHTED or tensors[op.inputs[1]].dtype != "int8" or not tensors[op.inputs[1]].is_constant:
            continue
        found = True
        weights = tensors[op.inputs[1]]
        growth = _growth(weights, largest)
        dtype = "int4" if largest <= INT4_MAX else "int8"
        tensors[op.inputs[1]] = _in_steps(weights, growth, dtype)
        if len(op.inputs) > 2 and op.inputs[2] >= 0:
            tensors[op.inputs[2]] = _in_steps(tensors[op.inputs[2]], growth.ravel(), "int32")
    if not found:
        kinds = ", ".join(sorted({op.kind for op in graph.ops}))
        raise ValueError(f"graph {graph.name!r} has {kinds or 'no operators'}; a layer with int8 weights is needed")
    return replace(graph, tensors=tuple(tensors))


def _growth(weights: Tensor, largest: int) -> np.ndarray:
    """The new step of each channel in old steps, shaped to divide the weights."""
    quantization = weights.quantization
    assert quantization is not None and weights.data is not None  # int8 weights have both
    data = np.asarray(weights.data, np.float64)
    axes = tuple(axis for axis in range(data.ndim) if axis != quantization.axis) if quantization.per_channel else None
    return np.maximum(np.abs(data).max(axis=axes, keepdims=True), 1) / largest


def _in_steps(tensor: Tensor, growth: np.ndarray, dtype: str) -> Tensor:
    """A constant in steps that are `growth` times as large; scales are float32, as a .tflite file has them."""
    assert tensor.data is not None and tensor.quantization is not None
    data = np.rint(tensor.data / growth).astype("int32" if dtype == "int32" else "int8")
    data.setflags(write=False)
    scale = np.asarray(tensor.quantization.scale) * growth.ravel()
    scales = tuple(float(np.float32(step)) for step in scale)
    quantization = Quantization(scales, tensor.quantization.zero_point, tensor.quantization.axis)
    return replace(tensor, dtype=dtype, data=data, quantization=quantization)
