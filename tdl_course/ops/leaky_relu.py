"""LEAKY_RELU: negative values are multiplied by `alpha`. int8 or int16 in and out, each with its own scale."""

from __future__ import annotations

import math

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import number_option, require, require_multiplier
from tdl_course.ops.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from tdl_course.ops.lookup import EVERY_INT8, lookup_call, validate_unary
from tdl_course.ops.numbers import typed_call
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import element_wise

KIND = "LEAKY_RELU"
OPTIONS = OptionTable(75, "LeakyReluOptions", (Option("alpha", 0, "float32", 0.0),))
overlap = element_wise


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless input and output are of one dtype and shape and alpha is a finite number."""
    validate_unary(graph, op, allowed=("int8", "int16"))
    alpha = number_option(op, "alpha")
    require(math.isfinite(alpha), op, f"alpha is {alpha}; a finite number is needed")
    require_multiplier(op, np.abs(_ratios(graph, op)))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: two multipliers, for values at least zero and for those below."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    assert inputs[0] is not None
    x = inputs[0].astype(np.int32) - source.zero_point
    positive, negative = (_scaled(x, ratio) + target.zero_point for ratio in _ratios(graph, op).tolist())
    limits = np.iinfo(target.dtype)
    return [np.clip(np.where(x >= 0, positive, negative), limits.min, limits.max).astype(target.dtype)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_lookup_s8` or `tdl_leaky_relu_s16`."""
    source = graph.tensors[op.inputs[0]]
    if source.dtype == "int16":
        ratios = _ratios(graph, op)
        (positive, positive_shift), (negative, negative_shift) = (quantize_multiplier(abs(r)) for r in ratios.tolist())
        params = (
            Param("int32_t", "size", source.size),
            Param("int32_t", "positive_multiplier", positive),
            Param("int32_t", "positive_shift", positive_shift),
            Param("int32_t", "negative_multiplier", negative),
            Param("int32_t", "negative_shift", negative_shift),
            Param("int32_t", "negative_sign", 1 if ratios[1] >= 0 else -1),
        )
        return typed_call("leaky_relu", "s16", params, op.inputs, op.outputs)
    return lookup_call(graph, op, reference(graph, op, [EVERY_INT8])[0])


def _ratios(graph: Graph, op: Op) -> np.ndarray:
    """Of positive and of negative values."""
    source, target = (graph.tensors[i].scale for i in (*op.inputs, *op.outputs))
    return np.array([source / target, source * number_option(op, "alpha") / target])


def _scaled(x: np.ndarray, ratio: float) -> np.ndarray:
    """`x * ratio` rounded; a negative ratio turns the sign after rounding."""
    scaled = multiply_by_quantized_multiplier(x, *quantize_multiplier(abs(ratio))).astype(np.int64)
    return scaled if ratio >= 0 else -scaled
