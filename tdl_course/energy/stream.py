"""Work that never stops: so many cycles for every hop of a signal, and sleep in between ("race to sleep").

In: cycles, a hop, a processor. Out: `Streaming`, and from it joules an hour and the states of a node.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdl_course.boards import Board
from tdl_course.energy.cells import Cell
from tdl_course.energy.cycles import SECONDS_PER_DAY
from tdl_course.energy.node import Node
from tdl_course.energy.parts import Processor, processor
from tdl_course.energy.states import State
from tdl_course.energy.uncertain import Uncertain
from tdl_course.table import Table

STILL_ASLEEP = (
    "In stop, DMA and the serial interfaces of an STM32F4 stand still: who listens without a gap needs something that "
    "collects samples meanwhile, or a lighter sleep that draws more. Take this as the least that listening costs."
)


@dataclass(frozen=True)
class Streaming:
    """`cycles_per_hop` every `hop_seconds`, at the clock of `core`, in `sleep` between."""

    cycles_per_hop: int
    hop_seconds: float
    core: Processor
    sleep: str

    @property
    def busy(self) -> State:
        return self.core.run("a hop's work", self.cycles_per_hop, SECONDS_PER_DAY / self.hop_seconds)

    @property
    def load(self) -> Uncertain:
        """Part of the time that the core is awake. Above 1 it does not keep up."""
        return self.busy.seconds / self.hop_seconds

    def states(self) -> list[State]:
        """Of a `Node`: at work, waking up, asleep."""
        wake = self.core.wake(self.sleep, SECONDS_PER_DAY / self.hop_seconds)
        return [self.busy, wake, self.core.asleep(self.sleep, self.busy, wake)]

    @property
    def charge_per_hour(self) -> Uncertain:
        """In coulomb."""
        return sum((state.charge_per_day for state in self.states()), start=Uncertain(0.0, 0.0, 0.0)) / 24

    @property
    def joules_per_hour(self) -> Uncertain:
        return self.charge_per_hour * float(self.core.supply_v)

    def on(self, battery: Cell, *others: State) -> Node:
        """A node that does this and `others`, such as a microphone."""
        return Node((*self.states(), *others), battery)

    def table(self) -> Table:
        core, mode = self.core, self.core.mode(self.sleep)
        rows = (
            ("work", f"{self.cycles_per_hop:,} cycles every {self.hop_seconds * 1e3:g} ms", "given"),
            ("clock", f"{core.clock_hz / 1e6:g} MHz", core.name),
            ("awake", f"{self.load * 100} % of the time", "modelled"),
            ("current while running", core.run_current.text("A"), core.run_current.source),
            (f"current in {self.sleep}", mode.current.text("A"), mode.current.source),
            ("energy an hour", self.joules_per_hour.text("J"), f"modelled, at {core.supply_v:g} V"),
        )
        return Table(f"Streaming on {core.name}", ("what", "value", "source"), rows, STILL_ASLEEP)

    def __str__(self) -> str:
        return (
            f"awake {self.load * 100} % of the time at {self.core.clock_hz / 1e6:g} MHz, {self.sleep} between: "
            f"{self.joules_per_hour.text('J')} an hour (modelled)"
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def streaming(
    cycles_per_hop: int,
    hop_seconds: float,
    core: str | Board | Processor = "stm32f405",
    clock_hz: float | None = None,
    sleep: str = "stop",
) -> Streaming:
    """A task that streams, on a board or a `Processor`, at full clock or, where its current is known, at `clock_hz`.

    Raises ValueError for cycles below 0, a hop that is not above 0 or too short for the work, a sleep mode that loses
    RAM (the signal's history is there), and a clock at which the current is not known.

    Examples
    --------
    >>> task = streaming(1_680_000, hop_seconds=0.1)
    >>> round(task.load.typical, 3)
    0.1
    """
    if cycles_per_hop < 0:
        raise ValueError(f"cycles_per_hop is {cycles_per_hop}; it must be 0 or more")
    if not 0 < hop_seconds <= SECONDS_PER_DAY:
        raise ValueError(f"hop_seconds is {hop_seconds:g}; above 0 to {SECONDS_PER_DAY} is allowed")
    core = core if isinstance(core, Processor) else processor(core)
    core = core if clock_hz is None else core.at(clock_hz)
    mode = core.mode(sleep)
    if not mode.keeps_ram:
        keeping = ", ".join(repr(name) for name, each in core.sleep_modes.items() if each.keeps_ram)
        raise ValueError(f"sleep is {sleep!r}, which loses RAM between hops; {keeping} is allowed")
    needed = cycles_per_hop / core.clock_hz + mode.wake_seconds.typical
    if needed > hop_seconds:
        raise ValueError(
            f"a hop's work and waking up take {needed:g} s of a hop of {hop_seconds:g} s; it must be longer"
        )
    return Streaming(cycles_per_hop, float(hop_seconds), core, sleep)
