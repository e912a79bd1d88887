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
    note = (
        "MACs: from the shapes. Instructions: simulated (exact). Cycles: modelled (Cortex-M4 table, zero wait states)."
    )
    title = "Layers of one inference"
    if is_built(layers):
        macs = sum(layer.macs for layer in layers)
        title += f": {macs:,} MACs, {result.instructions or 0:,} instructions, {total:,} cycles"
    return cost_table(title, layers, [(cost.instructions, cost.cycles) for cost in costs], total, note)


def mark_table(layers: Sequence[Layer], cycles: Sequence[int], label: str) -> Table:
    """One row a layer, with the cycles that the firmware itself counted; `label` says what kind of number they are."""
    macs, total = sum(layer.macs for layer in layers), max(1, sum(cycles))
    title = f"Layers of one inference: {macs:,} MACs, {total:,} cycles in layers"
    return cost_table(title, layers, [(None, each) for each in cycles], total, f"Cycles: {label}.")


def cost_table(
    title: str, layers: Sequence[Layer], costs: Sequence[tuple[int | None, int]], total: int, note: str
) -> Table:
    """Layers with their (instructions, cycles); a column that nobody can fill is left out."""
    counted, built = all(count is not None for count, _ in costs), is_built(layers)
    lines = []
    for layer, (instructions, cycles) in zip(layers, costs, strict=True):
        per_mac = f"{cycles / layer.macs:.2f}" if layer.macs else ""
        output = f"{layer.dtype}[{','.join(map(str, layer.output))}]"
        count = (f"{instructions:,}",) if counted else ()
        memory = (f"{layer.ram_bytes:,}", f"{layer.flash_bytes:,}", layer.kernel) if built else ()
        cells = (*count, f"{cycles:,}", per_mac, f"{cycles / total:.1%}", *memory)
        lines.append((layer.operator, output, f"{layer.macs:,}", *cells))
    columns = ("cycles", "cycles per MAC", "share", *(("RAM", "flash", "kernel") if built else ()))
    if built:
        note += f"\nRAM and flash in bytes, measured. {RAM_RULE}\n{FLASH_RULE}"
        note += "".join(f"\nLayer {index}, {layer.why}." for index, layer in enumerate(layers) if layer.why)
    heads = ("layer", "output", "MACs", *(("instructions",) if counted else ()), *columns)
    return Table(title, heads, tuple(lines), note)


def is_built(layers: Sequence[Layer]) -> bool:
    return all(layer.ram_bytes is not None and layer.flash_bytes is not None for layer in layers)


def known_layers(model: Graph | Sequence[Layer]) -> Sequence[Layer]:
    return graph_layers(model) if isinstance(model, Graph) else model


def layer_plot(model: Graph | Sequence[Layer], result: RunResult) -> Picture:
    """Modelled cycles of each layer, the costliest named in words."""
    names = [f"{index} {layer.operator}" for index, layer in enumerate(known_layers(model))]
    return cycles_plot(names, [layer.cycles for layer in counted_layers(result)])


def cycles_plot(names: Sequence[str], cycles: Sequence[int], title: str = "Where the cycles go") -> Picture:
    """Modelled cycles of named layers."""
    top = max(range(len(cycles)), key=cycles.__getitem__)
    share = cycles[top] / max(1, sum(cycles))
    words = f"Layer {names[top]} takes {share:.0%} of {sum(cycles):,} modelled cycles, more than any other."
    return rows(names, cycles, "modelled cycles", title, words)
