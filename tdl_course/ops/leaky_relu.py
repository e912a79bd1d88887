"""LEAKY_RELU: negative values are multiplied by `alpha`. int8 in and out, each with its own scale."""

from __future__ import annotations

import math

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import number_option, require, require_multiplier
from tdl_course.ops.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from tdl_course.ops.lookup import EVERY_INT8, lookup_call, validate_unary
from tdl_course.ops.operator import KernelCall, Option, OptionTable
from tdl_course.ops.overlap import element_wise

KIND = "LEAKY_RELU"
OPTIONS = OptionTable(75, "LeakyReluOptions", (Option("alpha", 0, "float32", 0.0),))
overlap = element_wise


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless input and output are int8 of one shape and alpha is a finite number."""
    validate_unary(graph, op)
    alpha = number_option(op, "alpha")
    require(math.isfinite(alpha), op, f"alpha is {alpha}; a finite number is needed")
    require_multiplier(op, np.abs(_ratios(graph, op)))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: two multipliers, for values at least zero and for those below."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    assert inputs[0] is not None
    x = inputs[0].astype(np.int32) - source.zero_point
    positive, negative = (_scaled(x, ratio) + target.zero_point for ratio in _ratios(graph, op).tolist())
    return [np.clip(np.where(x >= 0, positive, negative), -128, 127).astype(np.int8)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_lookup_s8`."""
    return lookup_call(graph, op, reference(graph, op, [EVERY_INT8])[0])


def _ratios(graph: Graph, op: Op) -> np.ndarray:
    """Of positive and of negative values."""
    source, target = (graph.tensors[i].scale for i in (*op.inputs, *op.outputs))
    return np.array([source / target, source * number_option(op, "alpha") / target])


def _scaled(x: np.ndarray, ratio: float) -> np.ndarray:
    """`x * ratio` rounded; a negative ratio turns the sign after rounding."""
    scaled = multiply_by_quantized_multiplier(x, *quantize_multiplier(abs(ratio))).astype(np.int64)
    return scaled if ratio >= 0 else -scaled
