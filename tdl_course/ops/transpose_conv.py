"""TRANSPOSE_CONV: a convolution run backwards; an image grows, as each input pixel paints a window of the output.

In: the output's shape (int32), OHWI int8 weights, NHWC int8 input, optional int32 bias, in this order. Out: NHWC int8.
Input pixel (iy, ix) adds to output rows `iy * stride_h - pad + ky`, columns alike; what falls outside is lost. The
padding is that of a convolution from the output to the input.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_dtype, require_operands, require_rank, require_shape
from tdl_course.ops.fixed_point import ACTIVATIONS
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
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
from tdl_course.ops.window import PADDINGS, Window, window_of

KIND = "TRANSPOSE_CONV"
OPTIONS = OptionTable(
    49,
    "TransposeConvOptions",
    (
        Option("padding", 0, PADDINGS, "SAME"),
        Option("stride_w", 1, "int32", 0),
        Option("stride_h", 2, "int32", 0),
        Option("fused_activation_function", 3, ACTIVATIONS, "NONE"),
    ),
)
INPUT = 2
"""Position of the image among the inputs."""


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless `op` is an int8 transposed convolution whose shapes agree."""
    require_operands(graph, op, (3, 4))
    as_convolution = _as_convolution(op)
    source, weights, _ = operands(graph, as_convolution)
    shape, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    for tensor in (source, weights, target):
        require_dtype(op, tensor, "int8")
        require_rank(op, tensor, 4)
    validate_weighted(graph, as_convolution, channel_axis=0)
    require(
        weights.size > 0 and source.shape[3] == weights.shape[3],
        op,
        f"input has {source.shape[3]} channels, weights are {list(weights.shape)} (output, height, width, input):"
        " the input channels must be equal",
    )
    wanted = target.shape if shape.data is None else tuple(shape.data.reshape(-1).tolist())
    require_shape(op, target, wanted)
    require_shape(op, target, (source.shape[0], target.shape[1], target.shape[2], weights.shape[0]))
    _window(graph, op)
    require_scalable(graph, as_convolution, channel_ratios(graph, as_convolution, weights.shape[0]))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: one matrix product for each tap, added where the tap paints."""
    as_convolution = _as_convolution(op)
    x = inputs[INPUT]
    assert x is not None
    x = centered(graph, as_convolution, x)
    w = np.asarray(operands(graph, as_convolution)[1].data).astype(np.float64)
    accumulator = np.zeros(graph.tensors[op.outputs[0]].shape)
    window = _window(graph, op)
    for ky in range(w.shape[1]):
        rows, painted_rows = _painted(window, 0, ky)
        for kx in range(w.shape[2]):
            columns, painted_columns = _painted(window, 1, kx)
            paint = np.einsum("nyxi,oi->nyxo", x[:, rows, columns], w[:, ky, kx], optimize=True)
            accumulator[:, painted_rows, painted_columns] += paint
    return [output_stage(graph, as_convolution, accumulator, channel_ratios(graph, as_convolution, w.shape[0]))]


def macs(graph: Graph, op: Op) -> int:
    """Multiply-accumulates, counting the taps that fall outside the output."""
    source, weights, _ = operands(graph, _as_convolution(op))
    return source.size * (weights.size // weights.shape[3])


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_transpose_conv_s8`."""
    as_convolution = _as_convolution(op)
    source, weights, _ = operands(graph, as_convolution)
    params = (
        Param("int32_t", "batches", source.shape[0]),
        *_window(graph, op).params(),
        Param("int32_t", "input_channels", source.shape[3]),
        Param("int32_t", "output_channels", weights.shape[0]),
        *weighted_params(graph, as_convolution, channel_ratios(graph, as_convolution, weights.shape[0])),
    )
    return weighted_call(graph, as_convolution, params)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel; it reads the input pixels that paint one, then writes it."""
    source, target = graph.tensors[op.inputs[INPUT]], graph.tensors[op.outputs[0]]
    batches, height, width, channels = source.shape
    window = _window(graph, op)
    top, left = (_first_reads(window, axis) for axis in range(2))
    pixels = (np.arange(batches)[:, None, None] * height + top[:, None]) * width + left
    reads_none = (top[:, None] >= height) | (left >= width)
    written = np.arange(1, pixels.size + 1) * target.shape[3]
    ways = np.where(reads_none.reshape(-1), 0, (written - pixels.reshape(-1) * channels).reshape(batches, -1))
    return {INPUT: max(0, int(ways.max()))}


def _as_convolution(op: Op) -> Op:
    """The same operator with its operands in the order of a convolution: input, weights, bias."""
    _, weights, source, *bias = op.inputs
    return replace(op, inputs=(source, weights, *bias))


def _window(graph: Graph, op: Op) -> Window:
    """Input and output are this operator's; the padding is that of the convolution from output to input."""
    source, weights, _ = operands(graph, _as_convolution(op))
    target = graph.tensors[op.outputs[0]]
    backwards = window_of(op, target.shape, (weights.shape[1], weights.shape[2]))
    return replace(backwards, input=(source.shape[1], source.shape[2]), output=(target.shape[1], target.shape[2]))


def _painted(window: Window, axis: int, tap: int) -> tuple[slice, slice]:
    """The input indices whose tap falls inside the output, and the output indices that it falls on."""
    stride, shift = window.stride[axis], tap - window.pad[axis]
    first = max(0, -(shift // stride))
    end = min(window.input[axis], max(first, (window.output[axis] - 1 - shift) // stride + 1))
    begin = shift + first * stride
    return slice(first, max(first, end)), slice(begin, begin + max(0, end - first) * stride, stride)


def _first_reads(window: Window, axis: int) -> np.ndarray:
    """The first input index that paints each output index; the input's length where none does."""
    length = window.input[axis]
    first = np.full(window.output[axis], length, np.int64)
    for tap in range(window.kernel[axis]):
        read, painted = _painted(window, axis, tap)
        first[painted] = np.minimum(first[painted], np.arange(read.start, read.stop))
    return first
