"""SOFTMAX of int16: exponentials and the reciprocal of their sum by tables with straight lines in between.

In: int16 of zero point 0. Out: int16 of scale 1/32768 and zero point 0. `softmax` has the operator; this module has
what it does with 16 bits. Both tables are the same for every model: 513 values of exp(x) for x from -10 to 0, and of
1 / (1 + x) for x from 0 to 1, in Q0.15.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import number_option, require, require_multiplier, require_shape
from tdl_course.ops.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from tdl_course.ops.operator import ConstArray, KernelCall, Param

STEPS = 512
SPAN = 65535
"""Number of steps between the lowest and the highest int16."""
RANGE = 10.0
"""Differences under -10 count as -10: exp(-10) is 1.5 in Q0.15."""
SHIFT_MAX = 14
"""A difference of 17 bits is shifted left by at most this much."""
DEPTH_MAX = 1 << 16
"""Most values in a row: the sum of their exponentials fits an int32."""


def validate_int16(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the output has scale 1/32768, rows are short enough, and beta is usable."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_shape(op, target, source.shape)
    require(
        abs(target.scale * 32768 - 1) <= 1e-3,
        op,
        f"output has scale {target.scale}; 1/32768 is needed",
    )
    require(
        len(source.shape) >= 1 and 1 <= source.shape[-1] <= DEPTH_MAX,
        op,
        f"input is {list(source.shape)}; the last axis must have 1 to {DEPTH_MAX} values",
    )
    require(number_option(op, "beta") > 0, op, f"beta is {number_option(op, 'beta')}; a positive number is needed")
    require_multiplier(op, np.array([_ratio(graph, op)]), SHIFT_MAX)


def reference_int16(graph: Graph, op: Op, x: np.ndarray) -> np.ndarray:
    """The definition, integer by integer."""
    exponential, reciprocal = tables()
    wide = x.astype(np.int32)
    difference = wide - wide.max(axis=-1, keepdims=True)
    scaled = multiply_by_quantized_multiplier(difference, *quantize_multiplier(_ratio(graph, op)))
    weights = interpolated(exponential, scaled + 32767)
    total = weights.astype(np.int64).sum(axis=-1, keepdims=True)
    bits = np.vectorize(lambda value: int(value).bit_length(), otypes=[np.int64])(total)
    mantissa = ((total << (31 - bits)) + (1 << 13)) >> 14  # from 2**16 to 2**17: 1 to 2
    inverse = interpolated(reciprocal, mantissa - (1 << 16) - (1 << 15))
    shift = bits - 1
    result = (weights.astype(np.int64) * inverse + (np.int64(1) << (shift - 1))) >> shift
    return np.clip(result, 0, 32767).astype(np.int16)


def call_int16(graph: Graph, op: Op) -> KernelCall:
    """`tdl_softmax_s16`."""
    source = graph.tensors[op.inputs[0]]
    multiplier, shift = quantize_multiplier(_ratio(graph, op))
    exponential, reciprocal = tables()
    params = (
        Param("int32_t", "rows", source.size // source.shape[-1]),
        Param("int32_t", "depth", source.shape[-1]),
        Param("int32_t", "input_multiplier", multiplier),
        Param("int32_t", "input_shift", shift),
        Param("const int16_t *", "exponential", ConstArray("int16_t", exponential)),
        Param("const int16_t *", "reciprocal", ConstArray("int16_t", reciprocal)),
    )
    return KernelCall("softmax_s16", "tdl_softmax_s16", "tdl_softmax_s16_params", params, op.inputs, op.outputs)


@cache
def tables() -> tuple[np.ndarray, np.ndarray]:
    """exp(x) and 1 / (1 + x), int16[513] each."""
    one = np.float32(1)
    exponential = _table(RANGE, 32767, lambda x: np.exp(x.astype(np.float64)).astype(np.float32))
    return exponential, _table(1.0, -32768, lambda x: one / (one + x))


def interpolated(table: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The table's function at `x`, cut to int16: the value at the step below, and 7 bits along the line to the next."""
    x = np.clip(x, -32768, 32767).astype(np.int32)
    index, offset = 256 + (x >> 7), x & 127
    base = table[index].astype(np.int32)
    return base + (((table[index + 1] - base) * offset + 64) >> 7)


def _table(length: float, zero_point: int, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """`function` in Q0.15 over an interval of `length`, in float32 as TFLM computes it.

    Each value but the last is moved by half of the error that the straight line has in the middle of its step.
    """
    scale = np.float32(length) / np.float32(SPAN)
    low, high = scale * np.float32(-32768 - zero_point), scale * np.float32(32767 - zero_point)
    step = (high - low) / np.float32(STEPS)
    number = np.arange(STEPS, dtype=np.float32)
    output_scale = np.float32(2) / np.float32(SPAN)
    output_range = output_scale * np.float32(32767) - output_scale * np.float32(-32768)
    unit = np.float32(SPAN + 1) / output_range
    values = function(low + number * step) * unit
    middles = _rounded(function(low + number * step + step / np.float32(2)) * unit)
    following = function(low + (number + np.float32(1)) * step) * unit
    error = _rounded((following + _rounded(values)) / np.float32(2)) - middles
    last = _rounded(function(np.array([high])) * unit)
    moved = _rounded(values) - _rounded(error / np.float32(2))
    return np.clip(np.concatenate([moved, last]), -32768, 32767).astype(np.int16)


def _rounded(x: np.ndarray) -> np.ndarray:
    """To whole numbers, halves away from zero; float32."""
    return (np.sign(x) * np.floor(np.abs(x) + np.float32(0.5))).astype(np.float32)


def _ratio(graph: Graph, op: Op) -> float:
    """What takes a difference of inputs to steps of 10/65535."""
    return graph.tensors[op.inputs[0]].scale * number_option(op, "beta") / (RANGE / SPAN)
