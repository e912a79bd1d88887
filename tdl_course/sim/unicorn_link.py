"""UnicornLink: the simulated board of `device` as a `Link`, so that it can be served or spoken to like any other.

In: an `Elf`. Out: its serial line. The firmware runs in a thread of this process, and only while it has something to
do: a device that waits for input costs nothing. What it sends arrives line by line while it runs, so a long inference
is seen to begin. Bytes that are sent meanwhile wait for it.
"""

from __future__ import annotations

import threading

from tdl_course.elf import Elf
from tdl_course.sim.device import Device
from tdl_course.sim.result import SimulatorError

STOP_SECONDS = 0.05  # between two attempts to stop a firmware that runs
LINE_END = ord("\n")
MOST_WAITING = 1 << 20  # bytes that may wait for the device: more than the largest input in hex


class UnicornLink:
    """A board just reset, in this process. An inference may take as long as it takes: `close` stops it."""

    def __init__(self, elf: Elf) -> None:
        self._changed = threading.Condition()
        self._waiting = bytearray()  # for the device
        self._sent = bytearray()  # by the device
        self._end: str | None = None
        self._closing = False
        self._device = Device(elf, listener=self._on_byte)
        self._device.timeout = threading.TIMEOUT_MAX
        self._thread = threading.Thread(target=self._run, name="UnicornLink", daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Hand `data` to the device; waits while too much is on its way. Raises SimulatorError when it has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._end is not None or len(self._waiting) < MOST_WAITING)
            if self._end is not None:
                raise SimulatorError(self._end)
            self._waiting += data
            self._changed.notify_all()

    def receive(self, timeout: float) -> bytes:
        """At least one byte, or b"" after `timeout` seconds. Raises SimulatorError when the device has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._sent or self._end is not None, timeout)
            if not self._sent and self._end is not None:
                raise SimulatorError(self._end)
            data = bytes(self._sent)
            del self._sent[: len(data)]  # the device may have appended meanwhile
            return data

    def close(self) -> None:
        """Stop the firmware, wherever it is. May be called again."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        while self._thread.is_alive():
            self._device.stop()
            self._thread.join(STOP_SECONDS)

    def __enter__(self) -> UnicornLink:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        while (data := self._next()) is not None:
            try:
                self._device.send(data)
            except SimulatorError as error:
                return self._ended(str(error))
            if self._device.exit_code is not None:
                return self._ended(f"the firmware has ended with EXIT {self._device.exit_code}")
            with self._changed:
                self._changed.notify_all()
        self._ended("this link is closed")

    def _next(self) -> bytes | None:
        """What waits for the device, at least one byte; None when the link closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._waiting)
            data = None if self._closing else bytes(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            return data

    def _ended(self, why: str) -> None:
        with self._changed:
            self._end = why
            self._changed.notify_all()

    def _on_byte(self, byte: int) -> None:
        self._sent.append(byte)
        if byte == LINE_END:
            with self._changed:
                self._changed.notify_all()
