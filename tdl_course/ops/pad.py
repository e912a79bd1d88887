"""PAD and PADV2: a border of one value around a tensor of up to four axes.

In: int8, a constant int32 tensor [axes, 2] of widths (before, after), for PADV2 also a constant value. Out: int8 of the
input's scale. PAD's border is the zero point, the quantized zero.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    require,
    require_constant,
    require_dtype,
    require_int8,
    require_operands,
    require_same_quantization,
    require_shape,
)
from tdl_course.ops.operator import KernelCall, OptionTable, Param
from tdl_course.ops.overlap import apart

KIND = "PAD"
OPTIONS = OptionTable(22, "PadOptions", ())
overlap = apart

AXES = ("batches", "height", "width", "channels")


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the widths are constant, not negative, and make the output's shape."""
    require_operands(graph, op, (2, 3))
    source, widths, target = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]], graph.tensors[op.outputs[0]]
    require_int8(op, source, target)
    require_same_quantization(op, source, target)
    rank = len(source.shape)
    require(1 <= rank <= len(AXES), op, f"input has {rank} axes; 1 to {len(AXES)} are supported")
    require_dtype(op, widths, "int32")
    values = require_constant(op, widths, "paddings")
    require(values.size == 2 * rank, op, f"paddings are {list(values.shape)}; [{rank}, 2] are needed")
    require(bool((values >= 0).all()), op, f"paddings are {values.tolist()}; they must not be negative")
    if len(op.inputs) == 3 and op.inputs[2] >= 0:
        value = graph.tensors[op.inputs[2]]
        require_int8(op, value)
        require_constant(op, value, "padding value")
        require(value.size == 1, op, f"padding value {value.name!r} has {value.size} values; 1 is needed")
        require_same_quantization(op, value, target)
    pairs = values.reshape(rank, 2).astype(np.int64)
    require_shape(
        op, target, tuple(int(n + before + after) for n, (before, after) in zip(source.shape, pairs, strict=True))
    )


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: `np.pad` with one value."""
    assert inputs[0] is not None
    return [np.pad(inputs[0], _widths(graph, op)[-inputs[0].ndim :], constant_values=_value(graph, op))]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_pad_s8`: fewer than four axes count as the last of four."""
    source = graph.tensors[op.inputs[0]]
    shape = (1,) * (len(AXES) - len(source.shape)) + source.shape
    widths = _widths(graph, op)
    params = (
        *(Param("int32_t", f"input_{axis}", length) for axis, length in zip(AXES, shape, strict=True)),
        *(Param("int32_t", f"before_{axis}", width[0]) for axis, width in zip(AXES, widths, strict=True)),
        *(Param("int32_t", f"after_{axis}", width[1]) for axis, width in zip(AXES, widths, strict=True)),
        Param("int32_t", "value", _value(graph, op)),
    )
    return KernelCall("pad", "tdl_pad_s8", "tdl_pad_params", params, op.inputs[:1], op.outputs)


def _widths(graph: Graph, op: Op) -> list[tuple[int, int]]:
    """(before, after) of each of four axes."""
    pairs = np.asarray(graph.tensors[op.inputs[1]].data).reshape(-1, 2).tolist()
    return [(0, 0)] * (len(AXES) - len(pairs)) + [(before, after) for before, after in pairs]


def _value(graph: Graph, op: Op) -> int:
    if len(op.inputs) == 3 and op.inputs[2] >= 0:
        return int(np.asarray(graph.tensors[op.inputs[2]].data).reshape(-1)[0])
    return graph.tensors[op.outputs[0]].zero_point
