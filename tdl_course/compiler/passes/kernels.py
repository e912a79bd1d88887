"""choose_kernels: which C each operator becomes.

The fastest kernel that computes an operator exactly, by the kernels' own estimates of their cycles; its name is written
into the option "kernel". On a core without DSP instructions fast kernels compute the same in plain C, with several
instructions for each that the core lacks; there the reference stays, but for the kernels that are faster even so
(WITHOUT_DSP). `explain` gives the whole comparison.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tdl_course.compiler.passes.edit import with_options
from tdl_course.graph import Graph, Op
from tdl_course.kernels import FAST, REFERENCE, kernel_name

NO_DSP = "the core has no DSP instructions"


@dataclass(frozen=True)
class Choice:
    """A kernel that an operator might take: what it is estimated to cost, or why it cannot be had."""

    kernel: str
    cycles: int | None
    why_not: str | None


def choose_kernels(graph: Graph, dsp: bool = True) -> Graph:
    """Name the kernel of each operator that has a choice, and has none named yet, for a core with or without DSP."""
    ops = tuple(_with_kernel(graph, op, dsp) for op in graph.ops)
    return graph if all(new is old for new, old in zip(ops, graph.ops, strict=True)) else replace(graph, ops=ops)


def explain(graph: Graph, op: Op, dsp: bool = True) -> list[Choice]:
    """The fast kernels of an operator, those that it can take first, the cheapest of them at the beginning."""
    choices = []
    for name, module in FAST.get(op.kind, {}).items():
        reason = module.why_not(graph, op) if dsp or module.WITHOUT_DSP else NO_DSP
        choices.append(Choice(name, None if reason else module.cycles(graph, op), reason))
    return sorted(choices, key=lambda choice: (choice.cycles is None, choice.cycles or 0))


def why(graph: Graph, op: Op, dsp: bool = True) -> str:
    """The choice in one line, "rows: about 1,300 cycles; not columns: about 2,000 cycles"; "" where there is none."""
    chosen = kernel_name(op)
    own: list[str] = []
    others: list[str] = []
    for choice in explain(graph, op, dsp):
        if choice.cycles is None:
            reason = choice.why_not
        else:
            reason = f"about {choice.cycles:,} cycles" if dsp else "faster than the reference in plain C too"
        (own if choice.kernel == chosen else others).append(f"{choice.kernel}: {reason}")
    if chosen == REFERENCE and others:
        own = [REFERENCE]
    return "; not ".join([*own, *others])


def _with_kernel(graph: Graph, op: Op, dsp: bool) -> Op:
    if op.kind not in FAST or "kernel" in op.options:
        return op
    best = explain(graph, op, dsp)[0]
    return with_options(op, kernel=REFERENCE if best.cycles is None else best.kernel)
