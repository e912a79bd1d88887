"""MEAN: the average over any axes, requantized to the output's scale.

In: int8 input, a constant int32 tensor of axes (negative ones count from the end). Out: int8; reduced axes have length
1 (`keep_dims`) or are gone. The division by the count is folded into the multiplier when the model is compiled.
"""

from __future__ import annotations

from math import prod

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    require,
    require_constant,
    require_dtype,
    require_int8,
    require_multiplier,
    require_operands,
    require_shape,
)
from tdl_course.ops.fixed_point import quantize_multiplier, requantize
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import apart

KIND = "MEAN"
OPTIONS = OptionTable(27, "ReducerOptions", (Option("keep_dims", 0, "bool", False),))
overlap = apart

COUNT_MAX = 1 << 23
"""Most values in one mean: their sum, and that of as many zero points, fits an int32."""


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the axes are constant and valid and the output has the shape they make."""
    require_operands(graph, op, (2,))
    source, axis, target = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]], graph.tensors[op.outputs[0]]
    require_int8(op, source, target)
    require_dtype(op, axis, "int32")
    rank = len(source.shape)
    values = require_constant(op, axis, "axes").reshape(-1).tolist()
    require(
        all(-rank <= v < rank for v in values),
        op,
        f"axes are {values}; {-rank} to {rank - 1} are allowed for the input",
    )
    axes = _axes(graph, op)
    if op.options.get("keep_dims", False):
        shape = tuple(1 if i in axes else n for i, n in enumerate(source.shape))
    else:
        shape = tuple(n for i, n in enumerate(source.shape) if i not in axes)
    require_shape(op, target, shape)
    count = _count(graph, op)
    require(1 <= count <= COUNT_MAX, op, f"averages {count} values; 1 to {COUNT_MAX} are supported")
    runs = _runs(graph, op)
    require(len(runs) <= 5, op, f"axes {values} of {list(source.shape)} make more than two separate groups")
    require_multiplier(op, np.array([source.scale / target.scale]))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: sum of (value - zero point), times scale ratio / count in fixed point."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    assert inputs[0] is not None
    total = inputs[0].astype(np.int64).sum(axis=_axes(graph, op)) - source.zero_point * _count(graph, op)
    multiplier, shift = mean_multiplier(source.scale, target.scale, _count(graph, op))
    mean = requantize(total.astype(np.int32), multiplier, shift, target.zero_point, (-128, 127))
    return [mean.reshape(target.shape)]


def macs(graph: Graph, op: Op) -> int:
    """0: a mean adds; the one multiplication of each output is its requantization."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_mean_s8`: any axes are seen as [outer, reduced_1, middle, reduced_2, inner]."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    multiplier, shift = mean_multiplier(source.scale, target.scale, _count(graph, op))
    lengths = [*_runs(graph, op), 1, 1, 1, 1][:5]
    names = ("outer", "reduced_1", "middle", "reduced_2", "inner")
    params = (
        *(Param("int32_t", name, value) for name, value in zip(names, lengths, strict=True)),
        Param("int32_t", "input_zero_point", source.zero_point),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "multiplier", multiplier),
        Param("int32_t", "shift", shift),
    )
    return KernelCall("mean", "tdl_mean_s8", "tdl_mean_params", params, (op.inputs[0],), op.outputs)


def mean_multiplier(input_scale: float, output_scale: float, count: int) -> tuple[int, int]:
    """`input_scale / output_scale / count` in fixed point, keeping as many bits as TFLM does."""
    multiplier, shift = quantize_multiplier(input_scale / output_scale)
    bits = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << bits) // count, shift - bits


def _axes(graph: Graph, op: Op) -> tuple[int, ...]:
    rank = len(graph.tensors[op.inputs[0]].shape)
    values = np.asarray(graph.tensors[op.inputs[1]].data).reshape(-1).tolist()
    return tuple(sorted({v % rank for v in values})) if rank else ()


def _count(graph: Graph, op: Op) -> int:
    shape = graph.tensors[op.inputs[0]].shape
    return prod(shape[axis] for axis in _axes(graph, op))


def _runs(graph: Graph, op: Op) -> list[int]:
    """Lengths of alternating runs of kept and reduced axes, kept first: [1,64,2,16] over (1,2) -> [1, 128, 16]."""
    axes = _axes(graph, op)
    runs = [1]
    for index, length in enumerate(graph.tensors[op.inputs[0]].shape):
        if (len(runs) % 2 == 0) != (index in axes):
            runs.append(1)
        runs[-1] *= length
    return runs
