"""What RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR share: operands, checks, and the fields of sizes.

In: a graph and a resizing operator over NHWC. Out: nothing, or an `OperatorError`; height and width before and after.
"""

from __future__ import annotations

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    require,
    require_constant,
    require_dtype,
    require_operands,
    require_rank,
    require_shape,
)
from tdl_course.ops.move import require_moved
from tdl_course.ops.operator import Param

LONGEST = 2**15 - 1
"""Places along an axis are int16 in the kernels' tables; their 1,024th parts fit an int32."""


def validate_resize(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless [batches, height, width, channels] goes to the constant size."""
    require_operands(graph, op, (2,))
    source, size, target = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]], graph.tensors[op.outputs[0]]
    require_moved(op, source, target)
    require_rank(op, source, 4)
    require_dtype(op, size, "int32")
    values = require_constant(op, size, "size").reshape(-1).tolist()
    require(len(values) == 2, op, f"size {size.name!r} has {len(values)} values; height and width are needed")
    require_shape(op, target, (source.shape[0], *values, source.shape[3]))
    longest = max(*source.shape[1:3], *values)
    require(longest <= LONGEST, op, f"a side is {longest} long; at most {LONGEST} is supported")


def sides(graph: Graph, op: Op) -> tuple[tuple[int, int], tuple[int, int]]:
    """(input, output) of height, and of width."""
    source, target = graph.tensors[op.inputs[0]].shape, graph.tensors[op.outputs[0]].shape
    return (source[1], target[1]), (source[2], target[2])


def size_params(graph: Graph, op: Op) -> tuple[Param, ...]:
    """The fields that begin the parameter struct of both kernels, in order."""
    (input_height, output_height), (input_width, output_width) = sides(graph, op)
    fields = {
        "batches": graph.tensors[op.inputs[0]].shape[0],
        "input_height": input_height,
        "input_width": input_width,
        "output_height": output_height,
        "output_width": output_width,
    }
    return tuple(Param("int32_t", name, value) for name, value in fields.items())
