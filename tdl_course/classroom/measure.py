"""A model that was handed in -> accuracy, flash, RAM, cycles, measured on the simulated board. Parent and child.

In: a .tflite file, a `ModelTask`. Out: `Measured`, or a sentence that says why not. The child, `python -m
tdl_course.classroom.measure` in a sandbox of its own, reads, compiles and runs the model; it never sees the labels, and
accuracy is counted here. All samples run on the simulated device: what a model computes is never run natively.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tdl_course import datasets
from tdl_course.classroom.assignment import ModelTask
from tdl_course.classroom.codec import CodecError, decode, encode
from tdl_course.classroom.sandbox import Limits, Sandbox, Stopped
from tdl_course.datasets.files import cache_folder

LARGEST_MODEL = 16 * 2**20  # bytes
# A compiler needs more than a student's function.
LIMITS = Limits(start_seconds=300, memory_bytes=4 * 2**30, disk_bytes=2**30, processes=64, proc=True)


@dataclass(frozen=True)
class Measured:
    """What a model does and costs. Accuracy is 0 to 1, simulated; flash is measured, RAM simulated, cycles modelled."""

    accuracy: float
    flash_bytes: int
    ram_bytes: int
    cycles: int


KIND = {"accuracy": "simulated", "flash_bytes": "measured", "ram_bytes": "simulated", "cycles": "modelled"}


class MeasureError(ValueError):
    """A model cannot be measured; the message says why."""


def test_part(task: ModelTask) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and labels of the test part that the task asks for, evenly chosen."""
    data = datasets.load(task.dataset)
    count = len(data.y_test)
    chosen = np.linspace(0, count - 1, min(task.samples or count, count)).round().astype(int)
    return np.asarray(data.x_test[chosen], np.float32), np.asarray(data.y_test[chosen])


def measure(model: Path, board: str, x: np.ndarray, y: np.ndarray, isolated: bool = True) -> Measured:
    """Measure the model in the file `model` on float32 inputs `x` [n, ...] with labels `y` [n].

    Raises
    ------
    MeasureError
        It is too large, no model, does not fit the board or the data, or its build failed.
    """
    if model.is_symlink() or not model.is_file() or model.stat().st_size > LARGEST_MODEL:
        raise MeasureError(f"{model.name} is not a file of at most {LARGEST_MODEL >> 20} MiB")
    cache = cache_folder() / "classroom"
    cache.mkdir(parents=True, exist_ok=True)
    request = {
        "limits": LIMITS.resources,
        "model": np.frombuffer(model.read_bytes(), np.uint8),
        "board": board,
        "x": x,
    }
    try:
        with Sandbox("tdl_course.classroom.measure", LIMITS, isolated, cache) as sandbox:
            reply = decode(sandbox.exchange(encode(request), LIMITS.start_seconds))
    except (Stopped, CodecError) as error:
        raise MeasureError(f"{model.name} could not be measured: {error}") from None
    if "error" in reply:
        raise MeasureError(f"{model.name}: {reply['error']}")
    called = np.asarray(reply["called"])
    if called.shape != y.shape:
        raise MeasureError(f"{model.name} gives {called.shape} answers for {y.shape} samples")
    numbers = {name: int(reply[name]) for name in ("flash_bytes", "ram_bytes", "cycles")}
    return Measured(float((called == y).mean()), **numbers)


def deployed(request: dict[str, Any]) -> dict[str, Any]:
    """The child's work: build, run, count."""
    from tdl_course.deployment import deploy

    x = request["x"]
    device = deploy(request["model"].tobytes(), board=request["board"], name="model")
    if device.result.cycles is None:
        return {"error": f"the cycles of {device.board.name} are not known; choose another board"}
    return {
        "called": device.predict(x).reshape(len(x), -1).argmax(axis=1),
        "flash_bytes": device.elf.flash_bytes,
        "ram_bytes": device.ram_bytes,
        "cycles": int(device.result.cycles),
    }


def main() -> None:
    from tdl_course.classroom.worker import begin, send

    _, replies, request = begin()
    try:
        reply = deployed(request)
    except Exception as error:  # what a broken model raises is its verdict
        reply = {"error": f"{error}"[:300] or type(error).__name__}
    send(replies, reply)


if __name__ == "__main__":
    main()
