"""PAD and PADV2: a border of one value around a tensor.

In: a tensor of any supported element type, a constant int32 tensor [axes, 2] of widths (before, after), for PADV2 also
a constant value. Out: the tensor within the border. PAD's border is zero: of int8, the zero point.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_constant, require_dtype, require_int8, require_operands, require_shape
from tdl_course.ops.move import element_steps, itemsize, require_moved
from tdl_course.ops.operator import ConstArray, KernelCall, OptionTable, Param

KIND = "PAD"
OPTIONS = OptionTable(22, "PadOptions", ())


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless the widths are constant, not negative, and make the output's shape."""
    require_operands(graph, op, (2, 3))
    source, widths, target = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]], graph.tensors[op.outputs[0]]
    require_moved(op, source, target)
    rank = len(source.shape)
    require_dtype(op, widths, "int32")
    values = require_constant(op, widths, "paddings")
    require(values.size == 2 * rank, op, f"paddings are {list(values.shape)}; [{rank}, 2] are needed")
    require(bool((values >= 0).all()), op, f"paddings are {values.tolist()}; they must not be negative")
    if len(op.inputs) == 3 and op.inputs[2] >= 0:
        value = graph.tensors[op.inputs[2]]
        require_constant(op, value, "padding value")
        require(value.size == 1, op, f"padding value {value.name!r} has {value.size} values; 1 is needed")
        require_moved(op, value, target)
    elif target.dtype == "int8":
        require_int8(op, target)
    pairs = values.reshape(rank, 2).astype(np.int64)
    require_shape(
        op, target, tuple(int(n + before + after) for n, (before, after) in zip(source.shape, pairs, strict=True))
    )


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: `np.pad` with one value."""
    assert inputs[0] is not None
    return [np.pad(inputs[0], _widths(graph, op), constant_values=_value(graph, op))]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_pad`: the input's bytes in order, cut into runs; a border before, after, and between two runs.

    Between two runs lie the borders of all axes inside the one that counts up. A run is as long as no border cuts it.
    """
    shape, widths = graph.tensors[op.inputs[0]].shape, _widths(graph, op)
    before, after = _borders(graph, op)
    cut = max((axis for axis, pair in enumerate(widths) if sum(pair)), default=0)
    between = [sum(before[axis + 1 :]) + sum(after[axis + 1 :]) for axis in range(cut)]
    axes: list[tuple[int, int]] = []
    for length, gap in zip(shape[:cut], between, strict=True):
        if axes and axes[-1][1] == gap:
            axes[-1] = (axes[-1][0] * length, gap)
        elif length > 1:
            axes.append((length, gap))
    axes = axes or [(1, 0)]
    params = (
        Param("int32_t", "run", int(np.prod(shape[cut:], dtype=np.int64)) * itemsize(graph, op)),
        Param("int32_t", "before", sum(before)),
        Param("int32_t", "after", sum(after)),
        Param("int32_t", "value", _pattern(graph, op)),
        Param("int32_t", "axes", len(axes)),
        Param("const int32_t *", "length", ConstArray("int32_t", np.array([n for n, _ in axes], np.int32))),
        Param("const int32_t *", "between", ConstArray("int32_t", np.array([gap for _, gap in axes], np.int32))),
    )
    return KernelCall("pad", "tdl_pad", "tdl_pad_params", params, op.inputs[:1], op.outputs)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from byte to byte; the way up is longest for the last one, by all borders before it."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    return {0: target.nbytes - sum(_borders(graph, op)[1]) - source.nbytes}


def _widths(graph: Graph, op: Op) -> list[tuple[int, int]]:
    """(before, after) of each axis."""
    pairs = np.asarray(graph.tensors[op.inputs[1]].data).reshape(-1, 2).tolist()
    return [(before, after) for before, after in pairs]


def _borders(graph: Graph, op: Op) -> tuple[list[int], list[int]]:
    """Bytes of one border before, and of one after, along each axis."""
    size = itemsize(graph, op)
    steps = [step * size for step in element_steps(graph.tensors[op.outputs[0]].shape)]
    widths = _widths(graph, op)
    before = [pair[0] * step for pair, step in zip(widths, steps, strict=True)]
    after = [pair[1] * step for pair, step in zip(widths, steps, strict=True)]
    return before, after


def _value(graph: Graph, op: Op) -> np.generic:
    """The border's value, in the output's element type."""
    target = graph.tensors[op.outputs[0]]
    if len(op.inputs) == 3 and op.inputs[2] >= 0:
        return np.asarray(graph.tensors[op.inputs[2]].data).reshape(-1)[0]
    return np.dtype(target.dtype).type(target.zero_point if target.dtype == "int8" else 0)


def _pattern(graph: Graph, op: Op) -> int:
    """The border's value, repeated to four bytes."""
    value = _value(graph, op).tobytes()
    return int(np.frombuffer(value * (4 // len(value)), "<i4")[0])
