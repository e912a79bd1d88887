"""The bucket: nothing gets lost, no policy makes water, and what a policy sees is what a node would see."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import irrigation
from tdl_course.datasets.synthetic_soil import make_soil
from tdl_course.irrigation import MOISTURE, RAIN, Field

amounts = st.floats(0, 80)


@pytest.fixture(scope="module")
def summer():
    return irrigation.weather(make_soil(0)["test"])


@given(st.floats(0.06, 0.20), amounts, st.floats(0, 30), st.floats(0, 12), st.floats(100, 1000))
def test_no_water_is_lost_or_made(moisture, rain, irrigated, demand, depth):
    field = Field(root_depth_mm=depth)
    after, drunk, drained = irrigation.water_day(moisture, rain, irrigated, demand, field)
    assert after * depth == pytest.approx(moisture * depth + rain + irrigated - drunk - drained, abs=1e-9)
    assert field.wilting_point - 1e-12 <= after <= field.field_capacity and drained >= -1e-9
    assert -1e-9 <= drunk <= demand + 1e-9


def test_days_by_hand():
    """300 mm of soil: 15 mm raise it by 0.05, 6 mm lower it by 0.02; half way to the wilting point half the demand."""
    water_day = irrigation.water_day
    assert [float(v) for v in water_day(0.12, 0, 15, 6)] == pytest.approx([0.15, 6, 0])
    assert [float(v) for v in water_day(0.18, 40, 0, 5)] == pytest.approx([0.20 - 5 / 300, 5, 34])
    assert [float(v) for v in water_day(0.08, 0, 0, 6)] == pytest.approx([0.07, 3, 0])
    assert [float(v) for v in water_day(0.06, 0, 0, 6)] == pytest.approx([0.06, 0, 0])


def test_windows_are_put_together_again():
    """Days that occur in several windows agree, and the last day of each window is where its number says."""
    raw = make_soil(1)["test"]
    summer = irrigation.weather(raw, first=100, last=150)
    assert summer.length == 51 and summer.days.shape[1:] == (58, 8) and not summer.filled.any()
    for week, doy, station in zip(raw["x"], raw["doy"], raw["station"], strict=True):
        if 100 <= doy <= 150:
            own = summer.days[np.flatnonzero(summer.stations == station)[0]]
            np.testing.assert_array_equal(own[doy - 93], week[-1])


def test_gaps_repeat_the_day_before_and_stations_with_many_are_left_out():
    raw = {name: array.copy() for name, array in make_soil(2)["test"].items()}
    first, second = np.unique(raw["station"])[:2]
    lost = (raw["station"] == first) & (raw["doy"] > 120) & (raw["doy"] <= 140)
    lost |= (raw["station"] == second) & (raw["doy"] > 120)
    kept = {name: array[~lost] for name, array in raw.items()}
    summer = irrigation.weather(kept)
    assert first in summer.stations and second not in summer.stations
    gaps = np.flatnonzero((np.diff(summer.days[0], axis=0) == 0).all(axis=1))
    assert summer.filled[0] == pytest.approx(len(gaps) / summer.days.shape[1]) and len(gaps) > 3
    with pytest.raises(ValueError, match="larger most_missing"):
        irrigation.weather({name: array[lost] for name, array in raw.items()})


def test_more_water_is_less_thirst(summer):
    limits = [irrigation.simulate(summer, irrigation.below(limit)) for limit in (0.0, 0.08, 0.10, 0.12)]
    rain = irrigation.simulate(summer, irrigation.never)
    np.testing.assert_array_equal(limits[0].litres, rain.litres)
    assert not rain.litres.any()
    for less, more in zip(limits, limits[1:], strict=False):
        assert (less.litres <= more.litres).all() and (less.thirst_mm >= more.thirst_mm - 1e-9).all()
        assert (less.stress_days >= more.stress_days).all()


def test_a_season_balances(summer):
    field = Field()
    season = irrigation.simulate(summer, irrigation.every(4), field)
    rain = summer.days[:, 7:, RAIN].sum(axis=1)
    drunk = irrigation.demand_mm(summer.days[:, 7:]).sum(axis=1) - season.thirst_mm
    stored = (season.moisture[:, -1] - 0.15) * field.root_depth_mm
    np.testing.assert_allclose(rain + season.litres, drunk + season.drained_mm + stored, atol=1e-6)
    assert set(season.litres) == {-(-season.moisture.shape[1] // 4) * field.dose_mm}


def test_a_policy_sees_yesterday_and_the_buckets_own_moisture(summer):
    seen = []

    def watch(weeks, day):
        seen.append(weeks.copy())
        return weeks[:, -1, MOISTURE] < 0.1

    season = irrigation.simulate(summer, watch)
    assert len(seen) == season.moisture.shape[1]
    np.testing.assert_array_equal(seen[9][..., :MOISTURE], summer.days[:, 9:16, :MOISTURE])
    np.testing.assert_array_equal(seen[9][..., -4:, MOISTURE], season.moisture[:, 5:9])


def test_an_offset_is_in_the_reading_and_not_in_the_soil(summer):
    offset = np.full(len(summer.stations), 0.01)
    high = irrigation.simulate(summer, irrigation.with_offset(irrigation.below(0.11), offset))
    right = irrigation.simulate(summer, irrigation.below(0.10))
    np.testing.assert_allclose(high.moisture, right.moisture, atol=0.06)
    assert abs(high.litres.sum() - right.litres.sum()) <= 15 * len(offset)


def test_the_trade_off_says_what_it_shows(summer):
    seasons = [irrigation.simulate(summer, irrigation.every(days)) for days in (2, 7)]
    words = irrigation.trade_off({"timer": seasons}).words
    assert "timer from 405 L with" in words and "of thirst" in words


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"stress_below": 0.3}, "grow in this order"), ({"dose_mm": 0}, "above 0"), ({"root_depth_mm": -1}, "above 0")],
)
def test_odd_fields_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        Field(**settings)


def test_a_timer_needs_a_day():
    with pytest.raises(ValueError, match="1 or more"):
        irrigation.every(0)
