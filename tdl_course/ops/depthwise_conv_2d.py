"""DEPTHWISE_CONV_2D: each input channel is filtered on its own, by `depth_multiplier` filters.

In: NHWC input, weights [1, height, width, output channels], bias, of the types of numbers in `weighted`. Out: NHWC,
where output channel oc reads input channel oc // depth_multiplier.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_rank, require_shape
from tdl_course.ops.fixed_point import ACTIVATIONS
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import by_windows
from tdl_course.ops.weighted import (
    centered,
    channel_ratios,
    operands,
    output_stage,
    require_scalable,
    validate_weighted,
    weighted_call,
    weighted_params,
)
from tdl_course.ops.window import PADDINGS, Window, padded, taps, window_of

KIND = "DEPTHWISE_CONV_2D"
OPTIONS = OptionTable(
    2,
    "DepthwiseConv2DOptions",
    (
        Option("padding", 0, PADDINGS, "SAME"),
        Option("stride_w", 1, "int32", 0),
        Option("stride_h", 2, "int32", 0),
        Option("depth_multiplier", 3, "int32", 0),
        Option("fused_activation_function", 4, ACTIVATIONS, "NONE"),
        Option("dilation_w_factor", 5, "int32", 1),
        Option("dilation_h_factor", 6, "int32", 1),
    ),
)


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless `op` is a depthwise convolution whose shapes agree."""
    require(len(op.inputs) > 1 and op.inputs[1] >= 0, op, "has no weights")
    require_rank(op, graph.tensors[op.inputs[1]], 4)
    validate_weighted(graph, op, channel_axis=3)
    source, weights, bias = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    require(
        source.dtype == "int8" or bias is None or bias.dtype == "int64",
        op,
        "its bias is int32; with int16 values TFLM reads int64 ones. Convert with biases of 64 bits, the default",
    )
    require_rank(op, source, 4)
    require(weights.shape[0] == 1, op, f"weights {weights.name!r} are {list(weights.shape)}; the first must be 1")
    channels, outputs = source.shape[3], weights.shape[3]
    require(
        weights.size > 0 and channels > 0 and outputs % channels == 0,
        op,
        f"input has {channels} channels, weights have {outputs}; they must be a multiple of the input's",
    )
    multiplier = op.options.get("depth_multiplier", 0)
    require(
        multiplier in (0, outputs // channels),
        op,
        f"depth_multiplier is {multiplier} but {channels} input and {outputs} output channels make it"
        f" {outputs // channels}",
    )
    window = _window(graph, op)
    require_shape(op, target, (source.shape[0], *window.output, outputs))
    require_scalable(graph, op, channel_ratios(graph, op, outputs))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: for each tap of the window, channel by channel, input times weight."""
    _, weights, _ = operands(graph, op)
    assert inputs[0] is not None
    window = _window(graph, op)
    w = np.asarray(weights.data).astype(np.float64)
    x = padded(centered(graph, op, inputs[0]), window, 0)
    x = np.repeat(x, w.shape[3] // x.shape[3], axis=3)
    accumulator = np.zeros((x.shape[0], *window.output, w.shape[3]))
    for ky, kx, view in taps(x, window):
        accumulator += view * w[0, ky, kx]
    return [output_stage(graph, op, accumulator, channel_ratios(graph, op, w.shape[3]))]


def macs(graph: Graph, op: Op) -> int:
    """Multiply-accumulates, counting the taps that fall on padding."""
    weights = operands(graph, op)[1]
    return graph.tensors[op.outputs[0]].size * weights.shape[1] * weights.shape[2]


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_depthwise_conv_2d_s8`, `_s4` or `_s16`."""
    source, weights, _ = operands(graph, op)
    params = (
        Param("int32_t", "batches", source.shape[0]),
        *_window(graph, op).params(),
        Param("int32_t", "input_channels", source.shape[3]),
        Param("int32_t", "depth_multiplier", weights.shape[3] // source.shape[3]),
        *weighted_params(graph, op, channel_ratios(graph, op, weights.shape[3])),
    )
    return weighted_call(graph, op, params)


def _window(graph: Graph, op: Op) -> Window:
    source, weights, _ = operands(graph, op)
    return window_of(op, source.shape, (weights.shape[1], weights.shape[2]))


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel."""
    return by_windows(graph, op, _window(graph, op))
