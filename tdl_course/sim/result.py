"""What a simulation gives: `RunResult` and its parts, and the error that ends one.

In: nothing. Out: frozen data that says of each figure whether it is simulated (exact) or modelled.
Knows no simulator: a figure that a simulator cannot give is None, never a guess.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np


class SimulatorError(RuntimeError):
    """The program did what the device cannot do, or the simulator was asked for what it cannot do."""


@dataclass(frozen=True)
class Cost:
    """Instructions executed (exact) and cycles (modelled)."""

    instructions: int
    cycles: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.instructions + other.instructions, self.cycles + other.cycles)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.instructions - other.instructions, self.cycles - other.cycles)


@dataclass(frozen=True)
class LayerCost:
    """Cost of one layer of one inference, everything it calls included."""

    name: str
    instructions: int
    cycles: int


@dataclass(frozen=True)
class FunctionCost:
    """Cost of one C function in one inference, what it calls not included."""

    name: str
    instructions: int
    cycles: int


@dataclass(frozen=True, eq=False)
class RunResult:
    """Outputs of a simulation, and what one `tdl_infer` of the first input cost.

    `outputs`: int8 [n, output bytes]. `instructions`, `cycles`: of one inference, its return included.
    `layers`: in order of execution; `functions`: most cycles first, only where a profile was asked for.
    `stack_bytes`: deepest stack below the call of `tdl_infer`, over all inputs. `boot_stack_bytes`: from reset to
    `main`.
    `seconds`: measured on this computer, all inputs; it says nothing about the device.
    """

    outputs: np.ndarray
    simulator: str
    seconds: float
    instructions: int | None = None
    cycles: int | None = None
    layers: tuple[LayerCost, ...] | None = None
    functions: tuple[FunctionCost, ...] | None = None
    stack_bytes: int | None = None
    boot_stack_bytes: int | None = None

    @property
    def call_overhead(self) -> Cost | None:
        """What `tdl_infer` costs outside of its layers: the calls of the layers and its own return."""
        if self.instructions is None or self.cycles is None or self.layers is None:
            return None
        inside = sum((Cost(layer.instructions, layer.cycles) for layer in self.layers), Cost(0, 0))
        return Cost(self.instructions, self.cycles) - inside

    def __str__(self) -> str:
        lines = [f"{len(self.outputs)} inferences in the {self.simulator} simulator, {self.seconds:.2f} s"]
        lines += [f"  {name:34} {value:>14} {unit}" for name, value, unit in self._figures()]
        lines += [
            f"  {name:34} {int(count):>14,} instructions {int(cycles):>14,} cycles"
            for name, count, cycles in self._rows()
        ]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        figures = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{value}</td><td>{unit}</td></tr>"
            for name, value, unit in self._figures()
        )
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{count:,}</td><td>{cycles:,}</td></tr>"
            for name, count, cycles in self._rows()
        )
        table = (
            "<table><caption>Layers of one inference</caption><thead><tr><th>layer</th>"
            "<th>instructions (simulated)</th>"
            f"<th>cycles (modelled)</th></tr></thead><tbody>{rows}</tbody></table>"
        )
        return (
            f"<table><caption>{len(self.outputs)} inferences, simulator {html.escape(self.simulator)}</caption>"
            f"<thead><tr><th>figure</th><th>value</th><th>unit</th></tr></thead><tbody>{figures}</tbody></table>"
            + (table if rows else "")
        )

    def _figures(self) -> list[tuple[str, str, str]]:
        figures = [
            ("instructions per inference (simulated)", self.instructions, "instructions"),
            ("cycles per inference (modelled)", self.cycles, "cycles"),
            ("stack of tdl_infer (simulated)", self.stack_bytes, "bytes"),
            ("stack from reset to main (simulated)", self.boot_stack_bytes, "bytes"),
        ]
        return [(name, "not given" if value is None else f"{value:,}", unit) for name, value, unit in figures]

    def _rows(self) -> list[tuple[str, int, int]]:
        rows = [(layer.name, layer.instructions, layer.cycles) for layer in self.layers or ()]
        overhead = self.call_overhead
        if rows and overhead is not None:
            rows.append(("calls and return", overhead.instructions, overhead.cycles))
        return rows
