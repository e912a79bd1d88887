"""Uncertain: a number with its typical value, its limits, and where they come from.

In: what a datasheet says. Out: the same through sums and products. The method is interval arithmetic: limits of a
result are the worst and the best that limits of its parts allow, all at once. That is conservative: it is wider than
chance would be, since parts are seldom all at their limits together, and a number that occurs twice counts twice.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from tdl_course.boards import Constant
from tdl_course.table import si

Operation = Callable[[float, float], float]
AND = " | "  # between the sources of a result


@dataclass(frozen=True)
class Uncertain:
    """`typical` between `least` and `most`, in the unit of the context, and the text of the `source`.

    Raises ValueError where the typical value is not within finite limits.

    Examples
    --------
    >>> supply = Uncertain(3.0, 2.0, 3.2, "two alkaline cells, flat to fresh")
    >>> print(supply * 2)
    6 (4 to 6.4)
    """

    typical: float
    least: float
    most: float
    source: str = ""

    def __post_init__(self) -> None:
        if not -math.inf < self.least <= self.typical <= self.most < math.inf:
            raise ValueError(
                f"least, typical and most are {self.least:g}, {self.typical:g} and {self.most:g}; "
                "they must be finite and in this order"
            )

    @property
    def spread(self) -> float:
        """Most minus least."""
        return self.most - self.least

    def text(self, unit: str) -> str:
        """With an SI prefix: "29.0 mA (28.0 mA to 42.0 mA)", without limits where they look the same."""
        typical, least, most = (si(value, unit) for value in (self.typical, self.least, self.most))
        return typical if least == most else f"{typical} ({least} to {most})"

    def __str__(self) -> str:
        if self.least == self.most:
            return f"{self.typical:.4g}"
        return f"{self.typical:.4g} ({self.least:.4g} to {self.most:.4g})"

    def __add__(self, other: Uncertain | float) -> Uncertain:
        return _interval(self, other, operator.add)

    __radd__ = __add__

    def __sub__(self, other: Uncertain | float) -> Uncertain:
        return _interval(self, other, operator.sub)

    def __rsub__(self, other: float) -> Uncertain:
        return _interval(other, self, operator.sub)

    def __mul__(self, other: Uncertain | float) -> Uncertain:
        return _interval(self, other, operator.mul)

    __rmul__ = __mul__

    def __truediv__(self, other: Uncertain | float) -> Uncertain:
        return _interval(self, _without_zero(other), operator.truediv)

    def __rtruediv__(self, other: float) -> Uncertain:
        return _interval(other, _without_zero(self), operator.truediv)


def as_uncertain(value: Uncertain | float, source: str = "") -> Uncertain:
    """An `Uncertain` as it is; a plain number, or a `Constant`, as one whose limits are itself."""
    if isinstance(value, Uncertain):
        return value
    return Uncertain(float(value), float(value), float(value), source or getattr(value, "source", ""))


def with_allowance(constant: Constant, least: float, most: float, why: str) -> Uncertain:
    """A typical value that came without limits, from `least` times it to `most` times it: our allowance, not a source.

    Raises ValueError unless least <= 1 <= most.

    Examples
    --------
    >>> print(with_allowance(Constant(2.0, "a datasheet"), 0.5, 1.5, "temperature"))
    2 (1 to 3)
    """
    if not 0 <= least <= 1 <= most < math.inf:
        raise ValueError(f"the factors are {least:g} and {most:g}; they must be on both sides of 1, and not negative")
    limits = f"limits x{least:g} to x{most:g} are an allowance of this course, for {why}"
    return Uncertain(float(constant), constant * least, constant * most, f"{constant.source}; {limits}")


def _interval(left: Uncertain | float, right: Uncertain | float, operation: Operation) -> Uncertain:
    a, b = as_uncertain(left), as_uncertain(right)
    corners = [operation(x, y) for x in (a.least, a.most) for y in (b.least, b.most)]
    sources = dict.fromkeys(source for each in (a, b) for source in each.source.split(AND) if source)
    return Uncertain(operation(a.typical, b.typical), min(corners), max(corners), AND.join(sources))


def _without_zero(divisor: Uncertain | float) -> Uncertain:
    divisor = as_uncertain(divisor)
    if divisor.least <= 0 <= divisor.most:
        raise ValueError(f"the divisor is {divisor}; zero must be outside its limits")
    return divisor
