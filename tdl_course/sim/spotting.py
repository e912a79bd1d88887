"""listen: play a sound to a keyword spotter and collect what it detects.

In: the `Elf` of `compiler.emit_spotter`, or a `Link` to a device that has it, and int16 samples. Out: `Detection`s. The
sound goes over the serial line as hex digits, many times slower than it sounds on a board of 115200 baud.
`spotter_outputs` computes the same on this computer, up to the network's outputs.
This module knows no simulator but the one in this process.
"""

from __future__ import annotations

import re

import numpy as np

from tdl_course.audio import Detection, Spotter, input_map, log_mel_int8, network_inputs
from tdl_course.audio.streaming import LIMITS
from tdl_course.compiler import SpotterSources
from tdl_course.elf import Elf
from tdl_course.sim.device import Device
from tdl_course.sim.host import run_host
from tdl_course.sim.link import Link
from tdl_course.sim.result import SimulatorError
from tdl_course.sim.wire import Wire

SAMPLES_PER_COMMAND = 61  # "x-audio " and four digits a sample: the firmware's COMMAND_LENGTH is 255
DETECTION = re.compile(r"x-detection-\[(\d+),(\d+),(\d+)\]")


def listen(
    device: Elf | Link, samples: np.ndarray, spotter: Spotter | None = None, timeout: float = 60.0
) -> tuple[Detection, ...]:
    """Play `samples` to a keyword spotter, from the begin of a stream.

    Parameters
    ----------
    device : Elf or Link
        The firmware, which then runs on the simulated board in this process; or the serial line of a board that has it.
    samples : np.ndarray
        int16 [n].
    spotter : Spotter, optional
        Threshold, smoothing, refractory period and stride that the device is set to before; by default they stay. The
        keywords are those that it was built with.
    timeout : float
        Seconds that each answer may take, an inference included.

    Raises
    ------
    ValueError
        If `samples` is not int16 [n].
    SimulatorError
        The device does not answer, or not as a keyword spotter does.
    """
    if samples.dtype != np.int16 or samples.ndim != 1:
        raise ValueError(f"samples are {samples.dtype}{list(samples.shape)}, allowed is int16[n]")
    wire = Wire(_Line(device, timeout) if isinstance(device, Elf) else device, timeout)
    wire.synchronise()
    for name in LIMITS if spotter else ():
        wire.ask(f"x-{name} {getattr(spotter, name)}")
    wire.ask("x-restart")
    lines: list[str] = []
    for first in range(0, len(samples), SAMPLES_PER_COMMAND):
        sent = samples[first : first + SAMPLES_PER_COMMAND].astype("<i2").tobytes()
        lines += wire.ask(f"x-audio {sent.hex()}")
    return tuple(_detection(line) for line in lines)


def listening_stack(elf: Elf, samples: np.ndarray) -> int:
    """Deepest stack in bytes of a keyword spotter's firmware, from reset, while it listens to int16 [n]."""
    line = _Line(elf, timeout=60.0)
    listen(line, samples)
    return line.stack_bytes


def spotter_outputs(sources: SpotterSources, samples: np.ndarray) -> np.ndarray:
    """What the network of a keyword spotter computes while it listens, on this computer, in the device's integers.

    Parameters
    ----------
    sources : SpotterSources
        From `compiler.emit_spotter`.
    samples : np.ndarray
        int16 [n].

    Returns
    -------
    np.ndarray
        int8 [inferences, labels]: one when the first window is full, then one every `sources.spotter.stride` hops.

    Raises
    ------
    ValueError
        If `samples` is not int16 [n], or gives no frame.
    """
    graph = sources.model.graph
    source, target = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    windows = network_inputs(log_mel_int8(samples[None], sources.front_end)[0], sources.frames, sources.spotter)
    if not len(windows):
        return np.empty((0, target.size), np.int8)
    taken = input_map(sources.front_end, source.scale, source.zero_point)[windows.astype(np.int64) + 128]
    return run_host(sources.model, taken.reshape(len(taken), -1)).outputs


def _detection(line: str) -> Detection:
    match = DETECTION.fullmatch(line)
    if match is None:
        raise SimulatorError(f"the device said {line[:80]!r}, which is no detection. Reset it and try again")
    return Detection(*map(int, match.groups()))


class _Line:
    """A simulated board as a `Link`: it answers while it is asked."""

    def __init__(self, elf: Elf, timeout: float) -> None:
        self._device = Device(elf, timeout, counting=False)
        self._said = self._device.greeting

    @property
    def stack_bytes(self) -> int:
        return self._device.stack_bytes

    def send(self, data: bytes) -> None:
        self._said += self._device.send(data)

    def receive(self, timeout: float) -> bytes:
        said, self._said = self._said, b""
        return said

    def close(self) -> None:
        """Nothing is left running."""
