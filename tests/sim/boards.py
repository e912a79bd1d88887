"""Boards on serial ports, for tests: a simulated device behind a pseudo-terminal or a socket."""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tdl_course.sim.link import Link
from tdl_course.sim.result import SimulatorError


@contextmanager
def on_a_pty(device: Link) -> Iterator[str]:
    """The name of a serial port that `device` is connected to. The device is left open."""
    import tty  # Windows has none, and the other function works there

    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        with _pumping(device, master, lambda: os.read(master, 4096), lambda data: os.write(master, data)):
            yield os.ttyname(slave)
    finally:
        os.close(slave)
        os.close(master)


@contextmanager
def on_a_socket(device: Link) -> Iterator[str]:
    """The same as a socket of this computer, for one client."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client: list[socket.socket] = []

        def read() -> bytes:
            if not client:
                client.append(server.accept()[0])
                return b""
            return client[0].recv(4096)

        def descriptor() -> int:
            return (client[0] if client else server).fileno()

        with _pumping(device, descriptor, read, lambda data: client and client[0].sendall(data)):
            yield f"socket://127.0.0.1:{port}"
        for connection in client:
            connection.close()


@contextmanager
def _pumping(
    device: Link, source: int | Callable[[], int], read: Callable[[], bytes], write: Callable[[bytes], object]
) -> Iterator[None]:
    ended = threading.Event()

    def pump() -> None:
        while not ended.is_set():
            descriptor = source() if callable(source) else source
            try:
                if select.select([descriptor], [], [], 0.001)[0]:
                    device.send(read())
                write(device.receive(0.001))
            except (SimulatorError, OSError):
                return

    thread = threading.Thread(target=pump, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(10)
