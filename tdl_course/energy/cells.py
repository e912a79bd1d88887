"""Batteries, as data.

In: nothing. Out: `Cell` and the batteries there are. The typical charge of a cell is a constant of its datasheet; how
much of it a node gets out is `usable_fraction`, which carries the uncertainty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tdl_course.boards import Constant
from tdl_course.energy.uncertain import Uncertain

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Cell:
    """A battery: rated charge in ampere-hours, nominal voltage, and the largest current tested with, in ampere.

    `usable_fraction` of the rated charge comes out; `self_discharge_per_year` is the fraction of what is left that a
    year takes (0.03 is 3 percent); after `shelf_life_years` the maker answers for nothing. Without these three a cell
    is ideal.
    """

    name: str
    capacity_ah: Constant
    nominal_v: Constant
    pulse_current_a: Constant
    usable_fraction: Uncertain = Uncertain(1.0, 1.0, 1.0, "taken as all of the rated charge")
    self_discharge_per_year: Uncertain = Uncertain(0.0, 0.0, 0.0, "taken as none")
    shelf_life_years: Constant | None = None

    def __post_init__(self) -> None:
        if self.usable_fraction.least <= 0:
            raise ValueError(f"usable_fraction is {self.usable_fraction}; it must be above 0")
        if self.self_discharge_per_year.least < 0 or self.self_discharge_per_year.most >= 1:
            raise ValueError(f"self_discharge_per_year is {self.self_discharge_per_year}; 0 to below 1 is allowed")

    @property
    def charge_c(self) -> Uncertain:
        """The usable charge in coulomb."""
        return self.usable_fraction * (self.capacity_ah * 3600)

    @property
    def shelf_life_days(self) -> float:
        return math.inf if self.shelf_life_years is None else self.shelf_life_years * DAYS_PER_YEAR


_CR2032 = "Energizer CR2032 product datasheet (data.energizer.com/pdfs/cr2032.pdf)"
_E91 = "Energizer E91 product datasheet (data.energizer.com/pdfs/e91.pdf), not at hand"
_L91 = "Energizer L91 product datasheet (data.energizer.com/pdfs/l91.pdf), not at hand"

CR2032 = Cell(
    name="CR2032",
    capacity_ah=Constant(0.235, f"{_CR2032}: typical capacity 235 mAh to 2.0 V at 15 kohm, 21 degC"),
    nominal_v=Constant(3.0, f"{_CR2032}: nominal voltage"),
    pulse_current_a=Constant(6.8e-3, f"{_CR2032}: pulse characteristics, 2 seconds at 6.8 mA (400 ohm)"),
    usable_fraction=Uncertain(
        0.85,
        0.6,
        1.0,
        "an allowance of this course: pulses, cold, milliamperes drawn where 0.2 mA is rated, a cut-off above 2.0 V",
    ),
    self_discharge_per_year=Uncertain(
        0.01,
        0.005,
        0.015,
        f"{_CR2032}: quoted at second hand: 1 percent a year; most is Rayovac's for its own",
    ),
    shelf_life_years=Constant(10, "10 years is what sellers of CR2032 cells state; no datasheet for it was at hand"),
)

TWO_AA_ALKALINE = Cell(
    name="two AA alkaline (Energizer E91) in series",
    capacity_ah=Constant(2.8, f"{_E91}; quoted at second hand: 2750 to 2800 mAh at 25 mA to 0.8 V a cell, 21 degC"),
    nominal_v=Constant(3.0, f"{_E91}: twice the nominal 1.5 V"),
    pulse_current_a=Constant(1.0, f"{_E91}; quoted at second hand: constant current performance up to 1 A"),
    usable_fraction=Uncertain(
        0.9,
        0.7,
        1.07,
        "Energizer alkaline handbook (alkaline_appman.pdf), quoted at second hand: 95 percent is out at 0.8 V a cell. "
        "Typical, and least for cold and early cut-off, are an allowance of this course; most is 3000 mAh, the highest "
        "figure quoted for low drain",
    ),
    self_discharge_per_year=Uncertain(
        0.03, 0.02, 0.05, "Battery University, quoted at second hand: 2 to 3 percent a year; most is an allowance"
    ),
    shelf_life_years=Constant(10, f"{_E91}; quoted at second hand: 10 years at 21 degC"),
)

TWO_AA_LITHIUM = Cell(
    name="two AA lithium (Energizer L91) in series",
    capacity_ah=Constant(3.0, f"{_L91}; quoted at second hand: 3000 mAh, nearly the same at all loads"),
    nominal_v=Constant(
        3.0, f"{_L91}: twice the nominal 1.5 V; fresh at rest 1.79 to 1.83 V, so a pair can exceed an STM32's 3.6 V"
    ),
    pulse_current_a=Constant(1.0, f"{_L91}; quoted at second hand: discharge at 1 A"),
    usable_fraction=Uncertain(0.95, 0.85, 1.0, "an allowance of this course, for cold and the cut-off voltage"),
    self_discharge_per_year=Uncertain(
        0.007,
        0.004,
        0.01,
        f"{_L91}; an older edition, quoted at second hand: 90 percent of the rated capacity after 15 years at 21 degC, "
        "which is 0.7 percent a year; least is the same over 25 years; most is an allowance",
    ),
    shelf_life_years=Constant(25, f"{_L91}; quoted at second hand: 25 years at 21 degC"),
)
