"""What a simulation gives: `RunResult` and its parts, and the error that ends one.

In: nothing. Out: frozen data that says of each figure whether it is simulated (exact) or modelled.
Knows no simulator: a figure that a simulator cannot give is None, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tdl_course.table import Table


class SimulatorError(RuntimeError):
    """The program did what the device cannot do, or the simulator was asked for what it cannot do."""


@dataclass(frozen=True)
class Cost:
    """Instructions executed (exact) and cycles (modelled; None where the model is of another core)."""

    instructions: int
    cycles: int | None

    def __add__(self, other: Cost) -> Cost:
        cycles = None if self.cycles is None or other.cycles is None else self.cycles + other.cycles
        return Cost(self.instructions + other.instructions, cycles)

    def __sub__(self, other: Cost) -> Cost:
        cycles = None if self.cycles is None or other.cycles is None else self.cycles - other.cycles
        return Cost(self.instructions - other.instructions, cycles)


NOTHING = Cost(0, 0)


@dataclass(frozen=True)
class LayerCost:
    """Cost of one layer of one inference, everything it calls included.

    `by_kind`: the cycles in the order of `cycle_model.KINDS`; () where they are not known apart.
    """

    name: str
    instructions: int
    cycles: int | None
    by_kind: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class FunctionCost:
    """Cost of one C function in one inference, what it calls not included."""

    name: str
    instructions: int
    cycles: int | None


@dataclass(frozen=True, eq=False)
class RunResult:
    """Outputs of a simulation, and what one `tdl_infer` of the first input cost.

    `outputs`: int8 [n, output bytes]. `instructions`, `cycles`: of one inference, its return included.
    `layers`: in order of execution; `functions`: the costliest first, only where a profile was asked for. All cycles
    are None where the cycle model is of another core than the board's.
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
        if self.instructions is None or self.layers is None:
            return None
        inside = sum((Cost(layer.instructions, layer.cycles) for layer in self.layers), Cost(0, 0))
        return Cost(self.instructions, self.cycles) - inside

    def tables(self) -> list[Table]:
        """The figures of the run, and of its layers where the simulator counts."""
        title = f"{len(self.outputs)} inferences, simulator {self.simulator}"
        tables = [Table(title, ("figure", "value", "unit"), tuple(self._figures()))]
        rows = tuple((name, f"{cost.instructions:,}", _figure(cost.cycles)) for name, cost in self._rows())
        if rows:
            columns = ("layer", "instructions (simulated)", "cycles (modelled)")
            tables.append(Table("Layers of one inference", columns, rows))
        return tables

    def __repr__(self) -> str:
        return "\n\n".join(map(str, self.tables()))

    def _repr_html_(self) -> str:
        return "".join(table._repr_html_() for table in self.tables())

    def _figures(self) -> list[tuple[str, str, str]]:
        figures = [
            ("instructions per inference (simulated)", self.instructions, "instructions"),
            ("cycles per inference (modelled)", self.cycles, "cycles"),
            ("stack of tdl_infer (simulated)", self.stack_bytes, "bytes"),
            ("stack from reset to main (simulated)", self.boot_stack_bytes, "bytes"),
        ]
        return [(name, _figure(value), unit) for name, value, unit in figures]

    def _rows(self) -> list[tuple[str, Cost]]:
        rows = [(layer.name, Cost(layer.instructions, layer.cycles)) for layer in self.layers or ()]
        overhead = self.call_overhead
        if rows and overhead is not None:
            rows.append(("calls and return", overhead))
        return rows


def _figure(value: int | None) -> str:
    return "not given" if value is None else f"{value:,}"
