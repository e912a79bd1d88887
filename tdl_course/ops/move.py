"""What the operators share that move values and compute none: one element type, one scale, and walks over the input.

In: shapes and steps. Out: checks, and `Walk`, the call of `tdl_strided_copy` that follows it and how far its output may
lie over its input. This module knows no particular operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops.check import require, require_dtype, require_same_quantization, require_scale
from tdl_course.ops.operator import ConstArray, KernelCall, Param
from tdl_course.ops.overlap import by_runs

MOVED = ("int8", "int16", "int32", "float32")
"""Element types that are moved; the kernels know their size only."""

MAX_AXES = 8
"""TDL_MAX_AXES of tdl_kernels.h."""


def require_moved(op: Op, source: Tensor, target: Tensor) -> None:
    """`target` holds values of `source`: element type and quantization are equal."""
    require_dtype(op, source, *MOVED)
    rank = len(source.shape)
    require(rank <= MAX_AXES, op, f"{source.name!r} has {rank} axes; at most {MAX_AXES} are supported")
    require(
        source.dtype == target.dtype,
        op,
        f"{source.name!r} is {source.dtype}, {target.name!r} is {target.dtype}; they must be equal",
    )
    if source.quantization is None and target.quantization is None:
        return
    for tensor in (source, target):
        require_scale(op, tensor)
    require_same_quantization(op, source, target)


def positive_axis(op: Op, axis: int, rank: int) -> int:
    """`axis` counted from the front; negative ones count from the back."""
    require(-rank <= axis < rank, op, f"axis is {axis}; {-rank} to {rank - 1} are allowed")
    return axis % rank


def row_bytes(tensor: Tensor, axis: int) -> int:
    """Bytes that follow one index of the axes before `axis`."""
    return int(np.prod(tensor.shape[axis:], dtype=np.int64)) * np.dtype(tensor.dtype).itemsize


@dataclass(frozen=True)
class Walk:
    """The output's bytes in order: runs of `run` bytes, met on `lengths` steps of `steps` bytes from `start` on."""

    start: int
    lengths: tuple[int, ...]
    steps: tuple[int, ...]
    run: int

    def reads(self) -> np.ndarray:
        """First byte of each run, int64, in the order of the output."""
        places = np.array(self.start, np.int64)
        for length, step in zip(self.lengths, self.steps, strict=True):
            places = places[..., None] + np.arange(length, dtype=np.int64) * step
        return places.reshape(-1)


def walk_over(shape: Sequence[int], steps: Sequence[int], start: int, itemsize: int) -> Walk:
    """The walk of an output of `shape` whose axis k goes through the input in `steps[k]` elements, in few axes.

    An axis that continues where the one inside it ends is merged with it; axes of length 1 go.
    """
    axes: list[tuple[int, int]] = []
    for length, step in zip(shape, steps, strict=True):
        if length == 1:
            continue
        if axes and axes[-1][1] == length * step:
            axes[-1] = (axes[-1][0] * length, step)
        else:
            axes.append((length, step))
    run = itemsize
    if axes and axes[-1][1] == 1:
        run *= axes.pop()[0]
    axes = axes or [(1, 0)]
    return Walk(start * itemsize, tuple(length for length, _ in axes), tuple(step * itemsize for _, step in axes), run)


def walk_call(walk: Walk, op: Op) -> KernelCall:
    """`tdl_strided_copy` from the operator's first input."""
    params = (
        Param("int32_t", "start", walk.start),
        Param("int32_t", "run", walk.run),
        Param("int32_t", "axes", len(walk.lengths)),
        Param("const int32_t *", "length", ConstArray("int32_t", np.array(walk.lengths, np.int32))),
        Param("const int32_t *", "step", ConstArray("int32_t", np.array(walk.steps, np.int32))),
    )
    name = "strided_copy"
    return KernelCall(name, f"tdl_{name}", f"tdl_{name}_params", params, op.inputs[:1], op.outputs)


def walk_overlap(walk: Walk) -> dict[int, int]:
    return {0: by_runs(walk.reads(), walk.run)}


def element_steps(shape: Sequence[int]) -> tuple[int, ...]:
    """Elements from one index to the next, of each axis of a dense tensor."""
    return tuple(int(np.prod(shape[axis + 1 :], dtype=np.int64)) for axis in range(len(shape)))


def itemsize(graph: Graph, op: Op) -> int:
    """Bytes of one element that the operator writes."""
    return np.dtype(graph.tensors[op.outputs[0]].dtype).itemsize
