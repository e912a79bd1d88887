"""Does it fit: bars and sentence are those of build, energy model and board; what does not fit says why."""

import math

import pytest

from tdl_course.boards import board
from tdl_course.builds import Build, load, save
from tdl_course.energy import CR2032, TWO_AA_ALKALINE, energy, streaming
from tdl_course.widgets import FitExplorer
from tdl_course.widgets.fit import memory_rows, running_rows, verdict, year_joules

SMALL = Build("small", 8, 0.0, "tiny32k", 0.9, 50, flash_bytes=20480, ram_bytes=8192, cycles=1_680_000)
SLOW = Build("small", 4, 0.0, "tiny32k", 0.8, 50, flash_bytes=10240, ram_bytes=8192, cycles=168_000_000)
LARGE = Build("large", 8, 0.0, "tiny32k", 0.7, 50, region="RAM", over_bytes=1024, largest=(("tdl_arena", 30000),))


@pytest.fixture
def explorer() -> FitExplorer:
    return FitExplorer([SMALL, SLOW, LARGE])


def test_the_bars_are_ratios_of_the_build_to_the_board(explorer):
    rows = {row.what: row for row in explorer.rows()}
    assert rows["flash"].used == 20480 / (1024 * 1024)
    assert rows["RAM"].used == 8192 / 32768
    assert rows["time"].used == pytest.approx(0.010 / 60)
    assert [row.label for row in rows.values()] == ["measured", "simulated", "modelled", "modelled", "modelled"]


def test_energy_and_life_are_those_of_the_energy_model():
    time, cost, life = running_rows(SMALL, board("tiny32k"), 60.0, TWO_AA_ALKALINE)
    task = streaming(SMALL.cycles, 60.0, board("tiny32k"))
    assert cost.used == pytest.approx(energy(SMALL.cycles, "tiny32k").joules / year_joules(task, TWO_AA_ALKALINE))
    assert life.used == pytest.approx(365 / task.on(TWO_AA_ALKALINE).days.typical)
    assert time.fits


def test_who_spends_the_budget_of_a_year_lasts_a_year():
    on, period = board("tiny32k"), 60.0
    budget = year_joules(streaming(0, period, on), TWO_AA_ALKALINE)
    cycles = round(budget / energy(1_000_000, on).joules * 1_000_000)
    lasts = streaming(cycles, period, on).on(TWO_AA_ALKALINE).days.typical
    assert lasts == pytest.approx(365, rel=0.002)


def test_a_coin_cell_that_sleep_alone_empties_leaves_nothing():
    _, cost, life = running_rows(SMALL, board("tiny32k"), 60.0, CR2032)
    assert math.isinf(cost.used) and "sleep takes all" in cost.text
    assert not life.fits


def test_what_is_too_slow_for_its_period_never_sleeps(explorer):
    explorer.bits.value, explorer.period.value = 4, 0.2
    assert verdict(SLOW, explorer.rows()) == "over budget in time and energy and battery life"
    assert "time 1.00 s of 200 ms" in explorer.view.value


def test_what_does_not_fit_says_what_and_by_how_much(explorer):
    explorer.network.value = "large"
    assert memory_rows(LARGE, board("tiny32k"))[1].used == (32768 + 1024) / 32768
    assert "does not fit, RAM is 1,024 bytes too small; the largest in RAM are tdl_arena 30,000" in explorer.view.value
    assert [row.used for row in explorer.rows() if row.what not in ("RAM",)] == [None] * 4


def test_a_combination_that_was_not_built_is_not_guessed(explorer):
    explorer.network.value, explorer.bits.value = "large", 4
    assert "was not built; choose another combination" in explorer.view.value


def test_no_builds_are_refused():
    with pytest.raises(ValueError, match="builds is empty"):
        FitExplorer([])


def test_builds_survive_their_file(tmp_path):
    save(tmp_path / "builds.json", [SMALL, LARGE], ["soil"])
    assert load(tmp_path / "builds.json") == ([SMALL, LARGE], ["soil"])
