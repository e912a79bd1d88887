"""Passes: free functions `Graph -> Graph` that make a graph smaller and leave what it computes unchanged.

In and out: a `Graph` that is valid, in execution order. No pass changes the graph's inputs or outputs.
This module knows no operator's mathematics: constants are folded by running the operator's own reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from tdl_course.graph import Graph, Op, Tensor
from tdl_course.ops import OPERATORS


def optimize(graph: Graph) -> Graph:
    """All passes, in the order in which each one's result serves the next. Idempotent."""
    return compact_tensors(remove_dead_operators(fold_constants(graph)))


def fold_constants(graph: Graph) -> Graph:
    """Run each operator whose inputs are all constant now, and keep its results as constants.

    An operator that writes a graph output stays: the device has to write that output.
    """
    tensors = list(graph.tensors)
    kept: list[Op] = []
    for op in graph.ops:
        values = [None if index < 0 else tensors[index].data for index in op.inputs]
        varies = any(value is None and index >= 0 for index, value in zip(op.inputs, values, strict=True))
        if varies or set(op.outputs) & set(graph.outputs):
            kept.append(op)
            continue
        results = OPERATORS[op.kind].reference(replace(graph, tensors=tuple(tensors)), op, values)
        for index, result in zip(op.outputs, results, strict=True):
            tensors[index] = replace(tensors[index], data=_frozen(result))
    return replace(graph, tensors=tuple(tensors), ops=tuple(kept))


def remove_dead_operators(graph: Graph) -> Graph:
    """Drop operators of which no output reaches a graph output."""
    needed = set(graph.outputs)
    kept: list[Op] = []
    for op in reversed(graph.ops):
        if needed & set(op.outputs):
            needed.update(op.inputs)
            kept.append(op)
    return replace(graph, ops=tuple(reversed(kept)))


def compact_tensors(graph: Graph) -> Graph:
    """Drop tensors that nothing reads or writes, and number the others anew in the same order."""
    used = {*graph.inputs, *graph.outputs}
    for op in graph.ops:
        used.update(op.inputs, op.outputs)
    used.discard(-1)
    order = sorted(used)
    number = {old: new for new, old in enumerate(order)} | {-1: -1}

    def renumber(indices: Iterable[int]) -> tuple[int, ...]:
        return tuple(number[index] for index in indices)

    tensors: tuple[Tensor, ...] = tuple(graph.tensors[index] for index in order)
    ops = tuple(replace(op, inputs=renumber(op.inputs), outputs=renumber(op.outputs)) for op in graph.ops)
    return replace(graph, tensors=tensors, ops=ops, inputs=renumber(graph.inputs), outputs=renumber(graph.outputs))


def _frozen(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array
