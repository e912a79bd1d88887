"""CONV_2D: a window of weights slides over an image; each output channel is a weighted sum.

In: NHWC input, OHWI weights, bias, of the types of numbers in `weighted`. Out: NHWC. Where an input has G times the
channels of the weights, the convolution is grouped: output channel oc reads the input channels of group
oc // (output_channels / G).
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

KIND = "CONV_2D"
OPTIONS = OptionTable(
    1,
    "Conv2DOptions",
    (
        Option("padding", 0, PADDINGS, "SAME"),
        Option("stride_w", 1, "int32", 0),
        Option("stride_h", 2, "int32", 0),
        Option("fused_activation_function", 3, ACTIVATIONS, "NONE"),
        Option("dilation_w_factor", 4, "int32", 1),
        Option("dilation_h_factor", 5, "int32", 1),
        Option("quantized_bias_type", 6, "int8", 0),
    ),
)


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless `op` is a convolution whose shapes agree."""
    validate_weighted(graph, op, channel_axis=0)
    source, weights, _ = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    require_rank(op, source, 4)
    require_rank(op, weights, 4)
    require(weights.size > 0, op, f"weights {weights.name!r} are empty")
    groups, rest = divmod(source.shape[3], weights.shape[3])
    require(
        rest == 0 and groups > 0 and weights.shape[0] % groups == 0,
        op,
        f"input has {source.shape[3]} channels, weights are {list(weights.shape)} (output, height, width, input):"
        " the input channels must be a multiple of the weights', and the groups must divide the outputs",
    )
    window = _window(graph, op)
    require_shape(op, target, (source.shape[0], *window.output, weights.shape[0]))
    require_scalable(graph, op, channel_ratios(graph, op, weights.shape[0]))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: one matrix product for each tap of the window and each group."""
    _, weights, _ = operands(graph, op)
    assert inputs[0] is not None
    window = _window(graph, op)
    x = padded(centered(graph, op, inputs[0]), window, 0)
    w = np.asarray(weights.data).astype(np.float64)
    groups = x.shape[3] // w.shape[3]
    accumulator = np.zeros((x.shape[0], *window.output, groups, w.shape[0] // groups))
    by_group = w.reshape(groups, -1, *w.shape[1:])
    for ky, kx, view in taps(x, window):
        pixels = view.reshape(*view.shape[:3], groups, w.shape[3])
        accumulator += np.einsum("nyxgi,goi->nyxgo", pixels, by_group[:, :, ky, kx], optimize=True)
    total = accumulator.reshape(*accumulator.shape[:3], w.shape[0])
    return [output_stage(graph, op, total, channel_ratios(graph, op, w.shape[0]))]


def macs(graph: Graph, op: Op) -> int:
    """Multiply-accumulates, counting the taps that fall on padding."""
    weights = operands(graph, op)[1]
    return graph.tensors[op.outputs[0]].size * (weights.size // weights.shape[0])


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_conv_2d_s8`, `_s4` or `_s16`."""
    source, weights, _ = operands(graph, op)
    params = (
        Param("int32_t", "batches", source.shape[0]),
        *_window(graph, op).params(),
        Param("int32_t", "input_channels", source.shape[3]),
        Param("int32_t", "output_channels", weights.shape[0]),
        Param("int32_t", "kernel_channels", weights.shape[3]),
        *weighted_params(graph, op, channel_ratios(graph, op, weights.shape[0])),
    )
    return weighted_call(graph, op, params)


def _window(graph: Graph, op: Op) -> Window:
    source, weights, _ = operands(graph, op)
    return window_of(op, source.shape, (weights.shape[1], weights.shape[2]))


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel."""
    return by_windows(graph, op, _window(graph, op))
