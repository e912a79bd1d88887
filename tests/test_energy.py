import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import energy as e
from tdl_course.boards import BOARDS, CORTEX_M4F

DAY = e.SECONDS_PER_DAY


def test_one_second_at_full_clock_is_current_times_voltage():
    cost = e.energy(168_000_000, "stm32f405")
    assert cost.seconds == 1.0
    assert cost.joules == pytest.approx(0.040 * 3.3)
    assert cost.coulombs == pytest.approx(0.040)


@given(st.integers(0, 2**40), st.floats(1e-3, 1e6), st.sampled_from(["stop", "standby"]))
def test_the_average_current_is_between_sleep_and_run(cycles, period, sleep):
    if cycles / 168e6 > period:
        with pytest.raises(ValueError, match="must be longer"):
            e.duty_cycle(cycles, period, sleep=sleep)
        return
    duty = e.duty_cycle(cycles, period, sleep=sleep)
    board = duty.active.board
    assert duty.sleep_current_a <= duty.average_current_a * (1 + 1e-9)
    assert duty.average_current_a <= board.run_current_a * (1 + 1e-9)
    charge = duty.average_current_a * period
    assert charge == pytest.approx(duty.active.coulombs + (period - duty.active.seconds) * duty.sleep_current_a)


def test_battery_life_conserves_charge():
    life = e.battery_life(e.duty_cycle(1_680_000, 1.0))
    assert life.days * DAY * life.duty.average_current_a == pytest.approx(0.235 * 3600)
    assert life.needs_capacitor


def test_standby_lasts_longer_than_stop():
    stop, standby = (e.battery_life(e.duty_cycle(168_000, 10, sleep=sleep)) for sleep in ("stop", "standby"))
    assert standby.days > 10 * stop.days


def test_every_result_says_that_it_is_modelled_and_every_constant_names_its_source():
    life = e.battery_life(e.duty_cycle(1000, 1.0))
    for noun in (life, life.duty, life.duty.active):
        assert noun.label.startswith(e.LABEL)
        assert "modelled" in str(noun)
        assert "modelled" in noun._repr_html_()
    assert "DS8626" in life.duty.active._repr_html_()
    for constant in (life.cell.capacity_ah, life.cell.nominal_v, life.cell.pulse_current_a):
        assert "datasheet" in constant.source


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: e.energy(-1), "cycles is -1"),
        (lambda: e.energy(1, "toaster"), "boards are stm32f405, tiny32k"),
        (lambda: e.duty_cycle(1, 1.0, sleep="nap"), "'stop', 'standby'"),
        (lambda: e.duty_cycle(1, float("nan")), "must be longer"),
        (lambda: e.duty_cycle(0, 0.0), "must be longer"),
        (lambda: e.duty_cycle(1, 1.0, "stm32f205"), "run_current_a of board stm32f205 .*with currents are stm32f405"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_clock_cancels_out_between_boards_of_the_same_core():
    assert len({e.energy(12345, name).joules for name, board in BOARDS.items() if board.core == CORTEX_M4F}) == 1


def test_cycles_take_time_where_currents_are_not_known():
    cost = e.energy(120_000, "stm32f205")
    assert (cost.seconds, cost.coulombs, cost.joules) == (0.001, None, None)
    assert "energy not known for this board" in str(cost)
    assert cost._repr_html_().count("not known for this board") == 3
