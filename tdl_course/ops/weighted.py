"""What the operators with weights share: types of numbers, per-channel scales, bias, and the output stage.

In: a graph and a convolution or fully connected operator. Out: multipliers, shifts and parameter fields.
This module knows no loop order and no window.

Types of numbers, by the suffix of their kernels:

    s8      int8 values, int8 weights, int32 bias and sums
    s4      the same with int4 weights, two in a byte
    s16     int16 values of zero point 0, int8 weights, int64 sums. A bias is int64, or int32: then TFLM's sums have 32
            bits and are scaled as those of int8, while sums of 64 bits are scaled with a multiplier of 15 bits
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.check import (
    require,
    require_activation_function,
    require_constant,
    require_dtype,
    require_multiplier,
    require_operands,
    require_quantized,
)
from tdl_course.ops.fixed_point import (
    SHIFT_MAX,
    WIDE_SHIFT_MAX,
    activation_range,
    multiply_wide,
    narrow_multipliers,
    quantize_multipliers,
    requantize,
)
from tdl_course.ops.int4 import pack_int4
from tdl_course.ops.numbers import SUFFIXES, typed_call
from tdl_course.ops.operator import ConstArray, KernelCall, Param

INT32 = 2
"""In the schema's enum of types, as the option quantized_bias_type has it."""

BIAS_MAX = 1 << 46
"""Largest int64 bias: with any sum of products it stays within the 48 bits that are scaled."""


def validate_weighted(graph: Graph, op: Op, channel_axis: int) -> None:
    """Input, weights, optional bias and output of an operator whose output channels lie on `channel_axis`."""
    require_operands(graph, op, (2, 3))
    source, weights, bias = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    require_quantized(op, source, target)
    require_activation_function(op)
    require_dtype(op, weights, *(("int8", "int4") if source.dtype == "int8" else ("int8",)))
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
        all(np.isfinite(s) and s >= 0 for s in quantization.scale),  # 0 makes the output zero, whatever the bias
        op,
        f"weights {weights.name!r} have scales {quantization.scale[:4]}; finite numbers, 0 or above, are needed",
    )
    zero_points = sorted(set(quantization.zero_point))
    require(
        zero_points == [0],
        op,
        f"weights {weights.name!r} have zero points {zero_points[:4]}; only 0 is supported: TFLite's int8 weights are"
        " symmetric. Convert the model with full integer quantization",
    )
    if bias is not None:
        require_dtype(op, bias, *(("int32",) if source.dtype == "int8" else ("int64", "int32")))
        values = require_constant(op, bias, "bias")
        require(bias.size == channels, op, f"bias {bias.name!r} has {bias.size} values; {channels} are needed")
        largest = max(abs(int(values.min())), abs(int(values.max())))
        require(largest <= BIAS_MAX, op, f"bias {bias.name!r} holds {largest}; at most 2**46 is supported")


def require_scalable(graph: Graph, op: Op, ratios: np.ndarray) -> None:
    """The ratios of scales must be some that the kernel of the operator's numbers can multiply by."""
    require_multiplier(op, ratios, WIDE_SHIFT_MAX if is_wide(graph, op) else SHIFT_MAX)


def number_type(graph: Graph, op: Op) -> str:
    """Suffix of the kernels for the operator's numbers."""
    source, weights, _ = operands(graph, op)
    return "s4" if weights.dtype == "int4" else SUFFIXES[source.dtype]


def is_wide(graph: Graph, op: Op) -> bool:
    """True where sums have 64 bits: int16 values, and no bias of 32 bits, nor an option that speaks of one."""
    source, _, bias = operands(graph, op)
    if bias is None:
        return source.dtype == "int16" and op.options.get("quantized_bias_type", 0) != INT32
    return source.dtype == "int16" and bias.dtype == "int64"


def weighted_call(graph: Graph, op: Op, params: tuple[Param, ...]) -> KernelCall:
    """The call of `tdl_<kind>_<number type>`."""
    return typed_call(op.kind.lower(), number_type(graph, op), params, (op.inputs[0],), op.outputs)


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
    return x.astype(np.float64) - input_zero_point(graph, op)


def input_zero_point(graph: Graph, op: Op) -> int:
    """What is taken from each input value: its zero point, or 0 where the bias has taken that in.

    No file has this option: the pass that folds the offset writes it.
    """
    return 0 if op.options.get("input_offset_in_bias", False) else operands(graph, op)[0].zero_point


def output_stage(graph: Graph, op: Op, accumulator: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Add the bias to float64 accumulators (exact integers, channels last) and scale them to the output's dtype."""
    bias = operands(graph, op)[2]
    target = graph.tensors[op.outputs[0]]
    total = accumulator.astype(np.int64) + (0 if bias is None else np.asarray(bias.data).reshape(-1).astype(np.int64))
    multiplier, shift = scaling(graph, op, ratios)
    if is_wide(graph, op):
        return np.clip(multiply_wide(total, multiplier, shift), *clamp(op, target)).astype(np.int16)
    return requantize(total.astype(np.int32), multiplier, shift, target.zero_point, clamp(op, target), target.dtype)


def scaling(graph: Graph, op: Op, ratios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Multiplier and shift of each channel, as `output_stage` and the kernels take them."""
    multiplier, shift = quantize_multipliers(ratios)
    return (narrow_multipliers(multiplier) if is_wide(graph, op) else multiplier), shift


def clamp(op: Op, target: Tensor) -> tuple[int, int]:
    """The bounds of the fused activation on the output's scale."""
    activation = str(op.options.get("fused_activation_function", "NONE"))
    return activation_range(activation, target.scale, target.zero_point, target.dtype)


def weighted_params(graph: Graph, op: Op, ratios: np.ndarray) -> tuple[Param, ...]:
    """The fields that end the parameter struct of each kernel with weights, in order."""
    source, weights, bias = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    multiplier, shift = scaling(graph, op, ratios)
    low, high = clamp(op, target)
    stored = np.asarray(weights.data)
    bias_dtype = "int64" if source.dtype == "int16" else "int32"
    return (
        Param("int32_t", "input_zero_point", input_zero_point(graph, op)),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param(
            "const int8_t *",
            "weights",
            ConstArray("int8_t", pack_int4(stored).view(np.int8) if weights.dtype == "int4" else stored),
        ),
        Param(
            "const void *",
            "bias",
            None if bias is None else ConstArray(f"{bias_dtype}_t", np.asarray(bias.data, bias_dtype)),
        ),
        Param("const int32_t *", "multiplier", ConstArray("int32_t", multiplier)),
        Param("const int32_t *", "shift", ConstArray("int32_t", shift)),
    )
