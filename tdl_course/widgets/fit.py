"""FitExplorer: does it fit? A network, its bits and sparsity, a board -> what it costs, against each budget.

In: `Build`s, each of an ELF that was linked and ran. Out: an ipywidgets box. Only combinations that were built can be
chosen. Time, energy and life are the energy model's; this module has no constant of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import ipywidgets

from tdl_course.boards import Board, board
from tdl_course.builds import Build
from tdl_course.energy import CR2032, TWO_AA_ALKALINE, TWO_AA_LITHIUM, Cell, Streaming, energy, streaming
from tdl_course.energy.cells import DAYS_PER_YEAR
from tdl_course.energy.cycles import SECONDS_PER_DAY
from tdl_course.picture import BLUE, GREY, VERMILION, Picture, figure, picture
from tdl_course.table import si
from tdl_course.widgets.explorer import Explorer

PERIODS = {"20 ms": 0.02, "200 ms": 0.2, "1 s": 1.0, "10 s": 10.0, "1 minute": 60.0, "1 hour": 3600.0}
CELLS = (TWO_AA_ALKALINE, TWO_AA_LITHIUM, CR2032)
YEAR = 365
LONGEST_BAR = 1.3  # of the budget; what is longer is cut off, and its number says how much
ROOM = 35  # percent, for that number


@dataclass(frozen=True)
class Row:
    """One cost against its budget: `used` is their ratio, None where there is nothing to measure."""

    what: str
    label: str
    text: str
    used: float | None

    @property
    def fits(self) -> bool:
        return self.used is not None and self.used <= 1


class FitExplorer(Explorer):
    """Network, bits, sparsity, board, period, cells -> flash, RAM, time, energy and life, each against its budget.

    Raises ValueError where there is no build.
    """

    def __init__(self, builds: Sequence[Build]) -> None:
        if not builds:
            raise ValueError("builds is empty; give one or more: see tdl_course.dashboards.combinations")
        self.builds = {(b.network, b.bits, b.sparsity, b.board): b for b in builds}
        shape = {"style": {"description_width": "8rem"}, "layout": ipywidgets.Layout(width="28rem")}
        names, bits, sparsities, boards = (list(dict.fromkeys(column)) for column in zip(*self.builds, strict=True))
        self.network = ipywidgets.Dropdown(options=names, description="network", **shape)
        self.bits = ipywidgets.Dropdown(options=[(f"{b} bits", b) for b in bits], description="weights", **shape)
        self.sparsity = ipywidgets.Dropdown(
            options=[(f"{s:.0%} of them zero", s) for s in sparsities], description="sparsity", **shape
        )
        self.board = ipywidgets.Dropdown(options=[(_board(b), b) for b in boards], description="board", **shape)
        self.period = ipywidgets.Dropdown(options=PERIODS, value=60.0, description="an inference every", **shape)
        self.cells = ipywidgets.Dropdown(options=[(c.name, c) for c in CELLS], description="cells", **shape)
        super().__init__((self.network, self.bits, self.sparsity, self.board, self.period, self.cells))

    @property
    def build(self) -> Build:
        """The build that is chosen. Raises ValueError for a combination that was not built."""
        key = (self.network.value, self.bits.value, self.sparsity.value, self.board.value)
        if key not in self.builds:
            raise ValueError(f"{', '.join(map(str, key))} was not built; choose another combination")
        return self.builds[key]

    def rows(self) -> list[Row]:
        """The costs of the build that is chosen, each against its budget."""
        build, on = self.build, board(self.board.value)
        return [*memory_rows(build, on), *running_rows(build, on, self.period.value, self.cells.value)]

    def picture(self) -> Picture:
        """A bar for each cost, in percent of its budget, and a line where the budget ends."""
        build, rows = self.build, self.rows()
        fig, (ax,) = figure(width=8.2, height=4.4)
        for place, row in enumerate(rows):
            if row.used is None:
                ax.text(2, place, "no firmware, nothing to measure", va="center", color="#555555", style="italic")
                continue
            over = row.used > 1
            length = 100 * min(row.used, LONGEST_BAR)
            ax.barh(
                place, length, 0.55, color=VERMILION if over else BLUE, hatch="//" if over else "", edgecolor="white"
            )
            ax.text(length + 2, place, share(row.used), va="center", fontweight="bold")
        ax.axvline(100, color="black", linewidth=2.5)
        ax.annotate("budget", (100, -0.75), (4, 0), textcoords="offset points", va="center", fontweight="bold")
        ax.axvspan(100, 100 * LONGEST_BAR + ROOM, color=GREY, alpha=0.12, linewidth=0)
        ax.set_yticks(range(len(rows)), [f"{row.what}, {row.label}\n{row.text}" for row in rows])
        ax.set(xlabel="share of the budget (%)", xlim=(0, 100 * LONGEST_BAR + ROOM), ylim=(len(rows) - 0.5, -1))
        ax.grid(axis="y", visible=False)
        ax.set_title(f"{build.network} on {build.board}: {verdict(build, rows)}", loc="left", fontweight="bold")
        return picture(fig, self._words(build, rows))

    def _words(self, build: Build, rows: Sequence[Row]) -> str:
        parts = [
            f"{build.network} with {build.bits}-bit weights, {build.sparsity:.0%} of them zero, on {build.board}: "
            f"{verdict(build, rows)}",
            *(f"{row.what} {row.text} ({row.label})" for row in rows if row.used is not None),
            f"{build.accuracy:.1%} of {build.samples} test samples right (measured, nothing trained again)",
        ]
        if build.largest:
            listed = ", ".join(f"{what} {size:,}" for what, size in build.largest[:3])
            parts.insert(1, f"the largest in {build.region} are {listed} bytes")
        return f"{'; '.join(parts)}."


def verdict(build: Build, rows: Sequence[Row]) -> str:
    """ "fits", or what does not, in a few words."""
    if not build.fits:
        return f"does not fit, {build.region} is {build.over_bytes:,} bytes too small"
    over = [row.what for row in rows if not row.fits]
    return f"over budget in {' and '.join(over)}" if over else "fits"


def share(used: float) -> str:
    """A ratio to the budget in words: percent, and whether it is over."""
    if used > 1:
        return "over" if math.isinf(used) else f"{used:,.0%}, over"
    return "below 0.1%" if used < 0.001 else f"{used:.1%}" if used < 0.1 else f"{used:.0%}"


def memory_rows(build: Build, on: Board) -> list[Row]:
    """Flash and RAM against what the board has. Where the linker refused, what it needs in the region that is full."""
    rows = []
    for what, region, label, used, limit in (
        ("flash", "FLASH", "measured", build.flash_bytes, on.flash_bytes),
        ("RAM", "RAM", "simulated", build.ram_bytes, on.ram_bytes),
    ):
        if build.region == region:
            used, label = limit + build.over_bytes, "by the linker"
        if used is None:
            rows.append(Row(what, "not known", f"of {limit / 1024:,.0f} KB", None))
        else:
            rows.append(Row(what, label, f"{used / 1024:,.1f} of {limit / 1024:,.0f} KB", used / limit))
    return rows


def running_rows(build: Build, on: Board, period_s: float, cell: Cell) -> list[Row]:
    """Time against the period, energy against what a year on `cell` leaves for it, life against a year."""
    names = ("time", "energy", "battery life")
    if build.cycles is None:
        return [Row(name, "not known", "", None) for name in names]
    cost = energy(build.cycles, on)
    time = Row("time", "modelled", f"{si(cost.seconds, 's')} of {si(period_s, 's')}", cost.seconds / period_s)
    assert cost.joules is not None
    try:
        task = streaming(build.cycles, period_s, on)
    except ValueError:  # it does not keep up
        return [time, Row("energy", "modelled", f"{si(cost.joules, 'J')}, too slow to sleep", math.inf)] + [
            Row("battery life", "modelled", "not in time, never asleep", math.inf)
        ]
    budget = year_joules(task, cell)
    left = f"a year leaves {si(budget, 'J')}" if budget > 0 else "sleep takes all"
    life = task.on(cell).days.typical
    return [
        time,
        Row("energy", "modelled", f"{si(cost.joules, 'J')}, {left}", cost.joules / budget if budget > 0 else math.inf),
        Row("battery life", "modelled", f"{life:,.0f} of {YEAR} days", YEAR / life),
    ]


def year_joules(task: Streaming, cell: Cell) -> float:
    """What one hop's work may take so that `cell` lasts a year; sleep, waking up and self-discharge taken off first."""
    busy, *rest = task.states()
    rate = -math.log1p(-cell.self_discharge_per_year.typical) / DAYS_PER_YEAR
    charge = cell.charge_c.typical
    a_day = charge / YEAR if rate == 0 else charge * rate / math.expm1(rate * YEAR)
    left = a_day - sum(state.charge_per_day.typical for state in rest)
    return left * float(task.core.supply_v) / (SECONDS_PER_DAY / task.hop_seconds)


def _board(name: str) -> str:
    on = board(name)
    return f"{name}: {on.flash_bytes // 1024:,} KB flash, {on.ram_bytes // 1024} KB RAM"
