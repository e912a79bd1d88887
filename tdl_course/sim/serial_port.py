"""serial_port: a real board, by its serial port.

In: the name of a port (/dev/ttyACM0, COM3, or socket://127.0.0.1:PORT of `tdl serve --tcp`), and for a run the `Elf`
that is in the board's flash. Out: a `Link`, or a `RunResult` with outputs only: a board does not say what it counted.
115200 baud, 8N1. The board need not restart when the port opens. Nothing is written to its flash: that is the work of
st-flash, STM32CubeProgrammer or a debugger.
"""

from __future__ import annotations

import errno
import time

import numpy as np
import serial
from serial.tools import list_ports

from tdl_course.elf import Elf
from tdl_course.sim.result import RunResult, SimulatorError
from tdl_course.sim.wire import run_wire

BAUD = 115200
SEND_SECONDS = 10.0


def run_serial(elf: Elf, inputs: np.ndarray, timeout: float = 60.0, port: str | None = None) -> RunResult:
    """Run every input on the board at `port`, which has `elf` in its flash.

    Parameters
    ----------
    elf : Elf
        What is in the flash of the board.
    inputs : int8 array [n, ...]
        n inputs of as many bytes as the model's input has.
    timeout : float
        Seconds that each answer of the board may take, the inference included.
    port : str
        Name of the serial port.

    Raises
    ------
    SimulatorError
        No such port, no permission, a port in use, or a board that does not answer as our firmware does.
    """
    if port is None:
        raise SimulatorError(f'sim="serial" needs the port of the board: port=, or --port. {_ports()}')
    began = time.perf_counter()
    with SerialLink(port) as link:
        outputs = run_wire(link, elf, inputs, timeout)
    return RunResult(outputs=outputs, simulator="serial", seconds=time.perf_counter() - began)


class SerialLink:
    """A serial port as a `Link`. Nobody else may have it open."""

    def __init__(self, port: str) -> None:
        self._port = port
        try:
            self._serial = serial.serial_for_url(port, BAUD, write_timeout=SEND_SECONDS, exclusive=True)
        except (OSError, ValueError) as error:  # pyserial's own errors are OSErrors
            raise SimulatorError(_refused(port, error)) from None

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises SimulatorError when the port is gone."""
        try:
            self._serial.write(data)
        except OSError as error:
            raise self._gone(error) from None

    def receive(self, timeout: float) -> bytes:
        """At least one byte, or b"" after `timeout` seconds. Raises SimulatorError when the port is gone."""
        try:
            self._serial.timeout = timeout
            first = self._serial.read(1)
            return bytes(first + self._serial.read(self._serial.in_waiting)) if first else b""
        except OSError as error:
            raise self._gone(error) from None

    def close(self) -> None:
        """Close the port. The board goes on. May be called again."""
        self._serial.close()

    def __enter__(self) -> SerialLink:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _gone(self, error: OSError) -> SimulatorError:
        return SimulatorError(f"{self._port} is gone ({error}). Was the board unplugged, or did its server end?")


def _refused(port: str, error: Exception) -> str:
    """Why `port` does not open, and what to do. On Windows pyserial says the kind of the error in its text only."""
    number, text = getattr(error, "errno", None), str(error)
    if number == errno.ENOENT or "FileNotFoundError" in text:
        return f"there is no port {port}. {_ports()}"
    if number == errno.EACCES:
        return (
            f"no permission to open {port}. On Linux its owner is the group dialout: sudo usermod -a -G dialout $USER, "
            "then log in again"
        )
    if number in (errno.EAGAIN, errno.EBUSY) or "PermissionError" in text:
        return f"another program has {port} open: close its terminal or serial monitor, and try again"
    return f"{port} does not open as a serial port: {text}. {_ports()}"


def _ports() -> str:
    found = [f"{port.device} ({port.description})" for port in list_ports.comports()]
    return f"Ports of this computer: {', '.join(found)}" if found else "This computer has no serial port; plug it in"
