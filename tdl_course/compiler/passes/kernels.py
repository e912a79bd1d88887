"""choose_kernels: which C each operator becomes.

The fastest kernel that computes an operator exactly, by the kernels' own estimates of their cycles; its name is written
into the option "kernel". `explain` gives the whole comparison, for `tdl profile` and reports.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tdl_course.compiler.passes.edit import with_options
from tdl_course.graph import Graph, Op
from tdl_course.kernels import FAST, REFERENCE, kernel_name


@dataclass(frozen=True)
class Choice:
    """A kernel that an operator might take: what it is estimated to cost, or why it cannot be had."""

    kernel: str
    cycles: int | None
    why_not: str | None


def choose_kernels(graph: Graph) -> Graph:
    """Name the kernel of each operator that has a choice, and has none named yet."""
    ops = tuple(_with_kernel(graph, op) for op in graph.ops)
    return graph if all(new is old for new, old in zip(ops, graph.ops, strict=True)) else replace(graph, ops=ops)


def explain(graph: Graph, op: Op) -> list[Choice]:
    """The fast kernels of an operator, those that it can take first, the cheapest of them at the beginning."""
    choices = []
    for name, module in FAST.get(op.kind, {}).items():
        reason = module.why_not(graph, op)
        choices.append(Choice(name, None if reason else module.cycles(graph, op), reason))
    return sorted(choices, key=lambda choice: (choice.cycles is None, choice.cycles or 0))


def why(graph: Graph, op: Op) -> str:
    """The choice in one line, "rows: about 1,300 cycles; not columns: about 2,000 cycles"; "" where there is none."""
    chosen = kernel_name(op)
    own: list[str] = []
    others: list[str] = []
    for choice in explain(graph, op):
        cost = choice.why_not if choice.cycles is None else f"about {choice.cycles:,} cycles"
        (own if choice.kernel == chosen else others).append(f"{choice.kernel}: {cost}")
    if chosen == REFERENCE and others:
        own = [REFERENCE]
    return "; not ".join([*own, *others])


def _with_kernel(graph: Graph, op: Op) -> Op:
    if op.kind not in FAST or "kernel" in op.options:
        return op
    best = explain(graph, op)[0]
    return with_options(op, kernel=REFERENCE if best.cycles is None else best.kernel)
