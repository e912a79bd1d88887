"""STRIDED_SLICE: what `x[begin:end:stride, ...]` is in Python, an axis each.

In: a tensor of any supported element type; constant int32 begin, end and strides, one number for each axis. Bit k of
`begin_mask` or `end_mask` stands for a number left out (`x[:end]`, `x[begin:]`), of `shrink_axis_mask` for a single
index (`x[begin]`), whose axis the output does not have. Out: the values in order.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_constant, require_dtype, require_operands, require_shape
from tdl_course.ops.move import Walk, element_steps, itemsize, require_moved, walk_call, walk_over, walk_overlap
from tdl_course.ops.operator import KernelCall, Option, OptionTable

KIND = "STRIDED_SLICE"
OPTIONS = OptionTable(
    32,
    "StridedSliceOptions",
    (
        Option("begin_mask", 0, "int32", 0),
        Option("end_mask", 1, "int32", 0),
        Option("ellipsis_mask", 2, "int32", 0),
        Option("new_axis_mask", 3, "int32", 0),
        Option("shrink_axis_mask", 4, "int32", 0),
        Option("offset", 5, "bool", False),
    ),
)
NUMBERS = ("begin", "end", "strides")


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the numbers are constant, one for each axis, and make the output's shape."""
    require_operands(graph, op, (4,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_moved(op, source, target)
    rank = len(source.shape)
    for name, index in zip(NUMBERS, op.inputs[1:], strict=True):
        tensor = graph.tensors[index]
        require_dtype(op, tensor, "int32")
        values = require_constant(op, tensor, name)
        require(values.size == rank, op, f"{name} has {values.size} values; {rank} are needed, one for each axis")
    for name in ("ellipsis_mask", "new_axis_mask", "offset"):
        value = op.options.get(name, 0)
        require(not value, op, f"{name} is {value}; 0 is supported. Write the slice with one range for each axis")
    _, _, strides = _numbers(graph, op)
    require(0 not in strides, op, f"strides are {strides}; 0 is not allowed")
    for axis, (places, stride) in enumerate(zip(_ranges(graph, op), strides, strict=True)):
        require(
            not _mask(op, "shrink_axis_mask", axis) or (stride > 0 and len(places) == 1),
            op,
            f"axis {axis} of length {source.shape[axis]} is indexed by {_numbers(graph, op)[0][axis]} with stride"
            f" {stride}; an index inside the axis and a positive stride are needed",
        )
    kept = tuple(len(r) for axis, r in enumerate(_ranges(graph, op)) if not _mask(op, "shrink_axis_mask", axis))
    require_shape(op, target, kept)


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: an index for each place of each axis."""
    assert inputs[0] is not None
    places = np.ix_(*[np.array(r, np.intp) for r in _ranges(graph, op)])
    return [inputs[0][places].reshape(graph.tensors[op.outputs[0]].shape)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_strided_copy`."""
    return walk_call(_walk(graph, op), op)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """As the walk over the input allows: 0 where no stride is negative, as no value moves up."""
    return walk_overlap(_walk(graph, op))


def _numbers(graph: Graph, op: Op) -> list[list[int]]:
    """begin, end, strides."""
    return [np.asarray(graph.tensors[index].data).reshape(-1).tolist() for index in op.inputs[1:]]


def _mask(op: Op, name: str, axis: int) -> bool:
    return bool(int(op.options.get(name, 0)) >> axis & 1)  # type: ignore[arg-type]  # masks are whole numbers


def _ranges(graph: Graph, op: Op) -> list[range]:
    """The indices that each axis of the input is read at. Out of range is cut as Python cuts slices."""
    ranges = []
    shape = graph.tensors[op.inputs[0]].shape
    for axis, (begin, end, stride) in enumerate(zip(*_numbers(graph, op), strict=True)):
        first = None if _mask(op, "begin_mask", axis) else begin
        last = None if _mask(op, "end_mask", axis) else end
        places = range(*slice(first, last, stride).indices(shape[axis]))
        if _mask(op, "shrink_axis_mask", axis):  # the end does not count
            start = slice(first, None, stride).indices(shape[axis])[0]
            places = range(start, min(start + 1, shape[axis]))
        ranges.append(places)
    return ranges


def _walk(graph: Graph, op: Op) -> Walk:
    steps = element_steps(graph.tensors[op.inputs[0]].shape)
    ranges = _ranges(graph, op)
    start = sum(r.start * step for r, step in zip(ranges, steps, strict=True))
    strides = [r.step * step for r, step in zip(ranges, steps, strict=True)]
    return walk_over([len(r) for r in ranges], strides, start, itemsize(graph, op))
