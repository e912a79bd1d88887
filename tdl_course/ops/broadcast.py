"""Broadcasting: two operands of different shapes, repeated along the axes that they lack or have once.

In: an operator and its tensors. Out: checks, and the parameters by which a kernel walks through both operands in the
order of the result's elements. Shapes are aligned at their last axes. This module knows no particular operator.
"""

from __future__ import annotations

from math import prod

import numpy as np

from tdl_course.graph import Op, Tensor
from tdl_course.ops.axes import Axis, axes_params, merged, steps_of
from tdl_course.ops.check import require_shape
from tdl_course.ops.operator import OperatorError, Param


def walk(a: tuple[int, ...], b: tuple[int, ...]) -> list[Axis]:
    """The axes of the result, outermost first, each with its steps in `a` and `b`; at least one.

    Examples
    --------
    >>> walk((1, 8, 8, 16), (16,))
    [Axis(length=64, steps=(16, 0)), Axis(length=16, steps=(1, 1))]
    """
    shape = np.broadcast_shapes(a, b)
    steps = zip(steps_of(a, len(shape)), steps_of(b, len(shape)), strict=True)
    return merged([Axis(*pair) for pair in zip(shape, steps, strict=True)]) or [Axis(1, (0, 0))]


def walk_params(a: Tensor, b: Tensor) -> tuple[Param, ...]:
    """The walk as fields of a parameter struct: rows, which are the innermost axis, and the axes outside of them."""
    *outer, row = walk(a.shape, b.shape)
    return (
        Param("int32_t", "rows", prod(axis.length for axis in outer)),
        Param("int32_t", "length", row.length),
        Param("int32_t", "a_step", row.steps[0]),
        Param("int32_t", "b_step", row.steps[1]),
        *axes_params("outer", outer, ("a", "b")),
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
