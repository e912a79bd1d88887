"""RESHAPE, SQUEEZE and EXPAND_DIMS: the same bytes under another shape.

In: a tensor of any supported dtype. Out: the same values in the same order. The memory planner may give both tensors
one place; the kernel then copies nothing.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_operands, require_scale
from tdl_course.ops.operator import KernelCall, Param
from tdl_course.ops.overlap import element_wise

overlap = element_wise


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless input and output hold as many values of one dtype and quantization."""
    require_operands(graph, op, (1, 2))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require(source.dtype == target.dtype, op, f"input is {source.dtype}, output is {target.dtype}; they must be equal")
    require(
        source.size == target.size and source.size > 0,
        op,
        f"input {list(source.shape)} has {source.size} values, output {list(target.shape)} has {target.size}",
    )
    if source.dtype == "int8":
        require_scale(op, source)
        require_scale(op, target)
        require(
            source.scale == target.scale and source.zero_point == target.zero_point,
            op,
            f"input has scale {source.scale} and zero point {source.zero_point}, output has {target.scale} and"
            f" {target.zero_point}; they must be equal",
        )


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: the values in order."""
    assert inputs[0] is not None
    return [inputs[0].reshape(graph.tensors[op.outputs[0]].shape)]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_copy`."""
    params = (Param("int32_t", "bytes", graph.tensors[op.inputs[0]].nbytes),)
    return KernelCall("copy", "tdl_copy", "tdl_copy_params", params, (op.inputs[0],), op.outputs)
