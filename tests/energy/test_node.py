import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import energy as e
from tdl_course.boards import Constant

DAY = e.SECONDS_PER_DAY
IDEAL = e.Cell("ideal", Constant(1.0, "x"), Constant(3.0, "x"), Constant(0.02, "x"))


def exact(value):
    return e.as_uncertain(value)


@st.composite
def uncertain(draw, least=1e-9, most=1e-2):
    low, typical, high = sorted(draw(st.tuples(*[st.floats(least, most)] * 3)))
    return e.Uncertain(typical, low, high)


@st.composite
def nodes(draw):
    count = draw(st.integers(1, 5))
    states = [
        e.State(f"state {i}", draw(uncertain()), draw(uncertain(1e-3, 10)), draw(st.integers(1, 1000)))
        for i in range(count)
    ]
    return e.Node([e.always("asleep", draw(uncertain(1e-7, 1e-3))), *states], e.TWO_AA_ALKALINE)


def test_a_day_by_hand():
    """10 uA all day, and ten times 2 s at 5 mA: 0.864 C and 0.1 C."""
    node = e.Node([e.always("asleep", 10e-6), e.State("work", 5e-3, seconds=2, per_day=10)], IDEAL)
    assert [state.charge_per_day.typical for state in node.states] == pytest.approx([0.864, 0.1])
    assert node.charge_per_day.typical == pytest.approx(0.964)
    assert node.average_current.typical == pytest.approx(0.964 / 86_400)
    assert node.days.typical == pytest.approx(3600 / 0.964)
    assert node.hours.typical == pytest.approx(24 * 3600 / 0.964)
    assert node.days.least == node.days.typical == node.days.most


@given(nodes())
def test_the_sum_of_the_states_is_the_whole(node):
    for limit in ("least", "typical", "most"):
        parts = [getattr(state.charge_per_day, limit) for state in node.states]
        assert getattr(node.charge_per_day, limit) == pytest.approx(math.fsum(parts))
        assert getattr(node.average_current, limit) * DAY == pytest.approx(getattr(node.charge_per_day, limit))
    assert node.days.least <= node.days.typical <= node.days.most <= node.battery.shelf_life_days


@given(nodes(), st.integers(0, 4), st.integers(1, 1000))
def test_more_events_never_last_longer(node, which, more):
    which %= len(node.states)
    if node.states[which].seconds.typical == DAY:
        return
    states = list(node.states)
    state = states[which]
    states[which] = e.State(state.name, state.current, state.seconds, state.per_day + more)
    busier = e.Node(states, node.battery)
    for limit in ("least", "typical", "most"):
        assert getattr(busier.days, limit) <= getattr(node.days, limit)
        assert getattr(busier.charge_per_day, limit) > getattr(node.charge_per_day, limit)


@given(st.floats(1, 1e5), st.floats(1e-3, 1e2))
def test_without_self_discharge_life_is_the_plain_quotient(charge, draw):
    assert e.days_of_life(charge, draw) == charge / draw
    assert e.days_of_life(charge, draw, 1e-12) == pytest.approx(charge / draw, rel=1e-4)


@given(st.floats(10, 2e3), st.floats(0.2, 5), st.floats(0.001, 0.5))
def test_self_discharge_agrees_with_a_day_by_day_account(charge, draw, per_year):
    """The battery at the end of each day: what it loses by itself is a fraction of what is left."""
    keeps = (1 - per_year) ** (1 / 365.25)
    left, days = charge, 0
    while left > 0:
        left, days = left * keeps - draw, days + 1
    assert e.days_of_life(charge, draw, per_year) == pytest.approx(days, abs=1 + days * 0.002)
    assert e.days_of_life(charge, draw, per_year) <= charge / draw


def test_shelf_life_ends_what_the_charge_does_not():
    node = e.Node([e.always("asleep", 1e-7)], e.TWO_AA_ALKALINE)
    assert node.days.typical == e.TWO_AA_ALKALINE.shelf_life_days == 10 * 365.25
    assert e.Node([e.always("asleep", 1e-7)], IDEAL).days.typical > 100_000


@pytest.mark.parametrize(
    ("days", "verdict"), [(90, "yes"), (100, "yes"), (150, "typically"), (250, "at best"), (301, "no")]
)
def test_the_verdict_names_how_sure_it_is(days, verdict):
    cell = dataclasses.replace(IDEAL, usable_fraction=e.Uncertain(0.2, 0.1, 0.3))
    node = e.Node([e.State("work", 3.6e-2, seconds=100)], cell)  # 3.6 C a day of 3600 C x fraction
    assert [round(value) for value in (node.days.least, node.days.typical, node.days.most)] == [100, 200, 300]
    assert node.lasts(days - 1e-6) == verdict


def test_bursts_above_what_the_cell_was_tested_with_need_a_capacitor():
    burst = e.State("burst", e.Uncertain(5e-3, 5e-3, 7e-3), 1)
    assert e.Node([burst], e.CR2032).needs_capacitor
    assert "from a capacitor" in str(e.Node([burst], e.CR2032).battery_table())
    assert not e.Node([burst], e.TWO_AA_LITHIUM).needs_capacitor


def test_rest_of_day_fills_the_day():
    work = e.State("work", 1e-3, e.Uncertain(10, 5, 20), per_day=100)
    rest = e.rest_of_day("asleep", 1e-6, work)
    assert (rest.seconds + work.seconds_per_day).typical == DAY
    assert (rest.seconds.least, rest.seconds.most) == (DAY - 2000, DAY - 500)
    assert e.rest_of_day("asleep", 1e-6).seconds == exact(DAY)
    with pytest.raises(ValueError, match="take 90000 s of a day"):
        e.rest_of_day("asleep", 1e-6, *[e.State(name, 0, 45_000) for name in "ab"])


def test_tables_are_sorted_labelled_and_sourced():
    sleep = e.processor().mode("stop")
    node = e.Node([e.State("work", 1e-3, 1), e.always("asleep", sleep.current)], e.TWO_AA_ALKALINE)
    rows = node.table().rows
    assert [row[0] for row in rows] == ["asleep", "work", "all together"]
    assert {row[-2] for row in rows} == {"modelled"}
    assert "DS8626" in rows[0][-1]
    html = node._repr_html_()
    for text in ("modelled", "DS8626", "E91", "self-discharge", "shelf life", "all together"):
        assert text in html
    assert "days" in str(node) and "modelled" in str(node)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: e.Node([], IDEAL), "states is empty"),
        (lambda: e.Node([e.always("a", 1), e.always("a", 2)], IDEAL), "two states are named 'a'"),
        (lambda: e.Node([e.always("a", 0)], IDEAL), "the least must be above 0"),
        (lambda: e.State("a", -1, 1), "current of state 'a' is -1"),
        (lambda: e.State("a", 1, -1), "seconds of state 'a' is -1"),
        (lambda: e.State("a", 1, 1, -1), "per_day of state 'a' is -1"),
        (lambda: e.State("a", 1, 1, float("nan")), "per_day of state 'a' is nan"),
        (lambda: e.State("a", 1, 60, 1441), "takes 86460 s a day; at most 86400"),
        (lambda: e.days_of_life(0, 1), "charge_c is 0"),
        (lambda: e.days_of_life(1, -1), "charge_per_day_c is -1"),
        (lambda: e.days_of_life(1, 1, 1.0), "self_discharge_per_year is 1"),
        (lambda: dataclasses.replace(IDEAL, usable_fraction=exact(0.0)), "usable_fraction is 0"),
        (lambda: dataclasses.replace(IDEAL, self_discharge_per_year=exact(1.0)), "self_discharge_per_year is 1"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
