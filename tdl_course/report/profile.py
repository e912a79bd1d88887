"""profile_json: what one inference cost, layer by layer, as plain data that other programs read.

In: the layers as built (or none where report.json is missing) and the counted run. Out: a dictionary for `json.dump`.
Figures that are not known are None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from tdl_course.footprint import FLASH_RULE, RAM_RULE, Layer
from tdl_course.report.device import counted_layers
from tdl_course.sim import RunResult

LABELS = {
    "macs": "from the shapes",
    "instructions": "simulated",
    "cycles": "modelled: Cortex-M4 instruction timing, zero flash wait states",
    "ram_bytes": f"measured. {RAM_RULE}",
    "flash_bytes": f"measured. {FLASH_RULE}",
    "kernel": "the C file of the layer: ref is the operator's plain loop",
    "why": "how the kernel was chosen; cycles there are estimates",
    "stack_bytes": "simulated: deepest stack of tdl_infer",
}
UNTIMED = {"cycles": "not known for this core", "share": "of instructions"}


def profile_json(layers: Sequence[Layer] | None, result: RunResult) -> dict[str, object]:
    """The cost of one inference: totals, `layers`, `functions` where they were asked for, and what each label means."""
    costs = counted_layers(result)
    facts: Sequence[Layer | None] = layers if layers is not None else [None] * len(costs)
    total = max(1, result.cycles or result.instructions or 1)
    return {
        "simulator": result.simulator,
        "instructions": result.instructions,
        "cycles": result.cycles,
        "stack_bytes": result.stack_bytes,
        "macs": sum(layer.macs for layer in layers) if layers is not None else None,
        "layers": [
            layer_json(layer, cost.name, cost.instructions, cost.cycles, total)
            for layer, cost in zip(facts, costs, strict=True)
        ],
        "functions": [asdict(cost) for cost in result.functions or ()],
        "labels": LABELS if result.cycles is not None else {**LABELS, **UNTIMED},
    }


def marks_json(
    layers: Sequence[Layer] | None, names: Sequence[str], cycles: Sequence[int], label: str
) -> dict[str, object]:
    """The cycles that the firmware itself counted, in the same form; what it cannot know is None."""
    facts: Sequence[Layer | None] = layers if layers is not None else [None] * len(names)
    total = max(1, sum(cycles))
    costs = zip(facts, names, cycles, strict=True)
    return {
        "cycles_in_layers": sum(cycles),
        "layers": [layer_json(layer, name, None, count, total) for layer, name, count in costs],
        "labels": {**LABELS, "cycles": label},
    }


def layer_json(
    layer: Layer | None, name: str, instructions: int | None, cycles: int | None, total: int
) -> dict[str, object]:
    spent = cycles if cycles is not None else instructions or 0
    return {
        "name": name,
        "operator": layer.operator if layer else None,
        "output": list(layer.output) if layer else None,
        "dtype": layer.dtype if layer else None,
        "macs": layer.macs if layer else None,
        "instructions": instructions,
        "cycles": cycles,
        "cycles_per_mac": round(cycles / layer.macs, 4) if cycles is not None and layer and layer.macs else None,
        "share": round(spent / total, 6),
        "ram_bytes": layer.ram_bytes if layer else None,
        "flash_bytes": layer.flash_bytes if layer else None,
        "kernel": layer.kernel if layer else None,
        "why": layer.why if layer else None,
    }
