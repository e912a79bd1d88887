"""What passes share: who reads and writes a tensor, and small changes of a graph.

In: a `Graph`. Out: tables by tensor index, or a changed copy. This module knows no operator.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops import OPERATORS
from tdl_course.ops.operator import OperatorError


def readers(graph: Graph) -> dict[int, list[int]]:
    """Tensor index -> numbers of the operators that read it, in order; one that reads it twice is there twice."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, op in enumerate(graph.ops):
        for index in op.inputs:
            found[index].append(number)
    return found


def writers(graph: Graph) -> dict[int, int]:
    """Tensor index -> number of the operator that writes it."""
    return {index: number for number, op in enumerate(graph.ops) for index in op.outputs}


def sole_writer(graph: Graph, index: int) -> int | None:
    """The number of the operator that writes `index`, where one operator reads it, once, and the outside does not."""
    if index in graph.outputs or len(readers(graph)[index]) != 1:
        return None
    return writers(graph).get(index)


def is_valid(graph: Graph, op: Op) -> bool:
    """True where the operator's own `validate` accepts `op`."""
    try:
        OPERATORS[op.kind].validate(graph, op)
    except OperatorError:
        return False
    return True


def with_ops(graph: Graph, changed: dict[int, Op | None]) -> Graph:
    """The graph with some operators exchanged, by number; None drops one."""
    ops = (changed.get(number, op) for number, op in enumerate(graph.ops))
    return replace(graph, ops=tuple(op for op in ops if op is not None))


def without_identity(graph: Graph, number: int) -> Graph:
    """Drop an operator whose output equals its first input in shape, type, quantization and values, where that can be.

    Its readers read the input; where the output is the graph's, the operator that writes the input writes it.
    """
    op = graph.ops[number]
    source, target = op.inputs[0], op.outputs[0]
    if target not in graph.outputs:
        changed = {n: reading(graph.ops[n], target, source) for n in readers(graph)[target]}
        return with_ops(graph, {**changed, number: None})
    writer = sole_writer(graph, source)
    if writer is None:
        return graph
    outputs = tuple(target if index == source else index for index in graph.ops[writer].outputs)
    return with_ops(graph, {writer: replace(graph.ops[writer], outputs=outputs), number: None})


def reading(op: Op, old: int, new: int) -> Op:
    """`op` with each `old` among its inputs exchanged for `new`."""
    return replace(op, inputs=tuple(new if index == old else index for index in op.inputs))


def with_options(op: Op, **options: int | float | bool | str | tuple[int, ...]) -> Op:
    return replace(op, options={**op.options, **options})


def same_numbers(a: Tensor, b: Tensor) -> bool:
    """True where equal stored integers mean equal values: one type, one scale, one zero point."""
    if a.dtype != b.dtype:
        return False
    if a.quantization is None or b.quantization is None:
        return a.quantization is b.quantization
    return (a.quantization.scale, a.quantization.zero_point) == (b.quantization.scale, b.quantization.zero_point)


def frozen(array: np.ndarray) -> np.ndarray:
    """A copy that cannot be written."""
    array = array.copy()
    array.flags.writeable = False
    return array
