import operator
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.boards import Constant
from tdl_course.energy import Uncertain, as_uncertain, with_allowance

numbers = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)
OPERATIONS = [operator.add, operator.sub, operator.mul, operator.truediv]


@st.composite
def intervals(draw):
    least, typical, most = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return Uncertain(typical, least, most)


def result_of(operation, a, b):
    """None where it divides by an interval with zero in it."""
    if operation is operator.truediv and as_uncertain(b).least <= 0 <= as_uncertain(b).most:
        with pytest.raises(ValueError, match="zero must be outside"):
            operation(a, b)
        return None
    return operation(a, b)


@given(intervals(), intervals(), st.sampled_from(OPERATIONS), st.integers(0, 2**32))
def test_whatever_lies_within_the_parts_lies_within_the_result(a, b, operation, seed):
    result = result_of(operation, a, b)
    if result is None:
        return
    assert result.least <= result.typical <= result.most
    draw = random.Random(seed).uniform
    slack = 1e-9 * max(abs(result.least), abs(result.most), abs(a.least), abs(a.most), abs(b.least), abs(b.most))
    for _ in range(20):
        one = operation(draw(a.least, a.most), draw(b.least, b.most))
        assert result.least - slack <= one <= result.most + slack


@given(intervals(), intervals(), st.sampled_from(OPERATIONS), st.floats(0, 1))
def test_narrower_parts_give_a_narrower_result(a, b, operation, keep):
    wide = result_of(operation, a, b)
    if wide is None:
        return
    least, most = (min(a.typical, a.typical + keep * (a.least - a.typical)), a.typical + keep * (a.most - a.typical))
    narrow = operation(Uncertain(a.typical, max(least, a.least), min(max(most, a.typical), a.most)), b)
    assert narrow.typical == wide.typical
    assert wide.least <= narrow.least and narrow.most <= wide.most
    assert narrow.spread <= wide.spread


@given(numbers, numbers, st.sampled_from(OPERATIONS))
def test_exact_numbers_compute_as_floats_do(x, y, operation):
    result = result_of(operation, as_uncertain(x), y)
    if result is not None:
        assert (result.least, result.typical, result.most) == (operation(x, y),) * 3
        assert result == operation(as_uncertain(x), as_uncertain(y))


def test_plain_numbers_stand_on_either_side():
    half = Uncertain(2.0, 1.0, 4.0)
    assert (1 - half, 8 / half, 3 * half, 1 + half) == (
        Uncertain(-1.0, -3.0, 0.0),
        Uncertain(4.0, 2.0, 8.0),
        Uncertain(6.0, 3.0, 12.0),
        Uncertain(3.0, 2.0, 5.0),
    )


def test_a_number_that_occurs_twice_counts_twice():
    """Interval arithmetic is conservative: it does not see that both are the same."""
    x = Uncertain(2.0, 1.0, 3.0)
    assert x - x == Uncertain(0.0, -2.0, 2.0)


def test_sources_are_kept_once_each():
    a, b = Uncertain(1, 1, 1, "one"), Uncertain(2, 2, 2, "two")
    assert (a * b + a * 3).source == "one | two"
    assert as_uncertain(Constant(0.5, "a datasheet")).source == "a datasheet"
    wide = with_allowance(Constant(2.0, "a datasheet"), 0.5, 3.0, "heat")
    assert (wide.least, wide.typical, wide.most) == (1.0, 2.0, 6.0)
    assert "a datasheet" in wide.source and "allowance of this course, for heat" in wide.source


def test_text_has_limits_where_they_show():
    assert Uncertain(29e-3, 28e-3, 42e-3).text("A") == "29.0 mA (28.0 mA to 42.0 mA)"
    assert Uncertain(1.0, 1.0, 1.0).text("s") == "1.00 s"
    assert str(Uncertain(1.0, 0.5, 2.0)) == "1 (0.5 to 2)"
    assert str(Uncertain(1.0, 1.0, 1.0)) == "1"


@pytest.mark.parametrize(
    "values", [(1, 2, 3), (3, 1, 2), (1, float("-inf"), 2), (1, 0, float("inf")), (float("nan"), 0, 1)]
)
def test_limits_must_be_finite_and_around_the_typical_value(values):
    with pytest.raises(ValueError, match="finite and in this order"):
        Uncertain(*values)


@pytest.mark.parametrize("factors", [(1.1, 2), (0.5, 0.9), (-1, 2)])
def test_an_allowance_is_on_both_sides(factors):
    with pytest.raises(ValueError, match="both sides of 1"):
        with_allowance(Constant(1.0, "x"), *factors, "y")
