"""ARG_MAX: the index of the largest value along one axis; of several largest the first.

In: int8 input, a constant int32 axis (negative: from the end). Out: int32, the input's shape without that axis.
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
    require_operands,
    require_shape,
)
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import apart

KIND = "ARG_MAX"
OPTIONS = OptionTable(40, "ArgMaxOptions", (Option("output_type", 0, "int8", 0),))
overlap = apart


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int8 goes to int32 along an axis that is known."""
    require_operands(graph, op, (2,))
    source, axis, target = (graph.tensors[i] for i in (*op.inputs, *op.outputs))
    require_int8(op, source)
    require_dtype(op, axis, "int32")
    require(
        target.dtype == "int32",
        op,
        f"output {target.name!r} is {target.dtype}; int32 is supported: build the model with output_type int32",
    )
    values = require_constant(op, axis, "axis").reshape(-1).tolist()
    rank = len(source.shape)
    require(
        len(values) == 1 and -rank <= values[0] < rank,
        op,
        f"axis is {values}; one from {-rank} to {rank - 1} is allowed for the input",
    )
    outer, depth, inner = _sides(graph, op)
    require(depth >= 1, op, f"input is {list(source.shape)}; there is no largest of no values")
    index = values[0] % rank
    require_shape(op, target, source.shape[:index] + source.shape[index + 1 :])


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition."""
    assert inputs[0] is not None
    indices = inputs[0].reshape(_sides(graph, op)).argmax(axis=1)
    return [indices.astype(np.int32).reshape(graph.tensors[op.outputs[0]].shape)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_arg_max_s8`."""
    names = ("outer", "depth", "inner")
    params = tuple(Param("int32_t", name, value) for name, value in zip(names, _sides(graph, op), strict=True))
    return KernelCall("arg_max", "tdl_arg_max_s8", "tdl_arg_max_params", params, op.inputs[:1], op.outputs)


def _sides(graph: Graph, op: Op) -> tuple[int, int, int]:
    """Positions before the axis, along it, behind it."""
    shape = graph.tensors[op.inputs[0]].shape
    index = int(np.asarray(graph.tensors[op.inputs[1]].data).reshape(-1)[0]) % len(shape)
    return prod(shape[:index]), shape[index], prod(shape[index + 1 :])
