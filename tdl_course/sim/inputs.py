"""Inputs: what every simulator asks of the array that it is to run.

In: an array and the size of the model's input. Out: its rows, flattened. And what a run over the serial port
asks of the firmware. Knows no simulator.
"""

from __future__ import annotations

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.result import SimulatorError


def check_inputs(inputs: np.ndarray, input_bytes: int) -> np.ndarray:
    """The rows of `inputs`, int8 [n, ...], as int8 [n, input_bytes].

    Raises
    ------
    SimulatorError
        Not int8, no rows, or rows of another size; the message says what was seen and what fits.
    """
    array = np.asarray(inputs)
    if array.dtype != np.int8:
        raise SimulatorError(
            f"inputs are {array.dtype}, the device takes int8. Quantize them with the scale and zero point of the "
            "model's input: compress.quantize.quantize, or Deployment.run, which does it"
        )
    if array.ndim < 2:
        raise SimulatorError(
            f"inputs have the shape {array.shape}; the first axis counts the inputs: [n, ...]. For one input: x[None]"
        )
    if len(array) == 0:
        raise SimulatorError(f"inputs have the shape {array.shape}: there is nothing to run")
    row_bytes = array[0].size
    if row_bytes != input_bytes:
        hint = (
            " It looks like one input without the axis that counts them: pass x[None]"
            if array.size == input_bytes
            else ""
        )
        raise SimulatorError(
            f"inputs have the shape {array.shape}, {row_bytes:,} bytes each; tdl_input takes {input_bytes:,}.{hint}"
        )
    return np.ascontiguousarray(array).reshape(len(array), input_bytes)


def check_host_form(elf: Elf) -> None:
    """Raises SimulatorError where the firmware's serial port takes anything but the bytes of the model's inputs."""
    if "tdl_host" in elf.symbols:
        raise SimulatorError(
            f"{elf.path.name} was built with --mlperf: over its serial port it takes what MLPerf Tiny's runner sends, "
            'not the bytes of the model\'s input. Build it without, or use sim="unicorn" or "qemu"'
        )
