"""TRANSPOSE: the same values with the axes in another order.

In: a tensor of any supported element type, a constant int32 permutation. Out: axis k of the output is axis
`permutation[k]` of the input.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_constant, require_dtype, require_operands, require_shape
from tdl_course.ops.move import Walk, element_steps, itemsize, require_moved, walk_call, walk_over, walk_overlap
from tdl_course.ops.operator import KernelCall, OptionTable

KIND = "TRANSPOSE"
OPTIONS = OptionTable(26, "TransposeOptions", ())


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the permutation is constant and makes the output's shape."""
    require_operands(graph, op, (2,))
    source, order, target = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]], graph.tensors[op.outputs[0]]
    require_moved(op, source, target)
    require_dtype(op, order, "int32")
    values = require_constant(op, order, "permutation").reshape(-1).tolist()
    rank = len(source.shape)
    require(
        sorted(values) == list(range(rank)),
        op,
        f"permutation is {values}; each of the axes 0 to {rank - 1} is needed once",
    )
    require_shape(op, target, tuple(source.shape[axis] for axis in values))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: `np.transpose`."""
    assert inputs[0] is not None
    return [np.ascontiguousarray(np.transpose(inputs[0], _permutation(graph, op)))]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_strided_copy`."""
    return walk_call(_walk(graph, op), op)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """As the walk over the input allows: 0 where the order of the bytes stays."""
    return walk_overlap(_walk(graph, op))


def _permutation(graph: Graph, op: Op) -> tuple[int, ...]:
    return tuple(np.asarray(graph.tensors[op.inputs[1]].data).reshape(-1).tolist())


def _walk(graph: Graph, op: Op) -> Walk:
    steps = element_steps(graph.tensors[op.inputs[0]].shape)
    permuted = [steps[axis] for axis in _permutation(graph, op)]
    return walk_over(graph.tensors[op.outputs[0]].shape, permuted, 0, itemsize(graph, op))
