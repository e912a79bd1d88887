"""The season explorer's numbers are those of the bucket and of the node, and each control moves its own."""

import numpy as np
import pytest

from tdl_course.energy import STM32L412, field_node, processor
from tdl_course.irrigation import Weather, below, every, simulate
from tdl_course.widgets import SeasonExplorer


@pytest.fixture(scope="module")
def weather() -> Weather:
    rng = np.random.default_rng(0)
    days = np.zeros((3, 7 + 60, 8))
    days[..., 0], days[..., 1], days[..., 3] = 28, 14, 20
    days[..., 2] = rng.exponential(2, days.shape[:2])
    return Weather(np.array([11, 22, 33]), days, np.zeros(3))


def test_water_and_thirst_are_those_of_the_simulation(weather):
    explorer = SeasonExplorer(weather, cycles=1_000_000)
    sensor, timer = simulate(weather, below(0.12)), simulate(weather, every(3))
    said = explorer.picture().words
    assert f"3 stations take {sensor.litres.mean():,.0f} litres per m² with {sensor.thirst_mm.mean():.0f} mm" in said
    assert f"which takes {timer.litres.mean():,.0f} with {timer.thirst_mm.mean():.0f} mm" in said
    node = field_node(processor("stm32f405"), "stop", 1_000_000, 24)
    assert f"lasts {node.days.typical:,.0f} days" in said


def test_each_control_changes_the_sentence_or_the_picture(weather):
    explorer = SeasonExplorer(weather, cycles=1_000_000)
    for control, value in (
        (explorer.limit, 0.08),
        (explorer.days, 7),
        (explorer.station, 2),
        (explorer.wakes, 1440),
        (explorer.sleep, (STM32L412, "stop")),
    ):
        before = explorer.view.value
        control.value = value
        assert explorer.view.value != before and "Could not draw" not in explorer.view.value
    assert explorer.node.days.typical == field_node(STM32L412, "stop", 1_000_000, 1440).days.typical
