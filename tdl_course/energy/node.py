"""A node on a battery: what its states draw in a day, and how long the battery lasts.

In: states and a cell. Out: `Node`. Charge is current x time; limits by interval arithmetic. Not in the model: losses of
a regulator, currents that depend on the voltage, capacity that depends on temperature and load beyond the cell's
`usable_fraction`, leakage of the circuit board.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tdl_course.energy.cells import DAYS_PER_YEAR, Cell
from tdl_course.energy.cycles import SECONDS_PER_DAY
from tdl_course.energy.states import State
from tdl_course.energy.uncertain import Uncertain, as_uncertain
from tdl_course.table import Table, si

NODE_METHOD = "modelled: charge = current x time, limits by interval arithmetic"


def days_of_life(charge_c: float, charge_per_day_c: float, self_discharge_per_year: float = 0.0) -> float:
    """Days until a battery is flat that loses what is drawn, and a fraction of what is left.

    The solution of dQ/dt = -I - kQ: ln(1 + k Q/I) / k, and Q/I without self-discharge.

    Raises ValueError for a charge that is not above 0, a negative draw, and a fraction outside 0 to below 1.

    Examples
    --------
    >>> days_of_life(1000.0, 10.0), round(days_of_life(1000.0, 10.0, 0.05), 1)
    (100.0, 99.3)
    """
    if not charge_c > 0:
        raise ValueError(f"charge_c is {charge_c:g}; it must be above 0")
    if not charge_per_day_c >= 0:
        raise ValueError(f"charge_per_day_c is {charge_per_day_c:g}; it must be 0 or more")
    if not 0 <= self_discharge_per_year < 1:
        raise ValueError(f"self_discharge_per_year is {self_discharge_per_year:g}; 0 to below 1 is allowed")
    if charge_per_day_c == 0:
        return math.inf
    rate = -math.log1p(-self_discharge_per_year) / DAYS_PER_YEAR
    days = charge_c / charge_per_day_c
    return days if rate == 0 else math.log1p(rate * days) / rate


@dataclass(frozen=True)
class Node:
    """Everything that draws from `battery` in a day.

    Raises ValueError without states, where two have the same name, and where they draw nothing.
    """

    states: tuple[State, ...]
    battery: Cell
    label: str = NODE_METHOD

    def __post_init__(self) -> None:
        object.__setattr__(self, "states", tuple(self.states))
        names = [state.name for state in self.states]
        if not names:
            raise ValueError("states is empty; a node needs one or more")
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two states are named {', '.join(map(repr, doubled))}; each needs a name of its own")
        if self.charge_per_day.least <= 0:
            raise ValueError(f"the states draw {self.charge_per_day} C a day; the least must be above 0")

    @property
    def charge_per_day(self) -> Uncertain:
        """Of all states together, in coulomb."""
        return sum((state.charge_per_day for state in self.states), start=as_uncertain(0.0))

    @property
    def average_current(self) -> Uncertain:
        """In ampere."""
        return self.charge_per_day / SECONDS_PER_DAY

    @property
    def days(self) -> Uncertain:
        """Until the battery is flat or its shelf life over. The limits take the worst, or the best, of everything."""
        charge, draw, loss = self.battery.charge_c, self.charge_per_day, self.battery.self_discharge_per_year
        typical, least, most = (
            min(days_of_life(*values), self.battery.shelf_life_days)
            for values in (
                (charge.typical, draw.typical, loss.typical),
                (charge.least, draw.most, loss.most),
                (charge.most, draw.least, loss.least),
            )
        )
        return Uncertain(typical, least, most, self.label)

    @property
    def hours(self) -> Uncertain:
        """The same life in hours."""
        return self.days * 24

    @property
    def needs_capacitor(self) -> bool:
        """True where a state may draw more than the battery was tested with: a capacitor has to carry the bursts."""
        return any(state.current.most > self.battery.pulse_current_a for state in self.states)

    def lasts(self, days: float) -> str:
        """Whether the battery lasts so long: "yes" at the worst, "typically", "at best" or "no"."""
        life = self.days
        for limit, verdict in ((life.least, "yes"), (life.typical, "typically"), (life.most, "at best")):
            if limit >= days:
                return verdict
        return "no"

    def table(self) -> Table:
        """One row a state, the greediest first."""
        total = self.charge_per_day
        by_charge = sorted(self.states, key=lambda state: state.charge_per_day.typical, reverse=True)
        rows = [
            (
                state.name,
                state.current.text("A"),
                state.seconds_per_day.text("s"),
                state.charge_per_day.text("C"),
                f"{state.charge_per_day.typical / total.typical:.1%}",
                "modelled",
                state.source,
            )
            for state in by_charge
        ]
        rows.append(
            ("all together", self.average_current.text("A"), si(SECONDS_PER_DAY, "s"), total.text("C"), "100.0%")
            + ("modelled", "the sum")
        )
        columns = ("state", "current", "time a day", "charge a day", "share", "label", "source")
        return Table("What the node draws in a day: typical (least to most)", columns, tuple(rows))

    def battery_table(self) -> Table:
        cell, percent = self.battery, self.battery.self_discharge_per_year * 100
        rows = [
            ("rated charge", f"{cell.capacity_ah * 1e3:g} mAh", "as sourced", cell.capacity_ah.source),
            ("usable fraction", str(cell.usable_fraction), "as sourced", cell.usable_fraction.source),
            ("self-discharge", f"{percent} % a year", "as sourced", percent.source),
        ]
        if cell.shelf_life_years is not None:
            rows.append(("shelf life", f"{cell.shelf_life_years:g} years", "as sourced", cell.shelf_life_years.source))
        if self.needs_capacitor:
            bursts = max(state.current.most for state in self.states)
            rows.append((f"bursts to {si(bursts, 'A')}", "from a capacitor", "as sourced", cell.pulse_current_a.source))
        rows.append(("life", self._life(), "modelled", self.label))
        return Table(f"On {cell.name}", ("what", "value", "label", "source"), tuple(rows))

    def _life(self) -> str:
        life, unit = (self.hours, "hours") if self.days.typical < 10 else (self.days, "days")
        return f"{life.typical:,.0f} {unit} ({life.least:,.0f} to {life.most:,.0f})"

    def __str__(self) -> str:
        lines = [
            f"{state.name}: {state.charge_per_day.text('C')} a day"
            for state in sorted(self.states, key=lambda state: state.charge_per_day.typical, reverse=True)
        ]
        return "\n".join(
            [
                *lines,
                f"all together: {self.average_current.text('A')} on average",
                f"{self._life()} on {self.battery.name} (modelled)",
            ]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_() + self.battery_table()._repr_html_()
