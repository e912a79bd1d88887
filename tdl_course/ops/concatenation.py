"""CONCATENATION: tensors side by side along one axis.

In: one tensor or more of one element type and, if quantized, one scale; they differ in the length of `axis` alone.
Out: a tensor whose `axis` is as long as theirs together. TFLM joins the integers without rescaling, so inputs of
different scales are refused.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import number_option, require, require_operands, require_shape
from tdl_course.ops.fixed_point import ACTIVATIONS
from tdl_course.ops.move import positive_axis, require_moved, row_bytes
from tdl_course.ops.operator import ConstArray, KernelCall, Option, OptionTable, Param

KIND = "CONCATENATION"
OPTIONS = OptionTable(
    10,
    "ConcatenationOptions",
    (Option("axis", 0, "int32", 0), Option("fused_activation_function", 1, ACTIVATIONS, "NONE")),
)


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless all tensors fit side by side."""
    require(len(op.inputs) >= 1, op, "has no inputs; 1 or more are needed")
    require_operands(graph, op, (len(op.inputs),))
    activation = op.options.get("fused_activation_function", "NONE")
    require(activation == "NONE", op, f"fused activation {activation!r} is not supported; use 'NONE'")
    target = graph.tensors[op.outputs[0]]
    sources = [graph.tensors[index] for index in op.inputs]
    rank = len(target.shape)
    axis = positive_axis(op, int(number_option(op, "axis")), rank)
    for source in sources:
        require_moved(op, source, target)
        require(
            len(source.shape) == rank and source.shape[:axis] + source.shape[axis + 1 :] == _others(target.shape, axis),
            op,
            f"input {source.name!r} is {list(source.shape)}, the output {list(target.shape)};"
            f" they must be equal but for axis {axis}",
        )
    together = sum(source.shape[axis] for source in sources)
    require_shape(op, target, (*target.shape[:axis], together, *target.shape[axis + 1 :]))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: `np.concatenate`."""
    return [np.concatenate([x for x in inputs if x is not None], _axis(graph, op))]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_concatenation`: the axes before `axis` are one outer axis, the others one row of bytes."""
    params = (
        Param("int32_t", "outer", _outer(graph, op)),
        Param("int32_t", "count", len(op.inputs)),
        Param("const int32_t *", "rows", ConstArray("int32_t", np.array(_rows(graph, op), np.int32))),
    )
    name = "concatenation"
    return KernelCall(name, f"tdl_{name}", f"tdl_{name}_params", params, op.inputs, op.outputs)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from outer index to outer index, from input to input, byte by byte.

    Byte b of row o of an input is written as byte `before + b` of row o of the output, `before` being the rows of the
    inputs before it. Its way up is longest in the last row. An input named twice has to stand the longer way.
    """
    rows, outer = _rows(graph, op), _outer(graph, op)
    longest: dict[int, int] = {}
    for position, index in enumerate(op.inputs):
        way = sum(rows[:position]) + (outer - 1) * (sum(rows) - rows[position])
        longest[index] = max(way, longest.get(index, 0))
    return {
        position: longest[index] for position, index in enumerate(op.inputs) if not graph.tensors[index].is_constant
    }


def _others(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]


def _axis(graph: Graph, op: Op) -> int:
    return positive_axis(op, int(number_option(op, "axis")), len(graph.tensors[op.outputs[0]].shape))


def _rows(graph: Graph, op: Op) -> list[int]:
    """Bytes of one row of each input."""
    return [row_bytes(graph.tensors[index], _axis(graph, op)) for index in op.inputs]


def _outer(graph: Graph, op: Op) -> int:
    return int(np.prod(graph.tensors[op.outputs[0]].shape[: _axis(graph, op)], dtype=np.int64))
