"""A node in a field is the sum of its parts."""

import pytest

from tdl_course import energy as e

F405 = e.processor("stm32f405")


def test_a_day_by_hand():
    """100 ms of network 24 times, 100 ms of it awake; a packet of 23 bytes; sleep for the rest."""
    node = e.field_node(F405, "stop", 16_800_000, per_day=24, packets_per_day=2)
    charge = {state.name: state.charge_per_day.typical for state in node.states}
    assert charge["network"] == pytest.approx(24 * 0.1 * F405.run_current.typical)
    assert charge["SX1276 transmitting"] == pytest.approx(2 * e.lora_time_on_air(23) * 29e-3)
    assert charge["capacitive soil probe measuring"] == pytest.approx(24 * 0.3 * 5e-3)
    assert charge["wake from stop"] == pytest.approx(26 * 50e-6 * F405.run_current.typical)
    assert charge["stop"] == pytest.approx((86_400 - 2.4 - 26 * 50e-6) * 280e-6)
    assert sum(charge.values()) == pytest.approx(node.charge_per_day.typical)


def test_more_work_a_deeper_sleep_and_other_sensors_move_the_life():
    def life(**changes):
        settings = {"core": F405, "sleep": "stop", "cycles": 2_000_000, "per_day": 1440}
        return e.field_node(**{**settings, **changes}).days.typical

    assert life(sleep="standby") > life() > life(cycles=20_000_000) > life(cycles=20_000_000, packets_per_day=96)
    assert life(sensors=()) > life() > life(sensors=(e.CAMERA_BOARD,))
    assert life(core=e.STM32L412) > life() and life(battery=e.CR2032) < life()


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="'stop', 'standby'"):
        e.field_node(F405, "doze", 1000)
    with pytest.raises(ValueError, match="at most 86400"):
        e.field_node(F405, "stop", 10**9, per_day=86_400)
