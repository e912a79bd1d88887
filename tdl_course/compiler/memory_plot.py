"""memory_plot: a `MemoryPlan` as a picture, offsets upwards, time to the right.

In: the plan. Out: a `Picture`. A value is a box from the operator that writes it to the last one that reads it. Boxes
that touch at an operator are its input and its output; where they share bytes, the one is written over the other. A
hatched box is memory that an operator's kernel works in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from tdl_course import kernels
from tdl_course.picture import GREY, PALETTE, Picture, figure, picture

if TYPE_CHECKING:
    from tdl_course.compiler.memory import MemoryPlan

LABELLED = 0.08
"""A box is labelled where it is at least so high, as a share of the arena."""
MOST_TICKS = 16


def memory_plot(plan: MemoryPlan) -> Picture:
    """Arena offsets over time: one rectangle a value, its bytes written in it where there is room."""
    steps = len(plan.graph.ops)
    fig, (ax,) = figure(width=min(11.0, max(7.0, 2.5 + 0.3 * steps)), height=3.6)
    for number, (index, offset) in enumerate(sorted(plan.offsets.items())):
        life, tensor = plan.lifetimes[index], plan.graph.tensors[index]
        width = max(life.last - life.first, 0.2)
        color = PALETTE[number % len(PALETTE)]
        ax.add_patch(Rectangle((life.first, offset), width, tensor.nbytes, facecolor=color, edgecolor="white"))
        if tensor.nbytes >= LABELLED * plan.arena_bytes:
            middle = (life.first + width / 2, offset + tensor.nbytes / 2)
            upright = width < 0.08 * steps
            ax.annotate(
                f"{tensor.nbytes:,}", middle, ha="center", va="center", fontsize=7, rotation=90 if upright else 0
            )
    for step, offset in plan.scratch.items():
        size = kernels.scratch(plan.graph, plan.graph.ops[step])
        ax.add_patch(Rectangle((step - 0.2, offset), 0.4, size, facecolor="#DDDDDD", edgecolor=GREY, hatch="////"))
    ax.set_xlim(-1.2, steps + 0.2)
    ax.set_ylim(0, plan.arena_bytes * 1.05)
    every = -(-steps // MOST_TICKS)
    shown = [step for step in range(steps) if step % every == 0]
    ax.set_xticks([-1, *shown, steps], ["in", *map(str, shown), "out"])
    ax.set(xlabel="operator (in order of execution)", ylabel="arena offset (bytes)", title="Memory plan")
    peak = max(range(steps), key=plan.live_bytes.__getitem__)
    words = (
        f"The arena needs {plan.arena_bytes:,} bytes; the fullest moment is operator {peak} "
        f"({plan.graph.ops[peak].kind}), with {plan.live_bytes[peak]:,} bytes in use."
    )
    if plan.scratch:
        words += " Hatched: what kernels work in while they run."
    return picture(fig, words)
