"""The irrigation dashboard's data in a file: a summer's weather, and the cycles of the node's network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tdl_course.files import replacing
from tdl_course.irrigation import Weather


def save(path: Path, weather: Weather, cycles: int, synthetic: list[str]) -> None:
    """Write all of it, whole or not at all."""
    with replacing(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(
            file,
            stations=weather.stations,
            days=weather.days.astype(np.float32),
            filled=weather.filled,
            cycles=np.array(cycles),
            synthetic=np.array(synthetic, str),
        )


def load(path: Path) -> tuple[Weather, int, list[str]]:
    """Weather, cycles, and the datasets that are made up."""
    with np.load(path) as arrays:
        weather = Weather(arrays["stations"], arrays["days"].astype(float), arrays["filled"])
        return weather, int(arrays["cycles"]), arrays["synthetic"].tolist()
