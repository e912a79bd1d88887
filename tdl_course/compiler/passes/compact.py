"""compact_tensors: tensors that other passes left unused are dropped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tdl_course.graph import Graph


def compact_tensors(graph: Graph) -> Graph:
    """Drop tensors that nothing reads or writes, and number the others anew in the same order."""
    used = {*graph.inputs, *graph.outputs}
    for op in graph.ops:
        used.update(op.inputs, op.outputs)
    used.discard(-1)
    if len(used) == len(graph.tensors):
        return graph
    order = sorted(used)
    number = {old: new for new, old in enumerate(order)} | {-1: -1}

    def renumber(indices: Iterable[int]) -> tuple[int, ...]:
        return tuple(number[index] for index in indices)

    return replace(
        graph,
        tensors=tuple(graph.tensors[index] for index in order),
        ops=tuple(replace(op, inputs=renumber(op.inputs), outputs=renumber(op.outputs)) for op in graph.ops),
        inputs=renumber(graph.inputs),
        outputs=renumber(graph.outputs),
    )
