"""LOGISTIC and TANH of int16: one table of the logistic function, with straight lines in between.

In: int16 of zero point 0. Out: int16 of scale 1/32768 and zero point 0. `logistic` and `tanh` have the operators; this
module has what they do with 16 bits. The table is the same for every model: logistic(i / 24) in Q0.16 for i from 0 to
255, so that it ends at 10.6. Negative values follow from logistic(-x) = 1 - logistic(x), and tanh(x) is
2 * logistic(2 * x) - 1.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require
from tdl_course.ops.lookup import validate_unary
from tdl_course.ops.operator import ConstArray, KernelCall, Param

STEPS = 3 * 4096
"""Steps of the number that is looked up, in 1."""
SHIFT_MAX = 31
MULTIPLIER_MAX = (1 << 16) - 1
"""With an int16 the product fits an int32."""

ONE_MORE = (
    *(4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46),
    *(49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255),
)
"""Where TFLM's table is one above the rounded function, as its outputs show."""


def is_int16(graph: Graph, op: Op) -> bool:
    return bool(op.inputs) and op.inputs[0] >= 0 and graph.tensors[op.inputs[0]].dtype == "int16"


def validate_int16(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int16 goes to int16 of one shape and scale 1/32768."""
    validate_unary(graph, op, allowed=("int16",))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require(target.scale == 1 / 32768, op, f"output has scale {target.scale}; 1/32768 is needed")
    largest = MULTIPLIER_MAX / STEPS
    require(source.scale <= largest, op, f"the input's scale {source.scale} must be at most {largest:.4g}")


def reference_int16(graph: Graph, op: Op, x: np.ndarray) -> np.ndarray:
    """The definition, integer by integer."""
    multiplier, shift = _scaling(graph, op)
    steps = (x.astype(np.int64) * multiplier + (1 << shift >> 1)) >> shift
    bits = 8 if op.kind == "TANH" else 9  # twice as steep: half of the bits between two entries
    table, size = table_of_logistic().astype(np.int64), np.abs(steps)
    index, rest = np.minimum(size >> bits, 255), size & ((1 << bits) - 1)
    between = (table[index] << bits) + rest * (table[np.minimum(index + 1, 255)] - table[index])
    if op.kind == "TANH":
        one = np.where(index >= 255, 0xFFFF << 8, between) - (1 << 23)
        result = (np.where(steps >= 0, one, -one - 1) + (1 << 7)) >> 8
    else:
        positive = np.where(index >= 255, 0x7FFF << 10, between)
        result = (np.where(steps >= 0, positive, (1 << 25) - positive - 1) + (1 << 9)) >> 10
    return result.astype(np.int16)


def call_int16(graph: Graph, op: Op) -> KernelCall:
    """`tdl_logistic_s16` or `tdl_tanh_s16`."""
    multiplier, shift = _scaling(graph, op)
    params = (
        Param("int32_t", "size", graph.tensors[op.outputs[0]].size),
        Param("int32_t", "multiplier", multiplier),
        Param("int32_t", "shift", shift),
        Param("const uint16_t *", "table", ConstArray("uint16_t", table_of_logistic())),
    )
    kernel = f"tdl_{op.kind.lower()}_s16"
    return KernelCall("sigmoid_s16", kernel, "tdl_sigmoid_s16_params", params, op.inputs, op.outputs)


@cache
def table_of_logistic() -> np.ndarray:
    """uint16[256]."""
    values = np.floor(65536 / (1 + np.exp(-np.arange(256) / 24)) + 0.5).astype(np.uint16)
    values[list(ONE_MORE)] += 1
    return values


def _scaling(graph: Graph, op: Op) -> tuple[int, int]:
    """(m, s) with input scale * `STEPS` = m / 2**s: exact for the scales 1/4096 (and 1/2048 of TANH), else 15 bits."""
    scale = graph.tensors[op.inputs[0]].scale
    exact = (4096, 2048) if op.kind == "TANH" else (4096,)
    if scale in [1 / steps for steps in exact]:
        return int(scale * STEPS), 0
    real, shift = scale * STEPS, 0
    while real <= 32767 / 2 and shift < SHIFT_MAX:
        real, shift = real * 2, shift + 1
    return math.floor(real), shift
