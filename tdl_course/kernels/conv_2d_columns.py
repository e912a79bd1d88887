"""Kernel "columns": CONV_2D, or FULLY_CONNECTED of many rows, as a product of matrices, three pixels at a time.

In: an int8 operator. Out: the call of `conv_2d_columns_dsp.c`, its scratch memory, what it costs, why it cannot be had.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.kernels.pairs import channel_table, filled, matrix_of, pair_start, pair_words
from tdl_course.kernels.pairs import why_not as pairs_why_not
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import by_windows
from tdl_course.ops.weighted import clamp, input_zero_point, operands
from tdl_course.ops.window import Window, window_of

WITHOUT_DSP = False
PIXELS = 3
WORDS = 2 * PIXELS  # of a group in the columns
SUM_FACTOR = 256


def why_not(graph: Graph, op: Op) -> str | None:
    """None where this kernel computes `op` exactly."""
    source, weights, _ = operands(graph, op)
    if op.kind == "CONV_2D" and source.shape[3] != weights.shape[3]:
        return "its channels are in groups"
    return pairs_why_not(graph, op, 0, SUM_FACTOR, pairs=True)


def window(graph: Graph, op: Op) -> Window:
    """The window; rows of FULLY_CONNECTED are pixels of an image one row high."""
    source, weights, _ = operands(graph, op)
    if op.kind == "FULLY_CONNECTED":
        rows = source.size // weights.shape[1]
        return Window((1, rows), (1, rows), (1, 1), (1, 1), (1, 1), (0, 0))
    return window_of(op, source.shape, (weights.shape[1], weights.shape[2]))


@dataclass(frozen=True)
class Groups:
    """A window as the kernel unpacks it: `rows` kernel rows of `run` groups of four values and `rest` more."""

    rows: int
    run: int
    rest: int

    @property
    def count(self) -> int:
        """Groups in all: the rests of all rows fill the last ones."""
        return self.rows * self.run + -(-self.rows * self.rest // 4)

    def ordered(self, taps: np.ndarray) -> np.ndarray:
        """[channels, taps] in the order of the groups, zeros behind."""
        by_row = taps.reshape(len(taps), self.rows, -1)
        run, rest = by_row[:, :, : 4 * self.run], by_row[:, :, 4 * self.run :]
        joined = np.concatenate([part.reshape(len(taps), -1) for part in (run, rest)], axis=1)
        return np.pad(joined, [(0, 0), (0, 4 * self.count - joined.shape[1])])


def groups_of(graph: Graph, op: Op) -> Groups:
    weights, at = operands(graph, op)[1], window(graph, op)
    rows = at.kernel[1] if at.is_column else at.kernel[0]
    return Groups(rows, *divmod(weights.size // weights.shape[0] // rows, 4))


def scratch(graph: Graph, op: Op) -> int:
    """Bytes: three columns of words, then of int8 three rests, a word and three windows."""
    weights, groups = operands(graph, op)[1], groups_of(graph, op)
    rests = 4 * (groups.count - groups.rows * groups.run)
    return 4 * WORDS * groups.count + 4 + -(-PIXELS * (rests + weights.size // weights.shape[0]) // 4) * 4


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel reads the windows of three pixels, then writes these."""
    return by_windows(graph, op, window(graph, op), PIXELS)


def cycles(graph: Graph, op: Op) -> int:
    """About what it takes: for three pixels, per group 25 for each pair of channels and to unpack it, per pair 80."""
    weights = operands(graph, op)[1]
    groups = groups_of(graph, op).count
    pixels = graph.tensors[op.outputs[0]].size // weights.shape[0]
    pairs = -(-weights.shape[0] // 2)
    return -(-pixels // PIXELS) * (25 * groups * (pairs + 1) + 80 * pairs + 150)


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_conv_2d_columns_s8`."""
    source, weights, _ = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    groups = groups_of(graph, op)
    low, high = clamp(op, target)
    matrix = matrix_of(graph, op, 0)
    taps = groups.ordered(matrix.weights)
    words = filled(pair_words(taps), 2)
    table = filled(channel_table(matrix, pair_start(matrix.bias, taps)), 2)
    params = (
        Param("int32_t", "batches", source.shape[0] if op.kind == "CONV_2D" else 1),
        *window(graph, op).params(),
        Param("int32_t", "input_channels", weights.shape[-1]),
        Param("int32_t", "output_channels", weights.shape[0]),
        Param("int32_t", "groups", groups.count),
        Param("int32_t", "run", groups.run),
        Param("int32_t", "rest", groups.rest),
        Param("int32_t", "input_zero_point", input_zero_point(graph, op)),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param(
            "const int32_t *",
            "weights",
            ConstArray("int32_t", np.swapaxes(words.reshape(len(words) // 2, 2, -1), 1, 2)),
        ),
        Param("const int32_t *", "channels", ConstArray("int32_t", table)),
    )
    return typed_call("conv_2d_columns", "s8", params, (op.inputs[0],), op.outputs, variant="dsp")
