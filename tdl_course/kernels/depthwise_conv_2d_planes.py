"""Kernel "planes": DEPTHWISE_CONV_2D channel by channel, each in a plane of its own.

In: an int8 operator with one filter a channel. Out: the call of `depthwise_conv_2d_planes_dsp.c`, its scratch memory,
what it costs, why it cannot be had.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels.pairs import channel_table, halfwords, matrix_of
from tdl_course.kernels.pairs import why_not as pairs_why_not
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import apart
from tdl_course.ops.weighted import clamp, input_zero_point, operands
from tdl_course.ops.window import Window, window_of

WITHOUT_DSP = True
SUM_FACTOR = 2
SLACK = 8  # bytes behind the plane that may be read
overlap = apart


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly."""
    source, weights, _ = operands(graph, op)
    if weights.shape[3] != source.shape[3]:
        return f"{weights.shape[3] // source.shape[3]} filters a channel; 1 is needed"
    if source.shape[3] < 2:
        return "it has one channel; two are taken at a time"
    if min(window(graph, op).dilation) > 1:
        return "its taps have gaps in both directions"
    return pairs_why_not(graph, op, 3, SUM_FACTOR, pairs=False)


def window(graph: Graph, op: Op) -> Window:
    source, weights, _ = operands(graph, op)
    return window_of(op, source.shape, (weights.shape[1], weights.shape[2]))


def in_place(graph: Graph, op: Op) -> bool:
    """True: outputs may lie exactly where the inputs are, since a channel only writes where that channel was read.

    Of several images that grow, the first one would reach into the second.
    """
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    return source.shape[0] == 1 or target.nbytes <= source.nbytes


@dataclass(frozen=True)
class Plane:
    """A channel's padded plane, and which axis of the image runs along its rows: all pairs are (row, column)."""

    across: bool
    input: tuple[int, int]
    output: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: int
    pad: tuple[int, int]
    size: tuple[int, int]

    @property
    def three_by_three(self) -> int:
        """The stride of a window of 3 x 3 for which there is a loop of its own, else 0."""
        square = self.kernel == (3, 3) and self.dilation == 1 and self.stride[0] == self.stride[1]
        return self.stride[0] if square and self.stride[0] in (1, 2) else 0

    @property
    def pairs(self) -> int:
        """Words of weights in a kernel row."""
        return -(-self.kernel[1] // 2)

    @property
    def cycles(self) -> int:
        """About what one channel takes."""
        (rows, columns), twos = self.input, -(-self.output[1] // 2)
        if self.three_by_three:
            alone = (self.pad[1] & 1) + ((self.pad[1] + columns) & 1)  # columns that share no word of the plane
            taking = rows * (2.75 * (columns - alone) + 6 * alone) + 12 * columns
            return int(taking + twos * (20 + (35 + 8 * self.stride[0]) * self.output[0]) + 40 * (self.output[1] & 1))
        row = 40 + self.kernel[0] * (8 + 7 * self.pairs)
        return 5 * rows * columns + 20 * rows + self.output[0] * (20 + twos * row)


def plane_of(graph: Graph, op: Op) -> Plane:
    """The plane that takes fewer cycles: along the image, or across it."""
    at = window(graph, op)
    planes = [plane_along(at, across) for across in (False, True) if at.dilation[0 if across else 1] == 1]
    return min(planes, key=lambda plane: plane.cycles)


def plane_along(at: Window, across: bool) -> Plane:
    """The plane whose rows are those of the image, or its columns (`across`)."""

    def turned(pair: tuple[int, int]) -> tuple[int, int]:
        return pair[::-1] if across else pair

    seen = reach(at)
    height, width = (max(at.pad[axis] + at.input[axis], seen[axis]) for axis in (0, 1))
    rows, columns = turned((height, width))
    return Plane(
        across,
        turned(at.input),
        turned(at.output),
        turned(at.kernel),
        turned(at.stride),
        turned(at.dilation)[0],
        turned(at.pad),
        (rows, -(-columns // 2) * 2),
    )


def reach(at: Window) -> tuple[int, int]:
    """Rows and columns, from the first padding on, that windows see."""
    zipped = zip(at.output, at.stride, at.kernel, at.dilation, strict=True)
    rows, columns = ((count - 1) * step + (taps - 1) * gap + 1 for count, step, taps, gap in zipped)
    return rows, columns


def scratch(graph: Graph, op: Op) -> int:
    """Bytes of two planes of int16."""
    plane = plane_of(graph, op)
    return 2 * 2 * plane.size[0] * plane.size[1] + SLACK


def cycles(graph: Graph, op: Op) -> int:
    source = operands(graph, op)[0]
    return source.shape[0] * source.shape[3] * plane_of(graph, op).cycles


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_depthwise_conv_2d_planes_s8`."""
    source, weights, _ = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    plane, channels = plane_of(graph, op), source.shape[3]
    low, high = clamp(op, target)
    matrix = matrix_of(graph, op, 3)
    taps = 2 * matrix.weights.reshape(channels, *weights.shape[1:3])
    taps = taps.swapaxes(1, 2) if plane.across else taps
    steps = [(channels * shape[2], channels) for shape in (source.shape, target.shape)]
    row_steps, column_steps = zip(*(pair[::-1] if plane.across else pair for pair in steps), strict=True)
    fields = {
        "batches": source.shape[0],
        "image": source.nbytes // source.shape[0],
        "channels": channels,
        "input_height": plane.input[0],
        "input_width": plane.input[1],
        "input_row": row_steps[0],
        "input_column": column_steps[0],
        "output_height": plane.output[0],
        "output_width": plane.output[1],
        "output_row": row_steps[1],
        "output_column": column_steps[1],
        "kernel_height": plane.kernel[0],
        "pairs": plane.pairs,
        "three_by_three": plane.three_by_three,
        "stride_height": plane.stride[0],
        "stride_width": plane.stride[1],
        "dilation_height": plane.dilation,
        "pad_height": plane.pad[0],
        "pad_width": plane.pad[1],
        "plane_height": plane.size[0],
        "plane_width": plane.size[1],
        "input_zero_point": input_zero_point(graph, op),
        "activation_min": low,
        "activation_max": high,
    }
    params = (
        *(Param("int32_t", name, int(value)) for name, value in fields.items()),
        Param("const int32_t *", "weights", ConstArray("int32_t", tap_pairs(taps, plane))),
        Param("const int32_t *", "constants", ConstArray("int32_t", channel_table(matrix, 2 * matrix.bias))),
    )
    return typed_call("depthwise_conv_2d_planes", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")


def tap_pairs(taps: np.ndarray, plane: Plane) -> np.ndarray:
    """int32 [channels, kernel rows, pairs] of taps [channels, rows, columns]: neighbours; of 3 the middle twice."""
    if plane.three_by_three:
        return np.stack([halfwords(taps[:, :, 0], taps[:, :, 1]), halfwords(taps[:, :, 1], taps[:, :, 2])], axis=2)
    even = np.pad(taps, [(0, 0), (0, 0), (0, taps.shape[2] % 2)])
    return halfwords(even[:, :, ::2], even[:, :, 1::2])
