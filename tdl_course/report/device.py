"""What a deployed model costs: tables and plots of layers, memory and totals.

In: the nouns of the way of data (`Graph`, `MemoryPlan`, `RunResult`, `Deployment`). Out: `Table` and `Picture`. Every
figure carries its label: measured, simulated, modelled or datasheet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from tdl_course import ops
from tdl_course.compiler.memory import MemoryPlan
from tdl_course.graph import Graph, shape_text
from tdl_course.report.picture import BLUE, ORANGE, PALETTE, Picture, figure, picture
from tdl_course.report.plots import engineering
from tdl_course.sim import LayerCost, RunResult
from tdl_course.table import Table

if TYPE_CHECKING:
    pass


def counted_layers(result: RunResult) -> tuple[LayerCost, ...]:
    """The layers' costs. Raises ValueError where the simulator does not count."""
    if result.layers is None:
        raise ValueError(
            f"simulator {result.simulator!r} does not count; run with sim='unicorn' for the cost of layers"
        )
    return result.layers


def layer_table(graph: Graph, result: RunResult) -> Table:
    """One row a layer: output, multiply-accumulates, instructions (simulated), cycles (modelled), share of cycles."""
    total = max(1, result.cycles or 1)
    rows = []
    for op, layer in zip(graph.ops, counted_layers(result), strict=True):
        macs = ops.operator(op.kind).macs(graph, op)
        per_mac = f"{layer.cycles / macs:.2f}" if macs else ""
        output = shape_text(graph.output_tensors(op)[0])
        counts = (f"{macs:,}", f"{layer.instructions:,}", f"{layer.cycles:,}", per_mac, f"{layer.cycles / total:.1%}")
        rows.append((op.kind, output, *counts))
    columns = ("layer", "output", "MACs", "instructions", "cycles", "cycles per MAC", "share")
    note = (
        "MACs: from the shapes. Instructions: simulated (exact). Cycles: modelled (Cortex-M4 table, zero wait states)."
    )
    return Table("Layers of one inference", columns, tuple(rows), note)


def layer_plot(graph: Graph, result: RunResult) -> Picture:
    """Modelled cycles of each layer, the costliest named in words."""
    names = [f"{index} {op.kind}" for index, op in enumerate(graph.ops)]
    cycles = [layer.cycles for layer in counted_layers(result)]
    fig, (ax,) = figure(height=0.6 + 0.32 * len(names))
    top = max(range(len(cycles)), key=cycles.__getitem__)
    ax.barh(names, cycles, color=[ORANGE if index == top else BLUE for index in range(len(cycles))])
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    ax.xaxis.set_major_formatter(engineering(""))
    ax.set(xlabel="modelled cycles", title="Where the cycles go")
    share = cycles[top] / max(1, sum(cycles))
    return picture(
        fig, f"Layer {names[top]} takes {share:.0%} of {sum(cycles):,} modelled cycles, more than any other."
    )


def memory_plot(plan: MemoryPlan) -> Picture:
    """Arena offsets over time: one rectangle a value."""
    fig, (ax,) = figure()
    for number, (index, offset) in enumerate(sorted(plan.offsets.items())):
        life, tensor = plan.lifetimes[index], plan.graph.tensors[index]
        width = life.last - life.first + 1
        color = PALETTE[number % len(PALETTE)]
        ax.add_patch(Rectangle((life.first - 0.5, offset), width, tensor.nbytes, facecolor=color, edgecolor="white"))
        if tensor.nbytes > 0.06 * plan.arena_bytes:
            middle = (life.first - 0.5 + width / 2, offset + tensor.nbytes / 2)
            ax.annotate(f"{tensor.nbytes:,}", middle, ha="center", va="center", fontsize=8)
    ax.set_xlim(-0.5, len(plan.graph.ops) - 0.5)
    ax.set_ylim(0, max(1, plan.arena_bytes) * 1.05)
    ax.set_xticks(range(len(plan.graph.ops)))
    ax.set(xlabel="operator (in order of execution)", ylabel="arena offset (bytes)", title="Memory plan")
    peak = max(range(len(plan.live_bytes)), key=plan.live_bytes.__getitem__, default=0)
    kind = plan.graph.ops[peak].kind
    words = f"The arena needs {plan.arena_bytes:,} bytes; the fullest moment is operator {peak} ({kind})."
    return picture(fig, words)
