"""remove_dead_operators: what nothing reads is not computed."""

from __future__ import annotations

from dataclasses import replace

from tdl_course.graph import Graph, Op


def remove_dead_operators(graph: Graph) -> Graph:
    """Drop operators of which no output reaches a graph output."""
    needed = set(graph.outputs)
    kept: list[Op] = []
    for op in reversed(graph.ops):
        if needed & set(op.outputs):
            needed.update(op.inputs)
            kept.append(op)
    if len(kept) == len(graph.ops):
        return graph
    return replace(graph, ops=tuple(reversed(kept)))
