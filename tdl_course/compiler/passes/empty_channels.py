"""scale_empty_channels: a channel without weights gets a scale and a bias that fast kernels can work with.

The converter has nothing to scale such a channel's weights by, and takes a scale near zero; its bias, which counts in
units of that, is then so large that no fast kernel can take the layer. Pruning makes such channels, and padding behind
them keeps some from being folded. What the channel writes is one number, the requantized bias; about a quarter of the
output's scale and four times that number give the same, bit for bit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.fixed_point import quantize_multipliers, requantize
from tdl_course.ops.weighted import channel_ratios, operands

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
LARGE = 1 << 20
"""Biases up to here are left alone: fast kernels have room for them."""
PARTS = 4
"""Of the output's scale: small enough for a kernel that wants an output coarser than its sum."""


def scale_empty_channels(graph: Graph) -> Graph:
    """Give int8 layers whose scales are by channel other numbers for the channels without weights."""
    tensors, ops = list(graph.tensors), list(graph.ops)
    for number, op in enumerate(graph.ops):
        changed = _scaled(graph, op)
        if changed is not None:
            ops[number] = replace(op, inputs=(op.inputs[0], len(tensors), len(tensors) + 1))
            tensors.extend(changed)
    return graph if len(tensors) == len(graph.tensors) else replace(graph, tensors=tuple(tensors), ops=tuple(ops))


def _scaled(graph: Graph, op: Op) -> tuple[Tensor, Tensor] | None:
    """New weights and bias of an operator; None where the old ones will do."""
    if op.kind not in WEIGHTED or len(op.inputs) != 3:
        return None
    source, weights, bias = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    if bias is None or {source.dtype, weights.dtype, target.dtype} != {"int8"} or weights.quantization is None:
        return None
    if weights.data is None or bias.data is None:
        return None
    stored = np.moveaxis(np.asarray(weights.data), weights.quantization.axis, 0)
    starts = np.asarray(bias.data).reshape(-1)
    scales = np.array(weights.quantization.scale)
    if not len(stored) == len(scales) == len(starts):
        return None
    empty = ~stored.reshape(len(stored), -1).any(axis=1) & (np.abs(starts.astype(np.int64)) > LARGE)
    if not empty.any():
        return None
    multiplier, shift = quantize_multipliers(channel_ratios(graph, op, len(starts)))
    written = requantize(starts, multiplier, shift, target.zero_point).astype(np.int32)
    scales = np.where(empty, np.float32(target.scale / source.scale / PARTS), scales)
    starts = np.where(empty, PARTS * (written - target.zero_point), starts).astype(np.int32)
    quantization = replace(weights.quantization, scale=tuple(scales.tolist()))
    return replace(weights, quantization=quantization), replace(bias, data=starts.reshape(bias.shape))
