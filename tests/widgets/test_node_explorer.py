"""The node explorer's numbers are those of the energy model, and turning a knob changes them."""

import pytest

from tdl_course.energy import TWO_AA_LITHIUM, field_node, processor
from tdl_course.widgets import NodeExplorer


@pytest.fixture
def explorer():
    return NodeExplorer({"small": 100_000, "large": 10_000_000})


def test_it_shows_the_life_of_the_node_and_who_eats_the_charge(explorer):
    life = field_node(processor("stm32f405"), "stop", 100_000).days
    assert f"lasts {life.typical:,.0f} days, {life.least:,.0f} to {life.most:,.0f};" in explorer.view.value
    assert "stop takes 99." in explorer.view.value and "network takes 0." in explorer.view.value


def test_every_knob_changes_the_node(explorer):
    draws = [explorer.node.charge_per_day.typical]
    explorer.sleep.value = explorer.sleep.options[1][1]
    draws.append(explorer.node.charge_per_day.typical)
    assert draws[1] < draws[0] and "standby takes" in explorer.view.value and "shelf life" in explorer.view.value
    for knob, value in ((explorer.network, "large"), (explorer.per_day, 1440), (explorer.packets, 96)):
        knob.value = value
        draws.append(explorer.node.charge_per_day.typical)
        assert draws[-1] > draws[-2]
    assert "shelf life" not in explorer.view.value
    alkaline = explorer.node.days.typical
    explorer.cells.value = TWO_AA_LITHIUM
    assert explorer.node.days.typical > alkaline and "lithium" in explorer.view.value


def test_more_work_than_a_day_holds_is_said_in_the_box():
    busy = NodeExplorer({"huge": 1_000_000_000})
    busy.per_day.value = 43_200
    assert "Could not draw this setting" in busy.view.value and "a day" in busy.view.value


def test_no_network_is_refused():
    with pytest.raises(ValueError, match="one network or more"):
        NodeExplorer({})
