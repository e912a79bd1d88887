"""Graphs whose kernels are forced: one of them wherever it can be had, or all in turn."""

from __future__ import annotations

from dataclasses import replace

from tdl_course.graph import Graph, Op
from tdl_course.kernels import FAST, REFERENCE

PAIRS = [(kind, kernel) for kind, kernels in FAST.items() for kernel in kernels]
MOST_KERNELS = 1 + max(map(len, FAST.values()))
"""Of one operator, its plain loop among them."""


def forced(graph: Graph, kind: str, kernel: str) -> Graph:
    """`graph` with `kernel` for every operator of `kind` that it takes, and the plain loops for all others."""

    def named(op: Op) -> Op:
        takes = op.kind == kind and FAST[kind][kernel].why_not(graph, op) is None
        return replace(op, options={**op.options, "kernel": kernel if takes else REFERENCE})

    return replace(graph, ops=tuple(named(op) for op in graph.ops))


def in_turn(graph: Graph, turn: int) -> Graph:
    """`graph` with kernel number `turn`, counted round, of those that an operator takes; its plain loop is the last."""

    def named(op: Op) -> Op:
        taken = [name for name, module in FAST.get(op.kind, {}).items() if module.why_not(graph, op) is None]
        kernels = [*taken, REFERENCE]
        return replace(op, options={**op.options, "kernel": kernels[turn % len(kernels)]})

    return replace(graph, ops=tuple(named(op) for op in graph.ops))
