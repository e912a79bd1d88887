"""run_tflm: the oracle. TensorFlow Lite for Microcontrollers' own interpreter on the host, through its Python wheel.

In: .tflite bytes and inputs. Out: its outputs, to which ours must be equal bit for bit. The wheel exists for Linux on
x86-64 only; `available()` says whether it is here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

import numpy as np

ARENA_BYTES = 1 << 20


class TflmMissing(RuntimeError):
    """The tflite-micro wheel is not installed; the message says where it exists."""


def available() -> bool:
    return importlib.util.find_spec("tflite_micro") is not None


def run_tflm(tflite: bytes, inputs: np.ndarray) -> np.ndarray:
    """TFLM's outputs [n, ...] for inputs [n, ...] of the model's dtype (batch 1 each).

    Raises
    ------
    TflmMissing
        The wheel is not installed.
    """
    return run_tflm_all(tflite, [inputs[:, None]], 1)[0][:, 0]


def run_tflm_all(tflite: bytes, inputs: Sequence[np.ndarray], outputs: int) -> list[np.ndarray]:
    """TFLM's first `outputs` outputs, [n, *shape] each, for every input of the model as [n, *shape].

    Raises TflmMissing where the wheel is not installed.
    """
    if not available():
        raise TflmMissing(
            "the tflite-micro wheel is not installed (Linux x86-64 only). There: pip install --pre tflite-micro"
        )
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(tflite, arena_size=ARENA_BYTES)
    found: list[list[np.ndarray]] = [[] for _ in range(outputs)]
    for samples in zip(*inputs, strict=True):
        for index, sample in enumerate(samples):
            interpreter.set_input(sample, index)
        interpreter.invoke()
        for index in range(outputs):
            found[index].append(interpreter.get_output(index).copy())
    return [np.stack(values) for values in found]
