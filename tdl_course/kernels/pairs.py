"""Constants of the fast kernels: weights packed for SMLAD, and each channel's start and scale.

In: weights, biases and scales of an operator. Out: int32 arrays as `tdl_pairs.h` describes them, or why its arithmetic
is not exact for them. This module knows no window and no loop order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.fixed_point import quantize_multipliers
from tdl_course.ops.weighted import channel_ratios, input_zero_point, operands

MOST_SHIFT = 23
"""Up to here the zero point, shifted, and the rounding fit 32 bits beside a sum."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """An operator with weights as a product of matrices.

    `weights` int64 [channels, taps]; `bias` int64 [channels], with the input's zero point taken in, so that values
    count as they are stored and padding counts as the zero point; `bound` [channels]: no sum exceeds it; `multiplier`
    and `shift` as in `quantize_multipliers`; `zero_point` of the output.
    """

    weights: np.ndarray
    bias: np.ndarray
    bound: np.ndarray
    multiplier: np.ndarray
    shift: np.ndarray
    zero_point: int


def matrix_of(graph: Graph, op: Op, channel_axis: int) -> Matrix:
    """The weights of an int8 operator, taps in their order, output channels on `channel_axis`."""
    _, weights, bias = operands(graph, op)
    stored = np.moveaxis(np.asarray(weights.data), channel_axis, 0)
    flat = stored.reshape(len(stored), -1).astype(np.int64)
    start = np.zeros(len(flat), np.int64) if bias is None else np.asarray(bias.data).reshape(-1).astype(np.int64)
    start = start - input_zero_point(graph, op) * flat.sum(axis=1)
    multiplier, shift = quantize_multipliers(channel_ratios(graph, op, len(flat)))
    bound = np.abs(start) + 128 * np.abs(flat).sum(axis=1)
    return Matrix(flat, start, bound, multiplier, shift, graph.tensors[op.outputs[0]].zero_point)


def why_not(
    graph: Graph, op: Op, channel_axis: int, factor: int, pairs: bool, weights: tuple[str, ...] = ("int8",)
) -> str | None:
    """Why sums that are `factor` times their value do not fit, or an output cannot be scaled; None where all is exact.

    `pairs`: two weights share a halfword; `weights`: the dtypes that they may have.
    """
    values, stored = (tensor.dtype for tensor in operands(graph, op)[:2] if tensor is not None)
    if values != "int8" or stored not in weights:
        return f"values are {values}, weights {stored}; int8 is needed"
    matrix = matrix_of(graph, op, channel_axis)
    largest = factor * (int(matrix.bound.max()) + 256)
    if largest >= 1 << 31:
        return f"{factor} times a sum may reach {largest}; 2**31 is too much"
    if pairs and int(matrix.weights.min()) < -127:
        return "a weight is -128; two weights to a halfword reach from -127"
    scales = zip(matrix.multiplier, matrix.shift, matrix.bound, strict=True)
    if any(fast_scale(m, s, b, 0) is None for m, s, b in scales):
        return "an output is more than half as fine as its sum, which needs another rounding"
    return None


def fast_scale(multiplier: int, shift: int, bound: int, zero_point: int) -> tuple[int, int, int] | None:
    """Multiplier, offset and right shift of `tdl_output`; None where it has no exact ones.

    A channel that is zero whatever its sum, as `bound` shows, gets multiplier 0.
    """
    right = -int(shift)
    if multiplier == 0 or (right >= 1 and int(bound) < 1 << (right - 1)):
        multiplier, right = 0, 1
    if not 1 <= right <= MOST_SHIFT or bound >= 1 << 29:
        return None
    return int(multiplier), (1 << (right - 1)) + (zero_point << right), right


def channel_table(matrix: Matrix, start: np.ndarray) -> np.ndarray:
    """int32 [channels, 4]: `start`, then multiplier, offset and shift of `tdl_output`."""
    rows = []
    for first, m, s, b in zip(start, matrix.multiplier, matrix.shift, matrix.bound, strict=True):
        scale = fast_scale(m, s, b, matrix.zero_point)
        assert scale is not None, "asked for although why_not says no"
        rows.append((int(first), *scale))
    return np.array(rows, np.int64).astype(np.int32)


def pair_start(bias: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """Where the sum of each channel starts: 256 times its bias, less 127 for every weight at an even place."""
    return 256 * bias - 127 * taps[:, ::2].sum(axis=1)


def pair_words(weights: np.ndarray) -> np.ndarray:
    """int32 [channels, groups]: four taps to a word, 256 * w1 + w0 below 256 * w3 + w2; zeros fill the last one."""
    channels, taps = weights.shape
    padded = np.zeros((channels, -(-taps // 4) * 4), np.int64)
    padded[:, :taps] = weights
    low, high = (256 * padded[:, i + 1 :: 4] + padded[:, i::4] for i in (0, 2))
    return halfwords(low, high)


def halfwords(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Words of two signed halfwords each, as int32."""
    words = (low & 0xFFFF) | ((high & 0xFFFF) << 16)
    return words.astype(np.uint32).view(np.int32)


def filled(rows: np.ndarray, multiple: int) -> np.ndarray:
    """`rows` with rows of zeros behind, up to a multiple of their number."""
    short = -len(rows) % multiple
    return np.concatenate([rows, np.zeros((short, *rows.shape[1:]), rows.dtype)])
