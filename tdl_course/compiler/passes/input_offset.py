"""fold_input_offset: the input's zero point goes into the bias, where no window sees padding.

    bias + sum(weights * (x - zero_point))  =  (bias - zero_point * sum(weights)) + sum(weights * x)

The bracket is known when the model is compiled. On padding, which counts as the zero point, the right side would be
wrong, so a convolution whose windows reach beyond its input stays as it is. The option `input_offset_in_bias` says that
it was done; the reference and the kernel call then take 0 for the input's zero point.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.compiler.passes.edit import with_options
from tdl_course.compiler.passes.shrink import bias_of, with_added
from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.window import window_of

CHANNEL_AXIS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0}
"""Operators that can take it, and the axis of their weights that counts output channels."""

INT32_MAX = 2**31 - 1


def fold_input_offset(graph: Graph) -> Graph:
    """Compute `bias - zero_point * sum(weights)` now, for int8 operators without padding.

    A bias is made where there is none. Where a sum might leave the 32 bits on the way, the operator stays as it is.
    """
    tensors, ops = list(graph.tensors), []
    for op in graph.ops:
        bias = _folded_bias(graph, op)
        if bias is not None:
            op = with_options(replace(op, inputs=(*op.inputs[:2], len(tensors))), input_offset_in_bias=True)
            tensors.append(bias)
        ops.append(op)
    if len(tensors) == len(graph.tensors):
        return graph
    return replace(graph, tensors=tuple(tensors), ops=tuple(ops))


def _folded_bias(graph: Graph, op: Op) -> Tensor | None:
    """The bias that takes the offset in; None where the operator has none to give, or cannot give it."""
    if op.kind not in CHANNEL_AXIS or op.options.get("input_offset_in_bias", False):
        return None
    source, weights = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]]
    if source.dtype != "int8" or source.zero_point == 0 or _sees_padding(op, source, weights):
        return None
    axes = tuple(axis for axis in range(len(weights.shape)) if axis != CHANNEL_AXIS[op.kind])
    values = np.asarray(weights.data, np.int64)
    added = -source.zero_point * values.sum(axis=axes)
    bias = bias_of(graph, op)
    total = added if bias is None else added + np.asarray(bias.data, np.int64)
    if (np.abs(total) + 128 * np.abs(values).sum(axis=axes)).max() > INT32_MAX:
        return None
    return with_added(graph, op, bias, added)


def _sees_padding(op: Op, source: Tensor, weights: Tensor) -> bool:
    if op.kind == "FULLY_CONNECTED":
        return False
    return any(window_of(op, source.shape, (weights.shape[1], weights.shape[2])).border)
