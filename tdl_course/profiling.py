"""profile_elf: what one inference of a built firmware costs, layer by layer, as text, plain data and a picture.

In: an ELF, one input, and where it runs. Out: a `Profile`. The simulator counts by default; `on` names a device whose
firmware is asked for the cycles that it counts itself. What `report.json` beside the ELF says of the layers (operators,
shapes, RAM, flash) is joined to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tdl_course import report, sim
from tdl_course.elf import Elf
from tdl_course.firmware_project import built_layers
from tdl_course.footprint import Layer
from tdl_course.report import Picture
from tdl_course.sim import RunResult
from tdl_course.sim.marks import LABELS, run_marks

MOST_FUNCTIONS = 12
KINDS = {on: label.split(":")[0].split(",")[0] for on, label in LABELS.items()}  # measured, modelled, simulated


@dataclass(frozen=True, eq=False)
class Profile:
    """`text` for a terminal, `plain` for json.dump, and what the layers take by name: cycles, else instructions."""

    text: str
    plain: Mapping[str, object]
    names: Sequence[str]
    costs: Sequence[int]
    unit: str

    def picture(self) -> Picture:
        return report.cost_plot(self.names, self.costs, self.unit)


def profile_elf(elf: Elf, inputs: np.ndarray, on: str | None = None, port: str | None = None) -> Profile:
    """Profile the first of `inputs`, int8 [n, input bytes].

    Parameters
    ----------
    on : str, optional
        "serial", "unicorn" or "renode": the cycles that the firmware counts there (see `sim.marks`). By default the
        simulator's own exact counts.
    port : str, optional
        The port of the board, for "serial".

    Raises
    ------
    SimulatorError
        The firmware does not run, or the device does not answer.
    ValueError
        `report.json` beside the ELF describes another model.
    """
    layers = built_layers(elf.path)
    if on is None:
        result = sim.run(elf, inputs[:1], profile=True)
        names = [cost.name for cost in result.layers or ()]
        costs, unit = report.spent_in(result.layers or ())
        check_layers(elf.path, layers, len(costs))
        table = str(result if layers is None else report.layer_table(layers, result))
        text, plain = f"{table}\n\n{functions(result)}", report.profile_json(layers, result)
    else:
        marks = run_marks(elf, inputs[0], on, port=port)
        names, costs, unit = [mark.operator for mark in marks], [mark.cycles for mark in marks], f"{KINDS[on]} cycles"
        check_layers(elf.path, layers, len(costs))
        known = layers if layers is not None else [Layer(name, (), "", 0) for name in names]
        text, plain = (
            str(report.mark_table(known, costs, LABELS[on])),
            report.marks_json(layers, names, costs, LABELS[on]),
        )
    if layers is not None:
        names = [f"{index} {layer.operator}" for index, layer in enumerate(layers)]
    return Profile(text, plain, names, costs, unit)


def check_layers(path: Path, layers: Sequence[Layer] | None, count: int) -> None:
    if layers is not None and len(layers) != count:
        raise ValueError(
            f"report.json beside {path} describes {len(layers)} layers, the firmware has {count}; build it again"
        )


def functions(result: RunResult) -> str:
    """The C functions of a run, most cycles (else instructions) first."""
    rows = [
        f"  {cost.name:34} {cost.instructions:>14,} instructions"
        + ("" if cost.cycles is None else f" {cost.cycles:>14,} cycles")
        for cost in (result.functions or ())[:MOST_FUNCTIONS]
    ]
    unit = "instructions" if result.cycles is None else "cycles"
    return "\n".join([f"C functions, most {unit} first", *rows])
