"""Broadcasting: how a kernel walks through two operands of which one, or both, are repeated along some axes.

In: two shapes. Out: the shape of the result, and a `Walk` over both operands in the order of the result's elements.
Shapes are aligned at their last axes; an axis of length 1, or one that is missing, is repeated. This module knows no
operator. `tdl_broadcast.h` is its twin in C.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from tdl_course.graph import Op, Tensor
from tdl_course.ops.check import require_shape
from tdl_course.ops.operator import ConstArray, OperatorError, Param

Axis = tuple[int, int, int]
"""Length of an axis of the result, and by how many elements a step along it moves in operands a and b (0: repeated)."""


@dataclass(frozen=True)
class Walk:
    """The axes of a result, as few as describe the walk: a row, which is the innermost, and the outer ones in order."""

    row: Axis
    outer: tuple[Axis, ...]

    @property
    def rows(self) -> int:
        return prod(length for length, _, _ in self.outer)


def walk(a: tuple[int, ...], b: tuple[int, ...]) -> Walk:
    """The walk over operands of shapes `a` and `b`. Axes of length 1 are gone, axes that continue each other are one.

    Raises
    ------
    ValueError
        The shapes do not broadcast.

    Examples
    --------
    >>> walk((1, 8, 8, 16), (16,))
    Walk(row=(16, 1, 1), outer=((64, 16, 0),))
    >>> walk((2, 3), (2, 3))
    Walk(row=(6, 1, 1), outer=())
    """
    shape = np.broadcast_shapes(a, b)
    axes: list[Axis] = []
    for length, a_step, b_step in zip(shape, _steps(a, len(shape)), _steps(b, len(shape)), strict=True):
        if length == 1:
            continue
        if axes and axes[-1][1:] == (length * a_step, length * b_step):
            length *= axes.pop()[0]
        axes.append((length, a_step, b_step))
    *outer, row = axes or [(1, 0, 0)]
    return Walk(row, tuple(outer))


def walk_params(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[Param, ...]:
    """The fields of a kernel's parameter struct that describe the walk."""
    found = walk(a, b)
    length, a_step, b_step = found.row
    return (
        Param("int32_t", "rows", found.rows),
        Param("int32_t", "length", length),
        Param("int32_t", "a_step", a_step),
        Param("int32_t", "b_step", b_step),
        Param("int32_t", "outer_axes", len(found.outer)),
        Param("const int32_t *", "outer", ConstArray("int32_t", np.array(found.outer)) if found.outer else None),
    )


def require_broadcast(op: Op, a: Tensor, b: Tensor, target: Tensor) -> None:
    """Raise `OperatorError` unless the shapes broadcast, to that of `target`."""
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        raise OperatorError(
            f"{op.kind}: shapes {list(a.shape)} and {list(b.shape)} do not broadcast; aligned at their last axes,"
            " lengths must be equal or 1"
        ) from None
    require_shape(op, target, shape)


def _steps(shape: tuple[int, ...], rank: int) -> list[int]:
    """Elements from one index to the next along each of `rank` axes; 0 along those that are repeated."""
    steps, step = [], 1
    for length in reversed(shape):
        steps.append(0 if length == 1 else step)
        step *= length
    return [0] * (rank - len(shape)) + steps[::-1]
