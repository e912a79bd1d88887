"""Link: the serial line to a device, whatever the device is.

In: bytes for the device. Out: the bytes that it sends. Unicorn, QEMU, Renode and a real board's serial port each give
one; `wire` speaks the device protocol over it, `serve` connects it to a pseudo-terminal or a socket.
This module knows neither the protocol nor any simulator.
"""

from __future__ import annotations

from typing import Protocol


class Link(Protocol):
    """A serial line, opened, with a device at the other end that has just been reset."""

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises SimulatorError when the device is gone."""

    def receive(self, timeout: float) -> bytes:
        """What has arrived: at least one byte, or b"" when nothing came within `timeout` seconds.

        Raises SimulatorError when the device is gone and everything it sent has been received.
        """

    def close(self) -> None:
        """End the session; nothing that it started is left running. May be called again."""
