"""Ports: where other programs find a device's serial line. `TcpPort`: a socket on loopback; `pty_port` has the other.

In: nothing. Out: a `Port`: `client()` says whether one is there, then `read` and `write` never wait, and `hang_up` ends
its session. This module knows neither devices nor their protocol.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Protocol

from tdl_course.sim.result import SimulatorError

CHUNK = 4096
LOOPBACK = "127.0.0.1"
GONE = b""
FAREWELL_SECONDS = 5.0  # for a client that sends no more, but still reads


class Port(Protocol):
    """One place where a client may connect; it serves one at a time."""

    name: str

    def fileno(self) -> int:
        """What to wait on: for a client, or for what it sends."""

    def client(self) -> bool:
        """Whether a client is there. Never waits."""

    def read(self) -> bytes | None:
        """What the client has sent: None when nothing is there yet, b"" when it sends no more."""

    def write(self, data: bytes) -> int | None:
        """Send what fits; returns how many bytes, None when the client is gone."""

    def hang_up(self, farewell: bytes = b"") -> None:
        """End the session; a client that still reads gets `farewell` first."""

    def close(self) -> None:
        """Remove the port and everything it made. May be called again."""


class TcpPort:
    """A socket on 127.0.0.1. A second client waits in line until the first has left."""

    def __init__(self, number: int = 0) -> None:
        try:
            self._listener = socket.create_server((LOOPBACK, number), backlog=8)
        except (OSError, OverflowError) as error:
            raise SimulatorError(
                f"TCP port {number} of {LOOPBACK} cannot be had: {error}. Port 0 picks a free one"
            ) from None
        self._listener.setblocking(False)
        self._client: socket.socket | None = None
        self.number: int = self._listener.getsockname()[1]
        self.name = f"socket://{LOOPBACK}:{self.number}"

    def fileno(self) -> int:
        return (self._client or self._listener).fileno()

    def client(self) -> bool:
        if self._client is None:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                self._client, _ = self._listener.accept()
                self._client.setblocking(False)
                self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._client is not None

    def read(self) -> bytes | None:
        assert self._client is not None
        try:
            return self._client.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return GONE

    def write(self, data: bytes) -> int | None:
        assert self._client is not None
        try:
            return self._client.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            return None

    def hang_up(self, farewell: bytes = b"") -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):  # it may be gone
                self._client.settimeout(FAREWELL_SECONDS)
                self._client.sendall(farewell)
            self._client.close()
            self._client = None

    def close(self) -> None:
        self.hang_up()
        self._listener.close()
