"""The recorded vectors of `tests/golden`: models of one operator, inputs, and what TFLM gave for them."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "golden"


def golden_vector(kind: str, number: int = 0) -> tuple[bytes, np.ndarray, np.ndarray]:
    """Model, first input and TFLM's output of one vector of operator `kind` (lower case)."""
    with np.load(FOLDER / f"{kind}.npz") as stored:
        return stored[f"tflite_{number}"].tobytes(), stored[f"input_{number}_0"], stored[f"output_{number}"]


def golden_inputs(kind: str, number: int, count: int) -> list[np.ndarray]:
    """All `count` inputs of one vector of operator `kind`."""
    with np.load(FOLDER / f"{kind}.npz") as stored:
        return [stored[f"input_{number}_{index}"] for index in range(count)]


def golden_count(kind: str) -> int:
    """How many vectors there are of operator `kind`."""
    with np.load(FOLDER / f"{kind}.npz") as stored:
        return sum(name.startswith("tflite_") for name in stored)
