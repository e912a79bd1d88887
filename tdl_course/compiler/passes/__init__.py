"""Passes: free functions `Graph -> Graph` that make a graph smaller or faster and leave what it computes unchanged.

In and out: a `Graph` that is valid, in execution order. No pass changes the graph's inputs or outputs: their names,
shapes, quantization, order. A pass that finds nothing to do returns the graph itself. Integers stay equal bit for bit,
since each pass does only what the operators' own definitions make exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tdl_course.compiler.passes.activations import fuse_activations
from tdl_course.compiler.passes.compact import compact_tensors
from tdl_course.compiler.passes.constants import fold_constants
from tdl_course.compiler.passes.dead_channels import fold_dead_channels
from tdl_course.compiler.passes.dead_operators import remove_dead_operators
from tdl_course.compiler.passes.empty_channels import scale_empty_channels
from tdl_course.compiler.passes.input_offset import fold_input_offset
from tdl_course.compiler.passes.kernels import GOALS, SPEED, choose_kernels
from tdl_course.compiler.passes.padding import fuse_pad
from tdl_course.compiler.passes.reshapes import drop_no_op_reshapes
from tdl_course.graph import Graph

Pass = Callable[[Graph], Graph]

SIMPLIFY: tuple[Pass, ...] = (
    fold_constants,
    drop_no_op_reshapes,
    fuse_activations,
    fuse_pad,
    remove_dead_operators,
    fold_dead_channels,
)
"""Repeated until none finds anything to do: what one leaves may be what another looks for."""

FINISH: tuple[Pass, ...] = (scale_empty_channels, fold_input_offset, compact_tensors)
"""Once, before `choose_kernels`, which also has to know the core."""


def optimize(graph: Graph, dsp: bool = True, goal: str = SPEED, prefer: Sequence[str] = ()) -> Graph:
    """All passes, in the order in which each one's result serves the next. Idempotent.

    Parameters
    ----------
    dsp : bool
        The core has the DSP instructions of a Cortex-M4 (`Core.dsp`), which decides the kernels and nothing else.
    goal : str
        "speed" or "size", which decides the kernels too.
    prefer : sequence of str
        Kernels that are taken wherever they are exact, before the choice by cost: see `choose_kernels`.
    """
    before = None
    while graph is not before:
        before = graph
        for apply in SIMPLIFY:
            graph = apply(graph)
    for apply in FINISH:
        graph = apply(graph)
    return choose_kernels(graph, dsp, goal, prefer)


__all__ = [
    "FINISH",
    "GOALS",
    "SIMPLIFY",
    "SPEED",
    "choose_kernels",
    "compact_tensors",
    "drop_no_op_reshapes",
    "fold_constants",
    "fold_dead_channels",
    "fold_input_offset",
    "fuse_activations",
    "fuse_pad",
    "optimize",
    "remove_dead_operators",
    "scale_empty_channels",
]
