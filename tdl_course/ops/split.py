"""SPLIT: a tensor cut into equal parts along one axis.

In: a constant int32 axis, a tensor of any supported element type. Out: as many tensors as `num_splits` says, in order.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_constant, require_dtype, require_operands, require_shape
from tdl_course.ops.move import positive_axis, require_moved, row_bytes
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import apart

KIND = "SPLIT"
OPTIONS = OptionTable(35, "SplitOptions", (Option("num_splits", 0, "int32", 0),))
overlap = apart


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the axis is constant and the parts make up the input."""
    parts = len(op.outputs)
    require(parts >= 1, op, "has no outputs; 1 or more are needed")
    require_operands(graph, op, (2,), outputs=parts)
    announced = op.options.get("num_splits", 0)
    require(announced == parts, op, f"num_splits is {announced} but there are {parts} outputs; they must be equal")
    axis, source = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]]
    require_dtype(op, axis, "int32")
    values = require_constant(op, axis, "axis")
    require(values.size == 1, op, f"axis {axis.name!r} has {values.size} values; 1 is needed")
    along = positive_axis(op, int(values.reshape(-1)[0]), len(source.shape))
    length, rest = divmod(source.shape[along], parts)
    require(rest == 0, op, f"axis {along} has length {source.shape[along]}, which {parts} equal parts do not make up")
    for index in op.outputs:
        require_moved(op, source, graph.tensors[index])
        require_shape(op, graph.tensors[index], (*source.shape[:along], length, *source.shape[along + 1 :]))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: `np.split`."""
    assert inputs[1] is not None
    return [part.copy() for part in np.split(inputs[1], len(op.outputs), _axis(graph, op))]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_split`: the axes before `axis` are one outer axis, the others one row of bytes."""
    axis = _axis(graph, op)
    params = (
        Param("int32_t", "outer", int(np.prod(graph.tensors[op.inputs[1]].shape[:axis], dtype=np.int64))),
        Param("int32_t", "count", len(op.outputs)),
        Param("int32_t", "row", row_bytes(graph.tensors[op.outputs[0]], axis)),
    )
    return KernelCall("split", "tdl_split", "tdl_split_params", params, op.inputs[1:], op.outputs)


def _axis(graph: Graph, op: Op) -> int:
    value = int(np.asarray(graph.tensors[op.inputs[0]].data).reshape(-1)[0])
    return positive_axis(op, value, len(graph.tensors[op.inputs[1]].shape))
