"""fold_constants: what depends on constants only is computed here, and not on the device.

This module knows no operator's mathematics: an operator is folded by running its own reference.
"""

from __future__ import annotations

from dataclasses import replace

from tdl_course.compiler.passes.edit import frozen, work
from tdl_course.graph import Graph, Op
from tdl_course.ops import OPERATORS

MOST_WORK = 1 << 24
"""More than this many multiply-accumulates, or values that would have to lie in flash, are left to the device."""


def fold_constants(graph: Graph) -> Graph:
    """Run each operator whose inputs are all constant now, and keep its results as constants.

    An operator that writes a graph output stays: the device has to write that output.
    """
    tensors = list(graph.tensors)
    kept: list[Op] = []
    for op in graph.ops:
        values = [None if index < 0 else tensors[index].data for index in op.inputs]
        varies = any(value is None and index >= 0 for index, value in zip(op.inputs, values, strict=True))
        if varies or set(op.outputs) & set(graph.outputs) or work(graph, op) > MOST_WORK:
            kept.append(op)
            continue
        results = OPERATORS[op.kind].reference(replace(graph, tensors=tuple(tensors)), op, values)
        for index, result in zip(op.outputs, results, strict=True):
            tensors[index] = replace(tensors[index], data=frozen(result))
    if len(kept) == len(graph.ops):
        return graph
    return replace(graph, tensors=tuple(tensors), ops=tuple(kept))
