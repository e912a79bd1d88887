"""The soil dataset where there is a mirror: its labels, scaled values and the simple rule are recomputed."""

import csv
import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tdl_course import datasets
from tdl_course.datasets.scale import SOIL_UNIT, SOIL_ZERO


@pytest.fixture
def soil(monkeypatch, real_mirror):
    monkeypatch.setenv("TDL_DATA", real_mirror)
    if datasets.available("soil")["mirror"].startswith("no: "):
        pytest.skip("TDL_DATA has no soil")
    return datasets.load("soil")


def test_labels_are_the_moisture_at_10_cm_three_days_later(soil):
    for part in ("train", "test"):
        raw = soil.raw[part]
        assert all(np.isfinite(raw[name]).all() for name in ("x", "sm10_next", "sm10_now"))
        np.testing.assert_array_equal(raw["y"], np.digitize(raw["sm10_next"], (0.10, 0.25)))
        now = dict(zip(zip(raw["station"], raw["doy"], strict=True), raw["sm10_now"], strict=True))
        later = [
            (now.get((station, day + 3)), value)
            for (station, day), value in zip(
                zip(raw["station"], raw["doy"], strict=True), raw["sm10_next"], strict=True
            )
        ]
        both = np.array([pair for pair in later if pair[0] is not None])
        assert len(both) > 0.8 * len(later)
        np.testing.assert_array_equal(both[:, 0], both[:, 1])


def test_the_input_goes_back_to_the_sensors_wherever_it_is_not_clipped(soil):
    inside = np.abs(soil.x_test) < 2
    back = soil.x_test * np.array(SOIL_UNIT, np.float32) + np.array(SOIL_ZERO, np.float32)
    np.testing.assert_allclose(back[inside], soil.raw["test"]["x"][:, :, None, :][inside], atol=2e-4)
    assert inside.mean(axis=(0, 1, 2)).min() > 0.95


def test_todays_reading_at_5_cm_is_a_strong_rule(soil):
    rule = np.digitize(soil.raw["test"]["x"][:, -1, 7], (0.10, 0.25))
    assert 0.75 < np.mean(rule == soil.y_test) < 0.80


COLUMNS = (
    *("t_daily_max", "t_daily_min", "p_daily_calc", "solarad_daily", "rh_daily_avg", "sur_temp_daily_avg"),
    *("soil_temp_5_daily", "soil_moisture_5_daily", "soil_moisture_10_daily"),
)


def test_a_sample_is_a_week_of_the_stations_daily_table(soil):
    table = Path(datasets.available("soil")["mirror"]) / "daily_test.csv.gz"
    if not table.is_file():
        pytest.skip("the mirror has no daily tables")
    with gzip.open(table, "rt", encoding="ascii") as file:
        days = {
            (int(row["wban"]), date.fromisoformat(row["lst_date"]).timetuple().tm_yday): row
            for row in csv.DictReader(file)
        }
    raw = soil.raw["test"]
    for index in range(0, len(raw["y"]), 50):
        station, last = int(raw["station"][index]), int(raw["doy"][index])
        week = [[float(days[station, day][name]) for name in COLUMNS] for day in range(last - 6, last + 1)]
        np.testing.assert_allclose(raw["x"][index], np.array(week)[:, :8], rtol=1e-5)
        np.testing.assert_allclose(raw["sm10_now"][index], week[-1][8], rtol=1e-5)
        later = float(days[station, last + 3]["soil_moisture_10_daily"])
        assert raw["y"][index] == np.digitize(later, (0.10, 0.25))
