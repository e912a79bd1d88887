"""What a node does in a day: `State`.

In: currents and times. Out: states, each with its charge per day.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdl_course.energy.cycles import SECONDS_PER_DAY
from tdl_course.energy.uncertain import Uncertain, as_uncertain

ROUNDING = 1 + 1e-9


@dataclass(frozen=True)
class State:
    """A current in ampere, drawn for so many seconds, so many times a day.

    A plain number is taken as exact. Currents of states that overlap in time add up.

    Raises ValueError for a negative current, time or number of times, and for more seconds than a day has.

    Examples
    --------
    >>> packet = State("packet", Uncertain(29e-3, 28e-3, 42e-3, "a datasheet"), seconds=0.062, per_day=4)
    >>> print(packet.charge_per_day.text("C"))
    7.19 mC (6.94 mC to 10.4 mC)
    """

    name: str
    current: Uncertain
    seconds: Uncertain
    per_day: float = 1.0

    def __init__(self, name: str, current: Uncertain | float, seconds: Uncertain | float, per_day: float = 1.0) -> None:
        for field, value in (
            ("name", name),
            ("current", as_uncertain(current)),
            ("seconds", as_uncertain(seconds)),
            ("per_day", float(per_day)),
        ):
            object.__setattr__(self, field, value)
        for what, least in (
            ("current", self.current.least),
            ("seconds", self.seconds.least),
            ("per_day", self.per_day),
        ):
            if not least >= 0:
                raise ValueError(f"{what} of state {name!r} is {least:g}; it must be 0 or more")
        if not self.seconds_per_day.typical <= SECONDS_PER_DAY * ROUNDING:
            raise ValueError(
                f"state {name!r} takes {self.seconds_per_day.typical:g} s a day; at most {SECONDS_PER_DAY} are allowed"
            )

    @property
    def seconds_per_day(self) -> Uncertain:
        return self.seconds * self.per_day

    @property
    def charge_per_day(self) -> Uncertain:
        """In coulomb."""
        return self.current * self.seconds_per_day

    @property
    def source(self) -> str:
        return self.charge_per_day.source


def always(name: str, current: Uncertain | float) -> State:
    """A state that lasts all day."""
    return State(name, current, SECONDS_PER_DAY)


def rest_of_day(name: str, current: Uncertain | float, *others: State) -> State:
    """A state for the time that `others`, which do not overlap each other, leave of the day.

    Raises ValueError where they typically take more than the day.
    """
    busy = sum((other.seconds_per_day for other in others), start=as_uncertain(0.0))
    if busy.typical > SECONDS_PER_DAY * ROUNDING:
        raise ValueError(f"{', '.join(o.name for o in others)} take {busy.typical:g} s of a day of {SECONDS_PER_DAY} s")
    least, typical, most = (max(0.0, SECONDS_PER_DAY - value) for value in (busy.most, busy.typical, busy.least))
    return State(name, current, Uncertain(typical, least, most))
