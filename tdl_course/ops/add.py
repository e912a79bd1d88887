"""ADD: the sum of two tensors of one shape, or of a tensor and a single value.

In: two int8 tensors, of which one may be a constant. Out: int8. Both operands are first brought to one scale, twice
the larger of theirs, with 20 extra bits so that the rounding of that step does not show.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.check import (
    require,
    require_activation_function,
    require_activation_tensor,
    require_int8,
    require_operands,
    require_shape,
)
from tdl_course.ops.fixed_point import (
    ACTIVATIONS,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    requantize,
)
from tdl_course.ops.operator import ConstArray, KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import element_wise
from tdl_course.ops.weighted import clamp

KIND = "ADD"
OPTIONS = OptionTable(
    11,
    "AddOptions",
    (
        Option("fused_activation_function", 0, ACTIVATIONS, "NONE"),
        Option("pot_scale_int16", 1, "bool", True),
    ),
)
overlap = element_wise

EXTRA_BITS = 20


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the shapes are equal or one operand is a single value."""
    require_operands(graph, op, (2,))
    a, b = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]]
    target = graph.tensors[op.outputs[0]]
    require_int8(op, a, b, target)
    require_activation_tensor(op, *([b] if a.is_constant else [a]))
    require_activation_function(op)
    require(
        a.shape == b.shape or a.size == 1 or b.size == 1,
        op,
        f"shapes {list(a.shape)} and {list(b.shape)} differ; only equal shapes, or a single value as one operand, are"
        " supported: broadcasting along an axis is not. Tile the smaller operand when the model is built",
    )
    require_shape(op, target, np.broadcast_shapes(a.shape, b.shape))
    output_multiplier, output_shift = _output_multiplier(graph, op)
    require(
        output_multiplier > 0 and output_shift <= 0,
        op,
        f"the output's scale {target.scale} is out of proportion to the operands' {a.scale} and {b.scale}",
    )


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: two operands on one fine scale, added, requantized."""
    target = graph.tensors[op.outputs[0]]
    total = np.zeros(target.shape, np.int32)
    for index, x in zip(op.inputs, inputs, strict=True):
        assert x is not None
        tensor = graph.tensors[index]
        fine = (x.astype(np.int32) - tensor.zero_point) << EXTRA_BITS
        total = total + multiply_by_quantized_multiplier(fine, *_operand_multiplier(graph, op, tensor))
    return [requantize(total, *_output_multiplier(graph, op), target.zero_point, clamp(op, target))]


def macs(graph: Graph, op: Op) -> int:
    """0: its multiplications are rescalings, no weighted sum."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_add_s8`, or `tdl_add_constant_s8` with the constant among the parameters."""
    indices = tuple(sorted(op.inputs, key=lambda i: graph.tensors[i].is_constant))
    a, b = (graph.tensors[i] for i in indices)
    target = graph.tensors[op.outputs[0]]
    low, high = clamp(op, target)
    output_multiplier, output_shift = _output_multiplier(graph, op)
    params = (
        Param("int32_t", "size", target.size),
        *_operand_params("a", graph, op, a),
        *_operand_params("b", graph, op, b),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "output_multiplier", output_multiplier),
        Param("int32_t", "output_shift", output_shift),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
        Param("const int8_t *", "constant", None if b.data is None else ConstArray("int8_t", b.data)),
    )
    if b.is_constant:
        return KernelCall("add", "tdl_add_constant_s8", "tdl_add_params", params, indices[:1], op.outputs)
    return KernelCall("add", "tdl_add_s8", "tdl_add_params", params, indices, op.outputs)


def _operand_params(name: str, graph: Graph, op: Op, tensor: Tensor) -> tuple[Param, ...]:
    multiplier, shift = _operand_multiplier(graph, op, tensor)
    step = 0 if tensor.size == 1 else 1
    values = {"step": step, "zero_point": tensor.zero_point, "multiplier": multiplier, "shift": shift}
    return tuple(Param("int32_t", f"{name}_{key}", value) for key, value in values.items())


def _common_scale(graph: Graph, op: Op) -> float:
    return 2 * max(graph.tensors[i].scale for i in op.inputs)


def _operand_multiplier(graph: Graph, op: Op, tensor: Tensor) -> tuple[int, int]:
    return quantize_multiplier(tensor.scale / _common_scale(graph, op))


def _output_multiplier(graph: Graph, op: Op) -> tuple[int, int]:
    scale = graph.tensors[op.outputs[0]].scale
    return quantize_multiplier(_common_scale(graph, op) / ((1 << EXTRA_BITS) * scale))
