"""From cycles of one board to seconds, joules and battery life, with typical values only.

In: cycles and a board. Out: `Energy`, `DutyCycle`, `BatteryLife`. All of it is modelled: cycles x datasheet current.
Not in the model: peripherals, sensors, radio, wake-up time, regulator losses, self-discharge; `node.py` has those that
there are numbers for. Where the currents of a board are not known, its cycles still take time, and what they cost is
None.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdl_course.boards import BOARDS, NOT_KNOWN, Board, Constant
from tdl_course.boards import board as find_board
from tdl_course.energy.cells import CR2032, Cell
from tdl_course.table import Table

LABEL = "modelled"
METHOD = "modelled: cycles x datasheet current"
SECONDS_PER_DAY = 86_400
_SLEEP_CURRENTS = {"stop": "stop_current_a", "standby": "standby_current_a"}


@dataclass(frozen=True)
class Energy:
    """What some cycles at full clock cost: seconds, joules, and the charge in coulomb."""

    cycles: int
    board: Board
    label: str = METHOD

    @property
    def seconds(self) -> float:
        return self.cycles / self.board.clock_hz

    @property
    def coulombs(self) -> float | None:
        current = self.board.run_current_a
        return None if current is None else self.seconds * current

    @property
    def joules(self) -> float | None:
        if self.coulombs is None or self.board.supply_v is None:
            return None
        return self.coulombs * self.board.supply_v

    def rows(self) -> list[tuple[str, str, str]]:
        board = self.board
        return [
            ("cycles", f"{self.cycles:,}", "modelled: table of the Cortex-M4 TRM" if board.core.timed else "given"),
            ("time", f"{self.seconds * 1e3:,.3f} ms at {board.clock_hz / 1e6:g} MHz", self.label),
            _constant("current while running", board.run_current_a, 1e3, "mA"),
            _constant("supply", board.supply_v, 1, "V"),
            ("energy", self._microjoules(), self.label),
        ]

    def _microjoules(self) -> str:
        return NOT_KNOWN if self.joules is None else f"{self.joules * 1e6:,.2f} µJ"

    def __str__(self) -> str:
        cost = f"energy {NOT_KNOWN}" if self.joules is None else self._microjoules()
        return f"{self.cycles:,} cycles = {self.seconds * 1e3:,.3f} ms = {cost} ({self.label})"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _table(f"Energy on {self.board.name}", self.rows())


@dataclass(frozen=True)
class DutyCycle:
    """Work of `active` once every `period_s` seconds, asleep in between.

    `sleep` is "stop" (RAM kept) or "standby" (RAM lost, the core restarts from reset).
    """

    active: Energy
    period_s: float
    sleep: str
    label: str = METHOD

    @property
    def sleep_current_a(self) -> Constant:
        return known_current(self.active.board, _SLEEP_CURRENTS[self.sleep])

    @property
    def active_fraction(self) -> float:
        return self.active.seconds / self.period_s

    @property
    def average_current_a(self) -> float:
        awake, asleep = self.active.seconds, self.period_s - self.active.seconds
        return (awake * known_current(self.active.board) + asleep * self.sleep_current_a) / self.period_s

    def rows(self) -> list[tuple[str, str, str]]:
        return [
            ("period", f"{self.period_s:g} s", "chosen"),
            ("awake", f"{self.active_fraction:.4%}", self.label),
            (f"current in {self.sleep}", f"{self.sleep_current_a * 1e6:g} µA", self.sleep_current_a.source),
            ("average current", f"{self.average_current_a * 1e6:,.1f} µA", self.label),
        ]

    def __str__(self) -> str:
        return (
            f"awake {self.active_fraction:.4%} of the time, {self.sleep} between: "
            f"{self.average_current_a * 1e6:,.1f} µA on average ({self.label})"
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _table(f"Duty cycle on {self.active.board.name}", self.rows())


@dataclass(frozen=True)
class BatteryLife:
    """How long a cell lasts at a duty cycle, if it gives its rated charge."""

    duty: DutyCycle
    cell: Cell
    label: str = METHOD

    @property
    def days(self) -> float:
        return self.cell.capacity_ah * 3600 / self.duty.average_current_a / SECONDS_PER_DAY

    @property
    def needs_capacitor(self) -> bool:
        """True where the running core draws more than the cell should deliver: a capacitor has to carry the bursts."""
        return known_current(self.duty.active.board) > self.cell.pulse_current_a

    def rows(self) -> list[tuple[str, str, str]]:
        rows = [
            ("capacity", f"{self.cell.capacity_ah * 1e3:g} mAh", self.cell.capacity_ah.source),
            ("battery life", f"{self.days:,.1f} days", self.label),
        ]
        if self.needs_capacitor:
            run = f"{known_current(self.duty.active.board) * 1e3:g} mA bursts"
            rows.append((run, "from a capacitor", self.cell.pulse_current_a.source))
        return rows

    def __str__(self) -> str:
        return f"{self.days:,.1f} days on a {self.cell.name} ({self.label})"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _table(f"Battery life on a {self.cell.name}", self.rows())


def energy(cycles: int, board: str | Board = "stm32f405") -> Energy:
    """Time and energy of some cycles.

    Raises ValueError for a negative number or an unknown board.

    Examples
    --------
    >>> round(energy(168_000).seconds, 6)
    0.001
    >>> round(energy(168_000).joules * 1e6, 1)
    132.0
    """
    if cycles < 0:
        raise ValueError(f"cycles is {cycles}; it must be 0 or more")
    return Energy(cycles, find_board(board))


def duty_cycle(cycles: int, period_s: float, board: str | Board = "stm32f405", sleep: str = "stop") -> DutyCycle:
    """One run of `cycles` every `period_s` seconds, with sleep between.

    Raises ValueError where the work takes longer than the period, for an unknown `sleep`, and for a board whose
    currents are not known.

    Examples
    --------
    >>> duty_cycle(0, 1.0).average_current_a
    0.00028
    """
    active = energy(cycles, board)
    if sleep not in _SLEEP_CURRENTS:
        raise ValueError(f"sleep is {sleep!r}; it is one of {', '.join(map(repr, _SLEEP_CURRENTS))}")
    if not active.seconds <= period_s < float("inf") or period_s <= 0:
        raise ValueError(f"the work takes {active.seconds:g} s and the period is {period_s:g} s; it must be longer")
    known_current(active.board), known_current(active.board, _SLEEP_CURRENTS[sleep])
    return DutyCycle(active, float(period_s), sleep)


def battery_life(duty: DutyCycle, cell: Cell = CR2032) -> BatteryLife:
    """How long `cell` feeds that duty cycle.

    Examples
    --------
    >>> round(battery_life(duty_cycle(0, 1.0)).days)
    35
    """
    return BatteryLife(duty, cell)


def known_current(board: Board, name: str = "run_current_a") -> Constant:
    """A current of the board.

    Raises ValueError where it is not known; the message lists the boards where it is.
    """
    current: Constant | None = getattr(board, name)
    if current is None:
        others = ", ".join(other.name for other in BOARDS.values() if getattr(other, name) is not None)
        raise ValueError(f"{name} of board {board.name} is {NOT_KNOWN}; boards with currents are {others}")
    return current


def _constant(what: str, value: Constant | None, factor: float, unit: str) -> tuple[str, str, str]:
    return (what, NOT_KNOWN, "") if value is None else (what, f"{value * factor:g} {unit}", value.source)


def _table(title: str, rows: list[tuple[str, str, str]]) -> str:
    return Table(title, ("what", "value", "source"), tuple(rows))._repr_html_()
