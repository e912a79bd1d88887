"""LOGISTIC: 1 / (1 + exp(-x)). int8 in, int8 of scale 1/256 and zero point -128 out; or int16, see `sigmoid_int16`."""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.exponential import ONE, exp_of_negative, one_over_one_plus
from tdl_course.ops.fixed_point import divide_by_power_of_two
from tdl_course.ops.operator import NO_OPTIONS, KernelCall
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.sigmoid import INPUT_BITS, real_input, sigmoid_call, validate_sigmoid
from tdl_course.ops.sigmoid_int16 import is_int16, reference_int16

KIND = "LOGISTIC"
OPTIONS = NO_OPTIONS
overlap = element_wise


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int8 goes to int8 of scale 1/256 and zero point -128, or int16 to 1/32768."""
    validate_sigmoid(graph, op, 1 / 256, -128)


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: by exp(-|x|), the half for negative x from 1 - logistic(-x)."""
    assert inputs[0] is not None
    if is_int16(graph, op):
        return [reference_int16(graph, op, inputs[0])]
    x, low, high = real_input(graph, op, inputs[0])
    positive = one_over_one_plus(exp_of_negative(-np.abs(x), INPUT_BITS))
    logistic = np.where(x > 0, positive, np.where(x == 0, 1 << 30, ONE - positive))
    scaled = np.clip(divide_by_power_of_two(logistic, 31 - 8) - 128, -128, 127)
    return [np.where(low, -128, np.where(high, 127, scaled)).astype(np.int8)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_lookup_s8` or `tdl_logistic_s16`."""
    return sigmoid_call(graph, op, reference)
