"""Axes that a kernel walks along: their lengths, and the steps that they are in one tensor or in several.

In: shapes. Out: as few axes as describe the walk, as data and as the parameters of a kernel. `tdl_axes.h` is the twin
in C. This module knows no operator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.ops.operator import ConstArray, Param


@dataclass(frozen=True)
class Axis:
    """A length, and for each tensor the elements between one index and the next: 0 where the tensor is repeated."""

    length: int
    steps: tuple[int, ...]


def steps_of(shape: tuple[int, ...], rank: int) -> list[int]:
    """Elements from one index to the next along each of `rank` axes, to the last of which `shape` is aligned.

    Examples
    --------
    >>> steps_of((5, 1, 3), 4)
    [0, 3, 0, 1]
    """
    steps, step = [], 1
    for length in reversed(shape):
        steps.append(0 if length == 1 else step)
        step *= length
    return [0] * (rank - len(shape)) + steps[::-1]


def merged(axes: list[Axis]) -> list[Axis]:
    """The same walk with fewer axes: those of length 1 are gone, neighbours that continue each other are one.

    Examples
    --------
    >>> merged([Axis(2, (12,)), Axis(1, (12,)), Axis(4, (3,)), Axis(3, (1,))])
    [Axis(length=24, steps=(1,))]
    """
    result: list[Axis] = []
    for axis in axes:
        if axis.length == 1:
            continue
        length = axis.length
        if result and result[-1].steps == tuple(length * step for step in axis.steps):
            length *= result.pop().length
        result.append(Axis(length, axis.steps))
    return result


def axes_params(name: str, axes: list[Axis], tensors: tuple[str, ...]) -> tuple[Param, ...]:
    """`<name>_axes`, and arrays of that many lengths and steps: `<name>_lengths`, `<name>_<tensor>_steps`."""
    columns = {"lengths": [axis.length for axis in axes]}
    columns |= {f"{tensor}_steps": [axis.steps[k] for axis in axes] for k, tensor in enumerate(tensors)}
    return (
        Param("int32_t", f"{name}_axes", len(axes)),
        *(
            Param("const int32_t *", f"{name}_{key}", ConstArray("int32_t", np.array(values)) if values else None)
            for key, values in columns.items()
        ),
    )
