"""What MEAN and SUM share: a sum over any axes, requantized to the output's scale.

In: int8 or int16 input, a constant int32 tensor of axes (negative ones count from the end). Out: the same dtype;
reduced axes have length 1 (`keep_dims`) or are gone. An operator of this kind gives the multiplier that the sum is
scaled by.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.axes import Axis, axes_params, merged, steps_of
from tdl_course.ops.check import (
    require,
    require_constant,
    require_dtype,
    require_multiplier,
    require_operands,
    require_quantized,
    require_shape,
)
from tdl_course.ops.fixed_point import requantize
from tdl_course.ops.numbers import SUFFIXES, typed_call
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param

Multiplier = Callable[[float, float, int], tuple[int, int]]
"""(input scale, output scale, values in one sum) -> multiplier and shift."""

OPTIONS = OptionTable(27, "ReducerOptions", (Option("keep_dims", 0, "bool", False),))

COUNT_MAX = {"int8": 1 << 23, "int16": (1 << 16) - 1}
"""Most values in one sum: it, and that of as many zero points, fits an int32."""


def validate_reduction(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the axes are constant and valid and the output has the shape they make."""
    require_operands(graph, op, (2,))
    source, axis, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    require_quantized(op, source, target)
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
    most = COUNT_MAX[source.dtype]
    require(1 <= count <= most, op, f"reduces {count} values of {source.dtype} to one; 1 to {most} are supported")
    require_multiplier(op, np.array([source.scale / target.scale]))


def reduced(graph: Graph, op: Op, x: np.ndarray, multiplier: Multiplier) -> np.ndarray:
    """The sum of (value - zero point) over the axes, requantized."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    count = _count(graph, op)
    total = x.astype(np.int64).sum(axis=_axes(graph, op)) - source.zero_point * count
    factor, shift = multiplier(source.scale, target.scale, count)
    bounds = int(np.iinfo(target.dtype).min), int(np.iinfo(target.dtype).max)
    scaled = requantize(total.astype(np.int32), factor, shift, target.zero_point, bounds, target.dtype)
    return scaled.reshape(target.shape)


def reduce_call(graph: Graph, op: Op, multiplier: Multiplier) -> KernelCall:
    """`tdl_reduce_s8` or `_s16`: the axes that are kept, those that are summed up, and their steps in the input."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    reduced_axes = _axes(graph, op)
    steps = steps_of(source.shape, len(source.shape))
    walk = [Axis(length, (step,)) for length, step in zip(source.shape, steps, strict=True)]
    kept = merged([axis for i, axis in enumerate(walk) if i not in reduced_axes])
    *outer, inner = merged([axis for i, axis in enumerate(walk) if i in reduced_axes]) or [Axis(1, (0,))]
    scaled_by, shift = multiplier(source.scale, target.scale, _count(graph, op))
    params = (
        Param("int32_t", "outputs", target.size),
        *axes_params("kept", kept, ("x",)),
        Param("int32_t", "runs", prod(axis.length for axis in outer)),
        Param("int32_t", "length", inner.length),
        Param("int32_t", "step", inner.steps[0]),
        *axes_params("outer", outer, ("x",)),
        Param("int32_t", "input_zero_point", source.zero_point),
        Param("int32_t", "output_zero_point", target.zero_point),
        Param("int32_t", "multiplier", scaled_by),
        Param("int32_t", "shift", shift),
    )
    return typed_call("reduce", SUFFIXES[source.dtype], params, (op.inputs[0],), op.outputs)


def _axes(graph: Graph, op: Op) -> tuple[int, ...]:
    rank = len(graph.tensors[op.inputs[0]].shape)
    values = np.asarray(graph.tensors[op.inputs[1]].data).reshape(-1).tolist()
    return tuple(sorted({v % rank for v in values})) if rank else ()


def _count(graph: Graph, op: Op) -> int:
    shape = graph.tensors[op.inputs[0]].shape
    return prod(shape[axis] for axis in _axes(graph, op))
