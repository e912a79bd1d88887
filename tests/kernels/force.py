"""Graphs in which a kernel is taken wherever it can be, and nothing else is taken."""

from __future__ import annotations

from dataclasses import replace

from tdl_course.graph import Graph, Op
from tdl_course.kernels import FAST, REFERENCE

PAIRS = [(kind, kernel) for kind, kernels in FAST.items() for kernel in kernels]


def forced(graph: Graph, kind: str, kernel: str) -> Graph:
    """`graph` with `kernel` for every operator of `kind` that it takes, and the plain loops for all others."""

    def named(op: Op) -> Op:
        takes = op.kind == kind and FAST[kind][kernel].why_not(graph, op) is None
        return replace(op, options={**op.options, "kernel": kernel if takes else REFERENCE})

    return replace(graph, ops=tuple(named(op) for op in graph.ops))
