import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import energy as e
from tdl_course.boards import CORES, board

PARTS = [
    e.SX1276,
    e.SX1276_LISTENING,
    e.SHT4X,
    e.CAPACITIVE_SOIL_PROBE,
    e.ICS41350_LOW_POWER,
    e.ICS41350_STANDARD,
]
CELLS = [e.CR2032, e.TWO_AA_ALKALINE, e.TWO_AA_LITHIUM]
PROCESSORS = [e.processor("stm32f405"), e.processor("tiny32k"), e.STM32L412]


def sources(noun) -> list[str]:
    found = []
    for field in dataclasses.fields(noun):
        value = getattr(noun, field.name)
        if isinstance(value, dict):
            found += [source for each in value.values() for source in sources(each)]
        elif hasattr(value, "source"):
            found.append(value.source)
    return found


@pytest.mark.parametrize("noun", [*PARTS, *CELLS, *PROCESSORS], ids=lambda noun: noun.name)
def test_every_constant_names_a_document_or_says_what_it_is(noun):
    assert len(sources(noun)) >= 2
    for source in sources(noun):
        words = ("datasheet", "handbook", "sellers", "Battery University", "this course", "all day")
        assert any(word in source for word in words), source


@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda each: each.name)
def test_a_processor_sleeps_deeper_in_standby_and_is_of_the_simulated_core(processor):
    run, stop, standby = (processor.run_current, processor.mode("stop").current, processor.mode("standby").current)
    assert standby.typical < stop.typical < run.typical
    assert CORES[processor.core].timed
    assert processor.mode("stop").keeps_ram and not processor.mode("standby").keeps_ram


def test_a_board_and_its_processor_have_the_same_typical_currents():
    core, own = e.processor("stm32f405"), board("stm32f405")
    typical = [x.typical for x in (core.run_current, core.mode("stop").current, core.mode("standby").current)]
    assert typical == [own.run_current_a, own.stop_current_a, own.standby_current_a]
    ran = core.run("work", 168_000_000)
    assert ran.charge_per_day.typical == pytest.approx(e.energy(168_000_000).coulombs)


def test_a_duty_cycle_and_a_node_agree_without_limits():
    """The same work by both models: cycles once a second, stop between, on an ideal cell."""
    duty = e.duty_cycle(1_680_000, period_s=1.0)
    core = e.processor("stm32f405")
    work = core.run("work", 1_680_000, per_day=86_400)
    node = e.Node([work, core.asleep("stop", work)], e.CR2032)
    assert node.average_current.typical == pytest.approx(duty.average_current_a)


def test_stop_of_the_f405_alone_empties_two_alkaline_cells_in_about_a_year_and_standby_does_not():
    core = e.processor("stm32f405")
    stop, standby = (e.Node([core.asleep(sleep)], e.TWO_AA_ALKALINE) for sleep in ("stop", "standby"))
    assert 300 < stop.days.typical < 450
    assert stop.lasts(365) != "yes"
    assert standby.lasts(365) == "yes"
    assert standby.days.typical == e.TWO_AA_ALKALINE.shelf_life_days


def test_a_part_is_used_so_often_and_rests_all_day():
    measuring, resting = e.SHT4X.states(24)
    assert measuring.seconds_per_day.typical == pytest.approx(24 * 8.2e-3)
    assert resting.seconds_per_day.typical == e.SECONDS_PER_DAY
    assert [state.name for state in e.CAPACITIVE_SOIL_PROBE.states(1)] == ["capacitive soil probe measuring"]
    packet, _ = e.SX1276.states(1, seconds=e.lora_time_on_air(24, 10))
    assert packet.charge_per_day.typical == pytest.approx(29e-3 * e.lora_time_on_air(24, 10))
    with pytest.raises(ValueError, match="seconds is None; SX1276"):
        e.SX1276.states(1)


@given(st.integers(0, 10_000_000), st.floats(0.08, 10))
def test_streaming_conserves_charge(cycles, hop):
    task = e.streaming(cycles, hop)
    node = task.on(e.CR2032)
    assert task.charge_per_hour.typical * 24 == pytest.approx(node.charge_per_day.typical)
    assert task.joules_per_hour.typical == pytest.approx(task.charge_per_hour.typical * 3.3)
    seconds = sum(state.seconds_per_day.typical for state in task.states())
    assert seconds == pytest.approx(e.SECONDS_PER_DAY)
    assert task.load.typical == pytest.approx(cycles / 168e6 / hop)


def test_streaming_by_hand():
    """Busy half of the time at 40 mA, asleep at 280 uA, 3.3 V: 20.14 mA, 72.5 C and 239.3 J an hour, and waking up."""
    task = e.streaming(168_000_000, hop_seconds=2.0)
    waking = 1800 * 50e-6 * 40e-3
    assert task.charge_per_hour.typical == pytest.approx(72.504 + waking, rel=1e-4)
    assert task.joules_per_hour.typical == pytest.approx(239.3, rel=1e-3)


def test_a_hop_that_the_work_fills_is_allowed_and_a_microphone_joins_in():
    hop = 1_000_000 / 168e6 + 50e-6
    task = e.streaming(1_000_000, hop)
    node = task.on(e.CR2032, *e.ICS41350_LOW_POWER.states(1))
    assert node.charge_per_day.typical == pytest.approx(task.charge_per_hour.typical * 24 + 185e-6 * 86_400)
    assert "hours" in str(node) and "stand still" in task._repr_html_() and "modelled" in str(task)


def test_a_current_in_proportion_to_the_clock_makes_the_clock_cancel_out():
    fast, slow = (e.streaming(1_000_000, 0.1, e.STM32L412, clock) for clock in (None, 48e6))
    assert slow.core.clock_hz == 48e6
    assert slow.core.run_current.typical == pytest.approx(48 * 79e-6)
    assert slow.busy.charge_per_day.typical == pytest.approx(fast.busy.charge_per_day.typical)
    assert e.STM32L412.at(80e6) is e.STM32L412


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: e.streaming(-1, 0.1), "cycles_per_hop is -1"),
        (lambda: e.streaming(1, 0.0), "hop_seconds is 0"),
        (lambda: e.streaming(1, float("nan")), "hop_seconds is nan"),
        (lambda: e.streaming(168_000_000, 0.5), "waking up take 1.00005 s.*must be longer"),
        (lambda: e.streaming(1, 0.1, sleep="nap"), "sleep is 'nap'; stm32f405 has 'stop', 'standby'"),
        (lambda: e.streaming(1, 0.1, sleep="standby"), "loses RAM between hops; 'stop' is allowed"),
        (lambda: e.streaming(1, 0.1, clock_hz=48e6), "known at 1.68e.08 Hz only: run at that clock and sleep"),
        (lambda: e.STM32L412.at(100e6), "clock_hz is 1e.08; above 0 to 8e.07"),
        (lambda: e.processor("stm32f205"), "run_current_a of board stm32f205"),
        (lambda: e.processor("toaster"), "boards are stm32f405"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
