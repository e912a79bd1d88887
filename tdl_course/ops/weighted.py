"""What the operators with weights share: per-channel scales, bias, and the int8 output stage.

In: a graph and a convolution or fully connected operator. Out: multipliers, shifts and parameter fields.
This module knows no loop order and no window.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.check import (
    require,
    require_activation_function,
    require_constant,
    require_dtype,
    require_int8,
    require_operands,
)
from tdl_course.ops.fixed_point import activation_range, quantize_multipliers, requantize
from tdl_course.ops.operator import ConstArray, Param


def validate_weighted(graph: Graph, op: Op, channel_axis: int) -> None:
    """Input, weights, optional bias and output of an int8 operator whose output channels lie on `channel_axis`."""
    require_operands(graph, op, (2, 3))
    source, weights, bias = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    require_int8(op, source, target)
    require_activation_function(op)
    require_dtype(op, weights, "int8")
    require_constant(op, weights, "weights")
    channels = weights.shape[channel_axis]
    quantization = weights.quantization
    require(quantization is not None, op, f"weights {weights.name!r} have no quantization")
    assert quantization is not None
    require(
        len(quantization.scale) in (1, channels) and len(quantization.zero_point) == len(quantization.scale),
        op,
        f"weights {weights.name!r} have {len(quantization.scale)} scales; 1 or {channels} are needed",
    )
    require(
        not quantization.per_channel or quantization.axis == channel_axis,
        op,
        f"weights {weights.name!r} are quantized along axis {quantization.axis}; axis {channel_axis} is needed",
    )
    require(
        all(np.isfinite(s) and s > 0 for s in quantization.scale),
        op,
        f"weights {weights.name!r} have scales {quantization.scale[:4]}; finite positive numbers are needed",
    )
    zero_points = sorted(set(quantization.zero_point))
    require(zero_points == [0], op, f"weights {weights.name!r} have zero points {zero_points[:4]}; only 0 is supported")
    if bias is not None:
        require_dtype(op, bias, "int32")
        require_constant(op, bias, "bias")
        require(bias.size == channels, op, f"bias {bias.name!r} has {bias.size} values; {channels} are needed")


def operands(graph: Graph, op: Op) -> tuple[Tensor, Tensor, Tensor | None]:
    """Input, weights and bias (None where absent). Call after `require_operands`."""
    source, weights, *rest = graph.input_tensors(op)
    assert source is not None and weights is not None
    return source, weights, rest[0] if rest else None


def channel_ratios(graph: Graph, op: Op, channels: int) -> np.ndarray:
    """`input scale * weight scale / output scale` of each output channel, float64[channels], in TFLM's order."""
    source, weights, _ = operands(graph, op)
    assert weights.quantization is not None
    scales = np.broadcast_to(np.array(weights.quantization.scale, np.float64), channels)
    return np.float64(source.scale) * scales / np.float64(graph.tensors[op.outputs[0]].scale)


def centered(graph: Graph, op: Op, x: np.ndarray) -> np.ndarray:
    """The input minus its zero point, float64: products and sums of such integers stay exact under 2**53."""
    return x.astype(np.float64) - operands(graph, op)[0].zero_point


def output_stage(graph: Graph, op: Op, accumulator: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Add the bias to float64 accumulators (exact integers, channels last) and requantize them to int8."""
    bias = operands(graph, op)[2]
    target = graph.tensors[op.outputs[0]]
    total = accumulator.astype(np.int64) + (0 if bias is None else np.asarray(bias.data).reshape(-1).astype(np.int64))
    multiplier, shift = quantize_multipliers(ratios)
    return requantize(total.astype(np.int32), multiplier, shift, target.zero_point, clamp(op, target))


def clamp(op: Op, target: Tensor) -> tuple[int, int]:
    """The bounds of the fused activation on the output's scale."""
    activation = str(op.options.get("fused_activation_function", "NONE"))
    return activation_range(activation, target.scale, target.zero_point)


def weighted_params(graph: Graph, op: Op, ratios: np.ndarray) -> tuple[Param, ...]:
    """The fields that end the parameter struct of each kernel with weights, in order."""
    source, weights, bias = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    multiplier, shift = quantize_multipliers(ratios)
    low, high = clamp(op, target)
    return (
        Param("int32_t", "input_zero_point", source.zero_point),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param("const int8_t *", "weights", ConstArray("int8_t", np.asarray(weights.data))),
        Param("const int32_t *", "bias", None if bias is None else ConstArray("int32_t", np.asarray(bias.data))),
        Param("const int32_t *", "multiplier", ConstArray("int32_t", multiplier)),
        Param("const int32_t *", "shift", ConstArray("int32_t", shift)),
    )
