"""SeasonExplorer: water a field through a summer by a timer and by a sensor, and see whether the node lasts a year.

In: `irrigation.Weather`, the cycles of what decides. Out: an ipywidgets box. Water and thirst are those of
`irrigation.simulate`, the node is `energy.field_node`.
"""

from __future__ import annotations

from functools import cache

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tdl_course.energy import STM32L412, Node, field_node, processor
from tdl_course.irrigation import Field, Season, Weather, below, every, simulate
from tdl_course.picture import BLUE, DPI, GREY, ORANGE, VERMILION, Picture, picture
from tdl_course.widgets.explorer import Explorer

LIMITS = tuple(round(0.07 + 0.01 * step, 2) for step in range(10))
DAYS = tuple(range(1, 11))
YEAR = 365


class SeasonExplorer(Explorer):
    """Limit of the sensor, days of the timer, station, the node -> moisture, water against thirst, days of life.

    Parameters
    ----------
    weather : Weather
    cycles : int
        Of one decision of the node.
    first_day : int
        Day of the year of the first morning.
    """

    def __init__(self, weather: Weather, cycles: int, first_day: int = 92) -> None:
        self.weather, self.cycles, self.first_day, self.field = weather, cycles, first_day, Field()
        self.by_limit = cache(lambda limit: simulate(weather, below(limit), self.field))
        self.by_timer = cache(lambda days: simulate(weather, every(days), self.field))
        shape = {"style": {"description_width": "9rem"}, "layout": ipywidgets.Layout(width="28rem")}
        self.limit = ipywidgets.FloatSlider(
            0.12, min=LIMITS[0], max=LIMITS[-1], step=0.01, description="water below (m³/m³)", **shape,
            continuous_update=False,
        )  # fmt: skip
        self.days = ipywidgets.IntSlider(
            3, DAYS[0], DAYS[-1], description="timer, days between", **shape, continuous_update=False
        )
        stations = [(str(name), place) for place, name in enumerate(weather.stations)]
        self.station = ipywidgets.Dropdown(options=stations, description="station shown", **shape)
        self.wakes = ipywidgets.SelectionSlider(
            options=[1, 4, 12, 24, 96, 288, 1440], value=24, description="node wakes a day", **shape,
            continuous_update=False,
        )  # fmt: skip
        cores = (processor("stm32f405"), STM32L412)
        self.sleep = ipywidgets.Dropdown(
            options=[(f"{core.name}, {mode}", (core, mode)) for core in cores for mode in core.sleep_modes],
            description="processor, sleep",
            **shape,
        )
        super().__init__((self.limit, self.days, self.station, self.wakes, self.sleep))

    @property
    def seasons(self) -> tuple[Season, Season]:
        """What came of the sensor's limit, and of the timer."""
        return self.by_limit(round(self.limit.value, 2)), self.by_timer(self.days.value)

    @property
    def node(self) -> Node:
        """The node, on two AA cells, with one packet a day."""
        core, sleep = self.sleep.value
        return field_node(core, sleep, self.cycles, self.wakes.value)

    def picture(self) -> Picture:
        """A station's summer, all stations' water against thirst, and the node's life."""
        sensor, timer = self.seasons
        fig = Figure(figsize=(8.2, 4.7), layout="constrained", dpi=DPI)
        grid = fig.add_gridspec(2, 2, height_ratios=(1.15, 1))
        summer, water, life = fig.add_subplot(grid[0, :]), fig.add_subplot(grid[1, 0]), fig.add_subplot(grid[1, 1])
        for ax in (summer, water, life):
            ax.spines[["top", "right"]].set_visible(False)
        self._draw_summer(summer, sensor, timer)
        self._draw_water(water, sensor, timer)
        self._draw_life(life)
        return picture(fig, self._words(sensor, timer))

    def _draw_summer(self, ax: Axes, sensor: Season, timer: Season) -> None:
        at, days = self.station.value, self.first_day + np.arange(self.weather.length)
        ax.plot(days, timer.moisture[at], color=ORANGE, linestyle="--", linewidth=1.2, label="timer")
        ax.plot(days, sensor.moisture[at], color=BLUE, linewidth=1.6, label="sensor")
        ax.axhline(self.field.stress_below, color=VERMILION, linewidth=2, linestyle=":", label="thirst below")
        ax.set(xlabel="day of the year", ylabel="moisture (m³/m³)", title=f"Station {self.weather.stations[at]}")
        ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))

    def _draw_water(self, ax: Axes, sensor: Season, timer: Season) -> None:
        for seasons, colour, line, mark, now, name in (
            ([self.by_timer(days) for days in DAYS], ORANGE, "--", "s", timer, "timer"),
            ([self.by_limit(limit) for limit in LIMITS], BLUE, "-", "o", sensor, "sensor"),
        ):
            points = [(season.litres.mean(), season.thirst_mm.mean()) for season in seasons]
            ax.plot(*zip(*points, strict=True), color=colour, linestyle=line, marker=mark, markersize=3, label=name)
            ax.plot(now.litres.mean(), now.thirst_mm.mean(), mark, color=colour, markersize=10, markeredgecolor="black")
        ax.set(xlabel="water (litres per m²)", ylabel="thirst (mm)", title="All stations; large: now")
        ax.set_ylim(bottom=0)
        ax.legend(frameon=False)

    def _draw_life(self, ax: Axes) -> None:
        life = self.node.days
        ends = [[life.typical - life.least], [life.most - life.typical]]
        ax.barh([0], [life.typical], 0.45, color=BLUE, xerr=ends, ecolor=GREY, capsize=5)
        ax.axvline(YEAR, color="black", linewidth=2.5)
        ax.annotate("a year", (YEAR, 0.62), (5, 0), textcoords="offset points", va="center", fontweight="bold")
        ax.set(xlabel="days of life, least to most (modelled)", yticks=[], ylim=(-0.8, 0.9), title="The node")
        ax.set_xlim(0, max(1.2 * YEAR, 1.05 * life.most))

    def _words(self, sensor: Season, timer: Season) -> str:
        litres, thirst = (
            [float(values.mean()) for values in pair]
            for pair in ((sensor.litres, timer.litres), (sensor.thirst_mm, timer.thirst_mm))
        )
        saved = 1 - litres[0] / litres[1]
        compared = f"{abs(saved):.0%} {'less' if saved >= 0 else 'more'} water than the timer"
        node, life = self.node, self.node.days
        return (
            f"Watered below {self.limit.value:.2f} m³/m³, {len(self.weather.stations)} stations take {litres[0]:,.0f} "
            f"litres per m² with {thirst[0]:.0f} mm of thirst, {compared} of every {self.days.value} days, which takes "
            f"{litres[1]:,.0f} with {thirst[1]:.0f} mm; the node lasts {life.typical:,.0f} days "
            f"({life.least:,.0f} to {life.most:,.0f}); a year: {node.lasts(YEAR)}. All modelled."
        )
