"""What a deployed model costs: tables and plots of layers, memory and totals.

In: the nouns of the way of data (`Graph`, `MemoryPlan`, `RunResult`, `Deployment`). Out: `Table` and `Picture`. Every
figure carries its label: measured, simulated, modelled or datasheet.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdl_course.footprint import FLASH_RULE, RAM_RULE, Layer, graph_layers
from tdl_course.graph import Graph
from tdl_course.picture import Picture
from tdl_course.report.plots import rows
from tdl_course.sim import LayerCost, RunResult
from tdl_course.table import Table


def counted_layers(result: RunResult) -> tuple[LayerCost, ...]:
    """The layers' costs. Raises ValueError where the simulator does not count."""
    if result.layers is None:
        raise ValueError(
            f"simulator {result.simulator!r} does not count; run with sim='unicorn' for the cost of layers"
        )
    return result.layers


def layer_table(model: Graph | Sequence[Layer], result: RunResult) -> Table:
    """One row a layer: output, multiply-accumulates, instructions (simulated), cycles (modelled), share of cycles.

    Layers that `footprint.layers` made, which knows the linked file, also get their RAM and flash (measured).
    """
    layers, costs = known_layers(model), counted_layers(result)
    total = max(1, result.cycles or 1)
    built = all(layer.ram_bytes is not None and layer.flash_bytes is not None for layer in layers)
    lines = []
    for layer, cost in zip(layers, costs, strict=True):
        per_mac = f"{cost.cycles / layer.macs:.2f}" if layer.macs else ""
        output = f"{layer.dtype}[{','.join(map(str, layer.output))}]"
        counts = (
            f"{layer.macs:,}",
            f"{cost.instructions:,}",
            f"{cost.cycles:,}",
            per_mac,
            f"{cost.cycles / total:.1%}",
        )
        memory = (f"{layer.ram_bytes:,}", f"{layer.flash_bytes:,}") if built else ()
        lines.append((layer.operator, output, *counts, *memory))
    columns = ("layer", "output", "MACs", "instructions", "cycles", "cycles per MAC", "share")
    note = (
        "MACs: from the shapes. Instructions: simulated (exact). Cycles: modelled (Cortex-M4 table, zero wait states)."
    )
    if not built:
        return Table("Layers of one inference", columns, tuple(lines), note)
    macs = sum(layer.macs for layer in layers)
    title = f"Layers of one inference: {macs:,} MACs, {result.instructions or 0:,} instructions, {total:,} cycles"
    memory_note = f"RAM and flash in bytes, measured. {RAM_RULE}\n{FLASH_RULE}"
    return Table(title, (*columns, "RAM", "flash"), tuple(lines), f"{note}\n{memory_note}")


def known_layers(model: Graph | Sequence[Layer]) -> Sequence[Layer]:
    return graph_layers(model) if isinstance(model, Graph) else model


def layer_plot(model: Graph | Sequence[Layer], result: RunResult) -> Picture:
    """Modelled cycles of each layer, the costliest named in words."""
    names = [f"{index} {layer.operator}" for index, layer in enumerate(known_layers(model))]
    return cycles_plot(names, [layer.cycles for layer in counted_layers(result)])


def cycles_plot(names: Sequence[str], cycles: Sequence[int]) -> Picture:
    """Modelled cycles of named layers."""
    top = max(range(len(cycles)), key=cycles.__getitem__)
    share = cycles[top] / max(1, sum(cycles))
    words = f"Layer {names[top]} takes {share:.0%} of {sum(cycles):,} modelled cycles, more than any other."
    return rows(names, cycles, "modelled cycles", "Where the cycles go", words)
