"""NodeExplorer: set how a node works and sleeps, and see how long its cells last and who eats the charge.

In: networks by name with their cycles, processors. Out: an ipywidgets box. All of it is `energy.field_node`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets

from tdl_course.energy import CR2032, STM32L412, TWO_AA_ALKALINE, TWO_AA_LITHIUM, Node, Processor, field_node, processor
from tdl_course.picture import BLUE, GREY, ORANGE, Picture, figure, picture
from tdl_course.widgets.explorer import Explorer

TIMES_A_DAY = (1, 4, 12, 24, 96, 288, 1440, 8640, 43200)
CELLS = (TWO_AA_ALKALINE, TWO_AA_LITHIUM, CR2032)
YEAR = 365


class NodeExplorer(Explorer):
    """Network, inferences and packets a day, processor and sleep, cells -> days of life, and each part's charge.

    Parameters
    ----------
    cycles : mapping of name to int
        The networks to choose from, and the cycles of one inference.
    cores : sequence of Processor
        Each is offered with each of its sleep modes.

    Raises
    ------
    ValueError
        There is no network.
    """

    def __init__(self, cycles: Mapping[str, int], cores: Sequence[Processor] | None = None) -> None:
        if not cycles:
            raise ValueError("cycles is empty; give one network or more, as {name: cycles of an inference}")
        cores = (processor("stm32f405"), STM32L412) if cores is None else cores
        self.cycles = dict(cycles)
        shape = {"style": {"description_width": "9rem"}, "layout": ipywidgets.Layout(width="34rem")}
        self.network = ipywidgets.Dropdown(options=list(cycles), description="network", **shape)
        self.per_day = ipywidgets.SelectionSlider(
            options=[(f"{count:,}", count) for count in TIMES_A_DAY],
            value=24,
            description="inferences a day",
            continuous_update=False,
            **shape,
        )
        self.packets = ipywidgets.IntSlider(1, 0, 96, description="packets a day", continuous_update=False, **shape)
        self.sleep = ipywidgets.Dropdown(
            options=[(f"{core.name}, {mode}", (core, mode)) for core in cores for mode in core.sleep_modes],
            description="processor, sleep",
            **shape,
        )
        self.cells = ipywidgets.Dropdown(options=[(cell.name, cell) for cell in CELLS], description="cells", **shape)
        super().__init__((self.network, self.per_day, self.packets, self.sleep, self.cells))

    @property
    def node(self) -> Node:
        """The node of the current settings."""
        core, sleep = self.sleep.value
        cycles = self.cycles[self.network.value]
        return field_node(core, sleep, cycles, self.per_day.value, self.packets.value, self.cells.value)

    def picture(self) -> Picture:
        """Charge a day of each part, the greediest in another colour, and the days of life with their limits."""
        node = self.node
        states = sorted(node.states, key=lambda state: state.charge_per_day.typical, reverse=True)
        charges = [state.charge_per_day / 3.6 for state in states]  # mAh
        life, total = node.days, node.charge_per_day.typical / 3.6
        fig, (bars, days) = figure(width=9.6, height=3.2, columns=2)
        typical = [charge.typical for charge in charges]
        limits = [[c.typical - c.least for c in charges], [c.most - c.typical for c in charges]]
        colours = [ORANGE, *[BLUE] * (len(states) - 1)]
        bars.barh(range(len(states)), typical, color=colours, xerr=limits, ecolor=GREY, capsize=3)
        bars.set_yticks(range(len(states)), [state.name for state in states])
        bars.set_ylim(len(states) - 0.4, -0.6)
        bars.set(xlabel="charge a day (mAh), least to most", title="Who eats the charge")
        bars.grid(axis="y", visible=False)
        ends = [[life.typical - life.least], [life.most - life.typical]]
        days.barh([0], [life.typical], color=BLUE, xerr=ends, ecolor=GREY, capsize=5, height=0.4)
        days.axvline(YEAR, color="black", linestyle="--", label="a year")
        days.set(xlabel="days of life, least to most", yticks=[], ylim=(-1, 1), title="How long it lasts")
        days.set_xlim(left=0)
        days.legend(frameon=False, loc="upper right")
        days.grid(axis="y", visible=False)
        told = [*states[:2], *(state for state in states[2:] if state.name == "network")]
        shares = ", ".join(f"{state.name} takes {state.charge_per_day.typical / 3.6 / total:.1%}" for state in told)
        shelf = " (the cells' shelf life)" if life.typical == node.battery.shelf_life_days else ""
        words = (
            f"On {node.battery.name} this node lasts {life.typical:,.0f} days{shelf}, {life.least:,.0f} to "
            f"{life.most:,.0f}; a year: {node.lasts(YEAR)}. Of {total:.3g} mAh a day, {shares}. Modelled."
        )
        return picture(fig, words)
