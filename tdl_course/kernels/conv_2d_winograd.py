"""Kernel "winograd": CONV_2D of 3 x 3 with stride 1, four outputs from 16 products for each input channel, not 36.

In: an int8 operator. Out: the call of `conv_2d_winograd_dsp.c`, its scratch memory, what it costs, why it cannot be
had. The formulas, and why they are exact, are at the top of that file.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels.pairs import channel_table, filled, halfwords, matrix_of
from tdl_course.kernels.pairs import why_not as pairs_why_not
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import by_windows
from tdl_course.ops.weighted import clamp, input_zero_point, operands
from tdl_course.ops.window import Window, window_of

WITHOUT_DSP = True
MOST_WEIGHT_BYTES = 40_000
"""Transformed weights take 32 bytes for every 9 of the model: speed is not worth any amount of flash."""

SIDE = 2  # of a tile of outputs
TILES = 3  # of a block
POSITIONS = 16  # of a tile's values and sums
CHANNELS = 8  # of a turn of the inner loop
SUM_FACTOR = 4
WEIGHT_TRANSFORM = np.array([[1, -1, 1], [2, 0, 0], [1, 1, 1], [0, 0, 2]])
"""G of `conv_2d_winograd_dsp.c`."""


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly, and its weights are not too large."""
    source, weights, _ = operands(graph, op)
    at = window(graph, op)
    if (at.kernel, at.stride, at.dilation) != ((3, 3), (1, 1), (1, 1)):
        return "its window is not 3 x 3 with stride 1 and dilation 1"
    if source.shape[3] != weights.shape[3]:
        return "its channels are in groups"
    if source.shape[3] % CHANNELS:
        return f"it has {source.shape[3]} input channels; a multiple of {CHANNELS} is needed"
    size = 2 * POSITIONS * source.shape[3] * (weights.shape[0] + weights.shape[0] % 2)
    if size > MOST_WEIGHT_BYTES:
        return f"its weights would take {size:,} bytes; at most {MOST_WEIGHT_BYTES:,}"
    return pairs_why_not(graph, op, 0, SUM_FACTOR, pairs=False)


def window(graph: Graph, op: Op) -> Window:
    source, weights, _ = operands(graph, op)
    return window_of(op, source.shape, (weights.shape[1], weights.shape[2]))


def scratch(graph: Graph, op: Op) -> int:
    """Bytes: three tiles' values, 16 halfwords a channel; their sums for two output channels, or a window of int8."""
    channels = operands(graph, op)[0].shape[3]
    return TILES * POSITIONS * 2 * channels + POSITIONS * max(TILES * 4 * 2, channels)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel reads the windows of three tiles, then writes these."""
    return by_windows(graph, op, window(graph, op), TILES, SIDE)


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: for three tiles, 205 a pair of inputs with one of outputs, 300 and 800 for each of these."""
    source, weights, _ = operands(graph, op)
    height, width = window(graph, op).output
    blocks = -(-source.shape[0] * -(-height // SIDE) * -(-width // SIDE) // TILES)
    inputs, outputs = source.shape[3] // 2, -(-weights.shape[0] // 2)
    return blocks * (205 * inputs * outputs + 300 * inputs + 800 * outputs + 300)


def transformed(taps: np.ndarray) -> np.ndarray:
    """int32 [pairs of outputs, 16 positions, pairs of input channels, 2] from int64 [outputs, 9 * input channels]."""
    kernels = taps.reshape(len(taps), 3, 3, -1)
    squares = np.einsum("jx,iy,oyxc->ojic", WEIGHT_TRANSFORM, WEIGHT_TRANSFORM, kernels)
    fours = squares.reshape(len(taps), POSITIONS, -1, 2, 2)
    words = filled(halfwords(fours[..., 0, :], fours[..., 1, :]), 2)
    return np.moveaxis(words.reshape(len(words) // 2, 2, POSITIONS, -1), 1, 3)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_conv_2d_winograd_s8`."""
    source, weights, _ = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    at = window(graph, op)
    low, high = clamp(op, target)
    matrix = matrix_of(graph, op, 0)
    params = (
        Param("int32_t", "batches", source.shape[0]),
        Param("int32_t", "input_height", at.input[0]),
        Param("int32_t", "input_width", at.input[1]),
        Param("int32_t", "output_height", at.output[0]),
        Param("int32_t", "output_width", at.output[1]),
        Param("int32_t", "pad_height", at.pad[0]),
        Param("int32_t", "pad_width", at.pad[1]),
        Param("int32_t", "input_channels", weights.shape[3]),
        Param("int32_t", "output_channels", weights.shape[0]),
        Param("int32_t", "input_zero_point", input_zero_point(graph, op)),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param("const int32_t *", "weights", ConstArray("int32_t", transformed(matrix.weights))),
        Param("const int32_t *", "channels", ConstArray("int32_t", channel_table(matrix, SUM_FACTOR * matrix.bias))),
    )
    return typed_call("conv_2d_winograd", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
