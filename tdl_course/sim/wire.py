"""wire: ask a device questions over its serial line, and run a model there, by the MLPerf Tiny device protocol.

In: a `Link` to a device that runs our firmware, the sizes of its input and output, int8 inputs. Out: int8 outputs, or
the lines of an answer. An answer is what comes until `m-ready`; `e-[...]`, silence, an answer cut short and a device
that ends become a SimulatorError that says what was asked, what came, and what to try.
This module knows no simulator and no port.
"""

from __future__ import annotations

import secrets
import time

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.inputs import check_host_form, check_inputs
from tdl_course.sim.link import Link
from tdl_course.sim.result import SimulatorError

READY = "m-ready"
BYTES_PER_COMMAND = 126  # "db " and two digits a byte: the firmware's COMMAND_LENGTH is 255
GREETING_SECONDS = 0.5  # a device that has just been reset greets within this; if not, it is asked
PROBE_SECONDS = 2.0  # until it is asked again
LONGEST_ANSWER = 1 << 20  # bytes; a device that says more does not answer, it babbles
SHOWN = 160  # characters of an answer in an error


def run_wire(link: Link, sizes: Elf | tuple[int, int], inputs: np.ndarray, timeout: float = 60.0) -> np.ndarray:
    """Run every input through the model of the device at the other end of `link`.

    Parameters
    ----------
    link : Link
        Just opened; the device may be starting, waiting, or in the midst of a command that somebody broke off.
    sizes : Elf or (int, int)
        The firmware of the device, or the bytes of its input and of its output.
    inputs : int8 array [n, ...]
        n inputs of as many bytes as the model's input has.
    timeout : float
        Seconds that each answer may take: the one inference that it includes, and its way over the line.

    Returns
    -------
    int8 array [n, output bytes]

    Raises
    ------
    SimulatorError
        The inputs do not fit, or the device answers wrongly, not at all, or is gone.
    """
    if isinstance(sizes, Elf):
        check_host_form(sizes)
        sizes = sizes.symbol("tdl_input").size, sizes.symbol("tdl_output").size
    rows = check_inputs(inputs, sizes[0])
    wire = Wire(link, timeout)
    wire.synchronise()
    outputs = np.empty((len(rows), sizes[1]), np.int8)
    for index, row in enumerate(rows):
        wire.load(row.tobytes())
        wire.ask("infer 1 0", done="m-infer-done")
        outputs[index] = np.frombuffer(wire.output(sizes[1]), np.int8)
    return outputs


class Wire:
    """Questions and answers over a `Link`; call `synchronise` first. It does not close the link."""

    def __init__(self, link: Link, timeout: float = 60.0) -> None:
        self._link = link
        self._timeout = timeout
        self._arrived = bytearray()

    def synchronise(self) -> None:
        """Wait until the device listens, and discard what it said before."""
        deadline, said = time.monotonic() + self._timeout, "nothing"
        while (line := self._line(min(deadline, time.monotonic() + GREETING_SECONDS))) not in (None, READY):
            said = repr(line)
        while time.monotonic() < deadline:
            # '%' ends what somebody began. The device repeats a word that it does not know: that answers this probe,
            # and no earlier question.
            probe, answered = f"sync-{secrets.token_hex(4)}", False
            self._send(f"%{probe}")
            until = min(deadline, time.monotonic() + PROBE_SECONDS)
            while (line := self._line(until)) is not None:
                said, answered = repr(line), answered or probe in line
                if answered and line == READY:
                    return
        raise SimulatorError(
            f"the device does not answer within {self._timeout:g} s; the last it said was {said[:SHOWN]}. Is a "
            "firmware of tdl build on it, at 115200 baud, 8N1? Reset it and try again"
        )

    def ask(self, command: str, done: str | None = None) -> list[str]:
        """The lines that answer `command`, without `m-ready`.

        Raises SimulatorError where one is an error; with `done`, where that line is not among them.
        """
        try:
            self._send(command)
            lines = self._answer()
        except SimulatorError as error:
            raise SimulatorError(f"asked {command[:40]!r}: {error}") from None
        wrong = [line for line in lines if line.startswith("e-[")]
        if (done not in lines) if done else wrong:
            raise _unexpected(command, lines, done)
        return lines

    def load(self, data: bytes) -> None:
        """Send one input."""
        self.ask(f"db load {len(data)}", done=f"m-[Expecting {len(data)} bytes]")
        last = max(0, len(data) - 1) // BYTES_PER_COMMAND * BYTES_PER_COMMAND
        for start in range(0, len(data), BYTES_PER_COMMAND):
            command = f"db {data[start : start + BYTES_PER_COMMAND].hex()}"
            self.ask(command, done="m-load-done" if start == last else None)

    def output(self, size: int) -> bytes:
        """The bytes of the output, which has `size`."""
        lines = self.ask("x-output")
        try:
            (digits,) = [line.removeprefix("x-output-") for line in lines if line.startswith("x-output-")]
            data = bytes.fromhex(digits.replace("-", ""))
        except ValueError:
            raise _unexpected("x-output", lines, f"x-output and {size} bytes") from None
        if len(data) != size:
            raise SimulatorError(f"the device's output has {len(data)} bytes, the ELF's {size}. {OTHER_FIRMWARE}")
        return data

    def _send(self, command: str) -> None:
        self._link.send(f"{command}%".encode("ascii"))

    def _answer(self) -> list[str]:
        lines: list[str] = []
        deadline, size = time.monotonic() + self._timeout, 0
        while (line := self._line(deadline)) != READY:
            if line is None:
                raise SimulatorError(
                    f"no end of the answer within {self._timeout:g} s; until then {_shown(lines)}. A slow inference "
                    "needs a longer timeout=; else reset the device, and check that nothing else has its port open"
                )
            lines.append(line)
            size += len(line) + 1
            if line.startswith("EXIT "):
                raise SimulatorError(f"the firmware has ended: {_shown(lines)}")
            if size > LONGEST_ANSWER:
                raise SimulatorError(f"the answer does not end; {_shown(lines)}")
        return lines

    def _line(self, deadline: float) -> str | None:
        """The next line; None where it is not whole before `deadline`."""
        while (end := self._arrived.find(b"\n")) < 0:
            if len(self._arrived) > LONGEST_ANSWER:
                raise SimulatorError(f"{len(self._arrived):,} bytes came without a line end: {self._arrived[:40]!r}...")
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            self._arrived += self._link.receive(remaining)
        line = self._arrived[:end].decode("ascii", "replace").rstrip("\r")
        del self._arrived[: end + 1]
        return line


OTHER_FIRMWARE = "Is the firmware on the device the ELF that was given?"


def _unexpected(command: str, lines: list[str], done: str | None) -> SimulatorError:
    missing = f", without the {done!r} that should come" if done else ""
    hint = OTHER_FIRMWARE if any("Wrong number" in line for line in lines) else "Reset the device and try again"
    return SimulatorError(f"asked {command[:40]!r}{missing}: {_shown(lines)}. {hint}")


def _shown(lines: list[str]) -> str:
    text = " | ".join(lines)
    return f"it said {text[:SHOWN]!r}{'...' if len(text) > SHOWN else ''}" if lines else "it said nothing"
