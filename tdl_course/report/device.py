"""What a deployed model costs: tables and plots of layers, memory and totals.

In: the nouns of the way of data (`Graph`, `MemoryPlan`, `RunResult`, `Deployment`). Out: `Table` and `Picture`. Every
figure carries its label: measured, simulated, modelled or datasheet. Where cycles are not known, tables and plots go by
instructions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tdl_course.footprint import FLASH_RULE, RAM_RULE, Layer, graph_layers
from tdl_course.graph import Graph
from tdl_course.picture import Picture
from tdl_course.report.plots import rows
from tdl_course.sim import LayerCost, RunResult
from tdl_course.table import Table


class Counted(Protocol):
    """What a simulation gives of a layer: cycles are None where the core's timing is not known."""

    @property
    def instructions(self) -> int: ...
    @property
    def cycles(self) -> int | None: ...


def counted_layers(result: RunResult) -> tuple[LayerCost, ...]:
    """The layers' costs. Raises ValueError where the simulator does not count."""
    if result.layers is None:
        raise ValueError(
            f"simulator {result.simulator!r} does not count; run with sim='unicorn' for the cost of layers"
        )
    return result.layers


def layer_table(model: Graph | Sequence[Layer], result: RunResult) -> Table:
    """One row a layer: output, multiply-accumulates, instructions (simulated), cycles (modelled) and the share of them.

    Layers that `footprint.layers` made, which knows the linked file, also get their RAM and flash (measured).
    """
    layers, costs = known_layers(model), counted_layers(result)
    total = max(1, result.cycles or result.instructions or 1)
    timed = result.cycles is not None
    cycles = "modelled (Cortex-M4 table, zero wait states)" if timed else "not known for this core"
    note = f"MACs: from the shapes. Instructions: simulated (exact). Cycles: {cycles}."
    title = "Layers of one inference"
    if is_built(layers):
        macs = sum(layer.macs for layer in layers)
        title += f": {macs:,} MACs, {result.instructions or 0:,} instructions"
        title += f", {result.cycles:,} cycles" if timed else ""
    return cost_table(title, layers, [(cost.instructions, cost.cycles) for cost in costs], total, note)


def mark_table(layers: Sequence[Layer], cycles: Sequence[int], label: str) -> Table:
    """One row a layer, with the cycles that the firmware itself counted; `label` says what kind of number they are."""
    macs, total = sum(layer.macs for layer in layers), max(1, sum(cycles))
    title = f"Layers of one inference: {macs:,} MACs, {total:,} cycles in layers"
    return cost_table(title, layers, [(None, each) for each in cycles], total, f"Cycles: {label}.")


def cost_table(
    title: str, layers: Sequence[Layer], costs: Sequence[tuple[int | None, int | None]], total: int, note: str
) -> Table:
    """Layers with their (instructions, cycles); a column that nobody can fill is left out.

    `total`, and what a MAC takes, are of cycles, else of instructions.
    """
    counted, timed = all(count is not None for count, _ in costs), all(cycles is not None for _, cycles in costs)
    built, unit = is_built(layers), "cycles" if timed else "instructions"
    lines = []
    for layer, (instructions, cycles) in zip(layers, costs, strict=True):
        spent = (cycles if timed else instructions) or 0
        per_mac = f"{spent / layer.macs:.2f}" if layer.macs else ""
        output = f"{layer.dtype}[{','.join(map(str, layer.output))}]"
        numbers = (*((instructions,) if counted else ()), *((cycles,) if timed else ()))
        memory = (f"{layer.ram_bytes:,}", f"{layer.flash_bytes:,}", layer.kernel) if built else ()
        cells = (*(f"{number:,}" for number in numbers), per_mac, f"{spent / total:.1%}", *memory)
        lines.append((layer.operator, output, f"{layer.macs:,}", *cells))
    columns = (f"{unit} per MAC", "share", *(("RAM", "flash", "kernel") if built else ()))
    if built:
        note += f"\nRAM and flash in bytes, measured. {RAM_RULE}\n{FLASH_RULE}"
        note += "".join(f"\nLayer {index}, {layer.why}." for index, layer in enumerate(layers) if layer.why)
    figures = (*(("instructions",) if counted else ()), *(("cycles",) if timed else ()))
    heads = ("layer", "output", "MACs", *figures, *columns)
    return Table(title, heads, tuple(lines), note)


def is_built(layers: Sequence[Layer]) -> bool:
    return all(layer.ram_bytes is not None and layer.flash_bytes is not None for layer in layers)


def known_layers(model: Graph | Sequence[Layer]) -> Sequence[Layer]:
    return graph_layers(model) if isinstance(model, Graph) else model


def layer_plot(model: Graph | Sequence[Layer], result: RunResult) -> Picture:
    """Modelled cycles of each layer (else its instructions), the costliest named in words."""
    names = [f"{index} {layer.operator}" for index, layer in enumerate(known_layers(model))]
    return cost_plot(names, *spent_in(counted_layers(result)))


def spent_in(layers: Sequence[Counted]) -> tuple[list[int], str]:
    """What layers take, and in what unit: modelled cycles where they are known, else simulated instructions."""
    cycles = [layer.cycles for layer in layers if layer.cycles is not None]
    if len(cycles) == len(layers):
        return cycles, "modelled cycles"
    return [layer.instructions for layer in layers], "simulated instructions"


def cost_plot(names: Sequence[str], costs: Sequence[int], unit: str = "modelled cycles", title: str = "") -> Picture:
    """What named layers take, in units of two words."""
    top = max(range(len(costs)), key=costs.__getitem__)
    share = costs[top] / max(1, sum(costs))
    words = f"Layer {names[top]} takes {share:.0%} of {sum(costs):,} {unit}, more than any other."
    return rows(names, costs, unit, title or f"Where the {unit.split()[1]} go", words)
