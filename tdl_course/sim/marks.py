"""run_marks: the cycles of each layer as the firmware counts them itself, between its own marks.

In: an `Elf` of a device, one input, where it runs. Out: `LayerMark`s. The firmware reads the core's cycle counter (DWT
CYCCNT) before and after each layer; over the serial line it is asked for what it read. On a board that is a
measurement, flash wait states and interrupts included. QEMU has no such counter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.inputs import check_host_form, check_inputs
from tdl_course.sim.link import Link
from tdl_course.sim.result import SimulatorError
from tdl_course.sim.wire import Wire

MARK = re.compile(r"x-layer-(\d+)-(\w+)-(\d+)")
LABELS = {
    "serial": "measured: counted by the firmware of the device at that port",
    "unicorn": "modelled, read by the firmware from the simulated cycle counter",
    "renode": "simulated: Renode's cycle counter, which has no model of the core's timing",
}


@dataclass(frozen=True)
class LayerMark:
    """Cycles that passed between the marks around one layer."""

    operator: str
    cycles: int


def run_marks(elf: Elf, row: np.ndarray, on: str, timeout: float = 60.0, port: str | None = None) -> list[LayerMark]:
    """Profile one inference of the input `row` (int8, the bytes of the model's input).

    Parameters
    ----------
    on : str
        "serial": the board at `port`; "unicorn", "renode": a simulated one.

    Raises
    ------
    SimulatorError
        There is no such device, it answers wrongly, or its cycle counter stands still.
    """
    if on == "qemu":
        raise SimulatorError("QEMU has no cycle counter, so its firmware cannot count; take unicorn, renode or serial")
    if on not in LABELS:
        raise SimulatorError(f"no device {on!r}; devices are {', '.join(LABELS)}")
    if on == "unicorn" and not elf.board.core.timed:
        raise SimulatorError(
            f"board {elf.board.name} has a {elf.board.core}, whose cycles are not modelled: the simulated counter "
            "stands still. On the board itself --on serial measures them; without --on, tdl profile counts instructions"
        )
    check_host_form(elf)
    (data,) = check_inputs(np.asarray(row).reshape(1, -1), elf.symbol("tdl_input").size)
    link = open_device(elf, on, port)
    try:
        wire = Wire(link, timeout)
        wire.synchronise()
        wire.load(data.tobytes())
        return parse_marks(wire.ask("profile layers"))
    finally:
        link.close()


def open_device(elf: Elf, on: str, port: str | None) -> Link:
    if on == "serial":
        from tdl_course.sim.serial_port import SerialLink

        if port is None:
            raise SimulatorError("a board is found by the name of its port: --port NAME")
        return SerialLink(port)
    from tdl_course.sim.serve import open_link

    return open_link(elf, on)


def parse_marks(lines: list[str]) -> list[LayerMark]:
    """The marks among the lines of an answer; raises SimulatorError unless there is one for each layer, in order."""
    matches = [MARK.fullmatch(line) for line in lines]
    marks = [LayerMark(match[2], int(match[3])) for match in matches if match]
    if not marks or None in matches or [int(match[1]) for match in matches if match] != list(range(len(marks))):
        raise SimulatorError(f"asked 'profile layers', the device answered {lines[:3]}; is its firmware of tdl build?")
    if not any(mark.cycles for mark in marks):
        raise SimulatorError("the device's cycle counter stands still: all layers took 0 cycles")
    return marks
